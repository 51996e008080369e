import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate.config import MatchBy
from ablate.train.match import match_tokens

lengths = st.lists(st.tuples(st.integers(50, 200), st.integers(10, 400)), min_size=20, max_size=60)


@given(lengths, st.integers(0, 3))
def test_epochs_make_up_for_the_length(pairs, seed):
    clean, perturbed = zip(*pairs, strict=True)
    matched = match_tokens([str(at) for at in range(len(pairs))], clean, perturbed, 3, MatchBy.epochs, seed)
    assert matched.positions == list(range(len(pairs)))
    assert matched.epochs * sum(perturbed) == pytest.approx(3 * sum(clean))


@given(lengths, st.integers(0, 3))
def test_sampling_comes_within_one_trace(pairs, seed):
    clean, perturbed = zip(*pairs, strict=True)
    matched = match_tokens([str(at) for at in range(len(pairs))], clean, perturbed, 3, MatchBy.sampling, seed)
    assert matched.epochs == 3
    assert abs(sum(perturbed[at] for at in matched.positions) - sum(clean)) <= max(perturbed)
    counts = {matched.positions.count(at) for at in range(len(pairs))}
    assert max(counts) - min(counts) <= 1


def test_an_arm_of_the_same_length_is_left_alone():
    for by in MatchBy:
        assert match_tokens(["a", "b"], [5, 7], [6, 6], 3, by, 0).positions == [0, 1]
