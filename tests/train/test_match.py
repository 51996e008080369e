import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame

from ablate.config import MatchBy, Train
from ablate.train.match import match_tokens

lengths = st.lists(st.tuples(st.integers(50, 200), st.integers(10, 400)), min_size=20, max_size=60)


def matched(pairs, by, seed=0):
    traces = DataFrame({"id": [str(at) for at in range(len(pairs))]})
    chosen, epochs = match_tokens(traces, *zip(*pairs, strict=True), Train(epochs=3, match_by=by), seed)
    return [int(name) for name in chosen["id"]], epochs


@given(lengths)
def test_epochs_make_up_for_the_length(pairs):
    clean, perturbed = zip(*pairs, strict=True)
    chosen, epochs = matched(pairs, MatchBy.epochs)
    assert chosen == list(range(len(pairs)))
    assert epochs * sum(perturbed) == pytest.approx(3 * sum(clean))


@given(lengths, st.integers(0, 3))
def test_sampling_comes_within_one_trace(pairs, seed):
    clean, perturbed = zip(*pairs, strict=True)
    chosen, epochs = matched(pairs, MatchBy.sampling, seed)
    assert epochs == 3
    assert abs(sum(perturbed[at] for at in chosen) - sum(clean)) <= max(perturbed)
    counts = {chosen.count(at) for at in range(len(pairs))}
    assert max(counts) - min(counts) <= 1


def test_an_arm_of_the_same_length_is_left_alone():
    for by in MatchBy:
        assert matched([(5, 6), (7, 6)], by) == ([0, 1], 3)
