"""The disruption of one trace: how much of it changed, by yardsticks that don't know what was done."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablate.perturb import Edits, step_origins

TokenIds = Sequence[int]


@dataclass(frozen=True)
class Disruption:
    """One trace after its perturbations, beside the clean one.

    `characters_changed` and `tokens_changed` are shares: one minus the longest common subsequence over the longer of the two, so 0 is
    untouched and 1 nothing in common; a step that moved counts as changed. `kendall_tau` is the rank correlation of the order of the
    clean steps that are left (Kendall 1938): 1 in order, -1 reversed, None with fewer than two. `surprisal` is in nats per token, of the
    perturbed response under the untrained student.
    """

    tokens_before: int
    tokens_after: int
    characters_changed: float
    tokens_changed: float
    kendall_tau: float | None
    answer_survived: bool
    surprisal: float | None = None


def measure(before: str, after: str, steps: int, manifest: Sequence[Edits], ids_before: TokenIds, ids_after: TokenIds) -> Disruption:
    """The disruption of one response of so many steps, without its surprisal.

    Args:
        before: the clean response.
        after: the perturbed response.
        steps: of the clean response.
        manifest: what every perturbation did, in order.
        ids_before: tokens of the clean response.
        ids_after: tokens of the perturbed response.
    """
    from rapidfuzz.distance import LCSseq

    return Disruption(
        tokens_before=len(ids_before),
        tokens_after=len(ids_after),
        characters_changed=LCSseq.normalized_distance(before, after),
        tokens_changed=LCSseq.normalized_distance(ids_before, ids_after),
        kendall_tau=_tau(steps, manifest),
        answer_survived=all(edits.answer_survived for edits in manifest),
    )


def _tau(steps: int, manifest: Sequence[Edits]) -> float | None:
    from scipy.stats import kendalltau

    origins = step_origins(steps, manifest)
    order = list(dict.fromkeys(origin.step for origin in origins if origin.donor is None and origin.place is not None))
    if len(order) < 2:
        return None
    in_order = not any(edits.moved for edits in manifest)
    return 1.0 if in_order else float(kendalltau(range(len(order)), order).statistic)
