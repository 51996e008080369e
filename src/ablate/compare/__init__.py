"""Comparing arms: statistics, verdicts, claims, tables. Reads what record wrote, and needs neither torch nor a GPU."""

from ablate.compare.comparison import POOLED, Comparison, Row, compare
from ablate.compare.gather import read_folder
from ablate.compare.outcomes import Condition, Outcomes, read_csv
from ablate.compare.study import Study, read_study

__all__ = ["POOLED", "Comparison", "Condition", "Outcomes", "Row", "Study", "compare", "read_csv", "read_folder", "read_study"]
