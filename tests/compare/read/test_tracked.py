"""What an arm's W&B run holds is enough to compare it."""

import shutil

import pandas
import pytest

from ablate.compare import read_folder
from ablate.compare.read import tracked
from ablate.compare.read.tracked import read_project
from ablate.errors import UserError
from ablate.record.folder import RunFolder
from ablate.record.tracking import OUTCOME, _outcome
from arms import write_first_arm, write_first_base


def test_the_artifacts_of_a_study_are_its_outcomes(tmp_path):
    study = tmp_path / "runs" / "pilot"
    folders = [
        write_first_arm(study, perturb, axes={"surprisal": 1.5}) for perturb in ((), ("shuffle_steps",), ("delete_steps", "corrupt_digits"))
    ]
    write_first_base(study)
    (study / "study.yaml").write_text("name: pilot\nmargin: 7\n")
    for folder in folders:
        artifact = _outcome(RunFolder(folder.path))
        assert artifact.type == OUTCOME
        for path, entry in artifact.manifest.entries.items():  # as Artifact.download lays them out
            target = tmp_path / "downloaded" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(entry.local_path, target)
    here, there = read_folder(study), read_folder(tmp_path / "downloaded" / "pilot")
    assert there.study.margin == 7
    assert there.conditions == here.conditions
    assert there.conditions[0].label == "base of clean-lora"
    pandas.testing.assert_frame_equal(there.scores, here.scores)


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
