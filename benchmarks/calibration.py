"""Whether the verdicts of `ablate.compare` are wrong as seldom as they say, and `ablate.plan` keeps its promises.

    python benchmarks/calibration.py [STUDIES] > table.md

Every row is a kind of study, simulated STUDIES times (default 2,000) under three truths: all arms equal to clean, all arms lower by
exactly the margin, and one arm lower by what the plan promises to see in 80 % of studies.
"""

import sys
from dataclasses import replace

import numpy as np

from ablate.compare.statistics.simulate import Rates, World, found_parts, rates, seen_as_planned

MARGIN = 0.03
WORLDS = {
    "30 items, 1 seed": World(30, 1, retraining=0),
    "30 items, 4 answers, 1 seed": World(30, 1, samples=4, retraining=0),
    "30 items, accuracy 90 %, 1 seed": World(30, 1, accuracy=0.9, retraining=0),
    "500 items, 1 seed": World(500, 1, retraining=0),
    "500 items, accuracy 95 %, 1 seed": World(500, 1, accuracy=0.95, retraining=0),
    "5,000 items, 1 seed": World(5000, 1, arms=2, retraining=0),
    "30 items, 3 seeds": World(30, 3),
    "30 items, 4 answers, 3 seeds": World(30, 3, samples=4),
    "30 items, accuracy 90 %, 3 seeds": World(30, 3, accuracy=0.9),
    "500 items, 3 seeds": World(500, 3),
    "500 items, 3 seeds, seeds do nothing": World(500, 3, retraining=0),
    "500 items, 3 seeds of 4 points": World(500, 3, retraining=0.04),
    "500 items, 3 seeds, half shared by all arms": World(500, 3, retraining=0.014, shared=0.014),
    "500 items, accuracy 95 %, 3 seeds of 1 point": World(500, 3, accuracy=0.95, retraining=0.01),
    "500 items, 4 answers, 3 seeds of 0.5 points": World(500, 3, samples=4, retraining=0.005),
    "500 items, 1 arm, 3 seeds": World(500, 3, arms=1),
    "30 items, 1 arm, 3 seeds": World(30, 3, arms=1),
    "500 items, 1 arm, 2 seeds": World(500, 2, arms=1),
    "500 items, 17 arms, 3 seeds": World(500, 3, arms=17),
    "5,000 items, 3 seeds of 0.5 points": World(5000, 3, arms=4, retraining=0.005),
    "500 items, 10 seeds of 1 point": World(500, 10, arms=4, retraining=0.01),
    "500 items, 3 seeds of 1 point, of one arm 2": World(500, 3, retraining=0.01, unsteady=2),
    "500 items, 3 seeds of 1 point, of one arm 4": World(500, 3, retraining=0.01, unsteady=4),
}


def main() -> None:
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print("| studies | arms | interval holds, % | and at the margin, % | harmful, % | harmless, % | planned power, % | found, % |")
    print("|---|---|---|---|---|---|---|---|")
    for number, (name, world) in enumerate(WORLDS.items()):
        none, edge = np.zeros(world.arms), np.full(world.arms, -MARGIN)
        null, margin = rates(world, none, studies, MARGIN, seed=3 * number), rates(world, edge, studies, MARGIN, seed=3 * number + 1)
        planned, found = planned_and_found(world, studies, 3 * number + 2)
        cells = [null.coverage, margin.coverage, null.harmful, margin.harmless, planned, found]
        print(f"| {name} | {world.arms} | " + " | ".join(f"{100 * cell:.1f}" for cell in cells) + " |", flush=True)
    print_unmeasured(studies)


def planned_and_found(world: World, studies: int, seed: int) -> tuple[float, float]:
    difference, promised = seen_as_planned(world, found_parts(world, 200, seed + 1000))
    effects = np.zeros(world.arms)
    effects[0] = -difference
    return promised, rates(world, effects, studies, MARGIN, seed=seed).seen


def print_unmeasured(studies: int) -> None:
    """What one seed can't see, if its verdicts on these runs were read as verdicts on the perturbation."""
    print("\n| one seed, 500 items, 8 arms; a retraining moves an arm by | studies with an arm `worse in this run`, % |\n|---|---|")
    for points in (0, 1, 2, 4):
        found: Rates = rates(replace(World(500, 1), retraining=points / 100), np.zeros(8), studies, MARGIN, seed=900 + points)
        print(f"| {points} points | {100 * found.harmful:.1f} |", flush=True)


if __name__ == "__main__":
    main()
