"""Processes that run arms: which GPU each has, and what happens where one dies."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import pytest

from ablate.config import Config, Evaluate
from ablate.sweeper import workers
from ablate.sweeper.workers import Worker


@pytest.fixture
def two_gpus(tmp_path):
    """A driver's command that lists two, first on the PATH."""
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    return {**kept, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


def test_each_process_has_a_gpu_of_its_own_before_torch_is_touched(two_gpus):
    script = (
        "import os, sys\n"
        "from ablate.sweeper.workers import share_machine\n"
        "share_machine(int(sys.argv[1]), 3, os.environ)\n"
        "print(os.environ['CUDA_VISIBLE_DEVICES'], 'torch' in sys.modules)\n"
    )

    def chosen(number, **more):
        return subprocess.check_output([sys.executable, "-c", script, str(number)], env={**two_gpus, **more}, text=True).split()

    assert [chosen(number) for number in range(3)] == [["0", "False"], ["1", "False"], ["0", "False"]]
    assert chosen(1, CUDA_VISIBLE_DEVICES="4,7") == ["7", "False"]


def test_gpus_that_are_hidden_are_none():
    assert workers.gpus({"CUDA_VISIBLE_DEVICES": ""}) == workers.gpus({"CUDA_VISIBLE_DEVICES": "-1"}) == []
    assert workers.gpus({"CUDA_VISIBLE_DEVICES": "2,GPU-5"}) == ["2", "GPU-5"]


@dataclass
class Folder:
    """Where a death is noted."""

    notes: list

    def write_status(self, **changes):
        self.notes.append(changes)


def ends(worker, folders):
    while True:
        update = worker.hear(folders)
        if update.ended:
            return update


def test_a_process_that_dies_while_it_has_no_arm_is_replaced_and_the_arm_is_not_lost(tmp_path):
    refused = Config(perturb={"none": {"_target_": "nowhere.Nothing"}}, runs=str(tmp_path), evaluate=Evaluate(["tiny_skills"]))
    worker = Worker(0, 1)
    try:
        worker.start(0, [refused])
        first = ends(worker, [Folder([])])
        assert (first.ended, worker.arm) == ("failed", None)
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.join()
        notes: list[dict] = []
        worker.start(0, [refused])
        assert ends(worker, [Folder(notes)]) == first
        assert "perturb.none._target_: nowhere.Nothing can't be loaded" in first.why
        assert notes == []
    finally:
        worker.stop()
