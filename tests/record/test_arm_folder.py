"""The state of an arm, as its folder keeps it."""

import json

import pytest

from ablate.record.arm_folder import ArmFolder
from ablate.record.provenance import Making


def test_a_run_that_fails_leaves_its_stage_and_traceback_until_the_next(tmp_path):
    folder = ArmFolder(tmp_path / "arm")
    folder.path.mkdir()
    folder.write_status(stage="train", seconds={"perturb": 1.0})
    with pytest.raises(ZeroDivisionError), folder.running():
        1 / 0  # noqa: B018
    status = json.loads(folder.status.read_text())
    assert (status["state"], status["stage"]) == ("failed", "train")
    assert "ZeroDivisionError" in status["traceback"]

    def interrupted():
        with folder.running():
            assert folder.read_status()["traceback"] is None
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert folder.read_status()["state"] == "interrupted"
    assert folder.read_status()["seconds"] == {"perturb": 1.0}


def test_a_result_says_what_made_it():
    made = Making("train", 3, {"seed": 1}, {"perturb": "abc"}).provenance(training={"processes": 2})
    assert (made["stage"], made["version"], made["settings"], made["inputs"]) == ("train", 3, {"seed": 1}, {"perturb": "abc"})
    assert made["key"] == Making("train", 3, {"seed": 1}, {"perturb": "abc"}).key
    assert made["started"] <= made["ended"]
    assert {"torch", "lm-eval"} <= set(made["versions"])
    assert "commit" in made
    assert 0 <= made["seconds"] < 60
    assert made["training"] == {"processes": 2}
