"""The figures of a study. Each is a table, made from the comparison, and a drawing, made from that table alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show.figures import disruption, dose_response, ending, forest, items
from ablate.compare.show.figures.style import style
from ablate.compare.statistics.comparison import Comparison
from ablate.record.files import whole

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

MODULES: dict[str, ModuleType] = {
    "forest": forest,
    "dose_response": dose_response,
    "disruption": disruption,
    "items": items,
    "ending": ending,
}


METADATA: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
"""What would make two files of the same figure differ is left out of them."""


@dataclass(frozen=True)
class Picture:
    """A figure with its data; `files` are bytes by kind (svg, pdf, png), the same for the same data."""

    name: str
    title: str
    caption: str
    table: "pandas.DataFrame"
    files: Mapping[str, bytes]


def pictures(comparison: Comparison, outcomes: Outcomes, names: Sequence[str] = tuple(MODULES)) -> Iterator[Picture]:
    """The figures of these names for which the study has data.

    Args:
        comparison: of the study.
        outcomes: that were compared.
        names: of the figures.
    """
    for name in names:
        module = MODULES[name]
        table = module.table(comparison, outcomes)
        if not table.empty:
            with style():
                files = _files(module.draw(table, comparison.study))
            yield Picture(name, module.TITLE, module.caption(comparison.study), table, files)


def _files(figure: "Figure") -> dict[str, bytes]:
    found = {}
    for kind, metadata in METADATA.items():
        file = BytesIO()
        figure.savefig(file, format=kind, transparent=kind != "png", dpi=200, metadata=metadata)
        found[kind] = file.getvalue()
    return found


def write(picture: Picture, folder: Path) -> None:
    """`NAME.svg`, `NAME.pdf`, `NAME.png` and `NAME.csv` in that folder.

    Args:
        picture: with its data.
        folder: to write to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for kind, content in {**picture.files, "csv": picture.table.to_csv(index=False).encode()}.items():
        with whole(folder / f"{picture.name}.{kind}") as partial:
            partial.write_bytes(content)
