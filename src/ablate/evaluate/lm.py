"""lm-eval's Hugging Face model, which also says how each generation ended and how long it was."""

from typing import TYPE_CHECKING, Any

from ablate.console.progress import Progress

if TYPE_CHECKING:
    from lm_eval.models.huggingface import HFLM
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MARK = "\x1e"
PROMPT_ROOM = 2048


class Generation(str):
    """A generated text that knows whether it ended by itself before the limit, and how many tokens it took.

    lm-eval hands texts on as they are, through filters to `process_results`, and drops the finish reason; a subclass of `str` carries it.
    """

    finished: bool
    tokens: int

    @classmethod
    def marked(cls, text: str) -> "Generation":
        """From a text that `mark` marked."""
        ending, _, said = text.partition(MARK)
        generation = cls(said)
        tokens, finished = ending.split(",")
        generation.tokens, generation.finished = int(tokens), finished == "1"
        return generation


def mark(text: str, tokens: list[int], ends: set[int]) -> str:
    """The text after the number of its tokens and whether an end-of-turn token is among them; what follows that token is padding.

    The mark stands in front, where lm-eval, which cuts a text at the first stop word it spells, leaves it alone.
    """
    ended = next((at for at, token in enumerate(tokens) if token in ends), None)
    return f"{len(tokens) if ended is None else ended + 1},{int(ended is not None)}{MARK}{text}"


def language_model(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", batch: int, longest: int, progress: Progress) -> "HFLM":
    """An `HFLM` on a loaded model and tokenizer (objects, so that no path is resolved anew) that returns `Generation`s."""
    from lm_eval.models.huggingface import HFLM

    known_ends = model.generation_config.eos_token_id
    ends = {tokenizer.eos_token_id, *(known_ends if isinstance(known_ends, list) else [known_ends])}

    class Recorder(HFLM):
        asked = 0
        answered = 0

        def generate_until(self, requests: list[Any], disable_tqdm: bool = False) -> list[str]:
            self.asked, self.answered = len(requests), 0
            return [Generation.marked(text) for text in super().generate_until(requests, disable_tqdm=True)]

        def _model_generate(self, context: Any, *args: Any, **kwargs: Any) -> Any:
            generated = super()._model_generate(context, *args, **kwargs)
            self.answered += len(context)
            progress(self.answered, self.asked)
            return generated

        def tok_decode(self, tokens: Any, skip_special_tokens: bool = True) -> str:
            text = super().tok_decode(tokens, skip_special_tokens=skip_special_tokens)
            whole_generation = skip_special_tokens and isinstance(tokens, list)
            return mark(text, tokens, ends) if whole_generation else text

    # lm-eval takes the prompt's room out of the model's positions, and none is left where an answer may fill them all.
    room = max(model.config.max_position_embeddings, longest + PROMPT_ROOM)
    return Recorder(pretrained=model, tokenizer=tokenizer, batch_size=batch, max_length=room)
