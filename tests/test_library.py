"""ablate from Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

import datasets
import pytest
from transformers import AutoTokenizer

import ablate
from ablate import world
from ablate.errors import UserError
from ablate.library import compose

ROOT = Path(__file__).parents[1]
TEXT = "<think>\nLet x = 12.\n\nWait, x is even.\n\nSo x / 2 = 6.\n</think>\n\nThe answer is \\boxed{6}."


def test_the_page_that_shows_the_library_runs(tmp_path):
    done = subprocess.run([sys.executable, ROOT / "docs" / "library.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "shuffle_steps-0.33-lora" in done.stdout
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"arms", "students", "notebook"}


@pytest.mark.parametrize("first", ["import ablate.compare, ablate.perturb, ablate.cli.runs", "pass"])
def test_no_function_is_named_like_a_package_whatever_is_imported_first(first):
    script = (
        f"{first}\nimport ablate, types\n"
        "import ablate.compare, ablate.perturb, ablate.cli, ablate.preview, ablate.plan\n"
        "for name in ablate.__all__:\n"
        "    assert name.startswith('__') or callable(getattr(ablate, name)), name\n"
        "for name in ('compare', 'perturb', 'preview', 'plan', 'cli'):\n"
        "    assert isinstance(getattr(ablate, name), types.ModuleType), name\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_importing_the_library_loads_neither_torch_nor_hydra():
    script = "import sys, ablate; sys.exit(bool({'torch', 'hydra', 'pandas', 'transformers'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_settings_by_name_are_those_of_the_command_line():
    by_name = {
        "perturb": "shuffle_steps",
        "dose": 0.33,
        "train": "full",
        "evaluate": {"tasks": ["tiny_skills"]},
        "model": {"system_prompt": "a, b"},
    }
    from ablate.library import _overrides

    config = compose([*_overrides(by_name), "seed=3"])
    assert (config.perturb["shuffle_steps"]["dose"], config.train.method, config.seed) == (0.33, "full", 3)
    assert (config.evaluate.tasks, config.model.system_prompt) == (["tiny_skills"], "a, b")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"perturb": "shufle_steps"}, "perturb: found 'shufle_steps'. Did you mean shuffle_steps"),
        ({"sed": 1}, "sed: there is no such key. Did you mean seed"),
        ({"train": {"longest": 9}}, "train.longest: is now train.max_length"),
        ({"dose": 2}, "dose: found 2"),
    ],
)
def test_a_mistake_is_an_exception_with_the_commands_message(tmp_path, monkeypatch, settings, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        ablate.run(**settings)
    assert list(tmp_path.iterdir()) == []


def test_ones_own_perturbation_is_found_beside_its_config(tmp_path):
    (tmp_path / "perturb").mkdir()
    (tmp_path / "perturb" / "hush.yaml").write_text("# Quiet.\nhush:\n  _target_: hushing_for_library.Hush\n  dose: ${dose}\n")
    assert compose(["perturb=[hush]"], config_dir=tmp_path).perturb["hush"]["dose"] == 1.0
    assert os.fspath(tmp_path) in sys.path


def test_a_text_is_perturbed_alike_wherever_it_stands():
    texts = [TEXT.replace("12", str(number)) for number in range(10, 20)]
    forward = ablate.perturb_texts(texts, "corrupt_digits", dose=0.5)["perturbed"]
    backward = ablate.perturb_texts(texts[::-1], "corrupt_digits", dose=0.5)["perturbed"]
    assert forward == backward[::-1]
    assert forward != texts
    assert ablate.perturb_texts(texts, "corrupt_digits", dose=0.5, seed=1)["perturbed"] != forward


def test_it_maps_over_a_dataset():
    rows = datasets.Dataset.from_dict({"response": [TEXT, TEXT.replace("12", "14")]})
    mapped = rows.map(lambda batch: ablate.perturb_texts(batch["response"], "shuffle_steps"), batched=True)
    assert mapped.column_names == ["response", "perturbed", "edits"]
    assert sorted(mapped[0]["perturbed"]) == sorted(TEXT)
    assert json.loads(mapped[0]["edits"])[0]["perturbation"] == "shuffle_steps"


def test_donors_a_tokenizer_and_texts_without_tags():
    other = TEXT.replace("x", "y").replace("6", "8")
    inserted = ablate.perturb_texts([TEXT], "insert_steps", dose=1.0, donors=[other])["perturbed"][0]
    assert "y is even" in inserted
    with pytest.raises(UserError, match="no tokenizer was given"):
        ablate.perturb_texts([TEXT], "cut_span", dose=0.5)
    cut = ablate.perturb_texts([TEXT], "cut_span", dose=0.5, tokenizer=AutoTokenizer.from_pretrained(world.BASE))["perturbed"][0]
    assert len(cut) < len(TEXT)
    untagged = "First, x = 12.\n\nWait, x is even.\n\nSo \\boxed{6}."
    assert ablate.perturb_texts([untagged], "reverse_steps")["perturbed"] == ["Wait, x is even.\n\nFirst, x = 12.\n\nSo \\boxed{6}."]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["<think>\n</think>"], "shuffle_steps"), "the thought has no steps"),
        (([TEXT], "shufle_steps"), "perturbation: found 'shufle_steps'. Did you mean shuffle_steps"),
        (([TEXT], "ablate.perturb.build"), "ablate.perturb.build is a function; needed is a class"),
    ],
)
def test_texts_and_names_that_can_not_be_used_are_named(arguments, message):
    with pytest.raises(UserError, match=message):
        ablate.perturb_texts(*arguments)
