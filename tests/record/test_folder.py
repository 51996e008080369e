import json

import pytest

from ablate.errors import UserError
from ablate.record.folder import RunFolder, read_rows, whole, write_rows, write_text


def test_what_has_its_name_is_whole(tmp_path):
    target = tmp_path / "result.json"

    def fail():
        with whole(target) as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    write_text(target, "old")
    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_folder_takes_the_place_of_an_old_one(tmp_path):
    target = tmp_path / "model"
    for name in ("first", "second"):
        with whole(target) as partial:
            partial.mkdir()
            (partial / name).touch()
    assert [path.name for path in target.iterdir()] == ["second"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_come_back(tmp_path, name):
    rows = [{"text": "ü\n"}, {"text": "\ud800"}]
    write_rows(tmp_path / name, rows)
    assert read_rows(tmp_path / name) == rows


def test_the_status_tells_state_times_versions_and_seconds(tmp_path):
    folder = RunFolder(tmp_path / "arm")
    with folder.locked(patient=False), folder.arm("seed: 0\n"):
        running = folder.read_status()
        with folder.stage("perturb"):
            assert folder.read_status()["stage"] == "perturb"
    assert folder.read_status()["state"] == "stopped"
    with folder.locked(patient=False), folder.arm("seed: 0\n"):
        folder.tracked.mkdir()
        write_text(folder.tracked / "complete", "")
    done = folder.read_status()
    assert (running["state"], done["state"], done["stage"]) == ("running", "done", None)
    assert done["started"] <= done["ended"]
    assert set(done["seconds"]) == {"perturb"}
    assert "torch" in done["versions"]
    assert "commit" in done
    assert folder.config.read_text() == "seed: 0\n"


def test_a_failed_stage_leaves_its_name_and_traceback(tmp_path):
    folder = RunFolder(tmp_path / "arm")
    with pytest.raises(ZeroDivisionError), folder.locked(patient=False), folder.arm(""), folder.stage("train"):
        1 / 0  # noqa: B018
    status = json.loads(folder.status.read_text())
    assert (status["state"], status["stage"]) == ("failed", "train")
    assert "ZeroDivisionError" in status["traceback"]
    with folder.locked(patient=False), folder.arm(""):
        pass
    assert folder.read_status()["traceback"] is None


def test_an_arm_is_run_by_one_process_at_a_time_and_its_leftovers_go(tmp_path):
    folder = RunFolder(tmp_path / "arm")
    with folder.locked(patient=False):
        (folder.path / ".model.partial-99").mkdir()
        with pytest.raises(UserError, match="another process is running this arm"), folder.locked(patient=False):
            pass
    with folder.locked(patient=True):
        assert [path.name for path in folder.path.iterdir()] == [".lock"]
