"""The comparison as tables for charts, and the charts themselves in Vega-Lite, which W&B keeps as presets."""

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ablate.compare.show import table
from ablate.compare.show.figures import dose_response, forest
from ablate.compare.show.figures.style import COLORS, family
from ablate.compare.statistics.comparison import POOLED, Comparison, Row

if TYPE_CHECKING:
    import pandas

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
POINTS = {"type": "point", "filled": True, "size": 70, "opacity": 1}


@dataclass(frozen=True)
class Chart:
    """A preset. In `spec`, `${field:x}` stands for a column of a logged table and `${string:x}` for a text; the data is named wandb."""

    kind: str
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        """Unique to what is drawn, so that a preset of this name never needs to change."""
        drawn = json.dumps(self.spec, sort_keys=True).encode()
        return f"ablate-{self.kind}-{hashlib.blake2b(drawn, digest_size=4).hexdigest()}"


def _axis(column: str, title: str, **more: Any) -> dict[str, Any]:
    return {"field": f"${{field:{column}}}", "type": "quantitative", "title": title, **more}


FAMILY = {
    "field": "${field:family}",
    "type": "nominal",
    "title": "family",
    "scale": {"domain": [*COLORS], "range": [*COLORS.values()]},
}
MARGIN = "datum['${field:margin}']"
ARM = {"field": "${field:arm}", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 320}}
FOREST = Chart(
    "forest",
    {
        "$schema": SCHEMA,
        "title": "${string:title}",
        "data": {"name": "wandb"},
        "transform": [
            {"filter": "datum['${field:part}'] === 'arm'"},
            {"calculate": f"-{MARGIN}", "as": "below"},
            {"calculate": MARGIN, "as": "above"},
        ],
        "layer": [
            {
                "mark": {"type": "rect", "color": "#9ae6b4", "opacity": 0.3},
                "encoding": {
                    "x": {"field": "below", "aggregate": "min", "type": "quantitative"},
                    "x2": {"field": "above", "aggregate": "max"},
                },
            },
            {"mark": {"type": "rule", "color": "#4a5568"}, "encoding": {"x": {"datum": 0}}},
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": ARM,
                    "x": _axis("low", "difference to clean, points (95 %)"),
                    "x2": {"field": "${field:high}"},
                    "color": FAMILY,
                },
            },
            {
                "mark": POINTS,
                "encoding": {
                    "y": ARM,
                    "x": _axis("difference", "difference to clean, points (95 %)"),
                    "color": FAMILY,
                    "tooltip": [
                        {"field": f"${{field:{column}}}", "title": column} for column in ("arm", "difference", "low", "high", "verdict")
                    ],
                },
            },
        ],
    },
)
CURVE = {"field": "${field:curve}", "type": "nominal", "title": None}
DOSE_RESPONSE = Chart(
    "dose-response",
    {
        "$schema": SCHEMA,
        "title": "${string:family}",
        "data": {"name": "wandb"},
        "transform": [{"filter": "datum['${field:family}'] === '${string:family}'"}],
        "encoding": {"x": _axis("dose", "dose"), "color": CURVE},
        "layer": [
            {
                "mark": {"type": "errorbar", "opacity": 0.5},
                "encoding": {"y": _axis("low", "accuracy, % (95 %)", scale={"zero": False}), "y2": {"field": "${field:high}"}},
            },
            {"mark": {"type": "line"}, "encoding": {"y": _axis("accuracy", "accuracy, % (95 %)")}},
            {
                "mark": POINTS,
                "encoding": {
                    "y": _axis("accuracy", "accuracy, % (95 %)"),
                    "tooltip": [
                        {"field": f"${{field:{column}}}", "title": column} for column in ("arm", "dose", "accuracy", "low", "high")
                    ],
                },
            },
        ],
    },
)


def tables(comparison: Comparison) -> dict[str, "pandas.DataFrame"]:
    """What a chart or a reader of the dashboard takes, by name; those that have no row are left out."""
    import pandas

    found = {
        "comparison": table.frame(comparison),
        "forest": forest.rows(comparison),
        "dose_response": dose_response.rows(comparison),
        "claims": table.claims(comparison),
        "notes": pandas.DataFrame({"note": comparison.flags}),
    }
    return {name: rows for name, rows in found.items() if len(rows)}


def judged(comparison: Comparison) -> list[Row]:
    """The arms that were held against their clean arm, by family."""
    rows = [row for row in comparison.of(POOLED) if row.difference is not None and row.condition.trained]
    return sorted(rows, key=lambda row: family(row.condition))
