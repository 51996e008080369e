"""`python -m ablate.compare` and `python -m ablate.plan`, as a person runs them."""

import os
import re
import subprocess
import sys
from datetime import datetime

import pandas
import pytest

from ablate.compare.__main__ import main
from ablate.compare.read.study_folder import latest
from ablate.plan.__main__ import main as plan
from arms import FAMILIES, scores, write_arm, write_base, write_first_arm, write_first_base


def run(folder, module, *arguments):
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def sixty(tmp_path_factory):
    """A study of sixty arms with three seeds and two tasks."""
    folder = tmp_path_factory.mktemp("study")
    study = folder / "runs" / "wide"
    arms = [((), 1.0), *(((name,), round(0.05 * (step + 1), 2)) for step in range(15) for name in FAMILIES)]
    table = pandas.concat([scores("wide", 0.6, task, 150) for task in ("sums", "chains")])
    for perturb, dose in arms:
        for seed in (0, 1, 2):
            write_arm(
                study, perturb, dose, seed, tables=table.assign(correct=table["correct"].sample(frac=1, random_state=seed).to_numpy())
            )
    write_base(study, tables=table)
    return folder


def test_sixty_arms_are_compared_without_torch(sixty):
    code = (
        "import sys; from ablate.compare.__main__ import main; main([]);"
        "print(*(name in sys.modules for name in ('torch', 'transformers', 'matplotlib')));"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=sixty, capture_output=True, text=True)
    *_, imported = shown.stdout.splitlines()
    assert imported == "False False False", shown.stderr
    assert shown.stdout.count("-lora ") >= 61


def test_tables_are_written_in_three_forms(sixty, tmp_path):
    shown = run(sixty, "ablate.compare", "wide", "--out", str(tmp_path), "--margin", "4")
    assert shown.returncode == 0, shown.stderr
    assert "margin 4 points" in shown.stdout
    table = pandas.read_csv(tmp_path / "comparison.csv")
    assert len(table) == 62 * 3
    pooled = table[table["scope"] == "pooled"].set_index("arm")
    arm, clean = pooled.loc["delete_steps-0.5-lora"], pooled.loc["clean-lora"]
    assert arm["difference"] == pytest.approx(arm["accuracy"] - clean["accuracy"])
    assert arm["difference_low"] < arm["difference"] < arm["difference_high"]
    assert pandas.isna(clean["difference"])
    assert (tmp_path / "comparison.md").read_text().count("| delete_steps-0.5-lora |") == 3
    assert (tmp_path / "report.html").stat().st_size > 100_000
    assert {"forest.svg", "forest.pdf", "forest.csv"} <= {path.name for path in (tmp_path / "figures").iterdir()}
    latex = (tmp_path / "comparison.tex").read_text()
    assert "delete\\_steps-0.5-lora &" in latex
    assert latex.count("\\\\\n") == 63


def planned(runs, name, updated):
    """A study that was planned or run then: its list of members was touched."""
    write_arm(runs / name)
    seconds = datetime.fromisoformat(updated).timestamp()
    os.utime(runs / name / "arms.json", (seconds, seconds))


def test_the_study_planned_or_run_last_is_the_default(tmp_path, monkeypatch, capsys):
    runs = tmp_path / "runs"
    planned(runs, "newer", "2026-01-02T00:00:00+00:00")
    planned(runs, "older", "2026-01-02T00:30:00+01:00")
    monkeypatch.chdir(tmp_path)
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("newer:")


def test_a_study_of_the_first_layout_is_as_new_as_its_last_status(tmp_path):
    runs = tmp_path / "runs"
    planned(runs, "members", "2026-01-02T00:00:00+00:00")
    arm = write_first_arm(runs / "first")
    for updated, name in (("2026-01-03T00:00:00+00:00", "first"), ("2026-01-01T00:00:00+00:00", "members")):
        os.utime(arm.status, (seconds := datetime.fromisoformat(updated).timestamp(), seconds))
        assert latest(runs).name == name


@pytest.mark.parametrize("name", ["arms", "students", "corpora", "base"])
def test_what_belongs_to_no_study_is_none(tmp_path, monkeypatch, capsys, name):
    runs = tmp_path / "runs"
    planned(runs, "pilot", "2026-01-01T00:00:00+00:00")
    write_base(runs / "pilot")
    write_first_base(runs / "pilot")
    (runs / "corpora").mkdir()
    assert latest(runs).name == "pilot"
    monkeypatch.chdir(tmp_path)
    assert main([name]) == 2
    assert f"{name}: runs/{name} belongs to no study" in capsys.readouterr().err


def test_a_folder_of_studies_is_its_latest_one(tmp_path, capsys):
    planned(tmp_path / "elsewhere", "pilot", "2026-01-01T00:00:00+00:00")
    assert main([str(tmp_path / "elsewhere"), "--runs", str(tmp_path / "runs")]) == 0
    assert capsys.readouterr().out.startswith("pilot:")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: there is no such study under runs"),
        (["nowhere.csv"], "nowhere.csv: there is no such file"),
        (["wandb:entity"], "expected wandb:ENTITY/PROJECT"),
        (["wide", "--margin", "200"], "--margin: found 200"),
        (["wide", "--primary", "chain"], "Did you mean chains"),
    ],
)
def test_a_mistake_ends_in_one_message(sixty, arguments, message):
    shown = run(sixty, "ablate.compare", *arguments)
    assert shown.returncode == 2
    assert message in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


def test_a_runs_state_that_cannot_be_read_names_the_file(tmp_path):
    folder = write_arm(tmp_path / "runs" / "pilot")
    folder.status.write_text("{")
    shown = run(tmp_path, "ablate.compare")
    assert shown.returncode == 2
    assert "status.json: no JSON" in shown.stderr


def needs(shown):
    """By seeds and answers: items to see the difference, items to prove equivalence."""
    rows = re.findall(r"^ +(\d+) +(\d+) +(\d+|never) +(?:\S+ +)?(\d+|never)", shown, re.MULTILINE)
    return {(int(seeds), int(answers)): (see, prove) for seeds, answers, see, prove in rows}


def test_a_plan_without_a_pilot_says_what_it_assumes(capsys):
    assert plan(["--difference", "10", "--retraining", "1", "--discordant", "20"]) == 0
    shown = capsys.readouterr().out
    assert "assumed, no pilot" in shown
    found = needs(shown)
    assert int(found[10, 1][0]) < int(found[5, 1][0]) < int(found[3, 1][0])
    assert int(found[5, 4][0]) < int(found[5, 1][0])
    assert "retraining is not covered" in shown


def test_a_plan_takes_its_variance_and_tokens_from_a_pilot(tmp_path, capsys, monkeypatch):
    for seed in (0, 1, 2):
        for perturb in ((), ("shuffle_steps",), ("delete_steps",)):
            table = scores(f"{perturb}", 0.6, items=300, samples=2, seed=seed)
            write_arm(tmp_path / "runs" / "pilot", perturb, seed=seed, tables=table)
    monkeypatch.chdir(tmp_path)
    assert plan(["pilot", "--arms", "4", "--items", "500"]) == 0
    shown = capsys.readouterr().out
    assert "pilot pilot, 2 arms: retraining from its seeds" in shown
    assert "M" in shown
    assert "500 items, one answer, 3 seeds: sees 5 points" in shown
    assert plan(["nowhere"]) == 2
