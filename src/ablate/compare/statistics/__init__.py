"""Estimates, verdicts and claims."""
