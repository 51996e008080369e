"""Training in two processes on gloo, against the same training in one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import psutil
import pytest
import torch
from torch.distributed.elastic.multiprocessing.errors import record

from ablate import corpora, world
from ablate.config import Config, Data, Evaluate, Lora, Method, Model, Strategy, Train
from ablate.errors import UserError
from ablate.record.files import read_rows
from ablate.student.encode import Conversation
from ablate.student.load import load_model
from ablate.train import fit as fitting
from ablate.train.torchrun import environment, failure
from compiler import NEEDS_COMPILER

CONVERSATIONS = [Conversation(example.problem, example.trace.text) for example in corpora.load(Data(traces=22)).examples]
# 22 traces in batches of 6: the last step has 4, which two processes with a micro-batch of 1 can't share evenly over 3 turns.
TRAIN = Train(learning_rate=4e-3, epochs=1, batch_size=6, per_device_batch_size=1, max_length=512, save_steps=2, lora=Lora(rank=4, alpha=8))
STAGES = [(Strategy.zero2, 2), (Strategy.zero3, 3), pytest.param(Strategy.zero3_offload, 3, marks=NEEDS_COMPILER)]


def config(**changes) -> Config:
    return Config(train=replace(TRAIN, **changes), evaluate=Evaluate(tasks=["tiny_problems"]))


def fit(folder, settings, told=lambda done, total: None, log=lambda values: None):
    return fitting.fit(CONVERSATIONS, settings, folder / "checkpoints", folder / "model", told, log)


def losses(fitted):
    return [entry["loss"] for entry in fitted.curve]


def loaded(folder, method):
    """The weights as plain transformers and peft load them."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    if method is Method.full:
        return AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True).state_dict()
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(world.BASE), folder).merge_and_unload().state_dict()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Losses and weights of the single process."""

    @cache
    def of(method):
        folder = tmp_path_factory.mktemp(method)
        return losses(fit(folder, config(method=method))), loaded(folder / "model", method)

    return of


@pytest.mark.parametrize("method", [Method.lora, Method.full])
@pytest.mark.parametrize(("strategy", "stage"), STAGES)
def test_two_processes_learn_what_one_does_and_save_what_anyone_can_load(tmp_path, alone, strategy, stage, method):
    told, logged = [], []
    fitted = fit(tmp_path, config(strategy=strategy, processes=2, method=method), lambda *done: told.append(done), logged.append)
    expected, weights = alone(method)
    assert losses(fitted) == pytest.approx(expected, rel=1e-4)
    assert told[-1] == (4, 4)
    assert [(row["step"], row["loss"]) for row in logged] == [(row["step"], row["loss"]) for row in fitted.curve]
    assert all(row["tokens_per_second"] > 0 for row in logged[1:])
    assert asdict(fitted.ran) == {
        "strategy": strategy,
        "distributed_type": "DEEPSPEED",
        "zero_stage": stage,
        "offload": strategy is Strategy.zero3_offload,
        "processes": 2,
        "per_device": 1,
        "accumulation": 3,
    }
    found = loaded(tmp_path / "model", method)
    assert found.keys() == weights.keys()
    assert all(torch.allclose(found[name], weights[name], atol=2e-3) for name in weights)
    assert not [path for path in (tmp_path / "model").iterdir() if path.suffix in (".bin", ".pt", ".pkl")]
    assert not (tmp_path / "checkpoints" / "job").exists()
    if strategy is Strategy.zero3:
        assert (tmp_path / "checkpoints" / "checkpoint-4" / "complete").read_text() == "zero3 2"


def test_two_nodes_of_a_job_train_together(tmp_path, alone, monkeypatch):
    """Both on this machine: the second lends its process to the first."""
    job = {
        "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_JOB_NUM_NODES": "2",
        "SLURM_STEP_NUM_NODES": "2",
        "SLURM_STEP_NUM_TASKS": "2",
        "SLURM_STEP_NODELIST": "127.0.0.1",
        "SLURM_NODEID": "0",
    }
    program = (
        "from pathlib import Path; from ablate.config import *; from ablate.train.torchrun import lend; "
        f"lend(Config(train=Train(strategy=Strategy.ddp, processes=1)), Path({str(tmp_path / 'checkpoints')!r}), lambda: False)"
    )
    second = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, **job, "SLURM_NODEID": "1"})
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    fitted = fit(tmp_path, config(strategy=Strategy.ddp, processes=1, method=Method.full))
    assert losses(fitted) == pytest.approx(alone(Method.full)[0], rel=1e-4)
    assert (fitted.ran.distributed_type, fitted.ran.processes) == ("MULTI_CPU", 2)
    assert second.wait(60) == 0


def test_ninja_is_found_where_the_environment_is_not_activated(monkeypatch, tmp_path):
    """DeepSpeed builds with it what offloading needs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = environment(2)
    assert shutil.which("ninja", path=found["PATH"])
    assert found["PATH"].endswith(f"{os.pathsep}{tmp_path}")


