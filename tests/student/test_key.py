"""What a student is."""

import json
import os
import shutil

import pytest

from ablate import world
from ablate.config import Model
from ablate.errors import UserError
from ablate.student.key import student_key


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(world.BASE, tmp_path / "student")


def key(folder, tmp_path):
    return student_key(Model(path=str(folder)), tmp_path / "memory")


def test_a_byte_equal_copy_is_the_same_student_whatever_stands_beside_it(copied, tmp_path):
    (copied / "README.txt").write_text("Mine.")
    (copied / "training_args.json").write_text("{}")
    (copied / "generation_config.json").write_text(json.dumps({"repetition_penalty": 1.05}))
    os.utime(copied / "model.safetensors", (1, 1))
    assert key(copied, tmp_path) == student_key(Model(), tmp_path / "memory")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
def test_another_byte_in_what_makes_it_is_another_student(copied, tmp_path, name):
    before = key(copied, tmp_path)
    path = copied / name
    status = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b" " if path.stat().st_size else b" ")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert key(copied, tmp_path) != before


def cache(folder, monkeypatch, commit, branch="main"):
    """A hub's cache with one commit of the tiny base, as a download leaves it."""
    home = folder / "models--lab--student"
    (home / "refs").mkdir(parents=True, exist_ok=True)
    (home / "refs" / branch).write_text(commit)
    shutil.copytree(world.BASE, home / "snapshots" / commit, dirs_exist_ok=True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("transformers.utils.hub.constants.HF_HUB_CACHE", str(folder))


def test_a_hubs_student_is_its_name_and_commit(tmp_path, monkeypatch):
    keys = []
    for commit in ("a" * 40, "b" * 40):
        cache(tmp_path / "hub", monkeypatch, commit)
        keys.append(student_key(Model(path="lab/student"), tmp_path / "memory"))
    assert keys[0] != keys[1]
    assert student_key(Model(path="lab/student", revision="a" * 40), tmp_path / "memory") == keys[0]


def test_what_is_neither_a_folder_nor_on_a_hub_is_named(tmp_path, monkeypatch):
    cache(tmp_path / "hub", monkeypatch, "a" * 40)
    with pytest.raises(UserError, match=r"model\.path: 'lab/other' is no folder, and can't be had from a hub"):
        student_key(Model(path="lab/other"), tmp_path / "memory")
