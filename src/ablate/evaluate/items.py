"""What scoring yields: one score per item and sample, and the rule that makes it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ablate.traces.answers import boxed_answer
from ablate.traces.trace import FORMATS

if TYPE_CHECKING:
    import pandas

_SOLUTION_TAGS = re.compile("|".join(re.escape(tag) for tags in FORMATS.values() for tag in tags.solution or ()))


@dataclass(frozen=True)
class ItemScore:
    """One sampled answer to one item; `tokens` counts what was generated, the end of the turn included (0 where it was chosen).

    `finished` says whether the answer and its thought ended; it and `tokens` are None where the engine doesn't say.
    """

    task: str
    item: int
    sample: int
    correct: bool
    finished: bool | None
    tokens: int | None


@dataclass(frozen=True)
class Generated:
    """One sampled answer in full, with what it was asked and what was accepted, and how it ended, as the engine says.

    `prompt` is a hash of what it was asked, as token ids. Of multiple choice there is no answer but `likelihoods`: of each choice the hash
    of prompt and choice, the log-probability in nats, and whether greedy decoding would write it.
    """

    task: str
    item: int
    sample: int
    problem: str
    accepted: list[str]
    text: str
    finished: bool | None
    tokens: int | None
    finish_reason: str | None = None
    prompt: str | None = None
    likelihoods: list[list[Any]] | None = None


@dataclass(frozen=True)
class TaskScore:
    """Means over a task's items, with a 95 % interval of the accuracy; samples of one item count as one observation."""

    task: str
    items: int
    accuracy: float
    low: float
    high: float
    finished: float
    tokens: float


def thought_closed(text: str) -> bool:
    """Whether every thought that the text opens is closed again; a text without a thought is closed."""
    return all(text.rfind(tags.thought[1]) >= text.rfind(tags.thought[0]) for tags in FORMATS.values())


def final_answer(text: str) -> str:
    """What a response answers: the last box after the thought, else all that is said there."""
    for tags in FORMATS.values():
        text = text.rpartition(tags.thought[1])[2]
    boxed = boxed_answer(text)
    return boxed if boxed is not None else _SOLUTION_TAGS.sub("", text).strip().removesuffix(".")


def is_correct(text: str, accepted: Sequence[str], finished: bool, mathematical: bool = False) -> bool:
    """Whether the final answer is an accepted one, in its words or, where asked, in mathematics; an unfinished answer is wrong.

    Args:
        text: the answer.
        accepted: answers that count as right.
        finished: whether it ended by itself.
        mathematical: whether equality in mathematics counts.
    """
    if not finished:
        return False
    answer = final_answer(text)
    return answer in accepted or (mathematical and any(_equal(gold, answer) for gold in accepted))


def _equal(gold: str, answer: str) -> bool:
    """Equality by math-verify; both stand between dollars, without which a tuple does not equal itself."""
    from math_verify import parse, verify

    return bool(verify(parse(f"${gold.strip('$')}$"), parse(f"${answer.strip('$')}$")))


def summarise(scores: "pandas.DataFrame") -> list[TaskScore]:
    """One row per task, in the order in which tasks first appear, from a table with the columns of `ItemScore`.

    The interval is Wilson's on the items' mean accuracies with as many observations as items, which is exact in kind for one sample and
    wide for several: the variance of a mean of samples is at most that of one.
    """
    from statsmodels.stats.proportion import proportion_confint

    rows = []
    for task, group in scores.groupby("task", sort=False):
        items = group["item"].nunique()
        accuracy = float(group.groupby("item")["correct"].mean().mean())
        low, high = proportion_confint(accuracy * items, items, method="wilson")
        finished, tokens = (float(group[column].astype(float).mean()) for column in ("finished", "tokens"))
        rows.append(TaskScore(str(task), items, accuracy, float(low), float(high), finished, tokens))
    return rows
