"""The command line: from arguments to arms, and what a person reads at the end."""
