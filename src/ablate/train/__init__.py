"""Supervised fine-tuning of the student."""
