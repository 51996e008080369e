"""From settings to the sbatch script; nothing here touches a file or the cluster."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablate.launcher.settings import Slurm

_ARM = "${arms[${SLURM_ARRAY_TASK_ID:-0}]}"
_JOB = "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"


def parameters(settings: Slurm, study: str, names: Sequence[str], folder: Path, snapshot: Path) -> dict[str, Any]:
    """submitit's parameters for the arms `names`; `folder` is where logs go and `snapshot` holds the code to run.

    Jobs are submitted on hold, so that each has its arm's name before it starts.

    Args:
        settings: of the launch.
        study: by name.
        names: of the arms.
        folder: where scripts and logs are.
        snapshot: the folder of the code that runs.
    """
    optional = {"partition": settings.partition, "account": settings.account, "gpus_per_node": settings.gpus or None}
    return {
        "job_name": study if len(names) > 1 else names[0],
        "time": settings.time,
        "nodes": settings.nodes,
        "ntasks_per_node": 1,
        "cpus_per_task": settings.cpus,
        "mem": f"{settings.memory}GB",
        "array_parallelism": settings.at_once,
        "signal_delay_s": settings.notice,
        "setup": [
            f"arms=({shlex.join(names)})",
            f'log={shlex.quote(str(folder))}/"{log_name(_ARM, _JOB)}"',
            'exec >> "$log" 2>&1',
            "export PYTHONSAFEPATH=1",  # else Python would prefer the folder it starts in, where code goes on changing
            f'export PYTHONPATH={shlex.quote(str(snapshot))}"${{PYTHONPATH:+:$PYTHONPATH}}"',
        ],
        "stderr_to_stdout": True,
        "use_srun": False,
        "additional_parameters": {"hold": True, "requeue": True, "output": "/dev/null", **settings.sbatch},
        **{key: value for key, value in optional.items() if value is not None},
    }


def python(settings: Slurm) -> str:
    """The command before submitit's own arguments.

    submitit's srun lacks the number of cores, which srun does not take from sbatch since Slurm 22.05, and gives a job a terminal.
    """
    # Of several nodes the further ones lend their processes, and would wait for ever for a first one that was killed.
    together = " --kill-on-bad-exit=1" if settings.nodes > 1 else ""
    return f'srun --output="$log" --open-mode=append --cpus-per-task={settings.cpus}{together} {shlex.quote(sys.executable)}'


def log_name(arm: str, job: str) -> str:
    """The file that holds what an arm's job writes; a job that was queued again adds to it.

    Args:
        arm: by name.
        job: its line of the queue, or its number.
    """
    return f"{arm}-{job}.log"


def text(settings: Slurm, study: str, names: Sequence[str], folder: Path, snapshot: Path) -> str:
    """The script that submitit gives to sbatch for these arms; arguments as of `parameters`."""
    from submitit.slurm.slurm import _make_sbatch_string

    command = f"{python(settings)} -u -m submitit.core._submit {shlex.quote(str(folder))}"
    array = len(names) if len(names) > 1 else None
    return _make_sbatch_string(command=command, folder=folder, map_count=array, **parameters(settings, study, names, folder, snapshot))
