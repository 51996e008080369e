"""The real W&B, offline; its files are read back."""

import json
import time

import pandas
import pytest
import wandb

from ablate import corpora, perturb
from ablate.config import Config, Data, Mode, Track, as_yaml
from ablate.perturb import Donors, ShuffleSteps
from ablate.record import live, manifest, tracking
from ablate.record.arm_folder import ArmFolder, ScoresFolder
from ablate.record.files import write_json, write_rows, write_table, write_text
from ablate.record.mirror import mirror, missing
from ablate.record.tracked_arm import TrackedArm, condition, tags
from offline import contents, records

NAME = "shuffle_steps-1+delete_steps-1-lora-s0-0123456789"
KEY = "5ecre7" + "0" * 34


def write_scores(folder, task, extents=((None, 1),), started="2026-01-01", items=10):
    scores = ScoresFolder(folder.scores / f"{task}-aaaaaaaaaa")
    scores.path.mkdir(parents=True, exist_ok=True)
    rows = [{"task": task, "item": at, "sample": 0, "correct": at % 2 == 0, "finished": True, "tokens": 7} for at in range(items)]
    write_table(scores.items, pandas.DataFrame(rows))
    answer = {"task": task, "sample": 0, "problem": "p", "accepted": ["1"], "text": "\\boxed{1}", "finished": True, "tokens": 7}
    write_rows(scores.samples, [{**answer, "item": item} for item in range(items)])
    write_json(scores.provenance, {"task": task, "key": "k", "extents": [list(each) for each in extents], "started": started})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = ArmFolder(tmp_path / "runs" / "arms" / NAME)
    folder.traces.mkdir(parents=True)
    perturbations = {"shuffle_steps": {"dose": 1.0}, "delete_steps": {"dose": 1.0}}
    card = {
        "id": "0123456789",
        "label": "shuffle_steps-1+delete_steps-1-lora",
        "seed": 0,
        "perturb": perturbations,
        "data": "d",
        "student": "s",
    }
    card |= {"families": dict.fromkeys(perturbations, "structure"), "student_folder": "base", "match": {}}
    write_json(folder.card, {**card, "setting": {"train.epochs": 3}, "data_setting": {"data.traces": 30}})
    write_text(folder.config, as_yaml(Config(perturb=perturbations)))
    folder.write_status(state="running")
    examples = corpora.load(Data(traces=30)).examples
    perturbed = list(perturb.apply(examples, {"shuffle_steps": ShuffleSteps()}, 0, Donors(examples)))
    write_table(folder.traces / "part-00000.parquet", manifest.table(examples, perturbed))
    (folder.axes / "k").mkdir(parents=True)
    write_json(folder.axes / "k" / "axes.json", {"token_ratio": 1.0, "surprisal": None})
    write_rows(folder.curve, [{"step": 5, "loss": 1.5, "learning_rate": 1e-3}, {"step": 10, "loss": 0.5, "learning_rate": 1e-4}])
    write_json(folder.tokens, {"traces": 30, "trainable": 300})
    folder.model.mkdir()
    write_scores(folder, "tiny_problems")
    for study in ("pilot", "other"):
        member = {"arm": NAME, "student": "base", "axes": "k", "setting": {}, "scores": []}
        write_json(folder.path.parent.parent / study / "arms.json", {"study": study, "members": [member, {**member, "arm": "another"}]})
    return folder


def arm(folder, mode=Mode.auto, studies=("pilot",)):
    return TrackedArm(folder, tuple(studies), Track(mode=mode, samples=7))


def segments(folder):
    """What each segment of the run holds, in order."""
    files = sorted(folder.tracked.glob("offline-run-*/*.wandb"))
    for file in files:  # W&B's own process writes the end a moment after `finish`
        while not any(record.WhichOneof("record_type") == "exit" for record in records(file)):
            time.sleep(0.01)
    return [contents(file) for file in files]


