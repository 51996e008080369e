"""Scripts that run inside the sandbox, under its own interpreter; they import nothing of ablate."""
