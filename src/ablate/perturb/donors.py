"""What a perturbation may draw on besides the trace itself: other examples, and the student's tokens."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ablate.errors import UserError
from ablate.traces import Example, boxed_answer, problem_key

TokenEnds = Callable[[str], Sequence[int]]
"""Where each token of a text ends, in characters."""


class Pool:
    """Examples in the order of their ids, in memory or on disk, that can be found by their problem.

    Args:
        examples: sorted by id.
        problems: `problem_key` of each, shape (examples,).
    """

    def __init__(self, examples: Sequence[Example], problems: np.ndarray) -> None:
        self._examples = examples
        self._order = np.argsort(problems, kind="stable")
        self._problems = problems[self._order]

    @classmethod
    def of(cls, examples: Iterable[Example]) -> "Pool":
        """A pool in memory."""
        ordered = sorted(examples, key=lambda example: example.id)
        return cls(ordered, np.array([problem_key(example.problem) for example in ordered], dtype=np.uint64))

    def __len__(self) -> int:
        return len(self._examples)

    def first(self, draw: float, fits: Callable[[Example], bool]) -> Example | None:
        """The first fitting example from the drawn place on, going round."""
        start = int(draw * len(self))
        for offset in range(len(self)):
            candidate = self._examples[(start + offset) % len(self)]
            if fits(candidate):
                return candidate
        return None

    def of_problem(self, example: Example) -> list[Example]:
        """The other examples of the same problem; one whose trace this example has taken is no other."""
        key = np.uint64(problem_key(example.problem))  # of another type, the whole array would be converted at each look-up
        low, high = np.searchsorted(self._problems, key, side="left"), np.searchsorted(self._problems, key, side="right")
        same = (self._examples[int(rank)] for rank in self._order[low:high])
        return [donor for donor in same if donor.problem == example.problem and donor.id != example.id and donor.trace != example.trace]


class Donors:
    """Looks up donors by a draw in [0, 1), whatever the order of rows.

    Args:
        examples: the clean examples, which give steps and answers.
        wrong: examples whose trace ends in a wrong answer.
        token_ends: cuts a text into the student's tokens; what measures in tokens needs it.
    """

    def __init__(
        self, examples: Iterable[Example] | Pool, wrong: Iterable[Example] | Pool = (), token_ends: TokenEnds | None = None
    ) -> None:
        self._examples = examples if isinstance(examples, Pool) else Pool.of(examples)
        self._wrong = wrong if isinstance(wrong, Pool) else Pool.of(wrong)
        self._token_ends = token_ends

    def other(self, example: Example, draw: float) -> Example:
        """An example of another problem."""
        return self._another(self._examples, draw, lambda donor: donor.problem != example.problem, "another problem")

    def other_answer(self, example: Example, draw: float) -> str:
        """The answer of another problem, neither the example's nor what its trace boxes."""
        own = (example.answer, boxed_answer(example.trace.solution))
        fits = lambda donor: donor.problem != example.problem and donor.answer not in own  # noqa: E731
        return self._another(self._examples, draw, fits, "another problem with another answer").answer

    def same(self, example: Example) -> list[Example]:
        """The other traces of the same problem, right ones first."""
        return self._examples.of_problem(example) + self._wrong.of_problem(example)

    def wrong(self, example: Example, draw: float) -> Example:
        """A wrong trace of the same problem where there is one, else of another problem."""
        same = self._wrong.of_problem(example)
        if same:
            return same[int(draw * len(same))]
        if not len(self._wrong):
            raise UserError(
                "perturb.wrong_answer.by=trace needs traces that end in a wrong answer, and the data holds none; "
                "use perturb.wrong_answer.by=answer, or data with a column that says which traces are correct"
            )
        return self._another(self._wrong, draw, lambda donor: donor.problem != example.problem, "another problem")

    def token_ends(self, text: str) -> Sequence[int]:
        """Where each of the student's tokens ends in the text, in characters."""
        if self._token_ends is None:
            raise UserError("a perturbation counts tokens, and no tokenizer was given")
        return self._token_ends(text)

    def _another(self, pool: Pool, draw: float, fits: Callable[[Example], bool], wanted: str) -> Example:
        donor = pool.first(draw, fits)
        if donor is None:
            raise UserError(f"a perturbation needs {wanted} to take from, and the {len(pool)} examples of the data hold none")
        return donor
