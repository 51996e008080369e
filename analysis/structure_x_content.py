"""Structure and content damaged together, beside what their separate losses add up to.

python analysis/structure_x_content.py runs/structure_x_content OUT
"""

import sys
from pathlib import Path

from ablate.compare import compare, read_folder
from ablate.compare.show import table
from ablate.compare.show.figures import pictures, write


def main(study: Path, out: Path) -> None:
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    for picture in pictures(comparison, outcomes, ("forest", "items")):
        write(picture, out)
    arms = table.frame(comparison).query("scope == 'pooled' and perturb != ''").set_index(["perturb", "dose"])["difference"]
    both = arms[arms.index.get_level_values("perturb").str.contains("+", regex=False)].rename("together").reset_index()
    parts = [[arms.get((one, dose)) for one in names.split("+")] for names, dose in both[["perturb", "dose"]].itertuples(index=False)]
    both["added"] = [sum(losses) if None not in losses else None for losses in parts]
    both.assign(beyond=both["together"] - both["added"]).round(2).to_csv(out / "factorial.csv", index=False)
    table.claims(comparison).to_csv(out / "interactions.csv", index=False)
    (out / "arms.tex").write_text(table.latex(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
