"""The order in which traces are seen: the same for any number of processes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset
    from trl import SFTTrainer

from ablate.train.encode import IGNORED


def in_order() -> "type[SFTTrainer]":
    """TRL's trainer, with the order of one process kept when several take turns at it.

    The libraries group lengths within each process's share, and fill up the last step by repeating the first traces. Here the whole
    batch is what lengths are grouped by, and what fills up the last step is blank: rows without a label, which no loss sees.
    """
    from torch.utils.data import Sampler
    from transformers.trainer_pt_utils import LengthGroupedSampler
    from trl import SFTTrainer

    class InOrder(SFTTrainer):
        def __init__(self, **arguments: Any) -> None:
            super().__init__(**arguments)
            self.train_dataset: Dataset
            self.rows = len(self.train_dataset)
            if self.accelerator.num_processes > 1:
                at_once = self.args.per_device_train_batch_size * self.accelerator.num_processes
                self.train_dataset = with_blanks(self.train_dataset, -self.rows % at_once)

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            if self.accelerator.num_processes == 1:
                return super()._get_train_sampler(train_dataset)
            if self.args.packing:
                from accelerate.data_loader import SeedableRandomSampler
                from torch import Generator

                alone: Any = SeedableRandomSampler(range(self.rows), generator=Generator(), data_seed=self.args.data_seed)
            else:
                batch = self.args.train_batch_size * self.args.gradient_accumulation_steps * self.accelerator.num_processes
                lengths = [len(ids) for ids in self.train_dataset[: self.rows]["input_ids"]]
                alone = LengthGroupedSampler(batch, lengths=lengths)
            return Together(alone, len(self.train_dataset))

    class Together(Sampler[int]):
        """Rank 0's order on every rank, then the blank rows."""

        def __init__(self, alone: Any, rows: int) -> None:
            self.alone, self.rows = alone, rows

        def __len__(self) -> int:
            return self.rows

        def __iter__(self) -> Iterator[int]:
            from accelerate.utils import broadcast_object_list

            (order,) = broadcast_object_list([list(self.alone)])
            yield from (*order, *range(len(order), self.rows))

        def set_epoch(self, epoch: int) -> None:
            if hasattr(self.alone, "set_epoch"):
                self.alone.set_epoch(epoch)

    return InOrder


def with_blanks(rows: "Dataset", number: int) -> "Dataset":
    """The rows, and behind them that many of two tokens without a label."""
    from datasets import Dataset, concatenate_datasets

    if not number:
        return rows
    blank = {"input_ids": rows[0]["input_ids"][:1] * 2, "labels": [IGNORED] * 2, "seq_lengths": [2]}
    added = Dataset.from_list([{name: blank[name] for name in rows.column_names}] * number, features=rows.features)
    return concatenate_datasets([rows, added])
