"""Whole arms on the tiny world, as a person runs them: each test starts the real command."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas
import pytest

from ablate.record.files import read_rows

SMALL = [
    "data.traces=24",
    "train.batch_size=6",
    "train.per_device_batch_size=6",
    "train.epochs=2",
    "train.save_steps=2",
    "evaluate.limit=6",
    "evaluate.max_new_tokens=64",
    "evaluate.batch_size=8",
]


def command(*arguments):
    return [sys.executable, "-m", "ablate", *arguments, *SMALL]


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    return {**kept, "OMP_NUM_THREADS": "1"}


def run(folder, *arguments):
    done = subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def only(folder, pattern):
    (found,) = Path(folder).glob(pattern)
    return found


def items(folder):
    return pandas.concat(pandas.read_parquet(path) for path in sorted(folder.glob("scores/*/items.parquet")))


def answers(folder):
    return [row for path in sorted(folder.glob("scores/*/samples.jsonl.gz")) for row in read_rows(path)]


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory):
    """An undisturbed arm, and what it printed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return folder, run(folder, "+perturb=shuffle_steps", "dose=0.67")


def test_the_run_folder_holds_the_arm(shuffled):
    folder = only(shuffled[0], "runs/arms/shuffle_steps-0.67-lora-s0-*")
    expected = "arm.json config.yaml status.json log.txt traces axes rejected.jsonl model train.jsonl tokens.json scores wandb"
    assert {path.name for path in folder.iterdir()} == set(expected.split())
    status = json.loads((folder / "status.json").read_text())
    assert status["state"] == "done"
    assert set(status["seconds"]) == {"perturb", "measure", "train", "score", "record"}
    traces = pandas.read_parquet(folder / "traces")
    assert len(traces) == 24
    assert (traces["clean"] != traces["perturbed"]).all()
    assert (pandas.read_parquet(only(folder, "axes/*/axes.parquet"))["tokens_before"] > 50).all()
    assert json.loads((folder / "tokens.json").read_text())["traces"] == 24
    assert items(folder)["task"].value_counts().to_dict() == {"tiny_problems": 6, "tiny_longer": 6, "tiny_skills": 6}
    assert len(items(only(shuffled[0], "runs/students/*"))) == 18
    assert list(folder.glob("wandb/offline-run-*/*.wandb"))


def test_every_result_has_its_provenance_beside_it(shuffled):
    folder = only(shuffled[0], "runs/arms/*")
    made = {path.parent.relative_to(folder).parts[0]: json.loads(path.read_text()) for path in folder.rglob("*provenance.json")}
    assert {name: one["stage"] for name, one in made.items()} == {
        "traces": "perturb",
        "axes": "measure",
        "model": "train",
        "scores": "score",
    }
    assert made["model"]["inputs"]["perturb"] == made["traces"]["key"]
    assert folder.name.endswith(made["model"]["key"])
    assert made["scores"]["engine"]["name"] == "hf"


def test_without_a_terminal_only_the_table_is_printed(shuffled):
    shown = shuffled[1]
    assert shown.stderr == ""
    lines = [line for line in shown.stdout.splitlines() if line.strip()]
    assert len(lines) == 7
    assert re.search(r"tiny_problems +6 +\d+\.\d → \? → \d+\.\d +\d+\.\d – \d+\.\d +\d+% +\d+", shown.stdout)
    assert "everything is in runs/arms/shuffle_steps-0.67-lora-s0-" in shown.stdout
    assert "next: python -m ablate" in shown.stdout


def test_the_same_command_again_changes_no_file(shuffled):
    before = times(shuffled[0] / "runs")
    again = run(shuffled[0], "+perturb=shuffle_steps", "dose=0.67")
    assert again.stdout == shuffled[1].stdout
    members = shuffled[0] / "runs" / "single" / "arms.json"  # touched, as the study that was run last
    assert {path: time for path, time in times(shuffled[0] / "runs").items() if path != members} == {
        path: time for path, time in before.items() if path != members
    }


