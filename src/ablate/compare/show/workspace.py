"""A study's W&B workspace and report, built from its comparison; nothing here reaches the network.

Both show what runs hold: the comparison's run its tables and figures, each arm's run its scores, curve and samples.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ablate.compare.show import table
from ablate.compare.show.charts import DOSE_RESPONSE, FOREST, Chart, judged, tables
from ablate.compare.show.figures.style import family
from ablate.compare.statistics.comparison import Comparison
from ablate.record.tracking import LONGEST_TAG, plain, shortened

if TYPE_CHECKING:
    from wandb_workspaces.reports.v2 import Report
    from wandb_workspaces.workspaces import Workspace

RUN = "comparison"
"""The name of the comparison's run in its study."""
FIGURES = "figures"
"""The prefix of the keys under which the comparison's run has its figures."""
MOST_RUNS = 200
"""How many runs a panel shows."""


def workspace(comparison: Comparison, entity: str, project: str, figures: Collection[str] = ()) -> "Workspace":
    """The study's runs by family and arm, below the verdict; `figures` are the names of those that the comparison's run has.

    Args:
        comparison: of the study.
        entity: of W&B.
        project: of W&B.
        figures: names of those that the run has.
    """
    import wandb_workspaces.reports.v2 as wr
    import wandb_workspaces.workspaces as ws

    found = tables(comparison)
    wide = {"layout": wr.Layout(w=24, h=10)}
    kept = [wr.WeavePanelSummaryTable(table_name=name, **wide) for name in ("comparison", "claims", "notes") if name in found]
    sections = {
        "Verdict": [*_forest(comparison, entity), *kept],
        "Dose-response": _dose_response(comparison, entity),
        "Figures": [wr.MediaBrowser(title=name, media_keys=[f"{FIGURES}/{name}"]) for name in figures],
        "Arms": _arms(comparison),
        "Samples": [wr.WeavePanelSummaryTable(table_name=name, **wide) for name in _samples(comparison)],
    }
    study = comparison.study.name
    return ws.Workspace(
        entity=entity,
        project=project,
        name=f"{study}: arms by family",
        sections=[ws.Section(name=name, panels=panels, is_open=True) for name, panels in sections.items() if panels],
        settings=ws.WorkspaceSettings(max_runs=MOST_RUNS),
        runset_settings=ws.RunsetSettings(
            filters=[ws.Tags().isin([shortened(study, LONGEST_TAG)])],
            groupby=[ws.Config("family"), ws.Config("arm")],
            pinned_runs=[plain(f"{study}-{RUN}")],
        ),
    )


def report(comparison: Comparison, entity: str, project: str, figures: Collection[str] = ()) -> "Report":
    """The verdict, dose-response, figures, tables, and one set of runs per family with its scores, curves and samples.

    Run sets have no project of their own, which makes it the report's, and needs no look-up.

    Args:
        comparison: of the study.
        entity: of W&B.
        project: of W&B.
        figures: names of those that the run has.
    """
    import wandb_workspaces.reports.v2 as wr
    from wandb_workspaces import expr

    study = comparison.study
    of_study = expr.Tags().isin([shortened(study.name, LONGEST_TAG)])
    verdict = wr.Runset(name=RUN, filters=[of_study, expr.Metric("JobType") == "compare"])
    arms = [
        wr.Runset(
            name=name,
            filters=[of_study, expr.Metric("JobType") == "arm", expr.Config("family") == name],
            groupby=["config.arm"],
        )
        for name in families(comparison)
    ]
    blocks: list[Any] = [
        wr.P(f"Mean of {', '.join(study.primary)}; harmless is within {study.margin:g} points of clean; level {study.alpha:g}, after Holm.")
    ]
    grids = {
        "Verdict": (_forest(comparison, entity), [verdict]),
        "Dose-response": (_dose_response(comparison, entity), [verdict]),
        "Figures": ([wr.MediaBrowser(title=name, media_keys=[f"{FIGURES}/{name}"]) for name in figures], [verdict]),
        "Arms by family": (_arms(comparison), arms),
        "Samples": ([wr.WeavePanelSummaryTable(table_name=name, layout=wr.Layout(w=24, h=12)) for name in _samples(comparison)], arms),
    }
    for heading, (panels, runsets) in grids.items():
        if panels and runsets:
            blocks += [wr.H2(heading), wr.PanelGrid(runsets=runsets, panels=panels)]
    blocks += [wr.H2("Tables"), wr.MarkdownBlock(table.markdown(comparison))]
    return wr.Report(
        entity=entity,
        project=project,
        title=f"{study.name}: what the arms come to"[:128],
        description=f"{len(judged(comparison))} arms against their clean arm",
        blocks=blocks,
        width="fluid",
    )


def families(comparison: Comparison) -> list[str]:
    """Those of the trained arms, clean first."""
    found = {family(row.condition) for row in comparison.rows if row.condition.trained}
    return sorted(found, key=lambda name: (name != "clean", name))


def _forest(comparison: Comparison, entity: str) -> list[Any]:
    if not judged(comparison):
        return []
    title = f"{comparison.study.name}: difference to clean, margin {comparison.study.margin:g} points"
    columns = {"arm": "label", "difference": "value", "verdict": "says", **_same("part", "family", "low", "high", "margin")}
    return [_chart(FOREST, entity, "forest", columns, {"title": title}, w=24, h=4 + len(judged(comparison)) // 2)]


def _dose_response(comparison: Comparison, entity: str) -> list[Any]:
    """One panel per family that has a curve."""
    rows = tables(comparison).get("dose_response")
    found = [] if rows is None else sorted(set(rows["family"]))
    columns = _same("curve", "family", "dose", "arm", "accuracy", "low", "high")
    return [_chart(DOSE_RESPONSE, entity, "dose_response", columns, {"family": name}, w=8, h=9) for name in found]


def _samples(comparison: Comparison) -> list[str]:
    """The tables that every arm's run has."""
    return ["traces", *(f"answers/{task}" for task in comparison.study.primary)]


def _same(*columns: str) -> dict[str, str]:
    """Fields of a chart that are called what the table's columns are."""
    return {column: column for column in columns}


def _chart(chart: Chart, entity: str, source: str, columns: dict[str, str], texts: dict[str, str], w: int, h: int) -> Any:
    import wandb_workspaces.reports.v2 as wr

    return wr.CustomChart(
        query={"id": None, "name": None, "summaryTable": {"tableKey": source}},
        chart_name=f"{entity}/{chart.name}",
        chart_fields=columns,
        chart_strings=texts,
        layout=wr.Layout(w=w, h=h),
    )


def _arms(comparison: Comparison) -> list[Any]:
    """Accuracy on each task, the loss, and accuracy against how much of a trace was changed."""
    import wandb_workspaces.reports.v2 as wr

    scores = [wr.SummaryMetric(f"score/{task}/accuracy") for task in comparison.study.primary]
    panels: list[Any] = [
        wr.BarPlot(title=f"accuracy, {score.name.split('/')[1]}", metrics=[score], max_runs_to_show=MOST_RUNS) for score in scores
    ]
    panels += [wr.LinePlot(title="loss", x="train/step", y=["train/loss"], max_runs_to_show=MOST_RUNS)]
    changed = wr.SummaryMetric("axes/characters_changed")
    return [*panels, *(wr.ScatterPlot(title=f"disruption and {score.name}", x=changed, y=score) for score in scores)]
