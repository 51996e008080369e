"""The seam for generating: requests go to an engine, completions come back."""
