import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_catalogue_page_is_what_its_script_writes_from_the_classes():
    written = subprocess.run([sys.executable, ROOT / "benchmarks" / "catalogue.py"], capture_output=True, text=True, check=True)
    assert written.stdout == (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
