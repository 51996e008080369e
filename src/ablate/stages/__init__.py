"""The stages of an arm, in order."""
