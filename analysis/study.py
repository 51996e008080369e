"""The figures and tables of any study, for a paper: python analysis/study.py runs/STUDY OUT

Beside each figure stand its data as CSV; `arms.csv` and `arms.tex` have every arm, `claims.csv` what the study claims. A study whose
question the arms alone don't show has a table of its own.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pandas

from ablate.compare import compare, read_folder
from ablate.compare.show import table
from ablate.compare.show.figures import pictures, write


def families(arms: pandas.DataFrame) -> pandas.DataFrame:
    """At each dose the mean loss of a family's arms."""
    return arms.groupby(["dose", "family"])["difference"].agg(["mean", "count"])


def doses(arms: pandas.DataFrame) -> pandas.DataFrame:
    """Of each perturbation the loss at each dose."""
    return arms.pivot_table(index="dose", columns="perturb", values="difference")


def methods(arms: pandas.DataFrame) -> pandas.DataFrame:
    """Of each arm the loss against each clean arm, one for each way of training or amount of data."""
    return arms.pivot_table(index=["perturb", "dose"], columns="against", values="difference")


def factorial(arms: pandas.DataFrame) -> pandas.DataFrame:
    """Structure and content damaged together, beside what their separate losses add up to."""
    losses = arms.set_index(["perturb", "dose"])["difference"]
    both = losses[losses.index.get_level_values("perturb").str.contains("+", regex=False)].rename("together").reset_index()
    parts = [[losses.get((one, dose)) for one in names.split("+")] for names, dose in both[["perturb", "dose"]].itertuples(index=False)]
    both["added"] = [sum(apart) if None not in apart else None for apart in parts]
    return both.assign(beyond=both["together"] - both["added"])


TABLES: dict[str, Callable[[pandas.DataFrame], pandas.DataFrame]] = {
    "structure_vs_content": families,
    "dose_response": doses,
    "lora_vs_full": methods,
    "data_size": methods,
    "structure_x_content": factorial,
}


def main(study: Path, out: Path) -> None:
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    for picture in pictures(comparison, outcomes):
        write(picture, out)
    pooled = table.frame(comparison).query("scope == 'pooled'")
    pooled.to_csv(out / "arms.csv", index=False)
    (out / "arms.tex").write_text(table.latex(comparison))
    table.claims(comparison).to_csv(out / "claims.csv", index=False)
    own = TABLES.get(comparison.study.name)
    if own:
        own(pooled.query("perturb != ''")).round(2).to_csv(out / f"{own.__name__}.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
