"""lm-eval's view of an engine: one model for all of them, and for all students that an engine serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ablate.console.progress import Progress
from ablate.errors import UserError
from ablate.generate import Completion, Engine, Kept, Known, Likelihood, Place, Request, Sampling, prompt_hash

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance
    from lm_eval.api.model import TemplateLM
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Student:
    """Who is asked: what it answered before, what is told of each new answer, and its adapter, where the engine serves several."""

    known: Known = field(default_factory=dict)
    adapter: str | None = None
    keep: Callable[[Place, Kept], None] = lambda place, kept: None


def lm_eval_model(
    engine: Engine,
    tokenizer: "PreTrainedTokenizerBase",
    sampling: Sampling,
    students: Sequence[Student],
    progress: Progress,
    num_samples: int = 1,
) -> "TemplateLM":
    """A model for lm-eval that asks the engine nothing that is known already, and for all students at once what the first is asked.

    Args:
        engine: what answers.
        tokenizer: the students', whose chat template is applied here, once.
        sampling: how answers are drawn; a task's own stops are added.
        students: whom the engine serves; the model's `student` is the number of the one whose answers lm-eval gets.
        progress: told of each answer and each log-likelihood, over all students.
        num_samples: answers to each question; the model's `sample` is the number of the one that lm-eval gets.
    """
    from lm_eval.api.model import TemplateLM

    class EngineModel(TemplateLM):
        def __init__(self) -> None:
            super().__init__()
            self.tokenizer = tokenizer
            self.student = 0
            self.sample = 0
            self.answers: list[dict[Place, Kept]] = [dict(student.known) for student in students]
            self._places: list[Place] = []
            self._by_adapter = {student.adapter: number for number, student in enumerate(students)}

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
            items = [(str(request.task_name), int(request.doc_id)) for request in requests]
            places = [(*item, number) for item in items for number in range(num_samples)]
            asked = {item: request.args for item, request in zip(items, requests, strict=True)}
            prompts = {item: tuple(self.tok_encode(prompt)) for item, (prompt, _) in asked.items()}
            hashes = {item: prompt_hash(prompt) for item, prompt in prompts.items()}
            by_stop: dict[tuple[str, ...], list[Request]] = {}
            missing = self._missing(places, hashes)
            for student, item, samples in missing:
                request = Request(f"{item[0]}/{item[1]}", prompts[item], samples, students[student].adapter)
                by_stop.setdefault(_texts(asked[item][1].get("until")), []).append(request)
            told = _Told(progress, len(places) * len(students), sum(len(samples) for _, _, samples in missing))
            for stop, wanted in by_stop.items():
                for completion in engine.generate(wanted, replace(sampling, stop=stop)):
                    name, _, number = completion.request.rpartition("/")
                    self._take(completion.adapter, (name, int(number), completion.sample), hashes[name, int(number)], completion)
                    told()
            return [_text(self.answers[self.student][*item, self.sample]) for item in items]

        def loglikelihood(self, requests: "list[Instance]", disable_tqdm: bool = False) -> list[tuple[float, bool]]:
            """lm-eval encodes what it asks, in order; where each belongs it does not hand on."""
            self._places = [(str(request.task_name), int(request.doc_id), int(request.idx)) for request in requests]
            likelihoods: list[tuple[float, bool]] = super().loglikelihood(requests, disable_tqdm=disable_tqdm)
            return likelihoods

        def _loglikelihood_tokens(self, requests: list[tuple[Any, list[int], list[int]]], **_: Any) -> list[tuple[float, bool]]:
            places = self._places
            pairs = {place: (tuple(before), tuple(after)) for place, (_, before, after) in zip(places, requests, strict=True)}
            hashes = {place: prompt_hash((*before, *after)) for place, (before, after) in pairs.items()}
            missing = [
                (student, place)
                for place in places
                for student, known in enumerate(self.answers)
                if place not in known or not known[place].answers(hashes[place])
            ]
            told = _Told(progress, len(places) * len(students), len(missing))
            wanted = []
            for student, place in missing:
                before, after = pairs[place]
                name = f"{place[0]}/{place[1]}/{place[2]}"
                wanted.append((Request(name, before, adapter=students[student].adapter), after))
            for one in engine.loglikelihood(wanted) if wanted else ():
                task, item, choice = one.request.rsplit("/", 2)
                place = (task, int(item), int(choice))
                self._take(one.adapter, place, hashes[place], one)
                told()
            return [_likelihood(self.answers[self.student][place]) for place in places]

        def loglikelihood_rolling(self, requests: "list[Instance]", disable_tqdm: bool = False) -> list[float]:
            raise UserError("evaluate.tasks: a task asks for the likelihood of whole texts; allowed are generation and multiple choice")

        def _take(self, adapter: str | None, place: Place, prompt: str, answer: Completion | Likelihood) -> None:
            student, kept = self._by_adapter[adapter], Kept(prompt, answer)
            self.answers[student][place] = kept
            students[student].keep(place, kept)

        def _missing(
            self, places: list[Place], hashes: Mapping[tuple[str, int], str]
        ) -> list[tuple[int, tuple[str, int], tuple[int, ...]]]:
            """The student, the item, and the samples of it that nobody has answered yet; item by item, all students of it together."""
            missing: dict[tuple[tuple[str, int], int], tuple[int, ...]] = {}
            for task, item, sample in places:
                for student, known in enumerate(self.answers):
                    kept = known.get((task, item, sample))
                    if kept is None or not kept.answers(hashes[task, item]):
                        missing[(task, item), student] = (*missing.get(((task, item), student), ()), sample)
            return [(student, item, samples) for (item, student), samples in missing.items()]

    return EngineModel()


class _Told:
    """Counts what is done, from what is known already."""

    def __init__(self, progress: Progress, total: int, missing: int) -> None:
        self._progress, self._total, self._done = progress, total, total - missing
        progress(self._done, total)

    def __call__(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _text(kept: Kept) -> str:
    if not isinstance(kept.answer, Completion):
        raise TypeError("a log-likelihood stands where a text was asked for")
    return kept.answer.text


def _likelihood(kept: Kept) -> tuple[float, bool]:
    if not isinstance(kept.answer, Likelihood):
        raise TypeError("a text stands where a log-likelihood was asked for")
    return kept.answer.total, kept.answer.greedy


def _texts(until: Any) -> tuple[str, ...]:
    """A task's stops, as lm-eval takes them: none, one, or several."""
    return (until,) if isinstance(until, str) else tuple(text for text in until or () if text)
