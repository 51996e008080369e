"""Each structural arm beside the controls of its length, layout and relevance, with what it was trained on and how its answers end.

python analysis/controls.py runs/controls OUT
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
    shown = ["arm", "family", "dose", "trained_tokens", "difference", "difference_low", "difference_high", "finished", "tokens"]
    arms[shown].sort_values(["dose", "difference"]).to_csv(out / "controls.csv", index=False)
    table.claims(comparison).to_csv(out / "claims.csv", index=False)
    (out / "arms.tex").write_text(table.latex(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