def test_more_items_another_task_and_other_axes_are_added_to_the_arm_without_training(shuffled, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(shuffled[0] / "runs", runs, copy_function=shutil.copy2)
    folder, kept = only(runs, "arms/*"), items(only(runs, "arms/*"))
    model = times(folder / "model") | times(folder / "traces")
    config = (folder / "config.yaml").read_text()
    more = ["evaluate.limit=8", "evaluate.tasks=[tiny_problems]", "axes.surprisal=5", "study=other", "data.workers=2"]
    done = subprocess.run([*command("+perturb=shuffle_steps", "dose=0.67"), *more], cwd=tmp_path, env=environment())
    assert done.returncode == 0
    assert only(runs, "arms/*") == folder
    assert times(folder / "model") | times(folder / "traces") == model
    assert (folder / "config.yaml").read_text() == config
    grown = items(folder)
    assert grown["task"].value_counts().to_dict() == {"tiny_problems": 8, "tiny_longer": 6, "tiny_skills": 6}
    pandas.testing.assert_frame_equal(grown[(grown["task"] != "tiny_problems") | (grown["item"] < 6)], kept)
    assert len(list(folder.glob("axes/*/axes.json"))) == 2
    plans = {path.parent.name: json.loads(path.read_text())["members"] for path in runs.glob("*/arms.json")}
    assert {member["arm"] for members in plans.values() for member in members} == {folder.name}
    limits = {study: {scores["limit"] for scores in members[0]["scores"]} for study, members in plans.items()}
    assert limits == {"single": {6}, "other": {8}}


def test_results_that_were_not_mirrored_are_mirrored_when_asked_for(tmp_path):
    run(tmp_path, "track=disabled", "until=record", "evaluate.tasks=[tiny_skills]")
    folder = only(tmp_path, "runs/arms/*")
    assert not list(folder.glob("wandb/offline-run-*"))
    made = times(folder / "model") | times(folder / "scores")
    run(tmp_path, "track=offline", "evaluate.tasks=[tiny_skills]")
    assert list(folder.glob("wandb/offline-run-*/*.wandb"))
    assert times(folder / "model") | times(folder / "scores") == made


def test_killed_in_every_stage_the_same_command_finishes_with_the_same_scores(shuffled, tmp_path):
    def reached(stage):
        statuses = list(tmp_path.glob("runs/arms/*/status.json"))
        if not statuses or json.loads(statuses[0].read_text()).get("stage") != stage:
            return False
        return stage != "train" or any(tmp_path.glob("runs/arms/*/checkpoints/checkpoint-*/complete"))

    for stage in ("perturb", "train", "score", "record"):
        process = subprocess.Popen(
            command("+perturb=shuffle_steps", "dose=0.67"),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 300
        while not reached(stage):
            assert process.poll() is None, f"ended before {stage} was seen"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    run(tmp_path, "+perturb=shuffle_steps", "dose=0.67")
    undisturbed, disturbed = only(shuffled[0], "runs/arms/*"), only(tmp_path, "runs/arms/*")
    pandas.testing.assert_frame_equal(items(undisturbed), items(disturbed))
    assert answers(undisturbed) == answers(disturbed)
    adapters = [(folder / "model" / "adapter_model.safetensors").read_bytes() for folder in (undisturbed, disturbed)]
    assert adapters[0] == adapters[1]
    assert not (disturbed / "checkpoints").exists()
    assert not list(disturbed.rglob(".*partial*")), "a killed run's half-written file was left behind"
    assert json.loads((disturbed / "status.json").read_text())["state"] == "done"


def test_two_perturbations_all_parameters_another_seed_and_ones_own_class(tmp_path):
    (tmp_path / "mine" / "perturb").mkdir(parents=True)
    (tmp_path / "mine" / "perturb" / "shout.yaml").write_text("# Steps in capitals.\nshout:\n  _target_: shouting.Shout\n  dose: ${dose}\n")
    (tmp_path / "mine" / "shouting.py").write_text(
        "from dataclasses import dataclass\n"
        "from ablate.perturb import Perturbation, with_trace\n\n\n"
        "@dataclass(frozen=True)\n"
        "class Shout(Perturbation):\n"
        "    family = 'content'\n\n"
        "    def edit(self, example, random, donors):\n"
        "        return with_trace(example, steps=tuple(step.upper() for step in example.trace.steps)), {}\n"
    )
    shown = run(tmp_path, "--config-dir", "mine", "perturb=[shout,delete_steps]", "dose=0.5", "train=full", "seed=1", "track=disabled")
    folder = only(tmp_path, "runs/arms/shout-0.5+delete_steps-0.5-full-s1-*")
    assert folder.name in shown.stdout
    traces = pandas.read_parquet(folder / "traces")
    assert traces["perturbed"].str.contains("NOW ").all()
    assert (traces["steps_after"] < traces["steps_before"]).all()
    assert (folder / "model" / "model.safetensors").is_file()
    assert (
        "Steps in capitals."
        in subprocess.run(
            [sys.executable, "-m", "ablate", "--config-dir", "mine", "--help"], cwd=tmp_path, capture_output=True, text=True
        ).stdout
    )


def test_a_person_at_a_terminal_sees_stages_progress_and_the_clean_arm(shuffled):
    """The clean arm at a terminal; then the first arm again, which now knows it."""
    screen = at_terminal(shuffled[0], [])
    for stage in ("perturb", "train", "score"):
        assert stage in screen
    assert "8/8" in screen
    assert "left" in screen
    shown = [line for line in re.split(r"[\r\n]+", screen) if line.strip()]
    known = r"clean-lora|  (perturb|measure|train|score|record) +|task +items|tiny_|everything is in|next: "
    assert [line for line in shown if not re.match(known, line)] == []
    again = at_terminal(shuffled[0], ["+perturb=shuffle_steps", "dose=0.67"])
    assert re.search(r"train +done before, skipped", again)
    assert re.search(r"tiny_problems +6 +\d+\.\d → \d+\.\d → ", again)


def at_terminal(folder, arguments):
    """What a terminal of 120 columns receives, without the escape sequences."""
    main, child = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), cwd=folder, stdout=child, stderr=child, env={**environment(), "COLUMNS": "120", "TERM": "xterm"}
    )
    os.close(child)
    received = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:
            break
        if not chunk:
            break
        received += chunk
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", received.decode())


