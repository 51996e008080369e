"""The published results (Li et al., arXiv 2502.07374) beside what their item scores give, with paired intervals.

    python analysis/published.py paper_item_scores.csv table2.csv

The first file has the columns arm, task, item, correct; the second the published table: arm, dose, one column per benchmark, average.
"""

import sys
from pathlib import Path

import pandas

from ablate.compare import compare, read_csv
from ablate.compare.statistics.estimate import Estimate

TASKS = ("math500", "aime24", "amc23", "olympiadbench")
PRINTED = {"base": 56.7}
"""Averages that the paper prints and that are not those of its own four scores."""
ROWS = {
    "numbers_20": ("corrupt_digits", 0.2),
    "numbers_50": ("corrupt_digits", 0.5),
    "keywords_20": ("remove_keywords", 0.2),
    "keywords_50": ("remove_keywords", 0.5),
}
PAIRS = (
    ("correct@119", "correct@105"),
    ("numbers_20", "correct@119"),
    ("numbers_50", "correct@119"),
    ("keywords_20", "correct@119"),
    ("keywords_50", "correct@119"),
    ("short_cot", "correct@119"),
    ("numbers_50", "numbers_20"),
    ("keywords_50", "keywords_20"),
    ("gemma27b_correct", "gemma27b_zero"),
)


def recomputed(table: Path) -> dict[str, float]:
    """The mean of the four published scores, by row."""
    rows = pandas.read_csv(table)
    return {_name(row): float(row[[*TASKS]].mean()) for _, row in rows.iterrows()}


def _name(row: pandas.Series) -> str:
    return row["arm"] if not row["dose"] > 0 else f"{row['arm']} {row['dose']:g}"


def main(scores: Path, table: Path) -> None:
    rows, means = pandas.read_csv(table), recomputed(table)
    ours = {(row.condition.label, row.scope): row for row in compare(read_csv(scores, None)).rows}
    print("## Published scores and their averages\n")
    print(f"| row | {' | '.join(TASKS)} | average, recomputed | as printed |\n|---|{'---|' * (len(TASKS) + 2)}")
    for _, row in rows.iterrows():
        name = _name(row)
        printed = PRINTED.get(name, row["average"])
        note = "" if abs(printed - means[name]) < 0.1 else " (differs)"
        print(f"| {name} | {' | '.join(f'{row[task]:.1f}' for task in TASKS)} | {means[name]:.2f} | {printed:.1f}{note} |")
    print("\n## Published beside ours, from the item scores\n")
    print("| arm | benchmark | items | published | ours | 95 % interval |\n|---|---|---|---|---|---|")
    for arm, key in ROWS.items():
        published = rows[(rows["arm"] == key[0]) & (rows["dose"] == key[1])].iloc[0]
        for task in TASKS:
            if (arm, task) in ours:
                row = ours[arm, task]
                shown = f"{published[task]:.1f} | {100 * row.accuracy:.1f} | {100 * row.low:.1f} to {100 * row.high:.1f}"
                print(f"| {arm} | {task} | {row.items} | {shown} |")
    print("\n## Paired differences, points (one run each: intervals cover items, not retraining)\n")
    print("| arm | against | benchmark | difference | 95 % interval | p |\n|---|---|---|---|---|---|")
    for arm, clean in PAIRS:
        for row in compare(read_csv(scores, clean)).rows:
            if row.condition.label == arm and row.scope in TASKS and row.difference is not None:
                print(f"| {arm} | {clean} | {row.scope} | {_shown(row.difference)} |")


def _shown(difference: Estimate) -> str:
    low, high = difference.interval()
    return f"{100 * difference.value:+.1f} | {100 * low:+.1f} to {100 * high:+.1f} | {difference.p_value():.3f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
