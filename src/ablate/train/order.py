"""The order in which traces are seen: of the seed and the epoch alone, whatever the number of processes, resumed or not."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset
    from trl import SFTTrainer

from ablate.student.encode import IGNORED


def order(lengths: Sequence[int], batch: int, seed: int, epoch: int, grouped: bool) -> list[int]:
    """A random order of the rows for one epoch; `grouped` puts rows of like length into the same batch, as transformers does.

    Args:
        lengths: tokens of each row.
        batch: rows of an optimiser step.
        seed: of the arm.
        epoch: from 0.
        grouped: put rows of like length into the same batch.
    """
    import torch
    from transformers.trainer_pt_utils import get_length_grouped_indices

    key = hashlib.blake2b(f"order {seed} {epoch}".encode(), digest_size=7).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(key))
    if grouped:
        return list(map(int, get_length_grouped_indices(list(lengths), batch, generator=generator)))
    return torch.randperm(len(lengths), generator=generator).tolist()


def in_order() -> "type[SFTTrainer]":
    """TRL's trainer, seeing the traces in our order.

    The libraries draw an order from a state that a resumed run does not have again, group lengths within one process's share of a batch,
    and fill up the last step by repeating traces. Here what fills it up is blank: rows without a label, which no loss sees.
    """
    from torch.utils.data import Sampler
    from trl import SFTTrainer

    class InOrder(SFTTrainer):
        def __init__(self, **arguments: Any) -> None:
            super().__init__(**arguments)
            self.train_dataset: Dataset
            self.lengths = [len(ids) for ids in self.train_dataset["input_ids"]]
            at_once = self.args.per_device_train_batch_size * self.accelerator.num_processes
            blanks = -len(self.lengths) % at_once if self.accelerator.num_processes > 1 else 0
            self.train_dataset = with_blanks(self.train_dataset, blanks)

        def _get_train_sampler(self, train_dataset: Any = None) -> "Sampler[int]":
            rows, args = len(self.train_dataset), self.args
            batch = args.per_device_train_batch_size * args.gradient_accumulation_steps * self.accelerator.num_processes

            def draw() -> list[int]:
                epoch = self.state.global_step // -(-rows // batch)
                return order(self.lengths, batch, args.seed, epoch, grouped=not args.packing)

            return Drawn(draw, rows)

    class Drawn(Sampler[int]):
        """The order drawn, then the blank rows."""

        def __init__(self, draw: Callable[[], list[int]], rows: int) -> None:
            self.draw, self.rows = draw, rows

        def __len__(self) -> int:
            return self.rows

        def __iter__(self) -> Iterator[int]:
            drawn = self.draw()
            yield from (*drawn, *range(len(drawn), self.rows))

    return InOrder


def with_blanks(rows: "Dataset", number: int) -> "Dataset":
    """The rows, and behind them that many of two tokens without a label.

    Args:
        rows: `input_ids` and `labels`, one row per trace.
        number: of blank rows.
    """
    from datasets import Dataset, concatenate_datasets

    if not number:
        return rows
    blank = {"input_ids": rows[0]["input_ids"][:1] * 2, "labels": [IGNORED] * 2, "seq_lengths": [2]}
    added = Dataset.from_list([{name: blank[name] for name in rows.column_names}] * number, features=rows.features)
    return concatenate_datasets([rows, added])
