"""What an arm's W&B run holds is enough to compare it."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas
import pytest

from ablate.compare import read_folder
from ablate.compare.read import tracked
from ablate.compare.read.tracked import read_project
from ablate.errors import UserError
from ablate.record.files import write_json
from ablate.record.mirror import OUTCOME
from arms import write_arm, write_base, write_first_arm, write_first_base


@dataclass
class Artifact:
    """One run's outcome, a folder laid out as under `runs/`, without the answers: of all arms, or of the one it is of."""

    held: Path
    arm: str | None = None
    type: str = OUTCOME

    def download(self, root):
        left_out = shutil.ignore_patterns("samples.jsonl.gz", "traces", "model", *(["arms", "arms.json"] if self.arm else []))
        shutil.copytree(self.held, root, dirs_exist_ok=True, ignore=left_out)
        if self.arm:
            shutil.copytree(self.held / "arms" / self.arm, Path(root) / "arms" / self.arm, dirs_exist_ok=True)
            members = json.loads((self.held / "pilot" / "arms.json").read_text())["members"]
            write_json(
                Path(root) / "members" / f"{self.arm}.json", {"pilot": [pair for pair in enumerate(members) if pair[1]["arm"] == self.arm]}
            )


@dataclass
class Tracked:
    """A run as W&B's API has it."""

    name: str
    artifacts: list
    group: str = "clean-lora (1f3a9c)"
    state: str = "finished"
    tags: tuple = ("pilot", "structure")
    job_type: str = "arm"

    def logged_artifacts(self):
        return self.artifacts


def arms(study):
    return [Tracked(path.name, [Artifact(study.parent, path.name)]) for path in sorted((study.parent / "arms").iterdir())]


def write_pilot(folder, arm, base):
    study = folder / "runs" / "pilot"
    for perturb in ((), ("shuffle_steps",), ("delete_steps", "corrupt_digits")):
        arm(study, perturb, axes={"surprisal": 1.5})
    base(study)
    (study / "study.yaml").write_text("name: pilot\nmargin: 7\n")
    return study


def alike(here, there):
    assert there.study.margin == 7
    assert there.conditions == here.conditions
    assert there.conditions[0].label == "base of clean-lora"
    pandas.testing.assert_frame_equal(there.scores, here.scores)


def test_the_outcomes_of_a_study_in_w_and_b_are_those_of_its_folder(tmp_path):
    study = write_pilot(tmp_path, write_arm, write_base)
    assert tracked.download(arms(study), tmp_path / "downloaded") == {"pilot"}
    alike(read_folder(study), read_folder(tmp_path / "downloaded" / "pilot"))


def test_so_are_those_of_the_first_layout(tmp_path):
    study = write_pilot(tmp_path, write_first_arm, write_first_base)
    assert tracked.download([Tracked("any", [Artifact(study.parent)], group="pilot")], tmp_path / "downloaded") == {"pilot"}
    alike(read_folder(study), read_folder(tmp_path / "downloaded" / "pilot"))


def test_a_run_without_its_outcome_is_told_as_not_done(tmp_path):
    study = tmp_path / "runs" / "pilot"
    write_arm(study)
    runs = [*arms(study), Tracked("shuffle_steps-1-lora-s0-0123456789", [], state="crashed")]
    tracked.download(runs, tmp_path / "downloaded")
    flags = read_folder(tmp_path / "downloaded" / "pilot").flags
    assert "shuffle_steps-1-lora-s0-0123456789: left out: in W&B as crashed, without its outcome" in flags


class Api:
    """W&B's, with the runs that a filter would leave."""

    def __init__(self, runs):
        self.given = runs

    def runs(self, path, filters):
        self.asked = (path, filters)
        return self.given


def test_a_study_is_chosen_by_its_tag(tmp_path, monkeypatch):
    study = write_pilot(tmp_path, write_arm, write_base)
    given = [*arms(study), Tracked("pilot: comparison", [], job_type="compare")]
    api = Api(given)
    monkeypatch.setattr("wandb.Api", lambda timeout: api)
    alike(read_folder(study), read_project("entity/project/pilot", tmp_path / "downloaded"))
    assert api.asked == ("entity/project", {"$or": [{"tags": {"$in": ["pilot"]}}, {"group": "pilot"}]})
    alike(read_folder(study), read_project("entity/project", tmp_path / "again"))


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
