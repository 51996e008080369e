"""Where foreign steps and wrong traces come from: the other examples of the same corpus, in an order of their own."""

from collections.abc import Callable, Iterable, Sequence

from ablate.errors import UserError
from ablate.traces import Example


class Donors:
    """Looks up donors by a draw in [0, 1); sorted by id, so that the order of rows does not matter.

    Args:
        examples: the clean examples, which give steps and answers.
        wrong: examples whose trace ends in a wrong answer.
    """

    def __init__(self, examples: Iterable[Example], wrong: Iterable[Example] = ()) -> None:
        self._examples = sorted(examples, key=lambda example: example.id)
        self._wrong = sorted(wrong, key=lambda example: example.id)
        self._wrong_of: dict[str, list[Example]] = {}
        for example in self._wrong:
            self._wrong_of.setdefault(example.problem, []).append(example)

    def other(self, example: Example, draw: float) -> Example:
        """An example of another problem."""
        return _another(self._examples, draw, lambda donor: donor.problem != example.problem, "another problem")

    def other_answer(self, example: Example, draw: float) -> str:
        """The answer of another problem, different from the example's."""
        return _another(self._examples, draw, lambda donor: donor.answer != example.answer, "another answer").answer

    def wrong(self, example: Example, draw: float) -> Example:
        """A wrong trace of the same problem where there is one, else of another problem."""
        same = self._wrong_of.get(example.problem)
        if same:
            return same[int(draw * len(same))]
        if not self._wrong:
            raise UserError(
                "perturb.wrong_answer.by=trace needs traces that end in a wrong answer, and the data holds none; "
                "use perturb.wrong_answer.by=answer, or data with a column that says which traces are correct"
            )
        return _another(self._wrong, draw, lambda donor: donor.problem != example.problem, "another problem")


def _another(pool: Sequence[Example], draw: float, fits: Callable[[Example], bool], wanted: str) -> Example:
    """The first fitting example from the drawn place on, going round."""
    start = int(draw * len(pool))
    for offset in range(len(pool)):
        candidate = pool[(start + offset) % len(pool)]
        if fits(candidate):
            return candidate
    raise UserError(f"a perturbation needs {wanted} to take from, and the {len(pool)} examples of the data hold none")
