"""What a person sees while something runs: lines, progress, a terminal that library noise does not reach."""
