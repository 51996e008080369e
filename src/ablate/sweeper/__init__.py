"""Many arms from one command: a study's file or a plain grid, on this machine or through a launcher."""
