"""Arms and where they stand, run or not: what a study and a launcher go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablate import arm, corpora, perturb
from ablate.config import Config
from ablate.console.progress import Reporter
from ablate.corpora import Corpus
from ablate.evaluate.score import check_tasks
from ablate.record.folder import RunFolder
from ablate.student.encode import token_ids
from ablate.student.load import load_tokenizer


@dataclass(frozen=True)
class Placed:
    """An arm, and its run folder."""

    config: Config
    folder: RunFolder

    @property
    def name(self) -> str:
        return self.folder.path.name

    @property
    def done(self) -> bool:
        """Whether the arm has all that was asked of it."""
        return arm.results(self.folder)[self.config.until].exists()


def places(configs: Sequence[Config], reporter: Reporter) -> list[Placed]:
    """Each arm in its place. Raises what `arm.run` would for a mistake that shows before any work; data is read once."""
    read: dict[str, Corpus] = {}
    found = []
    for config in configs:
        perturb.build(config.perturb)
        check_tasks(config.evaluate.tasks)
        data = f"{config.runs} {config.data}"
        read[data] = read.get(data) or corpora.opened(config.data, Path(config.runs), reporter)
        found.append(Placed(config, arm.folders(config, read[data])[0]))
    return found


def training_tokens(config: Config, reporter: Reporter) -> int:
    """About how many tokens the arm trains on, all epochs together, by the lengths of a hundred clean traces."""
    examples = corpora.opened(config.data, Path(config.runs), reporter).examples
    some = examples[: len(examples) : max(1, len(examples) // 100)]
    lengths = [len(ids) for ids in token_ids([example.trace.text for example in some], load_tokenizer(config.model))]
    return round(sum(lengths) / len(lengths) * len(examples) * config.train.epochs)
