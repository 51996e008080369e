"""From a corpus to shards of perturbed traces: Parquet files, each whole or not there, by as many processes as one likes."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ablate import perturb
from ablate.config import Model
from ablate.corpora import Corpus
from ablate.parallel import in_order
from ablate.perturb import Donors, Perturbation
from ablate.progress import Progress
from ablate.record import manifest
from ablate.record.folder import write_table

ROWS = 1000
"""Traces of a shard. How the traces are cut into shards does not depend on the number of processes."""
COMPLETE = "_complete"
"""The file that marks all shards as written; readers of a folder of Parquet files pass over names that begin so."""


@dataclass(frozen=True)
class Shards:
    """Perturbs any shard of a corpus; sent to each process once."""

    corpus: Corpus
    settings: dict[str, Any]
    seed: int
    model: Model
    folder: Path

    @cached_property
    def _perturbations(self) -> dict[str, Perturbation]:
        return perturb.build(self.settings)

    @cached_property
    def _donors(self) -> Donors:
        return Donors(_pool(self.corpus.examples), _pool(self.corpus.wrong), self._token_ends)

    @cached_property
    def _tokenize(self) -> TokenEnds:
        return token_ends(load_tokenizer(self.model))

    def _token_ends(self, text: str) -> Sequence[int]:
        """The student's tokenizer is loaded where a perturbation counts tokens, and nowhere else."""
        return self._tokenize(text)

    def __call__(self, number: int) -> None:
        """Write the shard of that number, unless it is there."""
        path = self.folder / f"part-{number:05}.parquet"
        if path.is_file():
            return
        examples = self.corpus.examples[number * ROWS : (number + 1) * ROWS]
        perturbed = perturb.apply(examples, self._perturbations, self.seed, self._donors)
        write_table(path, manifest.table(examples, perturbed))


def _pool(examples: Sequence[Example]) -> Pool:
    """Stored examples stay on disk."""
    return Pool(examples.by_id(), examples.by_id().problems) if isinstance(examples, Stored) else Pool.of(examples)


def write(shards: Shards, workers: int, tell: Progress) -> None:
    """Write all shards that are missing, then the mark that none is."""
    shards.folder.mkdir(exist_ok=True)
    total = -(-len(shards.corpus.examples) // ROWS)
    for done, _ in enumerate(in_order(shards, range(total), workers), start=1):
        tell(done, total)
    (shards.folder / COMPLETE).touch()
