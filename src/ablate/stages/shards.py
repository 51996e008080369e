"""From a corpus to shards of perturbed traces: Parquet files, each whole or not there, by as many processes as one likes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ablate import perturb
from ablate.config import Model
from ablate.console.progress import Progress
from ablate.corpora import Corpus, Stored
from ablate.parallel import in_order
from ablate.perturb import Donors, Perturbation, Pool, TokenEnds
from ablate.record import manifest
from ablate.record.files import write_table, write_text
from ablate.student.load import load_tokenizer, token_ends
from ablate.traces import Example

CODE = "_code"
"""A hash of the code that cuts and perturbs, so that no two versions of it write one folder."""
COMPLETE = "_complete"
"""The file that marks all shards as written; readers of a folder of Parquet files pass over names that begin so."""


@dataclass(frozen=True)
class Shards:
    """Perturbs any shard of a corpus, `rows` traces each; sent to each process once."""

    corpus: Corpus
    settings: dict[str, Any]
    seed: int
    model: Model
    folder: Path
    rows: int = 1000

    @cached_property
    def _perturbations(self) -> dict[str, Perturbation]:
        return perturb.build(self.settings)

    @cached_property
    def _donors(self) -> Donors:
        return donors(self.corpus, self.model)

    def __call__(self, number: int) -> None:
        """Write the shard of that number, unless it is there."""
        path = self.folder / f"part-{number:05}.parquet"
        if path.is_file():
            return
        examples = self.corpus.examples[number * self.rows : (number + 1) * self.rows]
        perturbed = perturb.apply(examples, self._perturbations, self.seed, self._donors)
        write_table(path, manifest.table(examples, perturbed))


def donors(corpus: Corpus, model: Model) -> Donors:
    """All that a perturbation of this corpus may draw on; the student's tokenizer is loaded where one counts tokens, and nowhere else.

    Args:
        corpus: clean examples, and wrong ones.
        model: the student.
    """

    @cache
    def tokenize() -> TokenEnds:
        return token_ends(load_tokenizer(model))

    return Donors(_pool(corpus.examples), _pool(corpus.wrong), lambda text: tokenize()(text))


def _pool(examples: Sequence[Example]) -> Pool:
    """Stored examples stay on disk."""
    if not isinstance(examples, Stored):
        return Pool.of(examples)
    ordered = examples.by_id()
    return Pool(ordered, ordered.problems)


def paths(folder: Path) -> list[Path]:
    """The shards of a folder in the order of their traces."""
    return sorted(folder.glob("part-*.parquet"))


def write(shards: Shards, workers: int, tell: Progress) -> None:
    """Write all shards that are missing; what other code wrote and did not finish is written anew.

    Args:
        shards: what to write, and where.
        workers: processes that write.
        tell: told how many shards are done.
    """
    shards.folder.mkdir(exist_ok=True)
    code = _code()
    known = shards.folder / CODE
    if not known.is_file() or known.read_text() != code:
        for path in paths(shards.folder):
            path.unlink()
        write_text(known, code)
    total = -(-len(shards.corpus.examples) // shards.rows)
    for done, _ in enumerate(in_order(shards, range(total), workers), start=1):
        tell(done, total)


def _code() -> str:
    modules = sorted(path for room in ("traces", "perturb") for path in (Path(__file__).parents[1] / room).glob("*.py"))
    return hashlib.blake2b(b"".join(module.read_bytes() for module in modules), digest_size=16).hexdigest()
