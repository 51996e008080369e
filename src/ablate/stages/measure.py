"""Where the arm stands on the common axes of disruption."""

from pathlib import Path
from typing import Any

from ablate.config import Config
from ablate.record.arm_folder import AxesFolder
from ablate.record.files import whole, write_json, write_table
from ablate.stages import shards
from ablate.stages.responses import conversations
from ablate.stages.stage import OF_STUDENT, Live, PlannedArm, Stage


class Measure(Stage):
    """Leaves `axes/<key>/`, one folder for each number of traces whose surprisal is taken."""

    name = "measure"
    reads = ("axes", "train.max_length", *OF_STUDENT)
    inputs = ("perturb", "student")

    def settings(self, config: Config) -> dict[str, Any]:
        """As read; `train.max_length` cuts responses, and has no say where the surprisal of none is taken."""
        settings = super().settings(config)
        return settings if config.axes.surprisal else {"axes.surprisal": 0}

    def folder(self, arm: PlannedArm) -> AxesFolder:
        """Where what it leaves stands."""
        return AxesFolder(arm.folder.axes / arm.key(self.name))

    def done(self, arm: PlannedArm) -> bool:
        return self.folder(arm).provenance.is_file()

    def run(self, arm: PlannedArm, live: Live) -> None:
        import pandas

        from ablate import axes
        from ablate.axes.surprisal import surprisal
        from ablate.student.encode import token_ids
        from ablate.student.load import load_tokenizer, load_trained

        config, making = arm.config, arm.making(self.name)
        tokenizer = load_tokenizer(config.model)
        table = axes.disruptions(map(pandas.read_parquet, shards.paths(arm.folder.traces)), lambda texts: token_ids(texts, tokenizer))
        chosen = axes.sample(table["id"], config.axes.surprisal)
        responses = pandas.read_parquet(arm.folder.traces, columns=["problem", "perturbed"]).iloc[chosen]
        nats = surprisal(
            conversations(responses, config.model.system_prompt),
            tokenizer,
            lambda: load_trained(config.model, None),
            config.train.max_length,
            arm.untrained.surprisal,
            live.progress,
        )
        table["surprisal"] = pandas.Series(nats, index=chosen, dtype=float)
        with whole(self.folder(arm).path) as partial:
            self._write(AxesFolder(partial), {**axes.summarise(table), "surprisal_of": len(chosen)}, table, making.provenance())

    @staticmethod
    def _write(folder: AxesFolder, means: dict[str, Any], table: Any, provenance: dict[str, Any]) -> None:
        Path(folder.path).mkdir()
        write_table(folder.traces, table)
        write_json(folder.means, means)
        write_json(folder.provenance, provenance)