def test_what_was_left_out_is_said(tmp_path):
    rows = [
        {"problem": f"Find b{n}.", "answer": "1", "response": f"<think>\n{'Now b. ' * 10 * n}\n</think>\n\n\\boxed{{1}}"}
        for n in range(1, 7)
    ]
    rows.append({"problem": "Find c.", "answer": "1", "response": "no thought"})
    (tmp_path / "traces.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    data = ["data=file", "data.path=traces.jsonl", "data.unusable=skip", "train.max_length=128", "track=disabled"]
    shown = run(tmp_path, *data)
    folder = only(tmp_path, "runs/arms/*")
    tokens = json.loads((folder / "tokens.json").read_text())
    assert 0 < tokens["truncated_traces"] < 6
    said = f"{tokens['truncated_traces']} of 6 traces lost {tokens['truncated_tokens']} tokens at the end"
    assert said in shown.stdout
    assert "1 rows could not be used" in shown.stdout
    assert json.loads((folder / "rejected.jsonl").read_text())["row"] == 7


def test_an_arm_that_stops_early_goes_on_from_there(tmp_path):
    stopped = run(tmp_path, "+perturb=delete_steps", "dose=0.5", "until=measure")
    folder = only(tmp_path, "runs/arms/delete_steps-*")
    assert "stopped before the scores, as asked" in stopped.stdout
    assert json.loads((folder / "status.json").read_text())["state"] == "stopped"
    assert not (folder / "model").exists()
    measured = only(folder, "axes/*/axes.json")
    axes = json.loads(measured.read_text())
    assert 0.3 < axes["token_ratio"] < 0.7
    assert axes["kendall_tau"] == axes["answer_survived"] == 1.0
    assert 0.3 < axes["tokens_changed"] < 0.7
    assert axes["surprisal"] > 0
    written = measured.stat().st_mtime_ns
    run(tmp_path, "+perturb=delete_steps", "dose=0.5")
    assert measured.stat().st_mtime_ns == written
    assert json.loads((folder / "status.json").read_text())["state"] == "done"


def test_matched_arms_train_on_as_many_tokens_as_the_clean_one(tmp_path):
    run(tmp_path, "until=train")
    for by in ("epochs", "sampling"):
        run(tmp_path, "+perturb=delete_steps", "dose=0.5", "train.match=tokens", f"train.match_by={by}", "until=train")
    told = [json.loads(path.read_text()) for path in tmp_path.glob("runs/arms/*/tokens.json")]
    trained = [each["trainable"] * each["epochs"] for each in told]
    assert len(trained) == 3
    assert max(trained) < 1.05 * min(trained)
