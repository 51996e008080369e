"""The seam for generating: requests go to an engine, completions come back. Scoring, distilling and Best-of-N ask it the same."""

from ablate.generate.request import Completion, Engine, Request, Sampling, sample_seed

__all__ = ["Completion", "Engine", "Request", "Sampling", "sample_seed"]
