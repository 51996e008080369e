"""Where each step of a perturbed trace comes from, through any number of perturbations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ablate.errors import UserError
from ablate.perturb.perturbation import Edits, Insertion


@dataclass(frozen=True)
class Origin:
    """Step `step` of the clean trace, or of the trace `donor`; it stands in the place of the clean step `place`.

    Steps count from 0. `place` is None in a thought that took the place of the whole clean one.
    """

    step: int
    donor: str | None
    place: int | None

    @property
    def moved(self) -> bool:
        """Whether a clean step stands in another one's place; what merely slides up after a removal has not moved."""
        return self.donor is None and self.step != self.place


def step_origins(steps: int, manifest: Sequence[Edits]) -> tuple[Origin, ...]:
    """The origin of each step that is left of a clean trace's `steps`, after all edits in order.

    Args:
        steps: of the clean trace.
        manifest: of every perturbation, in order.

    Raises:
        UserError: a manifest accounts for another number of steps than the trace has.
    """
    origins = tuple(Origin(step, None, step) for step in range(steps))
    for edits in manifest:
        if len(edits.origins) != edits.steps_after or len(origins) != edits.steps_before:
            raise UserError(
                f"perturb.{edits.perturbation}: its manifest accounts for {len(edits.origins)} steps, the perturbed trace has "
                f"{edits.steps_after}; every step that moved, went or came must be among the edits"
            )
        origins = _after(origins, edits)
    return origins


def _after(origins: tuple[Origin, ...], edits: Edits) -> tuple[Origin, ...]:
    places = replace(edits, moved=(), inserted=()).origins
    after = []
    for position, (origin, place) in enumerate(zip(edits.origins, places, strict=True)):
        stands = origins[place].place if isinstance(place, int) else None
        if isinstance(origin, Insertion):
            after.append(Origin(origin.step, origin.donor, stands))
        elif origin is None:
            after.append(Origin(position, edits.thought_of or edits.swapped_with, None))
        else:
            after.append(replace(origins[origin], place=stands))
    return tuple(after)
