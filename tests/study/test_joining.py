"""Which entries a study has of an arm that is planned again and again."""

import pytest

from ablate.corpora import Corpus
from ablate.library import compose
from ablate.perturb import build
from ablate.record.members import read
from ablate.stages import STAGES, PlannedArm
from ablate.study import members

VLLM = ["evaluate/engine=vllm"]


@pytest.fixture
def joined(tmp_path):
    """Join an arm with these settings; the study's entries after it."""

    def join(*overrides):
        config = compose([f"runs={tmp_path}", "study=s", "+perturb=shuffle_steps", *overrides])
        members.join([PlannedArm(config, build(config.perturb), Corpus([], [], [], "data"), "student", STAGES)])
        return read(tmp_path / "s")

    return join


@pytest.mark.parametrize("overrides", [[], VLLM, ["evaluate.temperature=0.7"], ["until=train"]])
def test_the_same_plan_is_one_entry(joined, overrides):
    assert joined(*overrides) == joined(*overrides)
    assert len(joined(*overrides)) == 1


def test_an_arm_that_was_only_to_be_trained_gives_way_to_how_it_is_scored_and_does_not_come_back(joined):
    (trained,) = joined("until=train")
    assert trained["scores"] == []
    (scored,) = joined(*VLLM)
    assert len(scored["scores"]) == 3
    assert joined(*VLLM, "until=train") == [scored]


def test_two_ways_of_scoring_are_two_entries(joined):
    joined()
    assert len(joined(*VLLM)) == 2


def test_more_items_are_planned_in_place_of_fewer(joined):
    joined("evaluate.limit=5")
    (entry,) = joined("evaluate.limit=9")
    assert {task["limit"] for task in entry["scores"]} == {9}
