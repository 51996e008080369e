"""Scoring students with lm-eval, whichever engine answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ablate.console.progress import Progress
from ablate.errors import UserError
from ablate.evaluate import benchmarks
from ablate.evaluate.benchmarks import Loaded, Sources
from ablate.evaluate.items import Generated, ItemScore, thought_closed
from ablate.evaluate.judge import Answered, judge
from ablate.evaluate.lm_eval_model import Student, lm_eval_model
from ablate.generate import Completion, Engine, Kept, Known, Likelihood, Sampling

if TYPE_CHECKING:
    from lm_eval.api.model import TemplateLM
    from transformers import PreTrainedTokenizerBase

Scored = list[tuple[ItemScore, Generated]]


@dataclass(frozen=True)
class Asked:
    """What is asked of one task: its first `limit` items (None: all), `num_samples` answers to each."""

    task: str
    limit: int | None
    num_samples: int
    sampling: Sampling
    system_prompt: str | None = None
    sources: Sources = field(default_factory=Sources)


def score(
    asked: Asked,
    engine: Engine,
    tokenizer: "PreTrainedTokenizerBase",
    students: Sequence[Student],
    progress: Progress,
    workers: int = 1,
) -> Iterator[Scored]:
    """Ask students every item of a task, all of them at once, in their chat template, and judge their answers, once, as the task says.

    Args:
        asked: how much of which task, and how answers are drawn.
        engine: what answers for all of them.
        tokenizer: the students'.
        students: who is asked; what one answered before is judged again and not asked for.
        progress: told of each answer.
        workers: processes that judge.

    Yields:
        Of each student, in order, the score and the answer in full of each item and sample, in order.
    """
    loaded = benchmarks.load(asked.task, asked.sources)
    model = lm_eval_model(engine, tokenizer, asked.sampling, students, progress, asked.num_samples)
    samples = _evaluated(model, loaded, asked)
    rule = benchmarks.rule(asked.task)
    for number, _ in enumerate(students):
        answers: Known = model.answers[number]
        if rule is not None:
            yield _judged(asked, loaded.name, samples, answers, rule, workers)
        elif benchmarks.is_choice(asked.task):
            yield [_chosen(asked.task, loaded.name, sample, answers) for sample in samples]
        else:
            model.student = number
            yield list(_foreign(model, loaded, asked))


def _evaluated(model: "TemplateLM", loaded: Loaded, asked: Asked) -> list[dict[str, Any]]:
    """What lm-eval keeps of each item, in order, after asking the model."""
    from lm_eval.evaluator import evaluate

    results = evaluate(
        model, loaded.whole, limit=asked.limit, apply_chat_template=True, system_instruction=asked.system_prompt, bootstrap_iters=0
    )
    first: dict[int, dict[str, Any]] = {}
    for sample in results["samples"][loaded.name]:  # once for each filter of the task, of which the first counts
        first.setdefault(sample["doc_id"], sample)
    return [first[item] for item in sorted(first)]


def _judged(asked: Asked, name: str, samples: Sequence[Mapping[str, Any]], answers: Known, rule: str, workers: int) -> Scored:
    """All answers of a student to a task of ours, by its rule."""
    places = [(sample, number) for sample in samples for number in range(asked.num_samples)]
    said = [_completion(answers, (name, sample["doc_id"], number)) for sample, number in places]
    finished = [None if answer.finished is None else answer.finished and thought_closed(answer.text) for answer in said]
    accepted = [list(sample["doc"]["accepted"]) for sample, _ in places]
    facts = [json.loads(sample["doc"].get("facts") or "{}") for sample, _ in places]
    verdicts = judge(
        rule,
        [Answered(tuple(gold), one.text, end, fact) for gold, one, end, fact in zip(accepted, said, finished, facts, strict=True)],
        workers,
    )
    rows = []
    for (sample, number), answer, end, gold, verdict in zip(places, said, finished, accepted, verdicts, strict=True):
        item, problem = sample["doc_id"], sample["doc"]["problem"]
        generated = _generated(asked.task, item, number, problem, gold, answer, answers, name)
        rows.append((ItemScore(asked.task, item, number, verdict.correct, end, answer.tokens), _because(generated, verdict.why)))
    return rows


def _foreign(model: "TemplateLM", loaded: Loaded, asked: Asked) -> Iterator[tuple[ItemScore, Generated]]:
    """Of a task that is not ours, by its own metric, answer by answer."""
    rows: list[tuple[ItemScore, Generated]] = []
    for number in range(asked.num_samples):
        model.sample = number
        for sample in _evaluated(model, loaded, asked):
            value = metric(sample, asked, loaded.task.higher_is_better())
            rows.append(_foreign_row(model.answers[model.student], loaded, asked, sample, number, value))
    model.sample = 0
    yield from sorted(rows, key=lambda row: (row[0].item, row[0].sample))


def _foreign_row(
    answers: Known, loaded: Loaded, asked: Asked, sample: Mapping[str, Any], number: int, value: float
) -> tuple[ItemScore, Generated]:
    item, target = sample["doc_id"], str(sample["target"])
    problem = str(sample["arguments"][0][0])
    kept = answers[loaded.name, item, number if isinstance(answers[loaded.name, item, 0].answer, Completion) else 0]
    if isinstance(kept.answer, Likelihood):
        generated = _of_choices(asked.task, item, problem, [target], target, answers, loaded.name)
        return ItemScore(asked.task, item, number, value, True, 0), generated
    answer = kept.answer
    finished = None if answer.finished is None else answer.finished and thought_closed(answer.text)
    generated = _generated(asked.task, item, number, problem, [target], answer, answers, loaded.name)
    return ItemScore(asked.task, item, number, value, finished, answer.tokens), generated


def metric(sample: Mapping[str, Any], asked: Asked, higher: Mapping[str, bool]) -> float:
    """What counts of an item of a foreign task: the named metric, else the first number from 0 to 1 that is better when higher.

    Args:
        sample: what lm-eval keeps of the item.
        asked: the task, and the name of a metric where one was given.
        higher: by metric, whether more is better, as the task says.

    Raises:
        UserError: there is none.
    """
    values = {name: sample[name] for name in sample["metrics"] if name in sample}
    shares = {name: float(value) for name, value in values.items() if isinstance(value, int | float | bool) and 0 <= value <= 1}
    wanted = asked.sources.metric
    if wanted is not None and wanted not in shares:
        raise UserError(f"evaluate.metric: found {wanted!r}; {asked.task} gives by item {', '.join(shares) or 'no number from 0 to 1'}")
    better = [name for name in shares if higher.get(name, True)]
    if wanted is None and not better:
        gives = ", ".join(values) or "nothing"
        raise UserError(f"evaluate.tasks: {asked.task} gives no number from 0 to 1 by item that is better when higher, but {gives}")
    return shares[wanted or better[0]]


def _chosen(task: str, name: str, sample: Mapping[str, Any], answers: Known) -> tuple[ItemScore, Generated]:
    """Multiple choice: the likeliest is the answer."""
    doc, item = sample["doc"], sample["doc_id"]
    totals = [_likelihood(answers, (name, item, number)).total for number in range(len(doc["choices"]))]
    chosen = totals.index(max(totals))
    generated = _of_choices(task, item, doc["problem"], list(doc["accepted"]), doc["choices"][chosen], answers, name)
    return ItemScore(task, item, 0, chosen == int(sample["target"]), True, 0), generated


def _of_choices(task: str, item: int, problem: str, accepted: list[str], chosen: str, answers: Known, name: str) -> Generated:
    kept: list[Kept] = []
    while (name, item, len(kept)) in answers:
        kept.append(answers[name, item, len(kept)])
    said = [[one.prompt, one.answer.total, one.answer.greedy] for one in kept if isinstance(one.answer, Likelihood)]
    return Generated(task, item, 0, problem, accepted, chosen, True, 0, likelihoods=said)


def _generated(
    task: str, item: int, number: int, problem: str, accepted: list[str], answer: Completion, answers: Known, name: str
) -> Generated:
    prompt = answers[name, item, number].prompt
    return Generated(task, item, number, problem, accepted, answer.text, answer.finished, answer.tokens, answer.finish_reason, prompt)


def _because(generated: Generated, why: str) -> Generated:
    return replace(generated, why=why)


def _completion(answers: Known, place: tuple[str, int, int]) -> Completion:
    answer = answers[place].answer
    if not isinstance(answer, Completion):
        raise TypeError("a log-likelihood stands where a text was asked for")
    return answer


def _likelihood(answers: Known, place: tuple[str, int, int]) -> Likelihood:
    answer = answers[place].answer
    if not isinstance(answer, Likelihood):
        raise TypeError("a text stands where a log-likelihood was asked for")
    return answer
