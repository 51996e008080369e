"""The run folder, and its mirror in W&B."""
