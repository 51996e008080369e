"""Writes docs/benchmarks.md from the task files. python benchmarks/pins.py > docs/benchmarks.md"""

from ablate.evaluate.benchmarks import pins, rule
from ablate.evaluate.benchmarks.catalogue import files

HEAD = """# Benchmarks

`evaluate=math`, `code`, `retention`, `paper` and `everything` are groups of these. Each set comes from the hub at its commit, or from a
copy below `evaluate.copies=/folder`, as `hf download --repo-type dataset OWNER/NAME --local-dir /folder/OWNER/NAME` leaves it. All are
opened and read before anything trains. A set without a commit asks for `evaluate.revisions.SET=…` or a copy; a commit marked † stands in
other people's code and was not checked.

This page is written by `python benchmarks/pins.py`, from the files that pin them.

| task | dataset | commit | rows | rule |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    lines = []
    for task, pin in sorted(pins().items(), key=lambda pair: (files()[pair[0]].parent.name, pair[0])):
        commit = f"{pin.revision[:10]}{'†' if pin.unconfirmed else ''}" if pin.revision else "to be named"
        gated = " (gated)" if pin.gated else ""
        lines.append(f"| `{task}` | {pin.hub}{gated} | {commit} | {pin.rows or 'by window'} | {rule(task)} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
