"""The studies, packaged as `ablate.sweeps`; each file says what it is in its first comment, and `ablate.study.spec` what it holds."""

from pathlib import Path

FOLDER = Path(__file__).parent
