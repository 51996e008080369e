"""What hurts under low-rank adapters beside what hurts when all parameters are trained.

python analysis/lora_vs_full.py runs/lora_vs_full OUT
"""

import sys
from pathlib import Path

from ablate.compare import compare, read_folder
from ablate.compare.show import table
from ablate.compare.show.figures import pictures, write


def main(study: Path, out: Path) -> None:
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    for picture in pictures(comparison, outcomes, ("forest", "ending")):
        write(picture, out)
    arms = table.frame(comparison).query("scope == 'pooled' and perturb != ''")
    arms.pivot_table(index=["perturb", "dose"], columns="against", values="difference").round(2).to_csv(out / "methods.csv")
    table.claims(comparison).to_csv(out / "claims.csv", index=False)
    (out / "arms.tex").write_text(table.latex(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
