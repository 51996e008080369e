"""What scoring yields: one score per item and sample, and the rule that makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ablate.evaluate.judge import Answered, judge
from ablate.traces.trace import FORMATS

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class ItemScore:
    """One sampled answer to one item; `tokens` counts what was generated, the end of the turn included (0 where it was chosen).

    `correct` is None where it could not be judged, and a share where a task that is not ours gives one. `finished` says whether the answer
    and its thought ended; it and `tokens` are None where the engine doesn't say.
    """

    task: str
    item: int
    sample: int
    correct: bool | float | None
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
    why: str | None = None


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


def is_correct(text: str, accepted: Sequence[str], finished: bool | None, mathematical: bool = False) -> bool | None:
    """Whether the final answer is an accepted one; None where it could not be judged.

    Args:
        text: the answer.
        accepted: answers that count as right.
        finished: whether it ended by itself; an unfinished answer is wrong.
        mathematical: whether equality in mathematics counts.
    """
    (verdict,) = judge("mathematics" if mathematical else "words", [Answered(tuple(accepted), text, finished)])
    return verdict.correct


def summarise(scores: "pandas.DataFrame") -> list[TaskScore]:
    """One row per task, in the order in which tasks first appear, from a table with the columns of `ItemScore`.

    The interval is Wilson's on the items' mean accuracies with as many observations as items, which is exact in kind for one sample and
    wide for several: the variance of a mean of samples is at most that of one.
    """
    from statsmodels.stats.proportion import proportion_confint

    rows = []
    for task, group in scores.groupby("task", sort=False):
        items = group["item"].nunique()
        accuracy = float(group.groupby("item")["correct"].agg(lambda right: right.astype(float).fillna(0.0).mean()).mean())
        low, high = proportion_confint(accuracy * items, items, method="wilson")
        finished, tokens = (float(group[column].astype(float).mean()) for column in ("finished", "tokens"))
        rows.append(TaskScore(str(task), items, accuracy, float(low), float(high), finished, tokens))
    return rows
