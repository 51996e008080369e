"""The rule `words`: the final answer is a gold, letter by letter."""

from collections.abc import Sequence

from ablate.evaluate.judge.answered import Answered, Verdict
from ablate.evaluate.judge.final_answer import in_words


def judge(answers: Sequence[Answered], workers: int) -> list[Verdict]:
    """The verdict on each answer.

    Args:
        answers: finished ones.
        workers: not needed.
    """
    return [_verdict(answer) for answer in answers]


def _verdict(answer: Answered) -> Verdict:
    said = in_words(answer.text)
    return Verdict(True, "the same words") if said in answer.gold else Verdict(False, f"another answer: {said[:60]}")
