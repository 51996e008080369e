"""Programs, run in a sandbox."""
