"""Tests have the same names in every process, so that several can share them."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_two_collections_seconds_apart_under_two_hash_seeds_are_the_same():
    collected = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {"PYTHONHASHSEED": seed}
        shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stdout + shown.stderr
        collected.append([line for line in shown.stdout.splitlines() if "::" in line])
        time.sleep(1.1)  # a time stamp that counts seconds has to differ
    assert len(collected[0]) > 500
    assert collected[0] == collected[1]
