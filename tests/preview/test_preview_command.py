"""`python -m ablate.preview` as a person meets it."""

import json
import os
import subprocess
import sys

import pytest


def preview(*arguments, cwd):
    command = [sys.executable, "-m", "ablate.preview", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"})


def rows(*thoughts):
    return "".join(
        json.dumps({"id": f"r{at}", "problem": "1+1?", "answer": "2", "response": f"<think>\n{thought}\n</think>\n\n\\boxed{{2}}"}) + "\n"
        for at, thought in enumerate(thoughts)
    )


def test_it_shows_the_first_traces_in_the_terminal_and_on_a_page(tmp_path):
    shown = preview("+perturb=shuffle_steps", "dose=0.5", "n=2", "data.traces=20", "page=out.html", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "the first 2 that are changed, among the first 2 of 20 traces" in shown.stdout
    assert "⇅ was " in shown.stdout
    assert "tokens " in shown.stdout
    assert shown.stdout.rstrip().endswith("side by side in out.html")
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_it_says_so_where_fewer_traces_are_changed_than_asked_for(tmp_path):
    (tmp_path / "traces.jsonl").write_text(rows("Only one step.", "A first.\n\nWait, a second.", "One more."))
    data = ["data=file", "data.path=traces.jsonl", "+perturb=shuffle_steps"]
    assert "all 1 of the 3 traces that are changed" in preview(*data, cwd=tmp_path).stdout
    nothing = preview(*data, "dose=0", "page=none.html", cwd=tmp_path)
    assert "none of the 3 traces is changed" in nothing.stdout
    assert not (tmp_path / "none.html").exists()


def test_it_perturbs_as_an_arm_does_and_composes(tmp_path):
    chain = ["perturb=[delete_steps,shuffle_steps]", "dose=0.4", "data.traces=20", "n=1"]
    first, again = (preview(*chain, f"seed={seed}", cwd=tmp_path).stdout for seed in (1, 1))
    assert first == again != preview(*chain, "seed=2", cwd=tmp_path).stdout
    assert "− removed" in first
    assert "delete_steps at dose 0.4 + shuffle_steps at dose 0.4" in first


def test_a_perturbation_of_ones_own_can_be_looked_at(tmp_path):
    (tmp_path / "mine" / "perturb").mkdir(parents=True)
    (tmp_path / "mine" / "shouting.py").write_text(
        "from dataclasses import dataclass\nfrom ablate.perturb import Perturbation, with_trace\n\n\n@dataclass(frozen=True)\n"
        'class Shout(Perturbation):\n    family = "content"\n\n    def edit(self, example, random, donors):\n'
        "        return with_trace(example, steps=tuple(step.upper() for step in example.trace.steps)), {}\n"
    )
    (tmp_path / "mine" / "perturb" / "shout.yaml").write_text("# Capitals.\nshout:\n  _target_: shouting.Shout\n  dose: ${dose}\n")
    shown = preview("--config-dir", "mine", "+perturb=shout", "n=1", "data.traces=5", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "{+OKAY+}" in shown.stdout or "{+OKAY" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "perturb: found none, a preview needs at least one"),
        (["+perturb=shufle_steps"], "perturb: found 'shufle_steps'. Did you mean shuffle_steps"),
        (["+perturb=shuffle_steps", "n=0"], "n: found 0, allowed is 1 or more"),
        (["+perturb=shuffle_steps", "pag=x.html"], "pag: there is no such key. Did you mean page?"),
        (["+perturb=shuffle_steps", "n=1", "page=no/such/folder.html"], "page: no/such/folder.html can't be written"),
        (["+perturb=shuffle_steps", "data=file", "data.path=nix.jsonl"], "nix.jsonl"),
    ],
)
def test_a_mistake_is_one_message(tmp_path, arguments, message):
    shown = preview(*arguments, cwd=tmp_path)
    assert shown.returncode == 2, shown.stderr
    assert message in shown.stderr
    assert len(shown.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.glob("*.html"))


def test_help_names_keys_and_perturbations(tmp_path):
    shown = preview("--help", cwd=tmp_path)
    assert shown.returncode == 0
    for line in (
        "n=5",
        "page=preview.html",
        "shuffle_steps           A share of the steps change",
        "python -m ablate.preview +perturb=",
    ):
        assert line in shown.stdout
