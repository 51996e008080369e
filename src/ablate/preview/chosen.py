"""Which traces a preview shows: the first that the perturbation changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ablate import perturb
from ablate.corpora import Corpus
from ablate.perturb import Donors, Perturbation
from ablate.preview.view import View, view


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
    def said(self) -> str:
        """How many traces are shown, and of how many."""
        shown = len(self.views)
        if not shown:
            return f"none of the {self.traces:,} traces is changed"
        if self.looked_at == self.traces:
            return f"all {shown} of the {self.traces:,} traces that are changed"
        return f"the first {shown} that are changed, among the first {self.looked_at:,} of {self.traces:,} traces"


def choose(
    corpus: Corpus, perturbations: Mapping[str, Perturbation], seed: int, n: int, tokens: Callable[[str], int] | None = None
) -> Preview:
    """Perturb the corpus, as an arm does, until `n` traces are changed; donors and wrong traces come from all of it.

    Args:
        tokens: counts the tokens of a text; None where there is no tokenizer at hand.
    """
    donors = Donors(corpus.examples, corpus.wrong)
    views: list[View] = []
    looked_at = 0
    perturbed = perturb.apply(corpus.examples, perturbations, seed, donors)
    for before, (after, manifest) in zip(corpus.examples, perturbed, strict=True):
        looked_at += 1
        if (before.problem, before.answer, before.trace) != (after.problem, after.answer, after.trace):
            lengths = (tokens(before.trace.text), tokens(after.trace.text)) if tokens else None
            views.append(view(before, after, manifest, lengths))
        if len(views) == n:
            break
    return Preview(perturbations, seed, len(corpus.examples), looked_at, tuple(views))
