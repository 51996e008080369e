"""What a reasoning trace is: its steps, its tags, its keywords, its answer."""

from ablate.traces.answers import boxed_answer, boxed_spans
from ablate.traces.example import Example
from ablate.traces.trace import Replacement, Trace, parse, replace_in

__all__ = ["Example", "Replacement", "Trace", "boxed_answer", "boxed_spans", "parse", "replace_in"]
