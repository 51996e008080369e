"""Shuffle steps."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ablate.errors import UserError
from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class ShuffleSteps(Perturbation):
    """A share of the steps change places within the trace; the solution stays whole.

    Li et al. (2502.07374, section 5): "that share of the steps is permuted"; the released code holds no shuffling. The chosen steps
    form one random cycle (Sattolo 1986), so that every one of them moves and the dose is exact. Doses nest in what they touch; where a
    step goes depends on the others chosen. A share that rounds to a single step moves nothing.

    `interior` leaves the first and the last step in their places: in the published shuffle 92 % of the outputs then begin with "Wait" or
    "Alternatively". `block` moves so many neighbours together; steps beyond the last whole block stay.
    """

    interior: bool = False
    block: int = 1
    family: ClassVar[Family] = "structure"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.block < 1:
            raise UserError(f"block: found {self.block}, allowed is 1 or more steps that move together")

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        steps = example.trace.steps
        first, last = (1, len(steps) - 1) if self.interior else (0, len(steps))
        chosen = touched_steps(max(0, last - first) // self.block, self.dose, random)
        source = list(range(len(steps)))
        for rank, draw in enumerate(random.random(len(chosen)).tolist()):
            if rank:
                for offset in range(self.block):
                    earlier, later = (first + block * self.block + offset for block in (chosen[int(draw * rank)], chosen[rank]))
                    source[later], source[earlier] = source[earlier], source[later]
        moved = tuple((new, old) for new, old in enumerate(source) if new != old)
        return with_trace(example, steps=tuple(steps[old] for old in source)), {"moved": moved}
