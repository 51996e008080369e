"""Writes docs/benchmarks.md from the task files. python benchmarks/pins.py > docs/benchmarks.md"""

from ablate.evaluate.benchmarks.table import HEAD as COLUMNS
from ablate.evaluate.benchmarks.table import table

HEAD = """# Benchmarks

`evaluate=math`, `code`, `retention`, `paper` and `everything` are groups of these. Each set comes from the hub at its commit, or from a
copy below `evaluate.copies=/folder`, as `hf download --repo-type dataset OWNER/NAME --local-dir /folder/OWNER/NAME` leaves it. All are
opened and read before anything trains. A set without a commit asks for `evaluate.revisions.SET=…` or a copy; a commit marked † stands in
other people's code and was not checked.

This page is written by `python benchmarks/pins.py`, from the files that pin them.
"""


def page() -> str:
    """The whole page."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *((f"`{task}`", *rest) for task, *rest in table())]
    return HEAD + "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
