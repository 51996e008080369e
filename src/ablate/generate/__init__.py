"""The seam for generating: requests go to an engine, completions come back. Scoring, distilling and Best-of-N ask it the same."""

from ablate.generate.kept import Kept, Known, Place, prompt_hash
from ablate.generate.request import Completion, Engine, Likelihood, Messages, Request, Sampling, sample_seed

__all__ = [
    "Completion",
    "Engine",
    "Kept",
    "Known",
    "Likelihood",
    "Messages",
    "Place",
    "Request",
    "Sampling",
    "prompt_hash",
    "sample_seed",
]
