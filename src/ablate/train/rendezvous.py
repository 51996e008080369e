"""How the processes of one training find each other: from the environment of a job to the arguments of torchrun."""

import re
from collections.abc import Mapping

from ablate.errors import UserError

PORTS = range(20000, 30000)
"""One of these, chosen by the job's number, is where the nodes of a job meet."""


def node(environment: Mapping[str, str]) -> int:
    """Which of the job's nodes this is; the first, 0, is the one that runs the arm."""
    return int(environment.get("SLURM_NODEID", 0)) if nodes(environment) > 1 else 0


def nodes(environment: Mapping[str, str]) -> int:
    """On how many nodes this command runs, one task on each; 1 outside Slurm.

    Raises:
        UserError: the job has several nodes but not one task on each of them.
    """
    allocated = int(environment.get("SLURM_JOB_NUM_NODES", 1))
    reached = int(environment.get("SLURM_STEP_NUM_NODES", 1))
    tasks = int(environment.get("SLURM_STEP_NUM_TASKS", 1))
    if (allocated > 1 and reached < allocated) or tasks > reached:
        raise UserError(
            f"train/strategy: found {tasks} Slurm tasks on {reached} of the job's {allocated} nodes; needed is one task on each node, "
            "which starts a process for each of its GPUs: srun --ntasks-per-node=1, or hydra.launcher.tasks_per_node=1"
        )
    return reached


def job(environment: Mapping[str, str]) -> str:
    """A name for this start of the job, by which its nodes know each other."""
    return f"{environment.get('SLURM_JOB_ID', 'local')}-{environment.get('SLURM_RESTART_COUNT', '0')}"


def arguments(environment: Mapping[str, str], processes: int) -> list[str]:
    """Torchrun's arguments for `processes` on this node, and for the meeting point of several.

    Args:
        environment: of the process.
        processes: on this node, or of all nodes.
    """
    each = [f"--nproc-per-node={processes}"]
    if nodes(environment) == 1:
        return ["--standalone", "--local-addr=127.0.0.1", *each]
    port = PORTS[int(environment["SLURM_JOB_ID"]) % len(PORTS)]
    return [
        f"--nnodes={nodes(environment)}",
        f"--node-rank={node(environment)}",
        f"--rdzv-id={job(environment)}",
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint={first_host(environment['SLURM_STEP_NODELIST'])}:{port}",
        f"--rdzv-conf=is_host={node(environment) == 0}".lower(),
        *each,
    ]


def first_host(listed: str) -> str:
    """The first of a list of hosts as Slurm writes it: `gpu003` of `gpu[003-006,009],big1`."""
    return re.sub(r"\[(\d+)[^\]]*\]", r"\1", listed).split(",")[0]
