"""Supervised fine-tuning with TRL's SFTTrainer, in this process."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Config, Dtype, Method, Model
from ablate.progress import Progress
from ablate.train.encode import Conversation, TokenCount, count_tokens, encode
from ablate.train.model import load_model, load_tokenizer

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import TrainerCallback
    from trl import SFTConfig

COMPLETE = "complete"
"""The file that marks a checkpoint as whole: the trainer writes many, and a run killed between two leaves half of them."""


@dataclass(frozen=True)
class Fitted:
    """What training left behind besides the model: its tokens, and the learning curve with loss and learning rate by step."""

    tokens: TokenCount
    curve: list[dict[str, Any]]


def fit(conversations: Sequence[Conversation], config: Config, checkpoints: Path, model_out: Path, progress: Progress) -> Fitted:
    """Fine-tune the student and save it, an adapter or all weights, with its tokenizer.

    A whole checkpoint under `checkpoints` is resumed from; half-written ones are ignored.

    Args:
        checkpoints: where the trainer keeps the state it can resume from.
        model_out: the folder to save the result in.
        progress: told of every optimiser step.
    """
    from datasets import Dataset
    from trl import SFTTrainer

    tokenizer = load_tokenizer(config.model)
    encoded = encode(conversations, tokenizer, config.train.longest)
    trainer = SFTTrainer(
        model=load_model(_weights(config)),
        args=_arguments(config, checkpoints),
        train_dataset=Dataset.from_dict({"input_ids": [row.input_ids for row in encoded], "labels": [row.labels for row in encoded]}),
        processing_class=tokenizer,
        peft_config=_adapter(config) if config.train.method is Method.lora else None,
        callbacks=[_watcher(progress)],
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(checkpoints))
    trainer.save_model(str(model_out))
    (model_out / "training_args.bin").unlink()  # a pickle, and the config says it all
    tokenizer.save_pretrained(model_out)
    return Fitted(count_tokens(encoded), [entry for entry in trainer.state.log_history if "loss" in entry])


def last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint in the folder, or None."""
    whole = [marker.parent for marker in folder.glob(f"checkpoint-*/{COMPLETE}")]
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2]))) if whole else None


def _arguments(config: Config, checkpoints: Path) -> "SFTConfig":
    """TRL's arguments for a resolved config; the data is encoded and cut already, so TRL shortens nothing."""
    import torch
    from trl import SFTConfig

    train = config.train
    on_cpu = not torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(checkpoints),
        per_device_train_batch_size=train.per_device,
        gradient_accumulation_steps=train.batch // train.per_device,
        learning_rate=train.learning_rate,
        lr_scheduler_type=train.schedule,
        warmup_steps=train.warm_up,
        weight_decay=train.weight_decay,
        num_train_epochs=train.epochs,
        max_length=train.longest,
        packing=train.packing,
        dataset_kwargs={"skip_prepare_dataset": not train.packing},
        train_sampling_strategy="random" if train.packing else "group_by_length",
        gradient_checkpointing=train.gradient_checkpointing,
        bf16=config.model.dtype == "bfloat16" and not on_cpu,
        use_cpu=on_cpu,
        dataloader_pin_memory=not on_cpu,
        seed=config.seed,
        data_seed=config.seed,
        save_steps=train.checkpoint_every,
        save_total_limit=2,
        logging_steps=max(1, train.checkpoint_every // 10),
        report_to=[],
        disable_tqdm=True,
    )


def _weights(config: Config) -> Model:
    """Weights that are trained themselves are kept in float32: at a learning rate of 1e-5 bfloat16 would round most updates away."""
    return replace(config.model, dtype=Dtype.float32) if config.train.method is Method.full else config.model


def _adapter(config: Config) -> "LoraConfig":
    from peft import LoraConfig

    return LoraConfig(
        r=config.train.lora.rank,
        lora_alpha=config.train.lora.alpha,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _watcher(progress: Progress) -> "TrainerCallback":
    """Reports steps, and marks each checkpoint as whole once the trainer has written all of it."""
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, state.max_steps)

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE).touch()

    return Watcher()
