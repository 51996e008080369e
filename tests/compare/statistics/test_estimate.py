"""The estimates agree with the textbook where it has the case, and behave beyond."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from ablate.compare.statistics.estimate import combine, retraining

PAIR = np.array([-1.0, 1.0])


def pair(clean, arm):
    """Two conditions (seed, item)."""
    return [np.stack([np.atleast_2d(clean), np.atleast_2d(arm)]).astype(float)]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=5, max_size=40))
def test_at_one_seed_and_few_items_the_p_value_is_mcnemars(answers):
    clean, arm = np.array(answers).T
    only_clean, only_arm = int((clean & ~arm).sum()), int((arm & ~clean).sum())
    estimate = combine(pair(clean, arm), PAIR, [1.0], None)
    exact = mcnemar([[0, only_clean], [only_arm, 0]], exact=True).pvalue if only_clean + only_arm > 1 else 1.0
    assert estimate.p_value() == pytest.approx(exact, abs=1e-9 if only_clean + only_arm <= 13 else 0.03)


def test_at_one_seed_and_many_items_it_is_the_paired_t_test():
    random = np.random.default_rng(0)
    clean, arm = random.random((2, 3000)) < [[0.6], [0.57]]
    estimate = combine(pair(clean, arm), PAIR, [1.0], None)
    textbook = stats.ttest_rel(arm.astype(float), clean.astype(float))
    assert estimate.p_value() == pytest.approx(textbook.pvalue, rel=0.02)
    assert estimate.interval() == pytest.approx(tuple(textbook.confidence_interval()), abs=2e-4)


def test_items_that_happen_to_agree_do_not_prove_equivalence():
    same = np.ones(30)
    estimate = combine(pair(same, same), PAIR, [1.0], None)
    low, high = estimate.interval()
    assert low < -0.05
    assert high > 0.05
    assert estimate.p_equivalent(0.03) > 0.05
    assert estimate.p_value() == 1.0


def test_a_condition_that_was_not_scored_changes_nothing_for_the_others():
    random = np.random.default_rng(0)
    two = (random.random((2, 1, 40)) < 0.6).astype(float)
    three = np.concatenate([two, np.full((1, 1, 40), np.nan)])
    alone, beside = combine([two], PAIR, [1.0], None), combine([three], np.array([-1.0, 1.0, 0.0]), [1.0], None)
    assert (alone.p_value(), alone.se) == (beside.p_value(), beside.se)


def runs(seed_spread, conditions=8, seeds=3, items=2000, seed=1):
    random = np.random.default_rng(seed)
    level = 0.6 + seed_spread * random.standard_normal((conditions, seeds, 1))
    return [(random.random((conditions, seeds, items)) < level).astype(float)]


def test_seeds_that_differ_widen_the_interval_and_lower_the_degrees_of_freedom():
    weights = np.eye(8)[1] - np.eye(8)[0]
    ran = np.ones((8, 3), bool)
    still, moving = (combine(v, weights, [1.0], retraining(v, ran, [1.0], True)) for v in (runs(0.0), runs(0.05)))
    assert moving.retrainings == pytest.approx(2 * 0.05**2 / 3, rel=0.5)
    assert still.retrainings < 0.1 * moving.retrainings
    assert moving.se > 2.5 * still.se
    assert moving.df < 20


def test_what_a_seed_does_to_all_arms_alike_cancels():
    random = np.random.default_rng(3)
    level = 0.6 + 0.1 * random.standard_normal((1, 3, 1)) + np.zeros((8, 1, 1))
    values = [(random.random((8, 3, 5000)) < level).astype(float)]
    ran = np.ones((8, 3), bool)
    assert retraining(values, ran, [1.0], True).logits < 0.1 * retraining(values, ran, [1.0], False).logits


def test_an_arm_whose_seeds_lie_apart_is_taken_by_its_own():
    values = runs(0.005, conditions=12)
    values[0][5] = (np.random.default_rng(2).random((3, 2000)) < np.array([[0.4], [0.6], [0.8]])).astype(float)
    between = retraining(values, np.ones((12, 3), bool), [1.0], True)
    wild, calm = (combine(values, np.eye(12)[arm] - np.eye(12)[0], [1.0], between) for arm in (5, 6))
    assert wild.retrainings > 0.2**2 / 3 * 0.8
    assert wild.df < 4
    assert wild.se > 2 * calm.se


def test_an_arm_at_the_floor_moves_with_no_seed():
    values = runs(0.05)
    values[0][3] = 0.0
    between = retraining(values, np.ones((8, 3), bool), [1.0], True)
    assert between.scale[3] < 1e-4 * between.scale[4]


def test_one_seed_says_nothing_about_retraining():
    assert retraining(runs(0.05, seeds=1), np.ones((8, 1), bool), [1.0], True) is None
    assert not combine(pair([1, 0, 1], [0, 0, 1]), PAIR, [1.0], None).covers_retraining


def test_more_answers_per_item_narrow_the_interval():
    random = np.random.default_rng(0)
    ease = random.random(300)
    se = [float(combine([random.binomial(samples, ease, (2, 1, 300)) / samples], PAIR, [1.0], None, samples).se) for samples in (1, 4, 16)]
    assert se[0] > 1.5 * se[1] > 2 * se[2]
