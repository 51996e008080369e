"""Scoring students with lm-eval, whichever engine answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ablate.console.progress import Progress
from ablate.evaluate import benchmarks
from ablate.evaluate.items import Generated, ItemScore
from ablate.evaluate.lm_eval_model import Student, lm_eval_model
from ablate.generate import Engine, Sampling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FEW_SHOT_SEED = 1234
"""lm-eval's own, for tasks that show examples."""


@dataclass(frozen=True)
class Asked:
    """What is asked of one task: its first `limit` items (None: all), `num_samples` answers to each."""

    task: str
    limit: int | None
    num_samples: int
    sampling: Sampling
    system_prompt: str | None = None


def score(
    asked: Asked, engine: Engine, tokenizer: "PreTrainedTokenizerBase", students: Sequence[Student], progress: Progress
) -> Iterator[list[tuple[ItemScore, Generated]]]:
    """Ask students every item of a task, all of them at once, in their chat template, and judge their answers, once, as the task says.

    Args:
        asked: how much of which task, and how answers are drawn.
        engine: what answers for all of them.
        tokenizer: the students'.
        students: who is asked; what one answered before is judged again and not asked for.
        progress: told of each answer.

    Yields:
        Of each student, in order, the score and the answer in full of each item and sample, in order.
    """
    from lm_eval.evaluator import evaluate
    from lm_eval.tasks import TaskManager

    loaded = TaskManager(include_path=str(benchmarks.FOLDER), include_defaults=False).load(
        [{"group": "ablate", "task": [_with_samples(asked)]}]
    )
    for task in loaded["tasks"].values():
        if task.get_config("num_fewshot") is None:
            task.set_config(key="num_fewshot", value=0)
        task.set_fewshot_seed(seed=FEW_SHOT_SEED)
    model = lm_eval_model(engine, tokenizer, asked.sampling, students, progress)
    for number, _ in enumerate(students):
        model.student = number
        results = evaluate(
            model, loaded, limit=asked.limit, apply_chat_template=True, system_instruction=asked.system_prompt, bootstrap_iters=0
        )
        samples = sorted(results["samples"][asked.task], key=lambda sample: sample["doc_id"])
        answers = model.answers[number]
        yield [pair for sample in samples for pair in _judged(asked.task, sample, answers)]


def _with_samples(asked: Asked) -> dict[str, Any]:
    """The task with that many answers per item (as a group's member, where alone lm-eval merges changes into a task's file).

    Without the filter lm-eval generates them all and scores one.
    """
    if asked.num_samples == 1 or benchmarks.is_choice(asked.task):
        return {"task": asked.task}
    keep_all = {"name": "all", "filter": [{"function": "take_first_k", "k": asked.num_samples}]}
    return {"task": asked.task, "repeats": asked.num_samples, "filter_list": [keep_all]}


def _judged(task: str, sample: Mapping[str, Any], answers: Mapping[Any, Any]) -> Iterator[tuple[ItemScore, Generated]]:
    """What lm-eval keeps of an item: what was asked and answered, and the verdict of the task's `process_results`."""
    doc, item = sample["doc"], sample["doc_id"]
    accepted = list(doc["accepted"])
    if "choices" in doc:
        likelihoods = [likelihood for ((likelihood, _),) in sample["resps"]]
        chosen = doc["choices"][likelihoods.index(max(likelihoods))]
        kept = [answers[task, item, number] for number in range(len(likelihoods))]
        said = [[one.prompt, one.answer.total, one.answer.greedy] for one in kept]
        generated = Generated(task, item, 0, doc["problem"], accepted, chosen, True, 0, likelihoods=said)
        yield ItemScore(task, item, 0, bool(sample["acc"]), True, 0), generated
        return
    verdicts = zip(sample["resps"][0], sample["correct"], sample["finished"], strict=True)
    for number, (text, correct, finished) in enumerate(verdicts):
        generated = Generated(
            task, item, number, doc["problem"], accepted, str(text), text.finished, text.tokens, text.finish_reason, text.prompt
        )
        yield ItemScore(task, item, number, correct, finished, text.tokens), generated
