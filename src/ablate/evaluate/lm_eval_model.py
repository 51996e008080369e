"""lm-eval's view of an engine: one model for all of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ablate.console.progress import Progress
from ablate.errors import UserError
from ablate.generate import Completion, Engine, Request, Sampling

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance
    from lm_eval.api.model import TemplateLM
    from transformers import PreTrainedTokenizerBase

Place = tuple[str, int, int]
"""Task, item and sample."""
Known = Mapping[Place, Completion]
"""Answers that were given before."""


class Answer(str):
    """A generated text that knows whether it ended by itself and how many tokens it took, or None where the engine doesn't say.

    lm-eval hands texts on as they are, through filters to `process_results`; a subclass of `str` carries what it has no place for.
    """

    finished: bool | None
    tokens: int | None

    @classmethod
    def of(cls, completion: Completion) -> "Answer":
        """The text of a completion, with what else it says."""
        answer = cls(completion.text)
        answer.finished, answer.tokens = completion.finished, completion.tokens
        return answer


def lm_eval_model(
    engine: Engine, tokenizer: "PreTrainedTokenizerBase", sampling: Sampling, known: Known, progress: Progress
) -> "TemplateLM":
    """A model for lm-eval that asks the engine, and nothing that is known already.

    Args:
        engine: what answers.
        tokenizer: the student's, whose chat template is applied here, once.
        sampling: how answers are drawn; a task's own stops are added.
        known: answers that were given before.
        progress: told of each answer and each log-likelihood.
    """
    from lm_eval.api.model import TemplateLM

    class EngineModel(TemplateLM):
        def __init__(self) -> None:
            super().__init__()
            self.tokenizer = tokenizer

        @property
        def eot_token_id(self) -> int:
            return int(tokenizer.eos_token_id)

        @property
        def tokenizer_name(self) -> str:
            return str(tokenizer.name_or_path)

        def tok_encode(self, string: str, add_special_tokens: bool | None = None, **_: Any) -> list[int]:
            """The chat template has put in what markers there are."""
            return list(tokenizer(string, add_special_tokens=bool(add_special_tokens))["input_ids"])

        def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
            rendered = tokenizer.apply_chat_template(
                chat_history,
                tokenize=False,
                add_generation_prompt=add_generation_prompt,
                continue_final_message=not add_generation_prompt,
            )
            return str(rendered)

        def generate_until(self, requests: "list[Instance]", disable_tqdm: bool = False) -> list[str]:
            places = _places(requests)
            arguments = {place[:2]: request.args for place, request in zip(places, requests, strict=True)}
            answers = {place: known[place] for place in places if place in known}
            by_stop: dict[tuple[str, ...], list[Request]] = {}
            for (task, item), samples in _missing(places, answers).items():
                prompt, settings = arguments[task, item]
                request = Request(f"{task}/{item}", tuple(self.tok_encode(prompt)), samples)
                by_stop.setdefault(_texts(settings.get("until")), []).append(request)
            done = len(answers)
            for stop, asked in by_stop.items():
                for completion in engine.generate(asked, replace(sampling, stop=stop)):
                    name, _, number = completion.request.rpartition("/")
                    answers[name, int(number), completion.sample] = completion
                    done += 1
                    progress(done, len(places))
            return [Answer.of(answers[place]) for place in places]

        def _loglikelihood_tokens(self, requests: list[tuple[Any, list[int], list[int]]], **_: Any) -> list[tuple[float, bool]]:
            asked = [(Request(str(number), tuple(context)), tuple(rest)) for number, (_, context, rest) in enumerate(requests)]
            scored: dict[str, tuple[float, bool]] = {}
            for request, total, greedy in engine.loglikelihood(asked):
                scored[request] = (total, greedy)
                progress(len(scored), len(asked))
            return [scored[str(number)] for number in range(len(requests))]

        def loglikelihood_rolling(self, requests: "list[Instance]", disable_tqdm: bool = False) -> list[float]:
            raise UserError("evaluate.tasks: a task asks for the likelihood of whole texts; allowed are generation and multiple choice")

    return EngineModel()


def _places(requests: "list[Instance]") -> list[Place]:
    """Where each request belongs; lm-eval repeats a request for each sample."""
    seen: Counter[tuple[str, int]] = Counter()
    places = []
    for request in requests:
        item = (str(request.task_name), int(request.doc_id))
        places.append((*item, seen[item]))
        seen[item] += 1
    return places


def _missing(places: list[Place], answers: Known) -> dict[tuple[str, int], tuple[int, ...]]:
    """The samples of each item that nobody has answered yet."""
    missing: dict[tuple[str, int], tuple[int, ...]] = {}
    for task, item, sample in places:
        if (task, item, sample) not in answers:
            missing[task, item] = (*missing.get((task, item), ()), sample)
    return missing


def _texts(until: Any) -> tuple[str, ...]:
    """A task's stops, as lm-eval takes them: none, one, or several."""
    return (until,) if isinstance(until, str) else tuple(text for text in until or () if text)
