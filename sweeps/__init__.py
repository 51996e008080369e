"""The studies, packaged as `ablate.sweeps`; each file says what it is in its first comment, and `ablate.compare.study` what it holds."""

from pathlib import Path

FOLDER = Path(__file__).parent
