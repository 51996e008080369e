"""Scoring: the student's answers to every task, judged; the untrained student beside the arm."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Config
from ablate.evaluate import benchmarks
from ablate.record import scores
from ablate.record.lock import held
from ablate.record.provenance import Making
from ablate.record.scores import PlannedScores
from ablate.stages.stage import Live, PlannedArm, Stage

if TYPE_CHECKING:
    from ablate.generate import Engine


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

    def check(self, config: Config) -> None:
        benchmarks.check(config.evaluate.tasks)

    def scores(self, arm: PlannedArm) -> Path:
        """Where they stand."""
        return arm.folder.scores

    def model(self, arm: PlannedArm) -> Path | None:
        """What is scored; None for the student as it is."""
        return arm.folder.model

    def planned(self, arm: PlannedArm) -> list[PlannedScores]:
        """What is asked of each task."""
        evaluate = arm.config.evaluate
        return [
            PlannedScores(task, self._making(arm, task).key, evaluate.limit, 1 if benchmarks.is_choice(task) else evaluate.num_samples)
            for task in evaluate.tasks
        ]

    def done(self, arm: PlannedArm) -> bool:
        return not self._missing(arm)

    def run(self, arm: PlannedArm, live: Live) -> None:
        from ablate.generate.engines.hf import HuggingFace
        from ablate.student.load import load_tokenizer, load_trained

        tokenizer = load_tokenizer(arm.config.model)
        engine = HuggingFace(load_trained(arm.config.model, self.model(arm)), tokenizer, arm.config.evaluate.batch_size)
        for planned in self._missing(arm):
            self._score(arm, planned, engine, tokenizer, live)
        engine.close()

    def _missing(self, arm: PlannedArm) -> list[PlannedScores]:
        return [planned for planned in self.planned(arm) if not scores.find(self.scores(arm), planned)]

    def _making(self, arm: PlannedArm, task: str) -> Making:
        """The key is the same for every student, so that a study names its scores once."""
        return Making("score", self.version, self.settings(arm.config), {"task": f"{task} {benchmarks.version(task)}"})

    def _score(self, arm: PlannedArm, planned: PlannedScores, engine: "Engine", tokenizer: Any, live: Live) -> None:
        """Ask for what is not there, judge all of it, and write it in place of what was there."""
        from ablate.evaluate.score import Asked, score
        from ablate.generate import Sampling

        making, evaluate = self._making(arm, planned.task), arm.config.evaluate
        folder = scores.folder_of(self.scores(arm), planned, engine.identity)
        known, before = scores.answers(folder), scores.provenance(folder)
        sampling = Sampling(evaluate.max_new_tokens, evaluate.temperature, seed=arm.config.seed)
        extents = scores.extents(before, planned)
        judged = {}
        for limit, num_samples in extents:
            asked = Asked(planned.task, limit, num_samples, sampling, arm.config.model.system_prompt)
            for item, answer in score(asked, engine, tokenizer, known, live.progress):
                judged[item.item, item.sample] = item, answer
        facts = {"task": planned.task, "engine": dict(engine.identity), "extents": extents}
        provenance = making.provenance(**facts)
        if before:  # what made the first scores stays, and what added to them stands behind it
            provenance = {**before, "extents": extents, "extended": [*before.get("extended", []), provenance]}
        scores.write(folder, [judged[place] for place in sorted(judged)], provenance)


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
