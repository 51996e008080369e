"""Reading: file formats, hub datasets, the tiny world, and the store that keeps what was read."""
