"""`ablate runs`: the arms there are, and what W&B lacks of them."""

import json
import os

import pytest

from ablate.cli.runs import main
from ablate.config import Config, Track, as_yaml
from arms import write_arm


@pytest.fixture
def runs(tmp_path, monkeypatch):
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    for study, perturb in (("pilot", ()), ("pilot", ("shuffle_steps",)), ("other", ("delete_steps",))):
        arm = write_arm(tmp_path / "runs" / study, perturb)
        (arm.path / "config.yaml").write_text(as_yaml(Config(track=Track(mode="offline"))))
    return tmp_path / "runs"


def test_arms_are_listed_with_their_studies_scores_and_what_wandb_lacks(runs, capsys):
    assert main(["--runs", str(runs)]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[0].partition("-lora")[0] for line in shown.splitlines()[1:4]] == ["clean", "delete_steps-1", "shuffle_steps-1"]
    assert "pilot" in shown
    assert "sums" in shown
    assert "study" in shown


def test_arms_are_chosen_by_name_or_study(runs, capsys):
    assert main(["pilot", "--runs", str(runs)]) == 0
    assert "delete_steps" not in capsys.readouterr().out
    assert main(["delete", "--runs", str(runs)]) == 0
    assert "clean" not in capsys.readouterr().out
    assert main(["pilo", "--runs", str(runs)]) == 2
    assert "found no arm and no study 'pilo'. Did you mean pilot?" in capsys.readouterr().err
    assert main(["--runs", str(runs / "none")]) == 2
    assert "found no arm; python -m ablate runs one" in capsys.readouterr().err


def test_syncing_mirrors_what_lacks_and_says_what_could_not_be_sent(runs, capsys):
    assert main(["sync", "other", "--runs", str(runs)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("delete_steps-1-lora-s0-")
    assert "wandb sync: " in shown
    (mirrored,) = runs.glob("arms/delete_steps*/wandb/mirrored.json")
    assert "study other" in json.loads(mirrored.read_text())["parts"]
    assert not list(runs.glob("arms/clean*/wandb")), os.listdir(runs)
