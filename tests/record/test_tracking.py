"""The real W&B, offline; its file is read back."""

import time
from dataclasses import asdict

import pandas
import pytest

from ablate import corpora, perturb
from ablate.config import Config, Data, Evaluate, Mode, Track
from ablate.evaluate.items import TaskScore
from ablate.perturb import Donors, ShuffleSteps
from ablate.record import manifest, tracking
from ablate.record.folder import RunFolder, write_json, write_rows, write_table
from offline import contents, records

PLAIN = "shuffle_steps-1_delete_steps-1-lora-s0-0123456789"
SCORES = [TaskScore("tiny_problems", 10, 0.5, 0.24, 0.76, 0.9, 120.0)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = RunFolder(tmp_path / "shuffle_steps-1+delete_steps-1-lora-s0-0123456789")
    folder.path.mkdir()
    folder.write_status(families={"shuffle_steps": "structure", "delete_steps": "structure"})
    examples = corpora.load(Data(traces=30)).examples
    perturbed = list(perturb.apply(examples, {"shuffle_steps": ShuffleSteps()}, 0, Donors(examples)))
    folder.traces.mkdir()
    write_table(folder.traces / "part-00000.parquet", manifest.table(examples, perturbed))
    write_json(folder.axes, {"token_ratio": 1.0, "surprisal": None})
    write_rows(folder.curve, [{"step": 5, "loss": 1.5, "learning_rate": 1e-3}, {"step": 10, "loss": 0.5, "learning_rate": 1e-4}])
    answer = {"task": "t", "sample": 0, "problem": "p", "accepted": ["1"], "text": "\\boxed{1}"}
    write_rows(folder.samples, [{**answer, "item": item} for item in range(50)])
    write_json(folder.tokens, {"traces": 30, "trainable": 300})
    return folder


def mirrored(folder, mode=Mode.auto):
    config = Config(study="pilot", track=Track(mode=mode, samples=7), evaluate=Evaluate(tasks=["tiny_problems"]))
    tracking.mirror(folder, asdict(config), ["structure", "shuffle_steps"], SCORES)
    assert (folder.tracked / "complete").is_file()
    files = list(folder.tracked.glob("offline-run-*/*.wandb"))
    for file in files:  # W&B's own process writes the end a moment after `finish`
        while not any(record.WhichOneof("record_type") == "exit" for record in records(file)):
            time.sleep(0.01)
    return files


def test_without_a_key_the_run_is_offline_and_holds_everything(folder):
    (file,) = mirrored(folder)
    run = contents(file)
    assert (run["run_id"], run["display_name"]) == (f"pilot-{PLAIN}", folder.path.name)
    assert (run["run_group"], run["job_type"], run["project"]) == ("pilot", "arm", "ablate")
    assert run["tags"] == ["structure", "shuffle_steps"]
    assert run["config"]["train"]["lora"]["rank"] == 64
    assert (run["config"]["arm"], run["config"]["family"]) == ("shuffle_steps-1+delete_steps-1-lora", "structure")
    assert [row["train/loss"] for row in run["history"] if "train/loss" in row] == [1.5, 0.5]
    assert run["summary"]["score/tiny_problems/accuracy"] == 0.5
    assert run["summary"]["perturb/shuffle_steps/moved"] > 3
    assert run["summary"]["tokens/trainable"] == 300
    assert run["summary"]["axes/token_ratio"] == 1.0
    (tables,) = [row for row in run["history"] if "traces/nrows" in row]
    assert (tables["traces/nrows"], tables["answers/nrows"]) == (7, 7)
    assert [(kind, paths) for name, kind, paths in run["artifacts"] if name.startswith("traces-")] == [("dataset", ["part-00000.parquet"])]


def test_writing_again_leaves_one_run(folder):
    mirrored(folder)
    assert len(mirrored(folder)) == 1


def test_a_server_out_of_reach_stops_nothing(folder, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(tracking, "PATIENCE", 3)
    (file,) = mirrored(folder)
    assert contents(file)["summary"]["score/tiny_problems/accuracy"] == 0.5


def test_a_broken_wandb_stops_nothing(folder, monkeypatch):
    import wandb

    def broken(**_):
        raise RuntimeError("no disk")

    monkeypatch.setattr(wandb, "init", broken)
    assert mirrored(folder) == []


def test_disabled_writes_no_run(folder):
    assert mirrored(folder, Mode.disabled) == []


def test_statistics_of_the_manifest(folder):
    found = manifest.statistics(pandas.read_parquet(folder.traces))
    assert found["traces"] == 30
    assert found["changed"] == found["characters_ratio"] == 1.0
    assert found["shuffle_steps/moved"] == pytest.approx(pandas.read_parquet(folder.traces)["steps_before"].mean())