def test_without_a_key_the_run_is_offline_and_holds_everything(folder):
    assert mirror(arm(folder)) == []
    assert missing(arm(folder)) == []
    (run,) = segments(folder)
    assert (run["run_id"], run["display_name"]) == ("0123456789", NAME)
    assert (run["job_type"], run["project"]) == ("arm", "ablate")
    assert run["tags"] == ["pilot", "structure", "shuffle_steps", "delete_steps"]
    assert run["config"]["train"]["lora"]["rank"] == 64
    assert run["config"]["arm"] == run["run_group"]
    assert run["config"]["arm"].startswith("shuffle_steps-1+delete_steps-1-lora (30 traces, ")
    assert (run["config"]["family"], run["config"]["condition"]) == ("structure", {"train.epochs": 3, "data.traces": 30})
    assert [row["train/loss"] for row in run["history"] if "train/loss" in row] == [1.5, 0.5]
    assert run["summary"]["score/tiny_problems/accuracy"] == 0.5
    assert run["summary"]["perturb/shuffle_steps/moved"] > 3
    assert run["summary"]["tokens/trainable"] == 300
    assert run["summary"]["axes/token_ratio"] == 1.0
    assert [row["traces/nrows"] for row in run["history"] if "traces/nrows" in row] == [7]
    assert [row["answers/tiny_problems/nrows"] for row in run["history"] if "answers/tiny_problems/nrows" in row] == [5]
    assert [(kind, paths) for name, kind, paths in run["artifacts"] if name.startswith("traces-")] == [("dataset", ["part-00000.parquet"])]


def test_the_outcome_is_laid_out_as_under_runs_with_what_each_study_planned_of_this_arm_alone(folder):
    mirror(arm(folder, studies=("pilot", "other")))
    ((_, _, paths),) = [artifact for artifact in segments(folder)[0]["artifacts"] if artifact[1] == "outcome"]
    assert f"members/{NAME}.json" in paths
    assert {f"arms/{NAME}/{name}" for name in ("arm.json", "config.yaml", "status.json", "tokens.json", "axes/k/axes.json")} <= set(paths)
    assert {f"arms/{NAME}/scores/tiny_problems-aaaaaaaaaa/{name}" for name in ("items.parquet", "provenance.json")} <= set(paths)


def test_what_is_there_is_not_written_again_and_what_is_added_goes_to_a_further_segment_of_the_same_run(folder):
    mirror(arm(folder))
    write_scores(folder, "tiny_skills", started="2026-01-02")
    write_scores(folder, "tiny_problems", extents=((None, 2),), items=6)
    lacks = missing(arm(folder, studies=("other", "pilot")))
    assert [part.partition(" ")[0] for part in lacks] == ["study", "scores", "scores"]
    assert mirror(arm(folder, studies=("other", "pilot"))) == []
    first, second = segments(folder)
    assert first["run_id"] == second["run_id"]
    assert not [row for row in second["history"] if "train/loss" in row]
    assert {name for name in second["summary"] if name.endswith("accuracy")} == {
        "score/tiny_problems/accuracy",
        "score/tiny_skills/accuracy",
    }
    assert set(second["tags"]) >= {"pilot", "other"}
    assert missing(arm(folder, studies=("other", "pilot"))) == []


def test_disabled_writes_no_run_and_a_later_mode_writes_all_of_it(folder):
    assert mirror(arm(folder, Mode.disabled)) == []
    assert segments(folder) == []
    assert "training" in missing(arm(folder, Mode.disabled))
    mirror(arm(folder, Mode.offline))
    assert segments(folder)[0]["summary"]["score/tiny_problems/accuracy"] == 0.5


