"""Studies on this machine, as a person runs them."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pandas
import pytest
import yaml

SMALL = [
    "data.traces=12",
    "train.batch_size=6",
    "train.per_device_batch_size=6",
    "train.epochs=1",
    "train.save_steps=1",
    "axes.surprisal=4",
    "evaluate.tasks=[tiny_problems]",
    "evaluate.limit=4",
    "evaluate.max_new_tokens=48",
    "track=disabled",
]
STUDY = """
# Three arms of the tiny world.
name: pilot
arms:
  - {}
  - {perturb: [shuffle_steps, corrupt_digits], dose: 0.5}
margin: 3
"""
FAILING = """
from dataclasses import dataclass
from ablate.perturb import Perturbation


@dataclass(frozen=True)
class Failing(Perturbation):
    family = "content"

    def edit(self, example, random, donors):
        raise ValueError("broken on purpose")
"""


def command(*arguments):
    return [sys.executable, "-m", "ablate", "-m", *arguments, *SMALL]


def run(folder, *arguments, code=0):
    done = subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def prepared(folder):
    (folder / "own" / "perturb").mkdir(parents=True)
    (folder / "own" / "failing.py").write_text(FAILING)
    (folder / "own" / "perturb" / "failing.yaml").write_text("# Fails.\nfailing:\n  _target_: failing.Failing\n  dose: ${dose}\n")
    (folder / "pilot.yaml").write_text(STUDY)


def scores(folder):
    tables = {path.parents[2].name: pandas.read_parquet(path) for path in folder.glob("runs/arms/*/scores/*/items.parquet")}
    return {name: table.to_dict("records") for name, table in tables.items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    prepared(folder)
    return folder, run(folder, "+sweep=pilot.yaml")


def test_every_arm_is_run_and_shown(undisturbed):
    folder, shown = undisturbed
    assert len(scores(folder)) == 3
    assert shown.stdout.count("  done    ") == 3
    assert "next: python -m ablate.compare runs/pilot" in shown.stdout
    assert yaml.safe_load((folder / "runs/pilot/study.yaml").read_text())["margin"] == 3
    assert len(list((folder / "runs/students").iterdir())) == 1


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.glob("runs/**/*") if path.is_file() and path.name != "arms.json"}


def test_the_same_command_again_and_a_dry_run_start_nothing_and_write_nothing(undisturbed):
    folder, _ = undisturbed
    written, members = times(folder), (folder / "runs/pilot/arms.json").read_text()
    assert "3 arms, 3 done before, 0 at once" in run(folder, "+sweep=pilot.yaml").stdout
    planned = run(folder, "+sweep=pilot.yaml", "seed=0,1", "--dry-run").stdout
    assert planned.count("missing ") == 3
    assert "3 of 6 arms are missing" in planned
    assert times(folder) == written
    assert (folder / "runs/pilot/arms.json").read_text() == members


def test_a_dry_run_before_anything_was_run_writes_nothing(tmp_path):
    prepared(tmp_path)
    before = set(tmp_path.rglob("*"))
    assert "3 of 3 arms are missing" in run(tmp_path, "+sweep=pilot.yaml", "--dry-run").stdout
    assert set(tmp_path.rglob("*")) == before


def test_another_study_takes_the_arms_that_are_there(undisturbed, tmp_path):
    folder = tmp_path / "copied"
    shutil.copytree(undisturbed[0], folder, copy_function=shutil.copy2)
    (folder / "second.yaml").write_text("name: second\narms:\n  - {}\n  - {perturb: delete_steps, dose: 0.5}\n")
    models = {path: path.stat().st_mtime_ns for path in folder.glob("runs/arms/*/model/*")}
    assert "2 arms, 1 done before, 1 at once" in run(folder, "+sweep=second.yaml").stdout
    assert models.items() <= {path: path.stat().st_mtime_ns for path in folder.glob("runs/arms/*/model/*")}.items()
    clean = json.loads((folder / "runs/second/arms.json").read_text())["members"][0]
    assert clean in json.loads((folder / "runs/pilot/arms.json").read_text())["members"]


def test_a_study_that_changes_keeps_what_was_planned_first(undisturbed, tmp_path):
    folder = tmp_path / "copied"
    shutil.copytree(undisturbed[0], folder, copy_function=shutil.copy2)
    (folder / "pilot.yaml").write_text(STUDY.replace("margin: 3", "margin: 9"))
    for _ in range(2):
        shown = run(folder, "+sweep=pilot.yaml")
    assert yaml.safe_load((folder / "runs/pilot/study.yaml").read_text())["margin"] == 3
    assert yaml.safe_load((folder / "runs/pilot/study-2.yaml").read_text())["margin"] == 9
    assert not (folder / "runs/pilot/study-3.yaml").exists()
    assert "pilot.yaml has changed since pilot was first planned" in shown.stdout


def test_studies_that_share_arms_say_how_many_trainings_that_saves(tmp_path):
    prepared(tmp_path)
    (tmp_path / "second.yaml").write_text("name: second\narms:\n  - {}\n  - {perturb: delete_steps, dose: 0.5}\n")
    shown = run(tmp_path, "+sweep=pilot.yaml,second.yaml", "--dry-run").stdout
    assert "2 studies ask for 5 trainings; they share arms, so that 4 are enough: 1 fewer" in shown


def test_a_failed_arm_stops_no_other_and_alone_is_run_again(tmp_path):
    prepared(tmp_path)
    arguments = ["--config-dir=own", "+perturb=failing,delete_steps", "study=pilot"]
    shown = run(tmp_path, *arguments, code=1)
    assert "1 of 2 arms failed: failing-1-lora-s0" in shown.stderr
    assert "broken on purpose" in shown.stdout
    (failed,) = tmp_path.glob("runs/arms/failing-*/status.json")
    status = json.loads(failed.read_text())
    assert (status["state"], status["stage"]) == ("failed", "perturb")
    assert "ValueError: broken on purpose" in status["traceback"]
    (tmp_path / "own" / "failing.py").write_text(FAILING.replace('raise ValueError("broken on purpose")', "return example, {}"))
    again = run(tmp_path, *arguments)
    assert again.stdout.count("  done    ") == 1
    assert len(scores(tmp_path)) == 2


def test_a_process_that_dies_is_a_failed_arm_and_the_others_go_on(tmp_path):
    prepared(tmp_path)
    killing = FAILING.replace('raise ValueError("broken on purpose")', "import os; os.kill(os.getpid(), 9)")
    (tmp_path / "own" / "failing.py").write_text(killing)
    shown = run(tmp_path, "--config-dir=own", "+perturb=failing,delete_steps", "study=pilot", code=1)
    assert "the process died (SIGKILL)" in shown.stdout
    assert shown.stdout.count("  done    ") == 1


def test_killed_again_and_again_the_same_command_ends_in_the_same_scores(undisturbed, tmp_path):
    """In full, twenty kills: ABLATE_KILLS=20."""
    prepared(tmp_path)
    rng = random.Random(7)
    for _ in range(int(os.environ.get("ABLATE_KILLS", "3"))):
        process = subprocess.Popen(command("+sweep=pilot.yaml"), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(5, 30))
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(tmp_path, "+sweep=pilot.yaml")
    assert scores(tmp_path) == scores(undisturbed[0])


def test_two_studies_at_once_on_the_same_arms_do_each_other_no_harm(undisturbed, tmp_path):
    prepared(tmp_path)
    commands = [command("+sweep=pilot.yaml", f"study={name}") for name in ("pilot", "other")]
    pair = [subprocess.Popen(each, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for each in commands]
    for process in pair:
        _, error = process.communicate()
        assert process.returncode == 0, error.decode()
    assert scores(tmp_path) == scores(undisturbed[0])


def test_a_study_without_m_and_an_unknown_one_are_refused(tmp_path):
    alone = subprocess.run([sys.executable, "-m", "ablate", "+sweep=controls"], cwd=tmp_path, capture_output=True, text=True)
    assert (alone.returncode, alone.stderr) == (2, "ablate: sweep: a study is many arms, and needs -m: python -m ablate -m +sweep=…\n")
    unknown = subprocess.run([sys.executable, "-m", "ablate", "-m", "+sweep=control"], cwd=tmp_path, capture_output=True, text=True)
    assert unknown.returncode == 2
    assert "Did you mean controls" in unknown.stderr