def test_what_a_failing_process_said_is_passed_on(tmp_path):
    student = tmp_path / "student"
    shutil.copytree(world.BASE, student)
    (student / "model.safetensors").write_bytes(b"no weights")
    broken = replace(config(strategy=Strategy.ddp, processes=2), model=Model(path=str(student)))
    with pytest.raises(ChildProcessError, match=r"(?s)exit code 1\nrank \d said:.*load_model.*SafetensorError"):
        fit(tmp_path, broken)
    assert not (tmp_path / "checkpoints").exists()


def test_a_users_mistake_that_a_process_finds_stays_one(tmp_path, monkeypatch):
    report = tmp_path / "error.json"
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(report))
    with pytest.raises(UserError):
        record(load_model)(Model(path=str(tmp_path)))
    found = {"rank": 1, "at": 2, "exit_code": 1, "said": json.loads(report.read_text())["message"]}
    ended = {"rank": 0, "at": 1, "exit_code": -signal.SIGTERM, "said": ""}
    passed_on = failure([ended, found], 1)
    assert isinstance(passed_on, UserError)
    assert str(passed_on).startswith("model.path: no model can be loaded")


def test_a_batch_that_cannot_be_shared_starts_no_process(tmp_path):
    with pytest.raises(UserError, match=r"train\.batch_size: found 6, which 4 processes"):
        fit(tmp_path, config(strategy=Strategy.ddp, processes=4))
    assert not list(tmp_path.iterdir())


ARM = [
    "train/strategy=zero3",
    "train.processes=2",
    "data.traces=22",
    "train.batch_size=6",
    "train.per_device_batch_size=1",
    "train.epochs=3",
    "train.max_length=512",
    "train.save_steps=3",
    "train.lora.rank=4",
    "train.lora.alpha=8",
    "evaluate.tasks=[tiny_skills]",
    "evaluate.limit=1",
    "evaluate.max_new_tokens=8",
    "track=disabled",
]


class Arm:
    """An arm as its own command, and the processes that belong to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen([sys.executable, "-m", "ablate", *ARM], cwd=folder, stderr=subprocess.PIPE, text=True)

    def reached(self, step: int) -> list[psutil.Process]:
        """Torchrun and the processes that train, once the checkpoint of that step is whole."""
        deadline = time.monotonic() + 180
        while not list(self.folder.glob(f"runs/arms/*/checkpoints/checkpoint-{step}/complete")):
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return psutil.Process(self.process.pid).children(recursive=True)


def workers(family):
    """The processes that train, by rank."""
    training = [process for process in family if "ablate.train" in process.cmdline() and "ablate.train.agent" not in process.cmdline()]
    return sorted(training, key=lambda process: int(process.environ()["RANK"]))


def status(folder):
    (path,) = folder.glob("runs/arms/*/status.json")
    return json.loads(path.read_text())


def test_killed_ranks_and_killed_arms_leave_no_process_and_the_same_command_goes_on(tmp_path):
    arm = Arm(tmp_path)
    family = arm.reached(3)
    assert len(workers(family)) == 2
    workers(family)[1].kill()
    killed = time.monotonic()
    said = arm.process.communicate(timeout=60)[1]
    assert arm.process.returncode == 1
    assert time.monotonic() - killed < 60
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert status(tmp_path)["state"] == "failed"
    for text in (said, status(tmp_path)["traceback"]):
        assert "ChildProcessError: torchrun ended with exit code 1\nrank 1 was ended by SIGKILL" in text

    arm = Arm(tmp_path)
    family = arm.reached(6)
    arm.process.send_signal(signal.SIGKILL)
    assert psutil.wait_procs(family, timeout=60)[1] == []
    arm.process.communicate()

    arm = Arm(tmp_path)
    assert arm.process.wait(180) == 0
    assert status(tmp_path)["state"] == "done"
    (made,) = tmp_path.glob("runs/arms/*/model/provenance.json")
    training = json.loads(made.read_text())["training"]
    assert (training["distributed_type"], training["zero_stage"], training["processes"]) == ("DEEPSPEED", 3, 2)
    (curve,) = tmp_path.glob("runs/arms/*/train.jsonl")
    undisturbed = fit(tmp_path / "alone", config(epochs=3))
    assert [entry["loss"] for entry in read_rows(curve)] == pytest.approx(losses(undisturbed), rel=1e-3)
