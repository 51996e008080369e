"""Engines: each is one file."""
