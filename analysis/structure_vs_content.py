"""What hurts more, damaged structure or damaged content: at equal doses and at equal disruption.

python analysis/structure_vs_content.py runs/structure_vs_content OUT
"""

import sys
from pathlib import Path

from ablate.compare import compare, read_folder
from ablate.compare.show import table
from ablate.compare.show.figures import pictures, write


def main(study: Path, out: Path) -> None:
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    for picture in pictures(comparison, outcomes, ("forest", "disruption", "items", "ending")):
        write(picture, out)
    arms = table.frame(comparison).query("scope == 'pooled' and family != ''")
    families = arms.groupby(["dose", "family"])["difference"].agg(["mean", "count"])
    families.round(2).to_csv(out / "families.csv")
    table.claims(comparison).to_csv(out / "claims.csv", index=False)
    (out / "arms.tex").write_text(table.latex(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
