"""Comparing arms: statistics, verdicts, claims, tables. Reads what record wrote, and needs neither torch nor a GPU."""

from ablate.compare.read.outcomes import Condition, Outcomes, read_csv
from ablate.compare.read.study_folder import read_folder
from ablate.compare.statistics.comparison import POOLED, Comparison, Row, compare
from ablate.study.spec import Study, read_study

__all__ = ["POOLED", "Comparison", "Condition", "Outcomes", "Row", "Study", "compare", "read_csv", "read_folder", "read_study"]
