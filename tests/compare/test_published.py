"""The published scores, item by item, where they are at hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from ablate.compare import compare, read_csv
from ablate.compare.read.outcomes import with_primary
from ablate.study.spec import Study
from arms import row_of

SHARED = Path(__file__).parents[3] / "shared"
SCORES = SHARED / "results" / "paper_item_scores.csv"
TABLES = SHARED / "reference" / "tables"
pytestmark = pytest.mark.skipif(not SCORES.is_file(), reason="the published item scores are not part of the repository")

PUBLISHED = {
    "numbers_20": ("corrupt_digits", 0.2),
    "numbers_50": ("corrupt_digits", 0.5),
    "keywords_20": ("remove_keywords", 0.2),
    "keywords_50": ("remove_keywords", 0.5),
}


def test_accuracies_are_the_published_ones():
    comparison = compare(read_csv(SCORES, None))
    table = pandas.read_csv(TABLES / "table2.csv").set_index(["arm", "dose"])
    for arm, key in PUBLISHED.items():
        for task in ("aime24", "amc23"):
            assert round(100 * row_of(comparison, arm, task).accuracy, 1) == table.loc[key, task]
    short = pandas.read_csv(TABLES / "table4_short_vs_long.csv").query("arm == 'short_cot'").set_index("benchmark")
    for task in ("aime24", "amc23", "math500"):
        assert round(100 * row_of(comparison, "short_cot", task).accuracy, 1) == short.loc[task, "accuracy"]


def test_pairs_are_tested_as_in_the_textbook():
    outcomes = read_csv(SCORES, "gemma27b_zero")
    comparison = compare(outcomes)
    wide = outcomes.scores[outcomes.scores["task"] == "math500"].pivot(index="item", columns="condition", values="correct")
    clean, arm = wide["gemma27b_zero"].to_numpy(float), wide["gemma27b_correct"].to_numpy(float)
    difference = row_of(comparison, "gemma27b_correct", "math500").difference
    assert difference.value == pytest.approx(arm.mean() - clean.mean())
    assert difference.interval() == pytest.approx(tuple(stats.ttest_rel(arm, clean).confidence_interval()), abs=0.001)
    for task, arm in (("aime24", "numbers_50"), ("amc23", "gemma27b_correct")):
        wide = outcomes.scores[outcomes.scores["task"] == task].pivot(index="item", columns="condition", values="correct")
        clean, other = wide["gemma27b_zero"] == 1, wide[arm] == 1
        exact = mcnemar([[0, int(np.sum(clean & ~other))], [int(np.sum(other & ~clean)), 0]], exact=True).pvalue
        assert row_of(comparison, arm, task).difference.p_value() == pytest.approx(exact)


def test_arms_without_all_primary_tasks_get_no_verdict():
    comparison = compare(read_csv(SCORES, "gemma27b_zero"))
    assert {row.condition.label for row in comparison.of("pooled")} == {"gemma27b_zero", "gemma27b_correct", "short_cot"}
    assert [flag for flag in comparison.flags if flag.startswith("numbers_20: no pooled accuracy")]


def test_the_average_of_the_base_is_not_the_printed_one():
    script = Path(__file__).parents[2] / "analysis" / "published.py"
    shown = subprocess.run([sys.executable, script, SCORES, TABLES / "table2.csv"], capture_output=True, text=True)
    assert "| base | 84.8 | 16.7 | 67.5 | 47.6 | 54.15 | 56.7 (differs) |" in shown.stdout, shown.stderr
    assert shown.stdout.count("(differs)") == 1
    assert "| numbers_20 | amc23 | 40 | 82.5 | 82.5 |" in shown.stdout
    assert shown.stdout.count(" | correct@119 | ") == 5


def test_primary_tasks_are_chosen():
    outcomes = read_csv(SCORES, "correct@119")
    study = with_primary(Study("published", primary=("aime24",)), outcomes.scores)
    assert study.primary == ("aime24",)
