"""The Hydra configuration tree, packaged so that ablate runs from any folder."""

from pathlib import Path

FOLDER = Path(__file__).parent
