"""How accuracy falls as damage grows: curves, and points lost from dose 0 to 1.

python analysis/dose_response.py runs/dose_response OUT
"""

import sys
from pathlib import Path

from ablate.compare import compare, read_folder
from ablate.compare.show import table
from ablate.compare.show.figures import pictures, write


def main(study: Path, out: Path) -> None:
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    for picture in pictures(comparison, outcomes, ("dose_response", "disruption")):
        write(picture, out)
    arms = table.frame(comparison).query("scope == 'pooled' and perturb != ''")
    arms.pivot_table(index="dose", columns="perturb", values="difference").round(2).to_csv(out / "doses.csv")
    table.claims(comparison).to_csv(out / "slopes.csv", index=False)
    (out / "arms.tex").write_text(table.latex(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
