"""A study as one self-contained page: the verdict and its evidence, tables, figures, single items, methods."""

from base64 import b64encode
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show import table
from ablate.compare.show.figures import Picture, pictures, write
from ablate.compare.show.figures.style import family, ordered
from ablate.compare.show.report.drill import drill
from ablate.compare.show.report.methods import methods
from ablate.compare.show.report.sentence import sentence
from ablate.compare.statistics.comparison import Comparison, Row
from ablate.page import assembled
from ablate.page.visible import visible
from ablate.record.files import write_text

if TYPE_CHECKING:
    import pandas

ROWS = 300
"""Rows of a figure's data that the page shows; the CSV it holds has all."""


def write_all(comparison: Comparison, outcomes: Outcomes, out: Path, command: str) -> dict[str, Path]:
    """`report.html`, the tables (`comparison.csv`, `.md`, `.tex`, `claims.csv`) and `figures/` in the folder `out`; the figures as PNG.

    Args:
        comparison: of the study.
        outcomes: that were compared.
        out: the folder to write to.
        command: as it was typed.
    """
    drawn = list(pictures(comparison, outcomes))
    for picture in drawn:
        write(picture, out / "figures")
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "comparison.csv", table.frame(comparison).to_csv(index=False))
    write_text(out / "claims.csv", table.claims(comparison).to_csv(index=False))
    write_text(out / "comparison.md", table.markdown(comparison))
    write_text(out / "comparison.tex", table.latex(comparison))
    write_text(out / "report.html", html(comparison, outcomes, drawn, command))
    return {picture.name: out / "figures" / f"{picture.name}.png" for picture in drawn}


def html(comparison: Comparison, outcomes: Outcomes, drawn: Sequence[Picture], command: str) -> str:
    """The page; it shows the figures given, and fetches nothing.

    Args:
        comparison: of the study.
        outcomes: that were compared.
        drawn: the figures.
        command: as it was typed.
    """
    study = comparison.study
    labels = [one.label for one in ordered({row.condition.label: row.condition for row in comparison.rows}.values())]
    arms = {
        "columns": ["arm", "family", *table.HEADINGS[1:], "verdict"],
        "rows": [_row(row) for label in labels for row in comparison.rows if row.condition.label == label],
        "scopes": [scope for scope in table.scopes(comparison) if comparison.of(scope)],
        "csv": table.frame(comparison).to_csv(index=False),
    }
    data = {
        "study": study.name,
        "sentence": sentence(comparison),
        "said": f"{', '.join(study.primary)}; margin {study.margin:g} points, alpha {study.alpha:g}",
        "arms": arms,
        "claims": [_claim(line) for line in comparison.findings],
        "notes": list(comparison.flags),
        "figures": [_figure(picture) for picture in drawn],
        "drill": drill(comparison, outcomes),
        "methods": methods(comparison, outcomes, command),
    }
    return assembled(__package__, "report", _visible(data), images=True)


def _row(row: Row) -> dict[str, Any]:
    """What is shown in each column, and the number it is sorted by where there is one."""
    name, *cells = table.cells(row)
    verdict = row.verdict
    difference = float(row.difference.value) if row.difference else None
    p = verdict.p if verdict else float(row.difference.p_value()) if row.difference else None
    seeds = row.seeds if row.condition.trained else None
    numbers = (seeds, row.accuracy, difference, p, row.detectable, row.finished, row.finished_accuracy, row.tokens)
    return {
        "cells": [name, family(row.condition), *cells, verdict.words if verdict else ""],
        "keys": [None, None, *map(_number, numbers), None],
        "scope": row.scope,
        "family": family(row.condition),
        "verdict": str(verdict.kind) if verdict else "",
    }


def _claim(finding: Any) -> dict[str, Any]:
    number = finding.value is not None
    interval = f"{finding.value:+.1f} [{finding.low:+.1f}, {finding.high:+.1f}]" if number else ""
    p = table.p_text(finding.p) if finding.p is not None else ""
    return {
        "cells": [finding.text, finding.outcome, interval, p, finding.note],
        "keys": [None, None, _number(finding.value), _number(finding.p), None],
    }


def _figure(picture: Picture) -> dict[str, Any]:
    return {
        "name": picture.name,
        "title": picture.title,
        "caption": picture.caption,
        "image": b64encode(picture.files["svg"]).decode(),
        "columns": [str(column) for column in picture.table],
        "rows": _records(picture.table.head(ROWS)),
        "total": len(picture.table),
        "csv": picture.table.to_csv(index=False),
    }


def _records(shown: "pandas.DataFrame") -> list[list[Any]]:
    return [[_plain(value) for value in row] for row in shown.itertuples(index=False)]


def _plain(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value or ""
    number = _number(value)
    return "" if number is None else round(number, 4)


def _number(value: Any) -> float | None:
    return float(value) if value is not None and isfinite(value) else None


def _visible(data: Any) -> Any:
    """All text of the data fit to be shown, whatever names and items hold."""
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, dict):
        return {key: _visible(value) for key, value in data.items()}
    return [_visible(value) for value in data] if isinstance(data, list | tuple) else data
