"""Shuffle steps."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class ShuffleSteps(Perturbation):
    """A share of the steps change places within the trace; the solution stays whole.

    Li et al. (2502.07374, section 5): "that share of the steps is permuted"; the released code holds no shuffling. The chosen steps
    form one random cycle (Sattolo 1986), so that every one of them moves and the dose is exact. Doses nest in what they touch; where a
    step goes depends on the others chosen. A share that rounds to a single step moves nothing.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        steps = example.trace.steps
        chosen = touched_steps(len(steps), self.dose, random)
        source = list(range(len(steps)))
        for rank, draw in enumerate(random.random(len(chosen)).tolist()):
            if rank:
                earlier, later = chosen[int(draw * rank)], chosen[rank]
                source[later], source[earlier] = source[earlier], source[later]
        moved = tuple((new, old) for new, old in enumerate(source) if new != old)
        return with_trace(example, steps=tuple(steps[old] for old in source)), {"moved": moved}
