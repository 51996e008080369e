import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ablate.launcher import snapshot
from ablate.record.provenance import commit


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of own code: a module that is loaded, one that is not, and a package of which one module is loaded."""
    for name in ("loaded_alone", "not_loaded", "own_package/__init__", "own_package/used", "own_package/beside"):
        path = tmp_path / "mine" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"NAME = {name!r}\n")
    monkeypatch.syspath_prepend(tmp_path / "mine")
    for module in ("loaded_alone", "own_package.used"):
        importlib.import_module(module)
    yield tmp_path / "mine"
    for module in ("loaded_alone", "own_package", "own_package.used"):
        del sys.modules[module]


def taken(roots, folder):
    held = snapshot.contents(roots)
    snapshot.write(held, folder)
    return held


def test_a_snapshot_runs_by_itself(tmp_path, own):
    taken([own], tmp_path / "copy")
    (own / "loaded_alone.py").write_text("NAME = 'changed'\n")
    where = (
        "import ablate, ablate.conf, ablate.sweeps, loaded_alone, own_package.beside; from ablate.record.provenance import commit; "
        "print(ablate.__file__, ablate.conf.FOLDER, ablate.sweeps.FOLDER, loaded_alone.__file__, own_package.beside.__file__); "
        "print(loaded_alone.NAME, commit())"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "copy"), "PYTHONSAFEPATH": "1"}
    shown = subprocess.run([sys.executable, "-c", where], cwd=own, env=environment, capture_output=True, text=True, check=True)
    places, values = shown.stdout.splitlines()
    assert all(place.startswith(str(tmp_path / "copy")) for place in places.split())
    assert values == f"loaded_alone {commit()}"
    composed = subprocess.run(
        [sys.executable, "-m", "ablate", "+perturb=shuffle_steps", "--cfg", "job"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ablate.perturb.ShuffleSteps" in composed.stdout


def test_own_code_is_what_is_loaded_and_what_stands_beside_it_in_its_package(own):
    ours = {str(place) for place in snapshot.contents([])}
    assert {str(place) for place in snapshot.contents([own])} - ours == {
        "loaded_alone.py",
        "own_package/__init__.py",
        "own_package/used.py",
        "own_package/beside.py",
    }


def test_libraries_below_the_working_folder_are_not_own_code():
    roots = [Path(sys.prefix), Path(sys.base_prefix)]
    assert snapshot.contents(roots).keys() == snapshot.contents([]).keys()


def test_the_name_follows_the_contents_and_the_paths():
    held = {Path("a"): b"1", Path("b"): b"2"}
    assert snapshot.name(held) == snapshot.name(dict(reversed(held.items())))
    others = [{Path("a"): b"1"}, {Path("a"): b"2", Path("b"): b"1"}, {Path("a"): b"1", Path("c"): b"2"}, {Path("a"): b"1b 12"}]
    assert len({snapshot.name(other) for other in [held, *others]}) == 5
