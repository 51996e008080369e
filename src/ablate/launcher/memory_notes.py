"""Whether the arms will fit into the memory of the nodes that are asked for, said before anything is submitted."""

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from ablate.config import Config, Strategy
from ablate.errors import UserError
from ablate.launcher.settings import Slurm


def notes(configs: Sequence[Config], settings: Slurm) -> list[str]:
    """What each way of training among the arms needs of a GPU and of a node, and a warning where the nodes have less.

    Args:
        configs: of the arms.
        settings: of the launch.
    """
    if not settings.gpus:
        return []
    ways = {(config.model.path, config.train.method, config.train.strategy): config for config in configs}
    return [line for config in ways.values() for line in _about(config, settings)]


def _about(config: Config, settings: Slurm) -> list[str]:
    from ablate.student import memory

    way = f"{config.model.path}, train.method={config.train.method}, train.strategy={config.train.strategy}"
    gpus = 1 if config.train.strategy is Strategy.single else config.train.processes or settings.gpus
    try:
        with (
            redirect_stdout(StringIO()),
            redirect_stderr(StringIO()),
        ):  # DeepSpeed says what it finds of this machine, which is not the job's
            needed = memory.estimate(memory.parameters(config), config.train.strategy, gpus, settings.nodes)
    except UserError as error:
        return [f"memory: {way}: can't be estimated: {error}"]
    warned = memory.warning(needed, settings.gpu_memory, settings.memory)
    return [f"memory: {way}: {memory.described(needed)}", *([f"warning: {way}: {warned}"] if warned else [])]
