"""Where the items of benchmarks come from, as the settings say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ablate.config import Evaluate


@dataclass(frozen=True)
class Sources:
    """`copies` is a folder with local copies of hub datasets, `revisions` are commits by set, `include_path` a folder with tasks of the
    user's own, `metric` names what counts of a foreign task, `ask_for_box` appends what published prompts of mathematics ask for, and
    `window` is the first and the last date of LiveCodeBench's problems."""

    copies: str | None = None
    revisions: Mapping[str, str] = field(default_factory=dict)
    include_path: str | None = None
    metric: str | None = None
    ask_for_box: bool = False
    window: tuple[str, str] | None = None

    @classmethod
    def of(cls, evaluate: Evaluate) -> "Sources":
        """As a config has them."""
        window = (evaluate.window[0], evaluate.window[1]) if evaluate.window else None
        return cls(evaluate.copies, dict(evaluate.revisions), evaluate.include_path, evaluate.metric, evaluate.ask_for_box, window)

    def metadata(self) -> dict[str, Any]:
        """What the functions that task files name are given of it."""
        return {"sources": self}
