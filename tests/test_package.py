"""The wheel holds all that a run needs, and works from any folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, built and unpacked beside nothing else of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a copy, since setuptools leaves its build folder in the tree, and packs what is still in it
    for name in ("src", "conf", "sweeps"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", str(source), "--no-deps", "--wheel-dir", str(folder)], check=True)
    (wheel,) = folder.glob("ablate_cot-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)], check=True)
    return folder / "site"


def test_the_wheel_runs_from_any_folder(installed, tmp_path):
    where = "import ablate, ablate.conf, ablate.world; print(ablate.__file__, ablate.conf.FOLDER, ablate.world.BASE)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    shown = subprocess.run([sys.executable, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert all(path.startswith(str(installed)) for path in shown.stdout.split())
    tasks = (
        "from ablate.evaluate.benchmarks import FOLDER; from lm_eval.tasks import TaskManager; "
        "loaded = TaskManager(include_path=str(FOLDER), include_defaults=False).load(['tiny_problems', 'tiny_skills']); "
        "print(FOLDER, len(loaded['tasks']))"
    )
    shown = subprocess.run([sys.executable, "-c", tasks], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(str(installed))
    assert shown.stdout.split()[-1] == "2"
    composed = subprocess.run(
        [sys.executable, "-m", "ablate", "+perturb=shuffle_steps", "--cfg", "job"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_target_: ablate.perturb.ShuffleSteps" in composed.stdout


def test_the_wheel_holds_every_file(installed):
    def files(folder):
        return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    assert files(installed / "ablate" / "conf") == files(ROOT / "conf")
    for room in ("world", "evaluate", "preview", "compare", "page"):
        assert files(installed / "ablate" / room) == files(ROOT / "src" / "ablate" / room)
