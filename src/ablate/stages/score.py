"""Scoring: the student's answers to every task, judged; the untrained student beside the arm."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ablate.config import Config
from ablate.evaluate import benchmarks
from ablate.evaluate.benchmarks import Sources
from ablate.record import scores
from ablate.record.arm_folder import HASHES
from ablate.record.lock import held
from ablate.record.provenance import Making
from ablate.record.scores import PlannedScores
from ablate.stages.scoring import Wanted, judged_by_now, score
from ablate.stages.stage import Live, PlannedArm, Stage

OF_MEMORY = ("enforce_eager", "gpu_memory_utilization", "kv_cache_memory_bytes", "max_num_batched_tokens", "max_num_seqs", "swap_space")
"""Options of vLLM's that say how fast and how much at once; any other may change answers."""


class Score(Stage):
    """Leaves `scores/<task>-<key>/`, of the arm and once for all arms of the untrained student.

    Which tasks, how many items and how many samples decides how much is there, and not what it is.
    """

    name = "score"
    reads = ("evaluate", "seed")
    execution = (
        "evaluate.tasks",
        "evaluate.limit",
        "evaluate.num_samples",
        "evaluate.batch_size",
        "evaluate.copies",  # what counts of these is what they hold, which is in the key of a task
        "evaluate.revisions",
        "evaluate.include_path",
        *(
            f"evaluate.engine.{name}"
            for name in ("python", "tensor_parallel_size", "data_parallel_size", "max_loras", "max_model_len", "concurrency", "timeout")
        ),
        "evaluate.engine.api_key_variable",
    )
    inputs = ("train",)

    def settings(self, config: Config) -> dict[str, Any]:
        """As read; greedy answers have no seed, and some options of an engine no say."""
        settings = super().settings(config)
        options = {name: value for name, value in config.evaluate.engine.options.items() if name.replace("-", "_") not in OF_MEMORY}
        if not options:
            settings.pop("evaluate.engine.options", None)
        else:
            settings["evaluate.engine.options"] = options
        return settings if config.evaluate.temperature else {name: value for name, value in settings.items() if name != "seed"}

    def check(self, config: Config) -> None:
        benchmarks.check(config.evaluate)

    def planned(self, arm: PlannedArm) -> list[PlannedScores]:
        """What is asked of each task."""
        evaluate = arm.config.evaluate
        return [
            PlannedScores(task, self._making(arm, task).key, evaluate.limit, 1 if benchmarks.is_choice(task) else evaluate.num_samples)
            for task in evaluate.tasks
        ]

    def done(self, arm: PlannedArm) -> bool:
        return not self._wanted(arm, arm.folder.model) and not self._wanted(arm, None)

    def run(self, arm: PlannedArm, live: Live) -> None:
        self.together([arm], live)

    def together(self, arms: Sequence[PlannedArm], live: Live) -> None:
        """Score arms that have trained, which one engine serves where it can.

        Args:
            arms: held by the caller.
            live: where it tells how far it is.
        """
        untrained = {arm.untrained.path: None for arm in arms if self._wanted(arm, None)}
        with ExitStack() as stack:
            for path in sorted(untrained):
                stack.enter_context(held(path / "scores", patient=True))  # another arm may do it meanwhile
            wanted = [one for arm in arms for one in (*self._wanted(arm, arm.folder.model), *self._wanted(arm, None))]
            score(list(_distinct(wanted)), live)

    def _wanted(self, arm: PlannedArm, weights: Path | None) -> list[Wanted]:
        """What is missing of the arm, or of the untrained student."""
        folder = arm.untrained.scores if weights is None else arm.folder.scores
        return [
            Wanted(arm, weights, folder, planned, self._making(arm, planned.task))
            for planned in self.planned(arm)
            if not self._held(folder, planned)
        ]

    @staticmethod
    def _held(folder: Path, planned: PlannedScores) -> bool:
        """Whether all that is planned is there, judged as it would be now."""
        held = scores.find(folder, planned)
        return held is not None and judged_by_now(planned.task, scores.provenance(held))

    def _making(self, arm: PlannedArm, task: str) -> Making:
        """The key is the same for every student, so that a study names its scores once."""
        sources = Sources.of(arm.config.evaluate)
        known = benchmarks.identity(task, sources, Path(arm.config.runs) / HASHES)
        return Making("score", self.version, self.settings(arm.config), {"task": known})


def _distinct(wanted: Sequence[Wanted]) -> Iterator[Wanted]:
    """The untrained student is wanted by each of its arms."""
    seen = set()
    for one in wanted:
        place = (one.scores, one.planned)
        if place not in seen:
            seen.add(place)
            yield one
