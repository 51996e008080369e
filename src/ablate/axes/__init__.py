"""How much an arm disturbs its traces, on axes that every perturbation shares."""

from ablate.axes.disruption import Disruption, measure, summarise

__all__ = ["Disruption", "measure", "summarise"]
