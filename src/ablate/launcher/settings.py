"""What can be set of a launch, under `hydra.launcher`."""

from dataclasses import dataclass, field, replace
from typing import Any

from ablate.errors import UserError


@dataclass
class Scoring:
    """Of the jobs that score what has trained, as a second wave: `at_once` of them share the arms.

    null takes what the training has; `at_once: null` is one job where one engine serves many arms (vLLM), and otherwise none, since each
    arm's own job scores it.
    """

    partition: str | None = None
    gpus: int | None = None
    cpus: int | None = None
    memory: int | None = None
    time: int | None = None
    at_once: int | None = None


@dataclass
class Slurm:
    """One arm is one job, all arms of a launch are one array of the same shape.

    `gpus`, `cpus` and `memory` (GB) are per node, `gpu_memory` (GB) is what a GPU has, `time` is in minutes, null takes the lab's default.
    `at_once` bounds the arms that run together. An arm that runs out of time is told `notice` seconds before, and queued again up to
    `timeouts` times. `score` are the resources of scoring, where it is a wave of its own. `sbatch` takes any further option of Slurm's by
    its long name.
    """

    _target_: str = "hydra_plugins.ablate.SlurmLauncher"
    partition: str | None = None
    account: str | None = None
    nodes: int = 1
    gpus: int = 0
    cpus: int = 4
    memory: int = 16
    gpu_memory: int = 80
    time: int = 120
    at_once: int = 16
    timeouts: int = 20
    notice: int = 120
    score: Scoring = field(default_factory=Scoring)
    sbatch: dict[str, Any] = field(default_factory=dict)
    wait: bool = True
    dry_run: bool = False


AT_LEAST = {"nodes": 1, "gpus": 0, "cpus": 1, "memory": 1, "gpu_memory": 1, "time": 1, "at_once": 1, "timeouts": 0, "notice": 1}
TAKEN = ("array", "dependency", "hold", "job-name", "open-mode", "output", "requeue", "signal")
"""Options of sbatch on which submitting, finding and queueing again rest."""


def of_scoring(settings: Slurm, after: str | None) -> Slurm:
    """The settings of the jobs that score.

    Args:
        settings: of the launch.
        after: the job that they wait for, however it ends; None: there is none.
    """
    own = {key: value for key, value in vars(settings.score).items() if value is not None}
    sbatch = {**settings.sbatch, "dependency": f"afterany:{after}"} if after else settings.sbatch
    return replace(settings, **{**own, "nodes": 1, "at_once": settings.score.at_once or 1, "sbatch": sbatch})


def register() -> None:
    """Make the schema known to Hydra under the name that the launchers' files begin with."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(group="hydra/launcher", name="schema", node=Slurm)


def check(settings: Slurm) -> None:
    """Raises a `UserError` that lists every value out of bounds by its full key."""
    values = vars(settings)
    problems = [
        f"hydra.launcher.{key}: found {values[key]}, allowed is {least} or more" for key, least in AT_LEAST.items() if values[key] < least
    ]
    problems += [
        f"hydra.launcher.score.{key}: found {value}, allowed is {AT_LEAST[key]} or more"
        for key, value in vars(settings.score).items()
        if key in AT_LEAST and value is not None and value < AT_LEAST[key]
    ]
    if settings.notice >= 60 * settings.time:
        limit = f"less than the {60 * settings.time} seconds of hydra.launcher.time={settings.time}"
        problems.append(f"hydra.launcher.notice: found {settings.notice}, allowed is {limit}")
    problems += [f"hydra.launcher.sbatch.{key}: ablate sets it itself" for key in settings.sbatch if str(key).replace("_", "-") in TAKEN]
    if problems:
        raise UserError("\n".join(problems))
