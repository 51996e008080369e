"""The command line as a person meets it: help, and one clear message for each mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROW = {"id": "a", "problem": "1+1?", "answer": "2", "response": "<think>\nOne.\n</think>\n\n\\boxed{2}"}


def ablate(*arguments, cwd, module=True):
    command = [sys.executable, "-m", "ablate"] if module else [str(Path(sys.executable).with_name("ablate"))]
    return subprocess.run([*command, *arguments], cwd=cwd, capture_output=True, text=True, env={**os.environ, "HYDRA_FULL_ERROR": "0"})


@pytest.mark.parametrize("module", [True, False])
def test_help_names_perturbations_profiles_and_examples(tmp_path, module):
    shown = ablate("--help", cwd=tmp_path, module=module)
    assert shown.returncode == 0
    for line in (
        "shuffle_steps           A share of the steps change",
        "wrong_answer",
        "qwen2.5-7b",
        "+perturb=wrong_answer train=full",
    ):
        assert line in shown.stdout
    assert shown.stdout.count("  python -m ablate") >= 6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["+perturb=shufle_steps"], "perturb: found 'shufle_steps'. Did you mean shuffle_steps"),
        (["perturb=[shuffle_steps,delete]"], "perturb: found 'delete'. Did you mean delete_steps"),
        (["profile=papr"], "profile: found 'papr'. Did you mean paper?"),
        (["sed=1"], "sed: there is no such key. Did you mean seed"),
        (["train.lora.rnk=3"], "train.lora.rnk: there is no such key. Did you mean train.lora.rank"),
        (
            ["+perturb=shuffle_steps", "perturb.shuffle_steps.dos=1"],
            "perturb.shuffle_steps.dos: there is no such key. Did you mean perturb.shuffle_steps.dose",
        ),
        (["dose=1.5"], "dose: found 1.5, allowed is a share from 0 to 1"),
        (["dose=much"], "dose: Value 'much' of type 'str' could not be converted to Float"),
        (["train.method=qlora"], "train.method: Invalid value 'qlora', expected one of [lora, full]"),
        (
            ["+perturb=corrupt_digits", "perturb.corrupt_digits.unit=word"],
            "perturb.corrupt_digits.unit: found 'word', allowed: digit, number",
        ),
        (["data=file", "data.path=nix.jsonl"], "data.path: nix.jsonl is no file"),
        (["data=file", "data.path=bad.jsonl"], "bad.jsonl: row 2: not JSON"),
        (["evaluate.tasks=[tiny_problem]"], "evaluate.tasks: found 'tiny_problem'. Did you mean tiny_problems"),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_written(tmp_path, arguments, message):
    (tmp_path / "bad.jsonl").write_text(json.dumps(ROW) + "\n{\n")
    shown = ablate(*arguments, cwd=tmp_path)
    assert shown.returncode == 2, shown.stderr
    assert shown.stderr.startswith("ablate: ")
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr
    assert len(shown.stderr.strip().splitlines()) == 1
    assert shown.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["+perturb=wrong_answer", "data=file", "data.path=good.jsonl"],
            "perturb.wrong_answer.by=trace needs traces that end in a wrong",
        ),
        (["+perturb=insert_steps", "data=file", "data.path=good.jsonl"], "a perturbation needs another problem to take from"),
        (["model.path=no/such/model"], "model.path: 'no/such/model' is no folder, and can't be had from a hub"),
        (["train.max_length=8"], "train.max_length: found 8, but every prompt alone is as long"),
    ],
)
def test_a_mistake_that_shows_along_the_way_leaves_no_arm(tmp_path, arguments, message):
    (tmp_path / "good.jsonl").write_text(json.dumps(ROW) + "\n")
    shown = ablate(*arguments, cwd=tmp_path)
    assert shown.returncode == 2, shown.stderr
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr
    assert not list(tmp_path.glob("runs/single/*"))
    assert not list(tmp_path.glob("runs/arms/*"))
    assert not list(tmp_path.glob("runs/students/*/scores/*"))


@pytest.mark.parametrize("name", ["compare", "plan", "preview", "runs"])
@pytest.mark.parametrize("module", [True, False])
def test_every_subcommand_says_what_it_does(tmp_path, name, module):
    shown = ablate(name, "--help", cwd=tmp_path, module=module)
    assert shown.returncode == 0, shown.stderr
    assert f"ablate {name}" in shown.stdout or f"ablate.{name}" in shown.stdout
    assert name in ablate("--help", cwd=tmp_path).stdout


def test_a_word_that_is_no_subcommand_is_refused(tmp_path):
    shown = ablate("compere", cwd=tmp_path)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == "ablate: compere: there is no such subcommand. Did you mean compare?\n"


STUDY = "name: x\narms:\n  - {}\n  - {perturb: delete_steps, dose: 0.5, model.system_prompt: 'null, (so) to say'}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "--config-dir", "mine", "+sweep=x", "--dry-run"],
        ["--dry-run", "+sweep=x", "seed=0", "--config-dir=mine", "dose=0.5"],
        ["+sweep=mine/sweep/x.yaml", "--dry-run", "seed=0"],
        ["seed=0", "-m", "+sweep=other.yaml", "--dry-run", "dose=0.5"],
    ],
)
def test_a_study_of_ones_own_is_found_by_name_and_by_path_wherever_flags_stand(tmp_path, arguments):
    (tmp_path / "mine" / "sweep").mkdir(parents=True)
    for path in ("mine/sweep/x.yaml", "other.yaml"):
        (tmp_path / path).write_text(STUDY)
    shown = ablate(*arguments, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "2 of 2 arms are missing" in shown.stdout
    assert not (tmp_path / "runs").exists()
