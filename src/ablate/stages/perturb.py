"""From the corpus to perturbed traces with a manifest of every edit."""

import hashlib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from ablate.config import Config
from ablate.record.files import write_json, write_rows
from ablate.stages import shards
from ablate.stages.stage import Live, PlannedArm, Stage

PROVENANCE = "_provenance.json"
"""Readers of a folder of Parquet files pass over a name that begins so."""


class Perturb(Stage):
    """Leaves `traces/` and `rejected.jsonl`."""

    name = "perturb"
    reads = ("perturb", "seed")
    inputs = ("corpus", "student")  # some perturbations count the student's tokens

    def settings(self, config: Config) -> dict[str, Any]:
        """Each perturbation in order with its class and what is not at that class's default; a user's own class with its source."""
        settings = super().settings(config)
        if config.perturb:
            settings["perturb"] = [_described(name, given) for name, given in config.perturb.items()]
        return settings

    def done(self, arm: PlannedArm) -> bool:
        return (arm.folder.traces / shards.COMPLETE).is_file()

    def run(self, arm: PlannedArm, live: Live) -> None:
        config, folder, making = arm.config, arm.folder, arm.making(self.name)
        write_rows(folder.rejected, list(arm.corpus.rejected))
        wanted = shards.Shards(arm.corpus, config.perturb, config.seed, config.model, folder.traces)
        shards.write(wanted, config.data.workers, live.progress)
        write_json(folder.traces / PROVENANCE, making.provenance())
        (folder.traces / shards.COMPLETE).touch()


def _described(name: str, given: dict[str, Any]) -> list[Any]:
    from hydra.utils import get_class

    target = str(given["_target_"])
    kind = get_class(target)
    defaults = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
    unlike = {key: value for key, value in given.items() if key != "_target_" and (key not in defaults or value != defaults[key])}
    return [name, target, unlike, *([] if target.startswith("ablate.") else [_source(kind)])]


def _source(kind: type) -> str:
    """A hash of the module, since a user's own class changes while it is being written."""
    import inspect

    return hashlib.blake2b(Path(inspect.getfile(kind)).read_bytes(), digest_size=8).hexdigest()
