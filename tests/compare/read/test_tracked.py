"""What an arm's W&B run holds is enough to compare it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas
import pytest

from ablate.compare import read_folder
from ablate.compare.read import tracked
from ablate.compare.read.tracked import read_project
from ablate.errors import UserError
from ablate.record.tracking import OUTCOME
from arms import write_arm, write_base, write_first_arm, write_first_base


@dataclass
class Artifact:
    """One run's outcome, a folder laid out as under `runs/`, without the answers."""

    held: Path
    type: str = OUTCOME

    def download(self, root):
        shutil.copytree(self.held, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("samples.jsonl.gz", "traces", "model"))


@dataclass
class Tracked:
    """A run as W&B's API has it."""

    name: str
    artifacts: list
    group: str = "pilot"
    state: str = "finished"

    def logged_artifacts(self):
        return self.artifacts


@pytest.mark.parametrize(("arm", "base"), [(write_arm, write_base), (write_first_arm, write_first_base)])
def test_the_outcomes_of_a_study_in_w_and_b_are_those_of_its_folder(tmp_path, arm, base):
    study = tmp_path / "runs" / "pilot"
    for perturb in ((), ("shuffle_steps",), ("delete_steps", "corrupt_digits")):
        arm(study, perturb, axes={"surprisal": 1.5})
    base(study)
    (study / "study.yaml").write_text("name: pilot\nmargin: 7\n")
    tracked.download([Tracked("arms", [Artifact(study.parent)])], tmp_path / "downloaded")
    here, there = read_folder(study), read_folder(tmp_path / "downloaded" / "pilot")
    assert there.study.margin == 7
    assert there.conditions == here.conditions
    assert there.conditions[0].label == "base of clean-lora"
    pandas.testing.assert_frame_equal(there.scores, here.scores)


def test_a_run_without_its_outcome_is_told_as_not_done(tmp_path):
    study = tmp_path / "runs" / "pilot"
    write_arm(study)
    runs = [Tracked("clean", [Artifact(study.parent)]), Tracked("shuffle_steps-1-lora-s0-0123456789", [], state="crashed")]
    tracked.download(runs, tmp_path / "downloaded")
    flags = read_folder(tmp_path / "downloaded" / "pilot").flags
    assert "shuffle_steps-1-lora-s0-0123456789: left out: in W&B as crashed, without its outcome" in flags


@pytest.mark.parametrize("address", ["entity", "/project", "entity/"])
def test_an_address_has_an_entity_and_a_project(tmp_path, address):
    with pytest.raises(UserError, match="expected wandb:ENTITY/PROJECT"):
        read_project(address, tmp_path)


def test_a_server_out_of_reach_is_one_message(tmp_path, monkeypatch):
    monkeypatch.setattr(tracked, "PATIENCE", 3)
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="wandb:entity/project: "):
        read_project("entity/project", tmp_path)
