"""The figures of a study. Each is a table, made from the comparison, and a drawing, made from that table alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ablate.compare.comparison import Comparison
from ablate.compare.figures import disruption, dose_response, ending, forest, items
from ablate.compare.figures.style import style
from ablate.compare.outcomes import Outcomes
from ablate.record.folder import whole

if TYPE_CHECKING:
    import pandas

MODULES: dict[str, ModuleType] = {
    "forest": forest,
    "dose_response": dose_response,
    "disruption": disruption,
    "items": items,
    "ending": ending,
}


@dataclass(frozen=True)
class Picture:
    """A figure with its data: `svg` and `pdf` are the files' bytes, the same for the same data."""

    name: str
    title: str
    caption: str
    table: "pandas.DataFrame"
    svg: bytes
    pdf: bytes


def pictures(comparison: Comparison, outcomes: Outcomes, names: Sequence[str] = tuple(MODULES)) -> Iterator[Picture]:
    """The figures of these names for which the study has data."""
    for name in names:
        module = MODULES[name]
        table = module.table(comparison, outcomes)
        if not table.empty:
            with style():
                svg, pdf = BytesIO(), BytesIO()
                figure = module.draw(table, comparison.study)
                figure.savefig(svg, format="svg", transparent=True, metadata={"Date": None})
                figure.savefig(pdf, format="pdf", transparent=True, metadata={"CreationDate": None})
            yield Picture(name, module.TITLE, module.caption(comparison.study), table, svg.getvalue(), pdf.getvalue())


def write(picture: Picture, folder: Path) -> None:
    """`NAME.svg`, `NAME.pdf` and `NAME.csv` in that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"svg": picture.svg, "pdf": picture.pdf, "csv": picture.table.to_csv(index=False).encode()}
    for kind, content in contents.items():
        with whole(folder / f"{picture.name}.{kind}") as partial:
            partial.write_bytes(content)
