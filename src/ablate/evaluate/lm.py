"""lm-eval's Hugging Face model, which also says how each generation ended and how long it was."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lm_eval.models.huggingface import HFLM
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MARK = "\x1e"
Progress = Callable[[int, int], None]


class Generation(str):
    """A generated text that knows whether it ended by itself before the limit, and how many tokens it took.

    lm-eval hands texts on as they are, through filters to `process_results`, and drops the finish reason; a subclass of `str` carries it.
    """

    finished: bool
    tokens: int

    @classmethod
    def marked(cls, text: str) -> "Generation":
        """From a text with its ending marked by `mark`."""
        said, _, ending = text.rpartition(MARK)
        generation = cls(said)
        tokens, finished = ending.split(",")
        generation.tokens, generation.finished = int(tokens), finished == "1"
        return generation


def mark(text: str, tokens: list[int], end: int) -> str:
    """The text with the number of its tokens and whether the end-of-turn token is among them; what follows that token is padding."""
    finished = end in tokens
    return f"{text}{MARK}{tokens.index(end) + 1 if finished else len(tokens)},{int(finished)}"


def language_model(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", batch: int, progress: Progress) -> "HFLM":
    """An `HFLM` on a loaded model and tokenizer (objects, so that no path is resolved anew) that returns `Generation`s."""
    from lm_eval.models.huggingface import HFLM

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
            return mark(text, tokens, tokenizer.eos_token_id) if whole_generation else text

    return Recorder(pretrained=model, tokenizer=tokenizer, batch_size=batch, max_length=None)
