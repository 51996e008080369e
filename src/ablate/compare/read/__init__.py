"""What a comparison reads: run folders, CSV tables, W&B."""
