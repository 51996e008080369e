"""Shards are the same whatever number of processes writes them, and none is lost or done twice after a kill."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ablate import corpora
from ablate.config import Data, Model, Source
from ablate.stages import shards

PERTURB = {
    "insert_steps": {"_target_": "ablate.perturb.InsertSteps", "dose": 0.5},
    "wrong_answer": {"_target_": "ablate.perturb.WrongAnswer", "dose": 0.5},
    "corrupt_digits": {"_target_": "ablate.perturb.CorruptDigits", "dose": 0.5},
}
SCRIPT = """
import sys
from pathlib import Path
from test_shards import job
from ablate.stages import shards

shards.write(job(Path(sys.argv[1]), Path(sys.argv[2])), 1, lambda done, total: None)
"""


def job(rows, folder, workers=1):
    data = Data(source=Source.file, path=str(rows), workers=workers)
    corpus = corpora.stored(data, folder / "data", lambda done, total: None)
    return shards.Shards(corpus, PERTURB, 3, Model(), folder / "traces", rows=20)


def written(folder):
    return {path.name: path.read_bytes() for path in shards.paths(folder / "traces")}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "t.jsonl"
    with path.open("w") as lines:
        for number in range(400):
            steps = "\n\n".join(f"Step {step} of {number}: {step}+1={step + 1}." for step in range(12))
            response = f"<think>\n{steps}\n</think>\n\nIt is \\boxed{{{number}}}."
            row = {"id": f"r{number}", "problem": f"p{number // 2}", "answer": str(number), "response": response, "correct": number % 4 > 0}
            lines.write(json.dumps(row) + "\n")
    return path


@pytest.fixture(scope="module")
def alone(rows, tmp_path_factory):
    """What one process writes."""
    folder = tmp_path_factory.mktemp("alone")
    shards.write(job(rows, folder), 1, lambda done, total: None)
    return written(folder)


@pytest.mark.parametrize("workers", [2, 4])
def test_two_and_four_processes_write_what_one_writes(rows, alone, workers, tmp_path):
    shards.write(job(rows, tmp_path, workers), workers, lambda done, total: None)
    assert len(alone) == 15
    assert written(tmp_path) == alone


def test_after_a_kill_what_is_written_stays_and_the_rest_follows(rows, alone, tmp_path):
    script = [sys.executable, "-c", SCRIPT, str(rows), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    process = subprocess.Popen(script, env=environment)
    while len(shards.paths(tmp_path / "traces")) < 3:
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in shards.paths(tmp_path / "traces")}
    assert len(kept) < 15
    subprocess.run(script, env=environment, check=True)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert written(tmp_path) == alone
