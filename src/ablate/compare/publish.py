"""The comparison in W&B: a run of its own with tables and figures, and the study's workspace and report; offline, their JSON as files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.compare.charts import DOSE_RESPONSE, FOREST, judged, tables
from ablate.compare.comparison import Comparison
from ablate.compare.runs import NAME
from ablate.compare.workspace import FIGURES, RUN, report, workspace
from ablate.record.folder import remove, write_json, write_text

if TYPE_CHECKING:
    import pandas
    import wandb


@dataclass(frozen=True)
class Project:
    """Where W&B keeps a study's runs; without an entity, under the user's default one."""

    name: str = "ablate"
    entity: str | None = None


def tracked_in(study: Path) -> Project:
    """The project of the arms in `runs/<study>`."""
    import yaml

    for folder in sorted(study.iterdir()):
        config = folder / "config.yaml"
        if NAME.fullmatch(folder.name) and config.is_file():
            track = (yaml.safe_load(config.read_text(encoding="utf-8")) or {}).get("track", {})
            return Project(track.get("project", Project.name), track.get("entity"))
    return Project()


def publish(comparison: Comparison, project: Project, out: Path, figures: Mapping[str, Path] | None = None) -> list[str]:
    """Log the comparison, then save workspace and report, or write their JSON to `out` where W&B is offline or out of reach.

    `figures` are PNG files by name. Publishing a study again updates its run, its workspace and its report. Returns lines that say where
    all of it is.
    """
    from ablate.record import tracking
    from ablate.screen import hushed

    figures = figures or {}
    said: list[str] = []
    remove(out / "wandb")

    def write(mode: str) -> None:
        said[:] = _write(comparison, project, out, figures, mode)

    with hushed(out / "publish.log"):
        reached = tracking.reach("auto", write)
    if reached is None:
        said[:] = [*_offline(comparison, project, out, figures), f"W&B failed; {out / 'publish.log'} says why"]
    return said


def _write(comparison: Comparison, project: Project, out: Path, figures: Mapping[str, Path], mode: str) -> list[str]:
    from ablate.record.tracking import start

    study = comparison.study
    about = {"arms": len(judged(comparison)), "margin": study.margin, "alpha": study.alpha, "primary": list(study.primary)}
    run = start(mode, study.name, RUN, "compare", project=project.name, entity=project.entity, config=about, dir=out)
    with run:
        _log(run, comparison, figures)
        if mode == "online":
            return _save(run, comparison, figures)
    return _offline(comparison, project, out, figures)


def _log(run: "wandb.Run", comparison: Comparison, figures: Mapping[str, Path]) -> None:
    import wandb

    run.log({name: wandb.Table(columns=[*frame], data=_cells(frame)) for name, frame in tables(comparison).items()})
    run.log({f"{FIGURES}/{name}": wandb.Image(str(path)) for name, path in figures.items()})
    for row in judged(comparison):
        run.summary[f"difference/{row.condition.label}"] = 100 * float(row.difference.value) if row.difference else None
        run.summary[f"verdict/{row.condition.label}"] = row.verdict.words if row.verdict else None
    run.summary.update({f"claim/{finding.text}": finding.outcome for finding in comparison.findings})


def _cells(frame: "pandas.DataFrame") -> list[list[Any]]:
    """Rows of plain values, None where there is none: W&B takes a column of one type."""
    return [[None if value != value else value for value in row] for row in frame.astype(object).to_numpy().tolist()]


def _save(run: "wandb.Run", comparison: Comparison, figures: Mapping[str, Path]) -> list[str]:
    """Under the names and ids that the run remembers from the last time."""
    known = dict(run.config.get("published", {}))
    _presets(run.entity)
    view, page = workspace(comparison, run.entity, run.project, figures), report(comparison, run.entity, run.project, figures)
    view._internal_name, view._internal_id, page.id = (known.get(key, "") for key in ("workspace", "workspace_id", "report"))
    view.save()
    page.save()
    published = {"workspace": view._internal_name, "workspace_id": view._internal_id, "report": page.id}
    run.config.update({"published": published}, allow_val_change=True)
    run.summary.update({"workspace": view.url, "report": page.url})
    return [f"run: {run.url}", f"workspace: {view.url}", f"report: {page.url}"]


def _presets(entity: str) -> None:
    """Our charts, as presets of the entity; one that is there already has the same name and needs nothing."""
    import logging

    import wandb

    for chart in (FOREST, DOSE_RESPONSE):
        try:
            wandb.Api().create_custom_chart(entity, chart.name, chart.name, "vega2", "private", chart.spec)
        except Exception as error:
            logging.getLogger(__name__).warning("chart %s/%s was not created: %s", entity, chart.name, error)


def _offline(comparison: Comparison, project: Project, out: Path, figures: Mapping[str, Path]) -> list[str]:
    for name, built in (("workspace", workspace), ("report", report)):
        model = built(comparison, project.entity or "", project.name, figures)._to_model()
        write_text(out / f"{name}.json", model.model_dump_json(by_alias=True, exclude_none=True, indent=1) + "\n")
    for chart in (FOREST, DOSE_RESPONSE):
        write_json(out / f"{chart.kind}.vega.json", chart.spec)
    return [
        f"W&B is offline: workspace.json, report.json and the run are in {out}",
        "with a key (wandb login) and a network, sync the arms' runs (wandb sync RUN_FOLDER/wandb/offline-run-*), then publish again",
    ]
