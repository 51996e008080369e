"""Strategies of distributed training: what each asks of the libraries, and whether it is what ran."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ablate.config import Strategy, Train
from ablate.errors import UserError, require

if TYPE_CHECKING:
    from trl import SFTTrainer

ZERO_STAGE = {Strategy.zero2: 2, Strategy.zero3: 3, Strategy.zero3_offload: 3}
"""The stage of those strategies that are DeepSpeed's."""

DISTRIBUTED_TYPES = {
    Strategy.single: ("NO",),
    Strategy.ddp: ("MULTI_GPU", "MULTI_CPU"),
    Strategy.zero2: ("DEEPSPEED",),
    Strategy.zero3: ("DEEPSPEED",),
    Strategy.zero3_offload: ("DEEPSPEED",),
    Strategy.fsdp2: ("FSDP",),
}
"""What accelerate calls each strategy."""


@dataclass(frozen=True)
class Ran:
    """How training ran, as the trainer itself reports it; `batch` is `processes` × `per_device` × `accumulation` traces."""

    strategy: str
    distributed_type: str
    zero_stage: int | None
    offload: bool
    processes: int
    per_device: int
    accumulation: int

    @property
    def batch(self) -> int:
        return self.processes * self.per_device * self.accumulation


def check_installed(strategy: Strategy) -> None:
    """Raises a `UserError` for a strategy of DeepSpeed's where that is not installed."""
    if strategy in ZERO_STAGE:
        require("deepspeed", "deepspeed", f"train/strategy={strategy}")


def accumulation(train: Train, processes: int) -> int:
    """Micro-batches per optimiser step, such that the step sees `train.batch_size` traces whatever the number of processes.

    Args:
        train: the settings of training.
        processes: on this node, or of all nodes.

    Raises:
        UserError: the batch can't be shared out evenly.
    """
    at_once = train.per_device_batch_size * processes
    if train.batch_size % at_once:
        shares = [n for n in range(1, train.batch_size + 1) if train.batch_size % (train.per_device_batch_size * n) == 0]
        raise UserError(
            f"train.batch_size: found {train.batch_size}, which {processes} processes with "
            f"train.per_device_batch_size={train.per_device_batch_size} can't share evenly: they take {at_once} traces at once. "
            f"Allowed is a multiple of {at_once}, or one of {shares} processes"
        )
    return train.batch_size // at_once


def check_device(strategy: Strategy, on_gpu: bool) -> None:
    """Raises a `UserError` for FSDP2 without a GPU, where accelerate silently trains with DDP.

    Args:
        strategy: of training.
        on_gpu: whether there is one.
    """
    if strategy is Strategy.fsdp2 and not on_gpu:
        raise UserError(
            "train/strategy: found fsdp2, which needs a GPU, and there is none: accelerate would train with DDP instead. "
            "Take ddp, zero2, zero3 or zero3_offload"
        )


def library_arguments(train: Train, on_gpu: bool) -> dict[str, Any]:
    """The part of the trainer's arguments that makes the strategy.

    Args:
        train: the settings of training.
        on_gpu: whether there is one.
    """
    if train.strategy in ZERO_STAGE:
        return {"deepspeed": _deepspeed(train.strategy)}
    if train.strategy is Strategy.fsdp2:  # which recomputes activations itself; the trainer's own way would gather weights once more
        return {"fsdp": True, "fsdp_config": {"version": 2, "activation_checkpointing": train.gradient_checkpointing}}
    return {} if on_gpu or train.strategy is Strategy.single else {"ddp_backend": "gloo"}


def _deepspeed(strategy: Strategy) -> dict[str, Any]:
    """DeepSpeed's configuration; `auto` takes the trainer's value. With bf16 it keeps float32 masters of the weights itself."""
    zero: dict[str, Any] = {"stage": ZERO_STAGE[strategy], "stage3_gather_16bit_weights_on_model_save": True}
    if strategy is Strategy.zero3_offload:
        zero |= {"offload_optimizer": {"device": "cpu"}, "offload_param": {"device": "cpu"}}
    return {
        "zero_optimization": zero,
        "bf16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "gradient_accumulation_steps": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "train_batch_size": "auto",
    }


def ran(trainer: "SFTTrainer", train: Train) -> Ran:
    """What the trainer is about to do, compared with what was asked for.

    Args:
        trainer: about to train.
        train: the settings of training.

    Raises:
        RuntimeError: accelerate fell back to another strategy, or the step would see another number of traces.
    """
    accelerator = trainer.accelerator
    plugin = accelerator.state.deepspeed_plugin if accelerator.distributed_type == "DEEPSPEED" else None
    running = Ran(
        strategy=str(train.strategy),
        distributed_type=accelerator.distributed_type.value,
        zero_stage=plugin.zero_stage if plugin else None,
        offload=bool(plugin and plugin.deepspeed_config["zero_optimization"].get("offload_param", {}).get("device") == "cpu"),
        processes=accelerator.num_processes,
        per_device=trainer.args.per_device_train_batch_size * max(1, trainer.args.n_gpu),
        accumulation=trainer.args.gradient_accumulation_steps,
    )
    asked = (ZERO_STAGE.get(train.strategy), train.strategy is Strategy.zero3_offload, train.batch_size)
    if running.distributed_type not in DISTRIBUTED_TYPES[train.strategy] or asked != (running.zero_stage, running.offload, running.batch):
        raise RuntimeError(
            f"train/strategy={train.strategy} with train.batch_size={train.batch_size} was asked for, but this would run: {running}"
        )
    return running
