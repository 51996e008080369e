"""Which traces a preview shows: the first that the perturbation changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ablate import perturb
from ablate.perturb import Donors, Perturbation
from ablate.preview.view import View, view
from ablate.traces import Example


@dataclass(frozen=True)
class Preview:
    """The views of the first changed traces, and what they were made with; `looked_at` of the corpus's `traces` had to be perturbed."""

    perturbations: Mapping[str, Perturbation]
    seed: int
    traces: int
    looked_at: int
    views: tuple[View, ...]

    @property
    def title(self) -> str:
        return " + ".join(f"{name} at dose {perturbation.dose:g}" for name, perturbation in self.perturbations.items())

    @property
    def heading(self) -> str:
        """How many traces are shown, and of how many."""
        shown = len(self.views)
        if not shown:
            return f"none of the {self.traces:,} traces is changed"
        if self.looked_at == self.traces:
            return f"all {shown} of the {self.traces:,} traces that are changed"
        return f"the first {shown} that are changed, among the first {self.looked_at:,} of {self.traces:,} traces"


def choose(
    examples: Sequence[Example],
    donors: Donors,
    perturbations: Mapping[str, Perturbation],
    seed: int,
    n: int,
    tokens: Callable[[str], int] | None = None,
) -> Preview:
    """Perturb a corpus's examples, as an arm does, until `n` of them are changed.

    Args:
        tokens: counts the tokens of a text; None where there is no tokenizer at hand.
    """
    views: list[View] = []
    looked_at = 0
    for before, (after, manifest) in zip(examples, perturb.apply(examples, perturbations, seed, donors), strict=True):
        looked_at += 1
        if (before.problem, before.answer, before.trace) != (after.problem, after.answer, after.trace):
            lengths = (tokens(before.trace.text), tokens(after.trace.text)) if tokens else None
            views.append(view(before, after, manifest, lengths))
        if len(views) == n:
            break
    return Preview(perturbations, seed, len(examples), looked_at, tuple(views))
