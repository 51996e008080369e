"""ablate: what carries the learning from reasoning traces, the structure of the reasoning or the content of its steps?"""

from ablate.library import compare_runs, perturb_texts, run

__all__ = ["__version__", "compare_runs", "perturb_texts", "run"]

__version__ = "0.1.0"
