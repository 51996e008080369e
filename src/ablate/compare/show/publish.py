"""The comparison in W&B: a run of its own with tables and figures, and the study's workspace and report; offline, their JSON as files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.compare.read.study_folder import run_folders
from ablate.compare.read.tracked import TRACKED
from ablate.compare.show.charts import DOSE_RESPONSE, FOREST, judged, tables
from ablate.compare.show.workspace import FIGURES, RUN, report, workspace
from ablate.compare.statistics.comparison import Comparison
from ablate.record.files import remove, write_json, write_text

if TYPE_CHECKING:
    import pandas
    import wandb


@dataclass(frozen=True)
class Project:
    """Where W&B keeps a study's runs; without an entity, under the user's default one."""

    name: str = "ablate"
    entity: str | None = None


def project_of(of: str | None, study: Path | None) -> Project:
    """The project that the arms in the folder `runs/<study>` have, or the one that `of`, an address as `wandb:ENTITY/PROJECT`, names.

    Args:
        of: what the command line named.
        study: its folder; None where it has none here.
    """
    import yaml

    if of and of.startswith(TRACKED):
        entity, name = of.removeprefix(TRACKED).split("/")[:2]
        return Project(name, entity)
    for folder in run_folders(study) if study else []:
        config = folder / "config.yaml"
        if config.is_file():
            track = yaml.safe_load(config.read_text(encoding="utf-8"))["track"]
            return Project(track["project"], track["entity"])
    return Project()


def publish(
    comparison: Comparison, project: Project, out: Path, figures: Mapping[str, Path] | None = None, plan: Path | None = None
) -> list[str]:
    """Log the comparison, then save workspace and report, or write their JSON to `out` where W&B is offline or out of reach.

    Publishing a study again updates its run, its workspace and its report.

    Args:
        comparison: of the study.
        project: where W&B keeps it.
        out: the folder that the comparison is written to.
        figures: PNG files by name.
        plan: the study's file.

    Returns:
        Lines that say where all of it is.
    """
    from ablate.console.screen import hushed
    from ablate.record import tracking

    study, figures, saved = comparison.study, figures or {}, list[str]()
    about = {"arms": len(judged(comparison)), "margin": study.margin, "alpha": study.alpha, "primary": list(study.primary)}

    def write(mode: str) -> None:
        with tracking.opened(_start(mode, study.name, project, about, out)) as run:
            _log(run, comparison, figures)
            if plan and plan.is_file():
                _log_plan(run, study.name, plan)
            if mode == "online":
                saved.extend(_save(run, comparison, figures))

    remove(out / "wandb")
    log = out / "publish.log"
    remove(log)
    with hushed(log):
        reached = tracking.reach("auto", write)
    if reached == "online":
        return saved
    _write_json(comparison, project, out, figures)
    why = f"; {log} says why" if log.stat().st_size else ""
    return [
        f"not sent to W&B{why}; what it would show is in {out}: the run, workspace.json, report.json",
        "with a key (wandb login) and a network, send the arms (ablate runs sync) and publish again",
    ]


def _start(mode: str, study: str, project: Project, about: dict[str, Any], out: Path) -> "wandb.Run":
    """The study's own run."""
    from ablate.record import tracking

    tag = tracking.shortened(study, tracking.LONGEST_TAG)
    more = {"project": project.name, "entity": project.entity, "tags": [tag], "config": about, "dir": out}
    return tracking.start(mode, f"{study}-{RUN}", f"{study}: {RUN}", "compare", group=tracking.shortened(study), **more)


def _log(run: "wandb.Run", comparison: Comparison, figures: Mapping[str, Path]) -> None:
    import wandb

    shown: dict[str, Any] = {name: wandb.Table(columns=[*frame], data=_cells(frame)) for name, frame in tables(comparison).items()}
    run.log(shown | {f"{FIGURES}/{name}": wandb.Image(str(path)) for name, path in figures.items()})
    for row in judged(comparison):
        run.summary[f"difference/{row.condition.label}"] = 100 * float(row.difference.value) if row.difference else None
        run.summary[f"verdict/{row.condition.label}"] = row.verdict.words if row.verdict else None
    run.summary.update({f"claim/{finding.text}": finding.outcome for finding in comparison.findings})


def _log_plan(run: "wandb.Run", study: str, plan: Path) -> None:
    """The study's file, as it was first planned."""
    import wandb

    from ablate.record import tracking

    artifact = wandb.Artifact(tracking.plain(f"study-{study}"), type="study")
    artifact.add_file(str(plan), name="study.yaml")
    run.log_artifact(artifact)


def _cells(frame: "pandas.DataFrame") -> list[list[Any]]:
    """Rows of plain values, None where there is none: W&B takes a column of one type."""
    return [[None if value != value else value for value in row] for row in frame.astype(object).to_numpy().tolist()]


def _save(run: "wandb.Run", comparison: Comparison, figures: Mapping[str, Path]) -> list[str]:
    """Under the names and ids that the run remembers from the last time; delete the run to have new ones."""
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


def _write_json(comparison: Comparison, project: Project, out: Path, figures: Mapping[str, Path]) -> None:
    """What would have been saved: each view's JSON as W&B takes it, and the charts."""
    for name, built in (("workspace", workspace), ("report", report)):
        view = built(comparison, project.entity or "", project.name, figures)._to_model()
        write_text(out / f"{name}.json", view.model_dump_json(by_alias=True, exclude_none=True, indent=1) + "\n")
    for chart in (FOREST, DOSE_RESPONSE):
        write_json(out / f"{chart.kind}.vega.json", chart.spec)
