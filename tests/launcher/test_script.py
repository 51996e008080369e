import subprocess
from pathlib import Path

import pytest

from ablate.launcher import script
from ablate.launcher.settings import Slurm

NAMES = ["clean-lora-s0-0123456789", "shuffle_steps-1+delete_steps-1-lora-s0-abcdefabcd"]


def text(settings, names=NAMES, folder="/lab/runs/study/slurm"):
    return script.text(settings, "study", names, Path(folder), Path("/lab/runs/study/snapshot/abc"))


def options(written):
    lines = [line.removeprefix("#SBATCH --") for line in written.splitlines() if line.startswith("#SBATCH")]
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def test_settings_become_options_of_sbatch():
    settings = Slurm(
        partition="gpu", account="lab", nodes=2, gpus=8, cpus=64, memory=512, time=90, at_once=3, notice=60, sbatch={"qos": "high"}
    )
    given = options(text(settings, NAMES * 2))
    expected = {
        "partition": "gpu",
        "account": "lab",
        "nodes": "2",
        "ntasks-per-node": "1",
        "gpus-per-node": "8",
        "cpus-per-task": "64",
        "mem": "512GB",
        "time": "90",
        "signal": "USR2@60",
        "array": "0-3%3",
        "job-name": "study",
        "qos": "high",
        "requeue": "",
        "hold": "",
    }
    assert given.items() >= expected.items()


def test_what_is_not_set_is_the_labs_default():
    given = options(text(Slurm()))
    assert not {"partition", "account", "gpus-per-node", "qos"} & set(given)


def test_a_single_arm_is_no_array_and_has_its_own_name():
    given = options(text(Slurm(), NAMES[:1]))
    assert "array" not in given
    assert given["job-name"] == NAMES[0]


def test_srun_is_told_the_cores_and_makes_no_terminal():
    (command,) = [line for line in text(Slurm(cpus=7)).splitlines() if line.startswith("srun")]
    assert "--cpus-per-task=7" in command
    assert "--unbuffered" not in command


@pytest.mark.parametrize("task", [0, 1])
def test_a_job_writes_to_the_log_of_its_arm_and_prefers_the_snapshot(tmp_path, task):
    """The script runs in a shell; in place of the arm it says where Python looks."""
    folder = tmp_path / "my runs"
    folder.mkdir()
    told = "\n".join(line for line in text(Slurm(), folder=folder).splitlines() if not line.startswith("srun"))
    environment = {"SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": str(task), "SLURM_JOB_ID": "99", "PYTHONPATH": "/site"}
    subprocess.run(["bash", "-c", f"{told}\necho $PYTHONSAFEPATH $PYTHONPATH"], env=environment, check=True)
    assert [path.name for path in folder.iterdir()] == [script.log_name(NAMES[task], f"12_{task}")]
    assert (folder / f"{NAMES[task]}-12_{task}.log").read_text() == "1 /lab/runs/study/snapshot/abc:/site\n"


def test_a_single_job_writes_to_a_log_with_its_own_number(tmp_path):
    told = "\n".join(line for line in text(Slurm(), NAMES[:1], folder=tmp_path).splitlines() if not line.startswith("srun"))
    subprocess.run(["bash", "-c", told], env={"SLURM_JOB_ID": "99"}, check=True)
    assert [path.name for path in tmp_path.iterdir()] == [script.log_name(NAMES[0], "99")]
