"""What a reasoning trace is: its steps, its tags, its keywords, its answer."""

from ablate.traces.answers import boxed_answer, boxed_spans
from ablate.traces.example import Example, problem_key
from ablate.traces.kinds import Kind, kinds
from ablate.traces.steps import SEGMENTERS, Segmenter, labels
from ablate.traces.trace import Replacement, Trace, parse, parse_untagged, replace_in

__all__ = [
    "SEGMENTERS",
    "Example",
    "Kind",
    "Replacement",
    "Segmenter",
    "Trace",
    "boxed_answer",
    "boxed_spans",
    "kinds",
    "labels",
    "parse",
    "parse_untagged",
    "problem_key",
    "replace_in",
]
