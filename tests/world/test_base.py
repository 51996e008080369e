import json

import pytest
from transformers import AutoTokenizer

from ablate import world
from ablate.config import Model
from ablate.evaluate.lm_eval_model import Student
from ablate.evaluate.score import Asked, score
from ablate.generate import Sampling
from ablate.generate.engines.hf import HuggingFace
from ablate.student.load import load_model, load_tokenizer
from ablate.world.__main__ import main
from ablate.world.base import Recipe, skill_table, teach


@pytest.fixture(scope="module")
def shortened(tmp_path_factory):
    """The recipe itself, a few steps of it."""
    folder = tmp_path_factory.mktemp("world")
    return folder, teach(Recipe(steps=40, probes=4), 0, folder)


def test_the_recipe_teaches_and_saves_a_loadable_base(shortened):
    folder, table = shortened
    losses = [json.loads(line)["loss"] for line in (folder / "training.jsonl").read_text().splitlines()]
    assert losses[-1] < losses[0]
    assert set(table) == set(json.loads((world.BASE / "skills.json").read_text()))
    assert {path.name for path in folder.iterdir()} == {path.name for path in world.BASE.iterdir()}
    assert load_model(Model(path=str(folder))).num_parameters() < 500_000


def test_the_recipe_makes_the_shipped_tokenizer(shortened):
    made, shipped = (AutoTokenizer.from_pretrained(folder) for folder in (shortened[0], world.BASE))
    assert made.get_vocab() == shipped.get_vocab()
    assert made.chat_template == shipped.chat_template


def test_the_shipped_base_knows_single_steps_and_no_chain():
    table = json.loads((world.BASE / "skills.json").read_text())
    known = {name for name, share in table.items() if share >= 0.95}
    assert known >= {"arithmetic", "capital", "reverse", "look_up", "need", "single_step", "reflect", "carry"}
    assert table["find"] < 0.15
    again = skill_table(load_model(Model()), load_tokenizer(Model()), 20)
    assert all(abs(again[name] - table[name]) < 0.25 for name in table)
    engine, asked = HuggingFace(load_model(Model()), load_tokenizer(Model()), 60), Asked("tiny_problems", 60, 1, Sampling(384))
    (rows,) = score(asked, engine, engine.tokenizer, [Student()], lambda *_: None)
    assert sum(item.correct for item, _ in rows) < 12


def test_the_shipped_base_is_small_and_safe():
    assert {path.suffix for path in world.BASE.iterdir()} <= {".json", ".jsonl", ".jinja", ".safetensors"}
    assert sum(path.stat().st_size for path in world.BASE.iterdir()) < 4e6


def test_the_command_that_makes_it(tmp_path, capsys, monkeypatch):
    made = []
    monkeypatch.setattr("ablate.world.__main__.teach", lambda *given: made.append(given) or {"look_up": 0.5})
    main(["--out", str(tmp_path), "--steps", "7", "--seed", "3"])
    assert made == [(Recipe(steps=7), 3, tmp_path)]
    assert "look_up      0.50" in capsys.readouterr().out
