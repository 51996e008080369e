"""The launcher as a person meets it where there is no Slurm."""

import os
import subprocess
import sys

import pytest


def ablate(*arguments, cwd):
    environment = {**os.environ, "PATH": "/nowhere"}
    return subprocess.run([sys.executable, "-m", "ablate", *arguments], cwd=cwd, capture_output=True, text=True, env=environment)


def test_without_m_it_is_refused(tmp_path):
    shown = ablate("hydra/launcher=slurm", cwd=tmp_path)
    assert shown.returncode == 2
    assert shown.stderr.startswith("ablate: hydra/launcher: found 'slurm' without -m")
    assert len(shown.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("launcher", "options"),
    [
        ("slurm", ["--cpus-per-task=4", "--nodes=1", "--mem=16GB"]),
        ("slurm_8gpu", ["--gpus-per-node=8", "--nodes=1"]),
        ("slurm_multinode", ["--gpus-per-node=8", "--nodes=4", "--ntasks-per-node=1"]),
    ],
)
def test_every_shipped_launcher_prints_its_script(tmp_path, launcher, options):
    arms = ["perturb=[],shuffle_steps", "dose=0.33", "seed=0,1", "hydra.launcher.at_once=2"]
    shown = ablate("-m", f"hydra/launcher={launcher}", *arms, "hydra.launcher.dry_run=true", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("#!/bin/bash")
    assert {f"#SBATCH {option}" for option in [*options, "--array=0-3%2", "--job-name=single"]} <= set(shown.stdout.splitlines())
    for name in ("clean-lora-s0", "clean-lora-s1", "shuffle_steps-0.33-lora-s0", "shuffle_steps-0.33-lora-s1"):
        assert f"{name}-" in shown.stdout
    assert not list(tmp_path.iterdir())


def test_an_arm_that_is_named_twice_is_launched_once(tmp_path):
    shown = ablate("-m", "hydra/launcher=slurm", "dose=0.33,0.67", "hydra.launcher.dry_run=true", cwd=tmp_path)
    assert shown.stdout.count("clean-lora-s0") == 2  # the job's name, and the list of arms
    assert "--array" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hydra.launcher.tme=3"], "hydra.launcher.tme: there is no such key. Did you mean hydra.launcher.time"),
        (["hydra.launcher.time=soon"], "hydra.launcher.time: Value 'soon' of type 'str' could not be converted to Integer"),
        (["hydra.launcher.cpus=0"], "hydra.launcher.cpus: found 0, allowed is 1 or more"),
        (["hydra.launcher.time=2"], "hydra.launcher.notice: found 120, allowed is less than the 120 seconds of hydra.launcher.time=2"),
        (["+hydra.launcher.sbatch.signal=KILL@9"], "hydra.launcher.sbatch.signal: ablate sets it itself"),
        (["hydra.launcher.cpus=1,2"], "Sweeping over Hydra's configuration is not supported"),
        (["dose=0.5,2"], "dose: found 2, allowed is a share from 0 to 1"),
        (["data=file", "data.path=nix.jsonl"], "data.path: nix.jsonl is no file"),
        ([], "hydra/launcher: Slurm's commands are not on the PATH; hydra.launcher.dry_run=true works without them"),
    ],
)
def test_a_mistake_is_one_message_before_anything_is_submitted(tmp_path, arguments, message):
    shown = ablate("-m", "hydra/launcher=slurm", *arguments, cwd=tmp_path)
    assert shown.returncode == 2, shown.stderr
    assert message in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
    assert not list(tmp_path.glob("runs/single/clean-*"))
