"""How much an arm disturbs its traces, on axes that every perturbation shares."""

from ablate.axes.disruption import Disruption, measure
from ablate.axes.table import sample, summarise, table

__all__ = ["Disruption", "measure", "sample", "summarise", "table"]
