"""Benchmarks: lm-eval tasks, each with its items and its rule. Adding one is a file in a folder here; others of lm-eval's can be named."""

from ablate.evaluate.benchmarks.catalogue import FOLDER, files, is_choice
from ablate.evaluate.benchmarks.checking import check, identity, rule
from ablate.evaluate.benchmarks.loading import Loaded, load
from ablate.evaluate.benchmarks.pins import Pin, pins
from ablate.evaluate.benchmarks.sources import Sources

__all__ = ["FOLDER", "Loaded", "Pin", "Sources", "check", "files", "identity", "is_choice", "load", "pins", "rule"]
