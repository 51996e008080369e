"""The arms of a study, run or not, and where they stand."""

from collections.abc import Sequence

from ablate import stages
from ablate.config import Config
from ablate.console.progress import Reporter
from ablate.corpora import Corpus
from ablate.stages import PlannedArm


def plan(configs: Sequence[Config], reporter: Reporter) -> list[PlannedArm]:
    """Each arm in its place; data is read once.

    Args:
        configs: resolved and checked.
        reporter: where the reading of data is shown.

    Raises:
        UserError: what `arm.run` would raise for a mistake that shows before any work.
    """
    read: dict[str, Corpus] = {}
    return [stages.plan(config, reporter, read) for config in configs]


def training_tokens(arms: Sequence[PlannedArm]) -> list[int]:
    """About how many tokens each arm trains on, all epochs together, by the lengths of a hundred clean traces of its corpus."""
    per_trace: dict[tuple[str, str], float] = {}
    return [round(_per_trace(arm, per_trace) * len(arm.corpus.examples) * arm.config.train.epochs) for arm in arms]


def _per_trace(arm: PlannedArm, known: dict[tuple[str, str], float]) -> float:
    from ablate.student.encode import token_ids
    from ablate.student.load import load_tokenizer

    pair = (arm.corpus.fingerprint, arm.student)
    if pair not in known:
        examples = arm.corpus.examples
        some = examples[: len(examples) : max(1, len(examples) // 100)]
        lengths = [len(ids) for ids in token_ids([example.trace.text for example in some], load_tokenizer(arm.config.model))]
        known[pair] = sum(lengths) / len(lengths)
    return known[pair]
