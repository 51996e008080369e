"""Benchmarks: lm-eval tasks, each with its items and its judge."""
