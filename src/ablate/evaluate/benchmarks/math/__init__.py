"""Mathematics from the hub, checked by math-verify."""
