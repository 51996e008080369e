"""Eyes: clean and perturbed traces side by side, in the terminal and on one page."""
