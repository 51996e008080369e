import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate import perturb
from ablate.errors import UserError
from ablate.perturb import (
    DeleteSteps,
    Donors,
    Edits,
    EmptyThought,
    InsertSteps,
    RepeatSteps,
    ReverseSteps,
    ShuffleSteps,
    SwapThought,
    Truncate,
)
from ablate.perturb.origins import Origin, step_origins
from strategies import corpora

# Each leaves every step's text as it was, so that its origin can be told by it.
STRUCTURE = {
    kind.__name__: kind for kind in (DeleteSteps, EmptyThought, InsertSteps, RepeatSteps, ReverseSteps, ShuffleSteps, SwapThought, Truncate)
}
chains = st.lists(st.sampled_from(sorted(STRUCTURE)), min_size=1, max_size=4, unique=True)


@given(corpora, chains, st.sampled_from([0.2, 0.5, 0.8]), st.integers(0, 3))
def test_every_step_has_the_text_of_its_origin_through_any_chain(corpus, names, dose, seed):
    chain = {name: STRUCTURE[name](dose=dose) for name in names}
    by_id = {example.id: example for example in corpus}
    for before, (after, manifest) in zip(corpus, perturb.apply(corpus, chain, seed, Donors(corpus)), strict=True):
        origins = step_origins(len(before.trace.steps), manifest)
        assert len(origins) == len(after.trace.steps)
        for step, origin in zip(after.trace.steps, origins, strict=True):
            source = before if origin.donor is None else by_id[origin.donor]
            assert step == source.trace.steps[origin.step]
        places = [origin.place for origin in origins if origin.place is not None]
        assert places == sorted(places)


def test_what_slides_up_after_a_removal_has_not_moved():
    origins = step_origins(4, [Edits("delete", removed=(1,), steps_before=4, steps_after=3)])
    assert origins == (Origin(0, None, 0), Origin(2, None, 2), Origin(3, None, 3))
    assert not any(origin.moved for origin in origins)


def test_two_moves_that_undo_each_other_leave_nothing_moved():
    swap = Edits("swap", moved=((0, 1), (1, 0)), steps_before=3, steps_after=3)
    assert [origin.moved for origin in step_origins(3, [swap])] == [True, True, False]
    assert not any(origin.moved for origin in step_origins(3, [swap, swap]))


def test_steps_of_a_foreign_thought_keep_their_donor_when_they_move():
    swapped = Edits("swap_thought", thought_of="other", steps_before=5, steps_after=2)
    moved = Edits("shuffle", moved=((0, 1), (1, 0)), steps_before=2, steps_after=2)
    assert step_origins(5, [swapped, moved]) == (Origin(1, "other", None), Origin(0, "other", None))


def test_a_manifest_that_hides_a_step_is_named():
    with pytest.raises(UserError, match=r"perturb\.mine: its manifest accounts for 3 steps, the perturbed trace has 4"):
        step_origins(3, [Edits("mine", steps_before=3, steps_after=4)])
