"""The page that says which settings each stage reads."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_says_what_the_code_does():
    assert (ROOT / "docs" / "stages.md").read_text() == runpy.run_path(str(ROOT / "benchmarks" / "stages.py"))["page"]()
