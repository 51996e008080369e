"""Scoring a model with lm-eval."""
