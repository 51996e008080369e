"""Judging answers, by named rules; adding one is a file and a line of `RULES`. Nothing here generates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ablate.errors import UserError, nearest
from ablate.evaluate.judge import choice, code, instructions, mathematics, words
from ablate.evaluate.judge.answered import Answered, Verdict

__all__ = ["RULES", "Answered", "Rule", "Verdict", "judge"]


@dataclass(frozen=True)
class Rule:
    """How answers are judged; `version` is raised when a verdict changes, and kept answers are then judged again."""

    version: int
    judge: Callable[[Sequence[Answered], int], list[Verdict]]


RULES = {
    "words": Rule(1, words.judge),
    "mathematics": Rule(2, mathematics.judge),
    "choice": Rule(1, choice.judge),
    "code": Rule(2, code.judge),
    "instructions": Rule(1, instructions.judge),
}
"""By name."""


def judge(rule: str, answers: Sequence[Answered], workers: int = 1) -> list[Verdict]:
    """The verdict on each answer; an unfinished one is wrong, whatever it says.

    Args:
        rule: by name.
        answers: any number of any items.
        workers: processes that judge, where the rule takes a while.

    Raises:
        UserError: there is no such rule.
    """
    if rule not in RULES:
        raise UserError(f"found the rule {rule!r}. {nearest(rule, list(RULES))}")
    finished = [answer for answer in answers if answer.finished is not False]
    verdicts = iter(RULES[rule].judge(finished, workers))
    return [Verdict(False, "unfinished") if answer.finished is False else next(verdicts) for answer in answers]
