"""The embedded tiny world: problems, reasoning, a tokenizer, and a base model that knows single steps."""

from pathlib import Path

BASE = Path(__file__).parent / "base"
"""The folder of the shipped base checkpoint; `python -m ablate.world` makes it again."""
