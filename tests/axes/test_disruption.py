from dataclasses import replace

import pytest
import scipy.stats  # noqa: F401  (its import takes longer than a property may)
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame

from ablate import corpora as sources
from ablate.axes import measure, summarise
from ablate.config import Data
from ablate.perturb import CorruptDigits, DeleteSteps, Donors, ReverseSteps, ShuffleSteps, SwapThought, apply
from strategies import corpora, token_ids

ALL = {
    "corrupt_digits": CorruptDigits(dose=0.5),
    "delete_steps": DeleteSteps(dose=0.5),
    "shuffle_steps": ShuffleSteps(dose=0.67),
}


def disruptions(perturbations, corpus):
    for before, (after, manifest) in zip(corpus, apply(corpus, perturbations, 0, Donors(corpus)), strict=True):
        ids = [token_ids(trace.text) for trace in (before.trace, after.trace)]
        yield measure(before.trace.text, after.trace.text, len(before.trace.steps), manifest, *ids)


@given(corpora)
def test_the_clean_arm_is_untouched_on_every_axis(corpus):
    found = list(disruptions({}, corpus))
    assert summarise(DataFrame(found)) == {
        "token_ratio": 1.0,
        "characters_changed": 0.0,
        "tokens_changed": 0.0,
        "kendall_tau": 1.0 if any(trace.kendall_tau for trace in found) else None,
        "answer_survived": 1.0,
        "surprisal": None,
    }


@given(corpora, st.sampled_from(sorted(ALL)))
def test_shares_are_shares_and_nothing_changes_unseen(corpus, kind):
    pairs = zip(corpus, apply(corpus, {kind: ALL[kind]}, 0, Donors(corpus)), disruptions({kind: ALL[kind]}, corpus), strict=True)
    for before, (after, _), found in pairs:
        assert 0 <= found.characters_changed <= 1
        assert 0 <= found.tokens_changed <= 1
        assert (found.characters_changed > 0) == (before.trace.text != after.trace.text)


@given(corpora)
def test_reversed_steps_have_tau_minus_one_and_kept_order_one(corpus):
    for found, before in zip(disruptions({"reverse_steps": ReverseSteps()}, corpus), corpus, strict=True):
        assert found.kendall_tau == (pytest.approx(-1) if len(before.trace.steps) > 1 else None)
    for found in disruptions({"delete_steps": DeleteSteps(dose=0.5)}, corpus):
        assert found.kendall_tau in (1.0, None)
    both = {"reverse_steps": ReverseSteps(), "again": ReverseSteps()}
    assert all(found.kendall_tau in (pytest.approx(1), None) for found in disruptions(both, corpus))


@given(corpora)
def test_a_foreign_thought_has_no_order(corpus):
    assert all(found.kendall_tau is None for found in disruptions({"swap_thought": SwapThought()}, corpus))


def test_the_arm_averages_traces_and_takes_the_ratio_of_totals():
    (one,) = disruptions({}, sources.load(Data(traces=1)).examples)
    short = replace(one, tokens_after=one.tokens_before // 2, characters_changed=0.5, surprisal=2.0)
    axes = summarise(DataFrame([one, short]))
    assert axes["token_ratio"] == pytest.approx((one.tokens_before + one.tokens_before // 2) / (2 * one.tokens_before))
    assert (axes["characters_changed"], axes["surprisal"]) == (0.25, 2.0)
