"""The tiny world's own benchmarks."""
