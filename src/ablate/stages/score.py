"""Scoring: the student's answers to every task, judged; the untrained student beside the arm."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ablate.config import Config
from ablate.record import scores
from ablate.record.arm_folder import ScoresFolder
from ablate.record.files import whole, write_json, write_rows, write_table
from ablate.record.lock import held
from ablate.record.provenance import Making
from ablate.record.scores import PlannedScores
from ablate.stages.stage import Live, PlannedArm, Stage


class Score(Stage):
    """Leaves `scores/<task>-<key>/`. Which tasks, how many items and how many samples decides how much is there, and not what it is."""

    name = "score"
    reads = ("evaluate", "seed")
    execution = ("evaluate.tasks", "evaluate.limit", "evaluate.num_samples", "evaluate.batch_size")
    inputs = ("train",)

    def settings(self, config: Config) -> dict[str, Any]:
        """As read; greedy answers have no seed."""
        settings = super().settings(config)
        return settings if config.evaluate.temperature else {name: value for name, value in settings.items() if name != "seed"}

    def scores(self, arm: PlannedArm) -> Path:
        """Where they stand."""
        return arm.folder.scores

    def model(self, arm: PlannedArm) -> Path | None:
        """What is scored; None for the student as it is."""
        return arm.folder.model

    def planned(self, arm: PlannedArm) -> list[PlannedScores]:
        """What is asked of each task."""
        from ablate.evaluate import benchmarks

        evaluate = arm.config.evaluate
        return [
            PlannedScores(task, self._making(arm, task).key, evaluate.limit, 1 if benchmarks.is_choice(task) else evaluate.num_samples)
            for task in evaluate.tasks
        ]

    def done(self, arm: PlannedArm) -> bool:
        return all(scores.find(self.scores(arm), planned) for planned in self.planned(arm))

    def run(self, arm: PlannedArm, live: Live) -> None:
        from ablate.student.load import load_tokenizer, load_trained

        missing = [planned for planned in self.planned(arm) if not scores.find(self.scores(arm), planned)]
        model, tokenizer = load_trained(arm.config.model, self.model(arm)), load_tokenizer(arm.config.model)
        for planned in missing:
            self._score(arm, planned, model, tokenizer, live)

    def _score(self, arm: PlannedArm, planned: PlannedScores, model: Any, tokenizer: Any, live: Live) -> None:
        """Write the task's scores, those that are there already among them."""
        import pandas

        from ablate.evaluate.score import score

        making = self._making(arm, planned.task)
        engine = {"name": "hf", "device": str(model.device.type), "dtype": str(arm.config.model.dtype)}
        folder = scores.folder_of(self.scores(arm), planned, engine)
        evaluate = replace(arm.config.evaluate, tasks=[planned.task], limit=planned.limit, num_samples=planned.num_samples)
        items, answers = score(model, tokenizer, arm.config.model.system_prompt, evaluate, arm.config.seed, live.progress)
        with whole(folder.path) as partial:
            new = ScoresFolder(partial)
            partial.mkdir()
            write_rows(new.samples, answers)
            write_table(new.items, pandas.DataFrame([asdict(item) for item in items]))
            extents = [[planned.limit, planned.num_samples]]
            write_json(new.provenance, making.provenance(task=planned.task, engine=engine, extents=extents))

    def _making(self, arm: PlannedArm, task: str) -> Making:
        """The key is the same for every student, so that a study names its scores once."""
        from ablate.evaluate import benchmarks

        return Making("score", self.version, self.settings(arm.config), {"task": f"{task}:{benchmarks.key(task)}"})


class ScoreUntrained(Score):
    """The same of the student before training, once for all arms that begin from it."""

    name = "score untrained"
    inputs = ("student",)

    def scores(self, arm: PlannedArm) -> Path:
        return arm.untrained.scores

    def model(self, arm: PlannedArm) -> Path | None:
        return None

    def run(self, arm: PlannedArm, live: Live) -> None:
        with held(arm.untrained.scores, patient=True):
            if not self.done(arm):  # another arm may have done it meanwhile
                super().run(arm, live)
