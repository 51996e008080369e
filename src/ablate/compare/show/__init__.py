"""What a comparison shows: terminal, tables, figures, report, W&B."""
