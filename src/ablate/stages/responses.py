"""From perturbed traces to what a student reads."""

from typing import TYPE_CHECKING

from ablate.student.encode import Conversation

if TYPE_CHECKING:
    import pandas


def conversations(traces: "pandas.DataFrame", system_prompt: str | None, response: str = "perturbed") -> list[Conversation]:
    """One conversation per trace.

    Args:
        traces: with the columns `problem` and `response`'s.
        system_prompt: the student's, or None.
        response: the column that the student learns to answer: `perturbed`, or `clean`.
    """
    pairs = zip(traces["problem"], traces[response], strict=True)
    return [Conversation(problem, text, system_prompt) for problem, text in pairs]