def test_a_server_out_of_reach_stops_nothing(folder, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(tracking, "PATIENCE", 3)
    with live.live(arm(folder)) as run:
        run.log({"step": 1, "loss": 2.0})
        assert mirror(arm(folder)) == []
    assert segments(folder)[-1]["summary"]["score/tiny_problems/accuracy"] == 0.5
    held = [path for path in folder.path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert held == [], "the key stands in a file"


def test_a_broken_wandb_stops_nothing_and_says_what_it_did_not_take(folder, monkeypatch):
    monkeypatch.setattr(wandb.Run, "log", lambda *_, **__: (_ for _ in ()).throw(ValueError("no tables today\nat all")))
    assert mirror(arm(folder)) == ["training: no tables today", "scores tiny_problems-aaaaaaaaaa [[null, 1]]: no tables today"]
    assert [part.partition(" ")[0] for part in missing(arm(folder))] == ["training", "scores"]
    monkeypatch.undo()
    assert mirror(arm(folder)) == []
    assert missing(arm(folder)) == []

    def broken(**_):
        raise RuntimeError("no disk")

    monkeypatch.setattr(wandb, "init", broken)
    write_scores(folder, "tiny_skills")
    assert mirror(arm(folder)) == ["W&B could not be reached, and did not write offline either"]


@pytest.fixture
def online(monkeypatch):
    """As if a server were there: what would go to it is written to a file."""
    init = wandb.init
    monkeypatch.setattr(wandb, "init", lambda **given: init(**{**given, "mode": "offline", "resume": None}))
    monkeypatch.setenv("WANDB_API_KEY", KEY)


def test_the_stage_and_the_loss_are_in_the_run_while_it_trains_and_are_not_written_twice(folder, online):
    with live.live(arm(folder)) as run:
        run.stage("train")
        for step in (5, 10):
            run.log({"step": step, "loss": 3.0 / step, "tokens_per_second": 100.0})
        mirror(arm(folder))
    (whole,) = segments(folder)
    assert [row["train/step"] for row in whole["history"] if "train/loss" in row] == [5, 10]
    assert {row["train/tokens_per_second"] for row in whole["history"] if "train/loss" in row} == {100.0}
    assert whole["summary"]["stage"] is None
    assert whole["summary"]["score/tiny_problems/accuracy"] == 0.5


def test_an_arm_that_dies_leaves_a_run_that_says_so_and_the_next_try_goes_on_with_it(folder, online):
    def dies():
        with live.live(arm(folder)) as run:
            run.stage("train")
            run.log({"step": 5, "loss": 1.0})
            raise ValueError("broken on purpose\nin detail")

    with pytest.raises(ValueError, match="broken on purpose"):
        dies()
    with live.live(arm(folder)) as run:
        run.log({"step": 5, "loss": 1.0})
        run.log({"step": 10, "loss": 0.5})
    first, second = segments(folder)
    assert first["run_id"] == second["run_id"]
    assert (first["summary"]["stage"], first["summary"]["error"], first["exit"]) == ("train", "ValueError: broken on purpose", 1)
    assert [row["train/step"] for row in second["history"] if "train/loss" in row] == [10]
    assert (second["summary"]["error"], second["exit"]) == (None, 0)


def test_arms_that_differ_in_data_or_training_are_never_one_group():
    card = {"label": "clean-lora", "setting": {}, "match": {}, "data": "d", "student": "s", "data_setting": {}}
    others = [{"data": "e"}, {"setting": {"train.epochs": 2.0}}, {"student": "t"}, {"match": {"train.match": "tokens"}}]
    others += [{"data_setting": {"data.traces": traces}, "data": str(traces)} for traces in (250, 500)]
    assert len({condition({**card, **other}) for other in [{}, *others]}) == 7
    assert condition({**card, "data_setting": {"data.traces": 250}}).startswith("clean-lora (250 traces, ")


def test_no_answers_are_shown_where_none_are_asked_for(folder):
    mirror(TrackedArm(folder, (), Track(samples=0)))
    (run,) = segments(folder)
    assert not [row for row in run["history"] if "answers/tiny_problems/nrows" in row]


def test_a_run_of_another_id_is_another_run_and_a_users_own_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    with wandb.init(mode="offline", id="mine", dir=tmp_path) as mine:
        one = tracking.start("offline", "bbbb", "one", "arm", dir=tmp_path)
        assert tracking.start("offline", "bbbb", "one", "arm", dir=tmp_path) is one
        for id in ("aaaa", "cccc"):
            with tracking.opened(tracking.start("offline", id, "other", "arm", dir=tmp_path)) as other:
                assert other.id == id
            assert not tracking.is_open(other)
        assert tracking.is_open(one)
        tracking.finish(one)
        assert wandb.run is mine


def test_names_fit_what_wandb_takes_and_stay_apart(folder):
    long = "+".join(["corrupt_digits-0.33"] * 9)
    names = [tracking.plain(f"outcome-{long}-s{seed}") for seed in (0, 1)]
    assert len(set(names)) == 2
    assert all(len(name) == 128 for name in names)
    card = json.loads(folder.card.read_text())
    assert all(len(tag) <= 64 for tag in tags(card, [long]))
    renamed = ArmFolder(folder.path.with_name(f"{long}-lora-s0-0123456789"))
    folder.path.rename(renamed.path)
    write_json(renamed.path.parent.parent / "pilot" / "arms.json", {"study": "pilot", "members": []})
    assert mirror(arm(renamed)) == []
    (run,) = segments(renamed)
    assert len(run["artifacts"]) == 4
    assert all(len(name) <= 128 for name, _, _ in run["artifacts"])


def test_statistics_of_the_manifest(folder):
    numbers = manifest.statistics(pandas.read_parquet(folder.traces))
    assert numbers["traces"] == 30
    assert numbers["changed"] == numbers["characters_ratio"] == 1.0
    assert numbers["shuffle_steps/moved"] == pytest.approx(pandas.read_parquet(folder.traces)["steps_before"].mean())
