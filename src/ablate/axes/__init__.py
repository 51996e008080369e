"""How much an arm disturbs its traces, on axes that every perturbation shares."""

from ablate.axes.disruption import Disruption, measure
from ablate.axes.table import disruptions, sample, summarise

__all__ = ["Disruption", "disruptions", "measure", "sample", "summarise"]
