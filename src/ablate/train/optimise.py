"""Supervised fine-tuning with TRL's SFTTrainer, in this process, alone or as one of several."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Config, Dtype, Method, Model, Strategy
from ablate.console.progress import Log, Progress
from ablate.student.adapter import adapter
from ablate.student.load import load_model, load_tokenizer
from ablate.train.order import in_order
from ablate.train.strategy import ZERO_STAGE, Ran, accumulation, library_arguments, ran

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import SFTConfig

COMPLETE = "complete"
"""The file that marks a checkpoint as whole: the trainer writes many, and a run killed between two leaves half of them."""


def optimise(
    rows: "Dataset", config: Config, processes: int, checkpoints: Path, model_out: Path, progress: Progress, log: Log
) -> tuple[list[dict[str, Any]], Ran]:
    """Fine-tune the student and save it, an adapter or all weights, with its tokenizer.

    A whole checkpoint under `checkpoints` that the same strategy left there is resumed from; all others are ignored.

    Args:
        rows: `input_ids` and `labels`, one row per trace.
        processes: of all nodes, of which this is one.
        checkpoints: where the trainer keeps the state it can resume from.
        model_out: the folder to save the result in.
        progress: told of every optimiser step.
        log: told what the trainer measures.

    Returns:
        the learning curve, with loss and learning rate by step, and how training ran.
    """
    if config.train.strategy in ZERO_STAGE:
        _ready_for_deepspeed()
    arguments = _arguments(config, processes, checkpoints)  # first, since it is what makes ZeRO-3 share out the weights as they load
    tokenizer = load_tokenizer(config.model)
    marker = f"{config.train.strategy} {processes}"
    trainer = in_order()(
        model=load_model(_weights(config)),
        args=arguments,
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=adapter(config) if config.train.method is Method.lora else None,
        callbacks=[_watcher(progress, log, marker)],
    )
    how = ran(trainer, config.train)
    trainer.train(resume_from_checkpoint=last_checkpoint(checkpoints, marker))
    trainer.save_model(str(model_out))
    if trainer.is_world_process_zero():
        (model_out / "training_args.bin").unlink()  # a pickle, and the config says it all
        tokenizer.save_pretrained(model_out)
    return [entry for entry in trainer.state.log_history if "loss" in entry], how


def last_checkpoint(folder: Path, how: str = "single 1") -> str | None:
    """The newest whole checkpoint in the folder that this strategy on as many processes left there, or None.

    Args:
        folder: of checkpoints.
        how: the strategy and its processes.
    """
    whole = [marker.parent for marker in folder.glob(f"checkpoint-*/{COMPLETE}") if marker.read_text() == how]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


def _arguments(config: Config, processes: int, checkpoints: Path) -> "SFTConfig":
    """TRL's arguments for a resolved config; the data is encoded and cut already, so TRL shortens nothing."""
    import torch
    from trl import SFTConfig

    train = config.train
    on_cpu = not torch.cuda.is_available()
    arguments = SFTConfig(
        output_dir=str(checkpoints),
        per_device_train_batch_size=train.per_device_batch_size,
        gradient_accumulation_steps=accumulation(train, processes),
        learning_rate=train.learning_rate,
        lr_scheduler_type=train.lr_scheduler_type,
        warmup_steps=train.warmup_ratio,
        weight_decay=train.weight_decay,
        num_train_epochs=train.epochs,
        max_length=train.max_length,
        packing=train.packing,
        dataset_kwargs={"skip_prepare_dataset": not train.packing},
        gradient_checkpointing=train.gradient_checkpointing and train.strategy is not Strategy.fsdp2,
        bf16=config.model.dtype == "bfloat16" and not on_cpu,
        use_cpu=on_cpu,
        dataloader_pin_memory=not on_cpu,
        seed=config.seed,
        data_seed=config.seed,
        save_steps=train.save_steps,
        save_total_limit=2,
        logging_steps=max(1, train.save_steps // 10),
        report_to=[],
        disable_tqdm=True,
        **library_arguments(train, not on_cpu),
    )
    if train.strategy is Strategy.single:
        arguments._n_gpu = min(arguments.n_gpu, 1)  # else the trainer takes all GPUs it sees, and the batch grows by their number
    return arguments


def _weights(config: Config) -> Model:
    """Weights that are trained themselves are kept in float32: at a learning rate of 1e-5 bfloat16 would round most updates away.

    DeepSpeed keeps float32 masters of bfloat16 weights itself, but on the CPU computes in float32 alone.
    """
    import torch

    kept = torch.cuda.is_available() if config.train.strategy in ZERO_STAGE else config.train.method is Method.lora
    return config.model if kept else replace(config.model, dtype=Dtype.float32)


def _ready_for_deepspeed() -> None:
    """On the CPU the libraries leave it to us to start DeepSpeed's communication, and it would build an extension for minutes for it."""
    import torch

    if not torch.cuda.is_available():
        import deepspeed

        deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
        deepspeed.init_distributed("gloo", auto_mpi_discovery=False)


class Speed:
    """Tokens per second, from the tokens that the trainer has seen at two of its logs."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def measured(self, values: dict[str, float]) -> dict[str, float]:
        """The values, and with them the speed since the last ones."""
        now, tokens = time.monotonic(), values.get("num_tokens")
        last, self._last = self._last, None if tokens is None else (now, tokens)
        if last is None or tokens is None or now <= last[0]:
            return values
        return {**values, "tokens_per_second": (tokens - last[1]) / (now - last[0])}


def _watcher(progress: Progress, log: Log, how: str) -> "TrainerCallback":
    """Reports steps, and marks each checkpoint as whole once every process has written its part of it."""
    from accelerate import PartialState
    from transformers import TrainerCallback

    speed = Speed()

    class Watcher(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, state.max_steps)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
            if state.is_world_process_zero and "loss" in logs:
                log(speed.measured({**logs, "step": state.global_step}))

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            PartialState().wait_for_everyone()
            if state.is_world_process_zero:
                (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE).write_text(how)

    return Watcher()
