"""ablate: what carries the learning from reasoning traces, the structure of the reasoning or the content of its steps?"""

__version__ = "0.1.0"
