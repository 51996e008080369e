"""From outcomes to the comparison: accuracy and termination of every condition, its difference to the clean arm, verdicts, claims."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ablate.compare.read.outcomes import Condition, Outcomes
from ablate.compare.statistics.claims import Finding, find
from ablate.compare.statistics.estimate import Estimate
from ablate.compare.statistics.panel import Panel, panels
from ablate.compare.statistics.verdict import Verdict, verdicts
from ablate.study.spec import Study

POOLED = "pooled"
"""The scope that decides: the mean over the primary tasks, each of which counts the same."""

ENDED = ("finished", "finished_accuracy", "tokens")


@dataclass(frozen=True)
class Row:
    """One condition on one task, or pooled. Accuracies and their intervals are shares; `finished` and what follows is None where unknown.

    `difference` is to the clean condition, None where there is nothing to compare; `detectable` is the smallest true difference that 80 %
    of such studies would see, after Holm.
    """

    condition: Condition
    scope: str
    items: int
    samples: int
    seeds: int
    accuracy: float
    low: float
    high: float
    finished: float | None
    finished_accuracy: float | None
    tokens: float | None
    difference: Estimate | None = None
    detectable: float | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Comparison:
    """All that a table, a figure or a report tells. Rows go by condition, the pooled one first."""

    study: Study
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    flags: tuple[str, ...]

    def of(self, scope: str) -> list[Row]:
        return [row for row in self.rows if row.scope == scope]


def compare(outcomes: Outcomes) -> Comparison:
    """Every condition's rows, verdicts by Holm over all arms, and the study's claims by Holm over all claims."""
    study, rows, flags = outcomes.study, [], list(outcomes.flags)
    groups = list(panels(outcomes))
    terminations = _terminations(outcomes)
    for panel in groups:
        for condition in panel.conditions:
            rows += list(_rows(condition, panel, study, terminations))
    flags += [
        f"{row.condition.label}: {row.condition.reference} shares no seed with it; no difference"
        for row in rows
        if row.scope == POOLED and row.condition.reference and row.difference is None
    ]
    pooled = {row.condition.label for row in rows if row.scope == POOLED}
    flags += [
        f"{condition.label}: no pooled accuracy and no verdict: not scored on all primary tasks ({', '.join(study.primary)})"
        for condition in outcomes.conditions
        if condition.label not in pooled
    ]
    judged = [row for row in rows if row.scope == POOLED and row.difference is not None and row.condition.trained]
    differences = [row.difference for row in judged if row.difference is not None]
    found = verdicts(differences, study.margin / 100, study.alpha, min((row.samples for row in judged), default=1))
    by_label = {row.condition.label: verdict for row, verdict in zip(judged, found, strict=True)}
    rows = [
        replace(
            row,
            verdict=by_label.get(row.condition.label) if row.scope == POOLED else None,
            detectable=float(row.difference.detectable(study.alpha / max(1, len(judged)))) if row.difference else None,
        )
        for row in rows
    ]
    once = {row.condition.reference for row in judged if row.difference and not row.difference.covers_retraining}
    flags += [
        f"arms beside {label}: one training seed; intervals cover items and not retraining, verdicts are on these runs" for label in once
    ]
    return Comparison(study, tuple(rows), tuple(find(study, groups)), tuple(dict.fromkeys(flags)))


def _rows(condition: Condition, panel: Panel, study: Study, terminations: dict[tuple[str, str], dict[str, float]]) -> Iterator[Row]:
    tasks = [task for task in panel.values if panel.ran(condition.label, [task]).any()]
    scopes = [(POOLED, list(study.primary))] if set(study.primary) <= set(tasks) and panel.ran(condition.label, study.primary).any() else []
    scopes += [(task, [task]) for task in tasks]
    for scope, over in scopes:
        level = panel.sum({condition.label: 1.0}, over, guard=0)
        if level is None:
            continue
        low, high = _wilson(level)
        difference = None
        reference = condition.reference
        if reference is not None and all(panel.ran(reference, [task]).any() for task in over):
            difference = panel.sum({condition.label: 1.0, reference: -1.0}, over)
        ended = {name: sum(terminations[condition.label, task][name] for task in over) / len(over) for name in ENDED}
        yield Row(
            condition=condition,
            scope=scope,
            items=sum(panel.values[task].shape[-1] for task in over),
            samples=min(panel.samples[task] for task in over),
            seeds=int(panel.ran(condition.label, over).sum()),
            accuracy=float(level.value),
            low=low,
            high=high,
            finished=_known(ended["finished"]),
            finished_accuracy=_known(ended["finished_accuracy"]),
            tokens=_known(ended["tokens"]),
            difference=difference,
        )


def _wilson(level: Estimate) -> tuple[float, float]:
    """Wilson's interval, with as many observations as would give a single proportion this variance, and Student's t for the normal.

    With one seed, sample and task these are the items, so that the interval is the one that an arm's own table shows.
    """
    from scipy import stats
    from statsmodels.stats.proportion import proportion_confint

    p, variance = float(level.value), float(level.items + level.retrainings)
    binomial = p * (1 - p)
    count = binomial / variance * level.count / (level.count - 1) if variance > 1e-12 and binomial > 1e-12 else level.count
    alpha = 2 * stats.norm.sf(stats.t.ppf(0.975, level.df)) if level.covers_retraining else 0.05
    low, high = proportion_confint(p * count, count, alpha=alpha, method="wilson")
    return float(low), float(high)


def _terminations(outcomes: Outcomes) -> dict[tuple[str, str], dict[str, float]]:
    """Per condition and task the share that finished, the accuracy among those, and the mean tokens."""
    import pandas

    scores = outcomes.scores.astype({"finished": float, "tokens": float, "correct": float})
    keys = ["condition", "task"]
    means = scores.groupby(keys)[["finished", "tokens"]].mean()
    ended = scores[scores["finished"] == 1].groupby(keys)["correct"].mean().rename("finished_accuracy")
    table: dict[tuple[str, str], dict[str, float]] = pandas.concat([means, ended], axis=1).to_dict("index")
    return table


def _known(value: float) -> float | None:
    return None if value != value else float(value)
