"""Which settings reach which stage, and so which arm is which."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hydra import compose, initialize_config_module

from ablate import config, stages
from ablate.cli import plugins
from ablate.config import Config
from ablate.corpora import Corpus
from ablate.perturb import build
from ablate.record.keys import DEFAULTS
from ablate.stages import STAGES, PlannedArm
from ablate.study import members

config.register()
plugins.register()

EXECUTION = {
    "dose": "reaches an arm through its perturbations",
    "study": "a study has members",
    "runs": "where results go",
    "until": "how far",
    "data": "what counts of it is the corpus that is read",
    "model.path": "what counts of it is the student's key",
    "model.revision": "what counts of it is the student's key",
    "train.per_device_batch_size": "how much at once",
    "train.strategy": "over which processes",
    "train.processes": "over which processes",
    "train.save_steps": "how often",
    "train.gradient_checkpointing": "memory for time",
    "train.lora.learning_rate": "stands in train.learning_rate",
    "train.full.learning_rate": "stands in train.learning_rate",
    "evaluate.tasks": "how much is scored",
    "evaluate.limit": "how much is scored",
    "evaluate.num_samples": "how much is scored",
    "evaluate.batch_size": "how much at once",
    "evaluate.copies": "what they hold is in a task's key",
    "evaluate.revisions": "stand in a task's key",
    "evaluate.include_path": "what it holds is in a task's key",
    "evaluate.engine.python": "where vLLM is",
    "evaluate.engine.tensor_parallel_size": "over which devices",
    "evaluate.engine.data_parallel_size": "over which devices",
    "evaluate.engine.max_loras": "how much at once",
    "evaluate.engine.max_model_len": "memory",
    "evaluate.engine.concurrency": "how much at once",
    "evaluate.engine.timeout": "patience",
    "evaluate.engine.api_key_variable": "where a key is",
    "track": "the mirror",
}


def composed(*overrides: str) -> Config:
    with initialize_config_module("ablate.conf", version_base="1.3"):
        return config.read(compose("config", list(overrides)))


def arm(*overrides: str, data: str = "data", student: str = "student") -> PlannedArm:
    settings = composed(*overrides)
    return PlannedArm(settings, build(settings.perturb), Corpus([], [], [], data), student, STAGES)


def test_every_setting_is_read_by_a_stage_or_is_known_to_change_no_result():
    """A new setting has to be put somewhere."""
    known = {key for key in DEFAULTS if any(key == head or key.startswith(f"{head}.") for head in EXECUTION)}
    assert set(stages.execution_settings()) == known


def test_the_same_condition_is_the_same_arm_whoever_asks_for_it_and_however_it_runs():
    one = arm("+perturb=shuffle_steps", "dose=0.33")
    same = [
        ["perturb=[shuffle_steps]", "perturb.shuffle_steps.dose=0.33", "study=other", "track=disabled", "runs=runs"],
        ["+perturb=shuffle_steps", "dose=0.33", "train/strategy=zero3", "train.processes=2", "train.per_device_batch_size=5"],
        ["+perturb=shuffle_steps", "dose=0.33", "data.workers=2", "data.path=elsewhere", "until=train", "axes.surprisal=5"],
        ["+perturb=shuffle_steps", "dose=0.33", "evaluate.tasks=[tiny_skills]", "evaluate.limit=3", "evaluate.batch_size=1"],
        ["+perturb=shuffle_steps", "dose=0.33", "evaluate.temperature=0.7", "evaluate.num_samples=4", "evaluate.max_new_tokens=9"],
    ]
    for overrides in same:
        other = arm(*overrides)
        assert other.folder == one.folder
        assert {**other.card(), "data_setting": {}} == {**one.card(), "data_setting": {}}


@pytest.mark.parametrize(
    "change",
    [
        ["dose=0.34"],
        ["seed=1"],
        ["train=full"],
        ["train.epochs=4"],
        ["train.max_length=99"],
        ["model.dtype=bfloat16"],
        ["train.packing=true"],
    ],
)
def test_what_changes_the_trained_student_makes_another_arm(change):
    assert arm("+perturb=shuffle_steps", "dose=0.33", *change).folder != arm("+perturb=shuffle_steps", "dose=0.33").folder


def test_other_data_and_another_student_make_another_arm():
    folders = {arm().folder.path, arm(data="other").folder.path, arm(student="other").folder.path}
    assert len(folders) == 3


def test_the_clean_arm_has_no_dose_and_matches_itself():
    perturbed = arm("+perturb=shuffle_steps", "dose=0.33", "train.match=tokens")
    assert perturbed.clean.folder == arm("dose=0.9").folder == arm("train.match=tokens").folder
    assert perturbed.folder != arm("+perturb=shuffle_steps", "dose=0.33").folder
    assert perturbed.card()["match"] == {"train.match": "tokens"}
    assert perturbed.card()["setting"] == perturbed.clean.card()["setting"]


def test_what_is_not_used_does_not_count():
    assert arm("train=full").folder == arm("train=full", "train.lora.rank=3").folder != arm("train.lora.rank=3").folder
    assert arm("+perturb=shuffle_steps", "perturb.shuffle_steps.interior=false").folder == arm("+perturb=shuffle_steps").folder
    assert arm("+perturb=shuffle_steps", "perturb.shuffle_steps.interior=true").folder != arm("+perturb=shuffle_steps").folder


def test_the_order_of_perturbations_counts():
    assert arm("perturb=[shuffle_steps,delete_steps]").folder != arm("perturb=[delete_steps,shuffle_steps]").folder


def test_a_perturbation_of_ones_own_is_known_by_its_source(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    imports = "from dataclasses import dataclass\nfrom ablate.perturb import Perturbation\n"
    source = f"{imports}@dataclass(frozen=True)\nclass Own(Perturbation):\n    family = 'content'\n"
    folders = []
    for number in ("1", "2"):
        (tmp_path / f"own{number}.py").write_text(f"{source}    version = {number}\n")
        settings = replace(composed(), perturb={"own": {"_target_": f"own{number}.Own", "dose": 1.0}})
        folders.append(STAGES[0].settings(settings)["perturb"][0][-1])
    assert folders[0] != folders[1]


def test_names_say_perturbation_dose_method_and_seed():
    assert arm("+perturb=shuffle_steps", "dose=0.33").name.startswith("shuffle_steps-0.33-lora-s0-")
    both = arm("perturb=[delete_steps,corrupt_digits]", "seed=2", "train=full")
    assert both.name.startswith("delete_steps-1+corrupt_digits-1-full-s2-")
    assert arm().name.startswith("clean-lora-s0-")


def test_the_untrained_student_is_scored_once_for_all_arms():
    first, second = arm("+perturb=shuffle_steps"), arm("train=full", "seed=1")
    assert first.untrained == second.untrained != arm(student="other").untrained
    assert first.untrained != arm("model.system_prompt=Think.").untrained


def test_greedy_answers_have_no_seed_and_sampled_ones_have_one():
    def key(*overrides):
        (scores,) = members.member_of(arm("evaluate.tasks=[tiny_problems]", *overrides))["scores"]
        return scores["key"]

    assert key() == key("seed=1") == key("evaluate.limit=5") == key("+perturb=shuffle_steps")
    sampled = ["evaluate.temperature=0.7", "evaluate.num_samples=2"]
    assert len({key(), key(*sampled), key(*sampled, "seed=1"), key("evaluate.max_new_tokens=7")}) == 4
    assert key(*sampled) == key("evaluate.temperature=0.7")


def test_a_card_holds_what_json_can_hold_and_says_what_the_arm_is():
    card = arm("+perturb=shuffle_steps", "dose=0.33", "seed=2", "data.traces=40").card()
    assert json.loads(json.dumps(card)) == card
    assert (card["label"], card["seed"], card["families"]) == ("shuffle_steps-0.33-lora", 2, {"shuffle_steps": "structure"})
    assert card["data_setting"]["data.traces"] == 40
    assert "seed" not in card["setting"]
    assert Path(arm().folder.path).name.endswith(arm().card()["id"])
