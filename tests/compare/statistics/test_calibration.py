"""Wrong verdicts are as rare as they say: 2,000 simulated studies of each kind (benchmarks/calibration.py has more kinds)."""

import numpy as np
import pytest

from ablate.compare.statistics.simulate import World, differences, found_parts, rates, seen_as_planned
from ablate.compare.statistics.verdict import Kind, verdicts

STUDIES, MARGIN = 2000, 0.03
NOISE = 3 * (0.05 * 0.95 / STUDIES) ** 0.5
SMALL, LARGE = 30, 300
WORLDS = {
    "few items, one seed": World(SMALL, 1, arms=3, retraining=0),
    "many items, one seed": World(LARGE, 1, arms=3, retraining=0),
    "few items, three seeds": World(SMALL, 3, arms=6, samples=4),
    "many items, three seeds": World(LARGE, 3, arms=6),
    "many items, one arm, three seeds": World(LARGE, 3, arms=1),
    "many items, three alike seeds": World(800, 3, arms=6, retraining=0.01),
}


@pytest.mark.parametrize("kind", WORLDS)
def test_equal_arms_are_seldom_called_harmful_and_intervals_hold(kind):
    world = WORLDS[kind]
    found = rates(world, np.zeros(world.arms), STUDIES, MARGIN, seed=1)
    assert found.harmful <= 0.05
    assert 0.93 <= found.coverage <= 0.975


@pytest.mark.parametrize("kind", WORLDS)
def test_arms_at_the_margin_are_seldom_called_harmless(kind):
    world = WORLDS[kind]
    found = rates(world, np.full(world.arms, -MARGIN), STUDIES, MARGIN, seed=2)
    assert found.harmless <= 0.05 + NOISE
    assert 0.93 <= found.coverage <= 0.975


@pytest.mark.parametrize("kind", ["many items, one seed", "many items, three seeds", "many items, one arm, three seeds"])
def test_power_is_as_planned(kind):
    world = WORLDS[kind]
    difference, promised = seen_as_planned(world, found_parts(world, 100, seed=3))
    effects = np.array([-difference, *[0.0] * (world.arms - 1)])
    assert rates(world, effects, STUDIES, MARGIN, seed=4).seen == pytest.approx(promised, abs=0.06)


def test_the_simulation_judges_as_the_verdicts_do():
    world = World(1000, 3, arms=4, retraining=0.005)
    (scores,) = world.studies(1, np.array([-0.2, 0.0, 0.0, 0.2]), seed=5)
    estimates = [
        one.__class__(**{**vars(one), **{k: float(v[0]) for k, v in vars(one).items() if np.ndim(v)}}) for one in differences(scores, 1)
    ]
    assert [verdict.kind for verdict in verdicts(estimates, 0.12, 0.05)] == [Kind.harmful, Kind.harmless, Kind.harmless, Kind.better]


def test_the_world_has_the_differences_that_it_is_told():
    (scores,) = World(100_000, 1, arms=1, accuracy=0.8, retraining=0).studies(1, np.array([-0.1]), seed=6)
    assert scores.mean((0, 2, 3)) == pytest.approx([0.8, 0.7], abs=0.005)
