"""The methods paragraphs that a paper needs, in the study's own numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.read.run_settings import read_json, settings_of
from ablate.compare.statistics.comparison import POOLED, Comparison


def methods(comparison: Comparison, outcomes: Outcomes, command: str) -> list[str]:
    """Paragraphs on training, scoring, statistics and software.

    Args:
        comparison: of the study.
        outcomes: that were compared.
        command: as it was typed.
    """
    return [*_training(outcomes), _scoring(comparison, outcomes), _statistics(comparison), _software(outcomes, command)]


def _training(outcomes: Outcomes) -> list[str]:
    clean = [one.label for one in outcomes.conditions if one.trained and one.reference is None and one.label in outcomes.sources]
    if not clean:
        return ["How the arms were trained is not told by the source of these scores."]
    settings = [settings_of(next(iter(outcomes.sources[label].values()))) for label in clean]

    def of(key: str) -> str:
        return " or ".join(dict.fromkeys(f"{setting[key]}" for setting in settings if setting.get(key) is not None))

    trained = [one for one in outcomes.conditions if one.trained]
    seeds = sorted({seed for label in (one.label for one in trained) for seed in outcomes.sources[label]})
    rank = f" of rank {of('train.lora.rank')}" if "lora" in of("train.method") else ""
    source = of("data.path") or of("data.name") or of("data.source")
    return [
        f"We fine-tuned the model {of('model.path')} under {len(trained)} conditions with {_seeds(seeds)}, on "
        f"{of('data.traces') or 'all'} reasoning traces of the source {source} (data seed {of('data.seed')}). Training was "
        f"{of('train.method')}{rank}, {of('train.epochs')} epochs in batches of {of('train.batch_size')} at a learning rate of "
        f"{of('train.learning_rate')} ({of('train.lr_scheduler_type')} schedule, warm-up {of('train.warmup_ratio')}), over sequences "
        f"of at most {of('train.max_length')} tokens in {of('model.dtype')}. Conditions of one "
        "setting differ in the perturbation of their traces alone, and see the same examples in the same order at the same seed.",
        f"Answers were generated at temperature {of('evaluate.temperature')}, {of('evaluate.num_samples')} per item, of at most "
        f"{of('evaluate.max_new_tokens')} tokens; an answer cut there counts as wrong.",
    ]


def _seeds(seeds: Iterable[int]) -> str:
    listed = ", ".join(map(str, seeds))
    return f"the training seeds {listed}" if "," in listed else f"the one training seed {listed}"


def _scoring(comparison: Comparison, outcomes: Outcomes) -> str:
    items = outcomes.scores.groupby("task", sort=False)["item"].nunique()
    tasks = ", ".join(f"{task} ({count} items)" for task, count in items.items())
    primary = comparison.study.primary
    deciding = f"the unweighted mean over {', '.join(primary)}" if len(primary) > 1 else primary[0]
    return f"Arms were scored on {tasks}; what decides is the accuracy on {deciding}."


def _statistics(comparison: Comparison) -> str:
    study = comparison.study
    judged = [row for row in comparison.of(POOLED) if row.verdict and row.difference]
    covered = any(row.difference and row.difference.covers_retraining for row in judged)
    factors = (
        "take items and training seeds as crossed random factors, the variance between retrainings being estimated over all conditions"
        if covered
        else "are over items alone, since there is one training seed: verdicts are on these runs and do not cover retraining"
    )
    number = len(comparison.findings)
    claims = f" The study's {number} claims were tested as declared, with Holm's correction over them." if number else ""
    return (
        f"Each arm was compared with its clean arm, paired by item and training seed; standard errors {factors} (Miller, "
        "arXiv 2411.00640), and intervals are 95 % by Student's t with Satterthwaite's degrees of freedom. An arm is called harmful where "
        f"its difference is below 0 at alpha {study.alpha:g} after Holm's correction over the {len(judged)} arms, and harmless where two "
        f"one-sided tests (TOST), so corrected, place the difference within ±{study.margin:g} points; else it is undecided.{claims}"
    )


def _software(outcomes: Outcomes, command: str) -> str:
    found: dict[str, dict[str, None]] = {}
    commits: dict[str, None] = {}
    for record in _records(outcomes):
        for name, version in (record.get("versions") or {}).items():
            found.setdefault(name, {})[version] = None
        if record:
            commits[str(record.get("commit") or "no commit known")] = None
    versions = ", ".join(f"{name} {' and '.join(values)}" for name, values in found.items())
    made = f"The runs were made with {versions} (code at {', '.join(commits)}). " if versions else ""
    return f"{made}This report is the output of `{command}`."


def _records(outcomes: Outcomes) -> Iterable[Mapping[str, Any]]:
    paths = dict.fromkeys(path for runs in outcomes.sources.values() for source in runs.values() for path in source.records)
    return (read_json(path) for path in paths)
