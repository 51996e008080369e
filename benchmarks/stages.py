"""Writes docs/stages.md from the stages: what each reads, takes in and leaves. python benchmarks/stages.py > docs/stages.md"""

from collections.abc import Iterable

from ablate.record.keys import DEFAULTS, below
from ablate.stages import STAGES, execution_settings

HEAD = """# The stages of an arm

An arm is a trained student; scores are added to it. Each stage has a key, a hash of the settings it reads, of the keys of what it takes in,
and of its version. The key of `train` is the arm's: the same condition has one folder, `runs/arms/<name>-<key>/`, whichever study asks for
it, so that studies share arms, and a new benchmark, more items or more samples train nothing. A setting at its default enters no key.

What made a result stands beside it in `provenance.json`, and is not rewritten by a later run that only looks.

This page is written by `python benchmarks/stages.py`, from the list that identity, resuming and comparison go by.
"""
FOOT = """## What no stage reads

These say where, how fast and how much, and never what comes out; runs that differ in nothing else are the same arm. Of the data, what
counts is the corpus that is read (the same bytes under another path are the same data, other bytes behind the same path are not), of a
student's path what its files hold, and a dose reaches an arm through its perturbations.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for stage in STAGES:
        read = [key for key in DEFAULTS if below(key, stage.reads) and not below(key, stage.execution)]
        lines = [f"## {stage.name}", "", (stage.__doc__ or "").strip(), ""]
        lines += [f"- version {stage.version}; takes in {listed(stage.inputs)}"]
        lines += [f"- reads {listed(read)}"]
        parts.append("\n".join(lines) + "\n")
    parts.append(FOOT)
    return "\n".join([*parts, listed(execution_settings()) + "\n"])


def listed(names: Iterable[str]) -> str:
    """Names of settings or stages, with commas between."""
    return ", ".join(f"`{name}`" for name in names) or "nothing"


if __name__ == "__main__":
    print(page(), end="")
