"""Supervised fine-tuning: encoded once, then optimised in this process or in as many as the strategy asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablate.config import Config, Strategy
from ablate.console.progress import Log, Progress
from ablate.student.encode import Conversation, TokenCount, count_tokens, encode
from ablate.student.load import load_tokenizer
from ablate.train.strategy import Ran


@dataclass(frozen=True)
class Fitted:
    """What training left behind besides the model: its tokens, the learning curve by step, and how it ran."""

    tokens: TokenCount
    curve: list[dict[str, Any]]
    ran: Ran


def fit(conversations: Sequence[Conversation], config: Config, checkpoints: Path, model_out: Path, progress: Progress, log: Log) -> Fitted:
    """Fine-tune the student and save it, an adapter or all weights, with its tokenizer.

    A whole checkpoint under `checkpoints` is resumed from; half-written ones are ignored.

    Args:
        checkpoints: where the trainer keeps the state it can resume from.
        model_out: the folder to save the result in.
        progress: told of every optimiser step.
        log: told what is measured at some of them: loss, learning rate, tokens per second.

    Raises:
        UserError: the strategy does not suit this machine or the batch.
        ChildProcessError: one of several processes failed or was killed; none is left running.
    """
    from datasets import Dataset

    encoded = encode(conversations, load_tokenizer(config.model), config.train.max_length)
    rows = Dataset.from_dict({"input_ids": [row.input_ids for row in encoded], "labels": [row.labels for row in encoded]})
    if config.train.strategy is Strategy.single:
        from ablate.train.optimise import optimise

        curve, ran = optimise(rows, config, 1, checkpoints, model_out, progress, log)
    else:
        from ablate.train.torchrun import launch

        curve, ran = launch(rows, config, checkpoints, model_out, progress, log)
    return Fitted(count_tokens(encoded), curve, ran)
