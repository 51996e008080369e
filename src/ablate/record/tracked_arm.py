"""An arm as W&B shows it: one run, under the arm's id, with a tag for each study that has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Track
from ablate.perturb import in_words
from ablate.record import tracking
from ablate.record.arm_folder import ArmFolder
from ablate.record.files import read_json, write_json
from ablate.record.keys import digest

if TYPE_CHECKING:
    import wandb

OWN = ("track", "runs", "study", "until")
"""Parts of a config that say nothing of an arm."""


@dataclass(frozen=True)
class TrackedArm:
    """An arm's folder, the studies that have it, and where W&B keeps it."""

    folder: ArmFolder
    studies: tuple[str, ...]
    track: Track

    @property
    def card(self) -> dict[str, Any]:
        """What the arm is."""
        card: dict[str, Any] = read_json(self.folder.card)
        return card

    def start(self, mode: Any) -> "wandb.Run":
        """Its run, opened or gone on with."""
        card = self.card
        self.folder.tracked.mkdir(parents=True, exist_ok=True)
        return tracking.start(
            mode,
            card["id"],
            self.folder.path.name,
            "arm",
            group=tracking.shortened(condition(card)),
            project=self.track.project,
            entity=self.track.entity,
            tags=tags(card, self.studies),
            config={**self._config(), **grouping(card)},
            dir=self.folder.path,
        )

    def mirrored(self) -> dict[str, Any]:
        """What W&B has: its parts by name, and the last step of training that was logged while it ran."""
        known: dict[str, Any] = read_json(self._list) if self._list.is_file() else {"parts": [], "logged": 0}
        return known

    def remember(self, **changes: Any) -> None:
        """Note what W&B has by now."""
        write_json(self._list, {**self.mirrored(), **changes})

    @property
    def _list(self) -> Path:
        return self.folder.tracked / "mirrored.json"

    def _config(self) -> dict[str, Any]:
        import yaml

        settings = yaml.safe_load(self.folder.config.read_text(encoding="utf-8")) or {}
        return {key: value for key, value in settings.items() if key not in OWN}


def condition(card: dict[str, Any]) -> str:
    """What a dashboard groups the seeds of an arm by: its label, how many traces it has, and a hash of all other settings.

    Arms that differ in their data or their training are never one group.
    """
    traces = card["data_setting"].get("data.traces")
    size = "" if traces is None else f"{traces} traces, "
    return f"{card['label']} ({size}{digest([card['setting'], card['match'], card['data'], card['student']])[:6]})"


def grouping(card: dict[str, Any]) -> dict[str, Any]:
    """What a dashboard groups and filters runs by."""
    settings = {**card["setting"], **card["match"], **card["data_setting"]}
    return {
        "arm": condition(card),
        "family": in_words(card["families"].values()) or "clean",
        "condition": settings,
        "data_fingerprint": card["data"],
    }


def tags(card: dict[str, Any], studies: Sequence[str]) -> list[str]:
    """The studies, the families and the perturbations, in the length that W&B takes.

    Args:
        card: what the arm is.
        studies: that have the arm.
    """
    names = [*studies, *sorted(set(card["families"].values())), *card["perturb"]]
    return [tracking.shortened(name, tracking.LONGEST_TAG) for name in dict.fromkeys(names)]
