"""Whether more traces make up for damage: accuracy and loss by number of traces.

python analysis/data_size.py runs/data_size OUT
"""

import sys
from pathlib import Path

from ablate.compare import compare, read_folder
from ablate.compare.show import table
from ablate.compare.show.figures import pictures, write


def main(study: Path, out: Path) -> None:
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    for picture in pictures(comparison, outcomes, ("forest",)):
        write(picture, out)
    arms = table.frame(comparison).query("scope == 'pooled'").assign(against=lambda rows: rows["against"].fillna(rows["arm"]))
    sizes = arms.groupby(["against", "perturb"])[["accuracy", "difference"]].mean()
    sizes.round(2).to_csv(out / "sizes.csv")
    (out / "arms.tex").write_text(table.latex(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
