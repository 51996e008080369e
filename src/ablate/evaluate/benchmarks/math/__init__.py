"""Mathematics, judged as mathematics."""
