"""Imports point one way."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in sorted(ROOT.glob("ablate/**/*.py"))
}


def imports(name):
    """The modules of ours that one imports, at once or later."""
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in MODULES else node.module


GRAPH = {name: set(imports(name)) - {name} for name in MODULES if name != "ablate"}


def room(name):
    return ".".join(name.split(".")[:2])


def test_there_is_no_circle():
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        raise AssertionError(" → ".join(error.args[1])) from None


def test_nobody_upstream_imports_the_comparison():
    allowed = ("ablate.compare", "ablate.plan", "ablate.cli", "ablate.library")
    importers = {name for name, used in GRAPH.items() if any(room(one) == "ablate.compare" for one in used)}
    assert {name for name in importers if room(name) not in allowed} == set()


def test_the_console_and_the_errors_know_nobody():
    assert {used for name in GRAPH if room(name) == "ablate.console" for used in GRAPH[name] if room(used) != "ablate.console"} == set()
    assert GRAPH["ablate.errors"] == set()


def test_few_files_stand_loose():
    assert len([path for path in (ROOT / "ablate").iterdir() if path.is_file()]) <= 8


def test_rooms_below_know_nothing_of_rooms_above():
    above = {
        "ablate.traces": {"ablate.perturb", "ablate.corpora", "ablate.stages", "ablate.train", "ablate.study"},
        "ablate.perturb": {"ablate.corpora", "ablate.stages", "ablate.train", "ablate.study", "ablate.student"},
        "ablate.student": {"ablate.train", "ablate.evaluate", "ablate.stages", "ablate.study", "ablate.launcher"},
        "ablate.train": {"ablate.evaluate", "ablate.stages", "ablate.study", "ablate.launcher"},
        "ablate.evaluate": {"ablate.train", "ablate.stages", "ablate.study"},
        "ablate.generate": {"ablate.train", "ablate.evaluate", "ablate.stages", "ablate.study"},
        "ablate.record": {"ablate.stages", "ablate.study", "ablate.train", "ablate.sweeper", "ablate.launcher"},
        "ablate.stages": {"ablate.study", "ablate.sweeper", "ablate.launcher", "ablate.cli"},
        "ablate.study": {"ablate.sweeper", "ablate.launcher", "ablate.cli"},
        "ablate.launcher": {"ablate.cli", "ablate.sweeper"},
    }
    wrong = [f"{name} → {used}" for name, ones in GRAPH.items() for used in ones if room(used) in above.get(room(name), ())]
    assert wrong == []
