"""From arms to jobs: one wave in which each arm's job does all, or two, training and then scoring of many arms by one engine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ablate.config import Stage
from ablate.generate import engines
from ablate.launcher import snapshot
from ablate.launcher.job import ArmJob, ScoringJob
from ablate.launcher.settings import Slurm, of_scoring
from ablate.launcher.submit import Submission, Submitted, submit
from ablate.record.files import now, read_json, write_json
from ablate.stages import PlannedArm


@dataclass(frozen=True)
class Waves:
    """What is to be submitted of one study: the arms that train (and, in one wave, are scored), and those that are scored after it."""

    study: Path
    training: Sequence[PlannedArm]
    scoring: Sequence[PlannedArm]
    settings: Slurm
    code: dict[Path, bytes]

    def first(self) -> Submission:
        """The arms' own jobs."""
        two = bool(self.scoring)
        configs = [replace(arm.config, until=Stage.train) if two else arm.config for arm in self.training]
        jobs = [ArmJob(config, arm.folder.path) for config, arm in zip(configs, self.training, strict=True)]
        return Submission(self.study, [arm.name for arm in self.training], jobs, self.settings, self.code)

    def second(self, after: str | None) -> Submission:
        """The jobs that score, which share the arms; they wait for the first wave, however it ends."""
        settings = of_scoring(self.settings, after)
        shares = [share for number in range(settings.at_once) if (share := self.scoring[number :: settings.at_once])]
        names = [f"score-{self.study.name}-{number}" for number in range(len(shares))]
        return Submission(self.study, names, [ScoringJob([arm.config for arm in share]) for share in shares], settings, self.code)


def waves(arms: Sequence[PlannedArm], settings: Slurm, code: dict[Path, bytes]) -> Waves:
    """Which of the arms train and which are scored in a wave of their own.

    Args:
        arms: of one study, to which something is missing.
        settings: of the launch.
        code: that the jobs run.
    """
    config = arms[0].config
    scored = (Stage.score, Stage.record)
    apart = [arm for arm in arms if arm.config.until in scored and (engines.shared(arm.config) or settings.score.at_once)]
    trained = [arm for arm in apart if arm.folder.model.is_dir()]
    training = [arm for arm in arms if arm not in trained]
    return Waves((Path(config.runs) / config.study).absolute(), training, apart, settings, code)


def submit_waves(wanted: Waves) -> list[str]:
    """Submit both waves, and note in each arm's folder which jobs are its own; the arrays' ids."""
    arrays: list[str] = []

    def note_first(jobs: list[Submitted]) -> None:
        for arm, job in zip(wanted.training, jobs, strict=True):
            _note(arm, {"job": job.id, "log": str(job.log), "name": arm.name}, wanted)

    if wanted.training:
        arrays.append(submit(wanted.first(), note_first)[0].array)
    if wanted.scoring:
        second = wanted.second(arrays[0] if arrays else None)

        def note_second(jobs: list[Submitted]) -> None:
            for number, arm in enumerate(wanted.scoring):
                share = number % len(jobs)
                job = {"job": jobs[share].id, "log": str(jobs[share].log), "name": second.names[share]}
                _note(arm, {"scoring": job}, wanted)

        arrays.append(submit(second, note_second)[0].array)
    return arrays


def _note(arm: PlannedArm, jobs: dict[str, object], wanted: Waves) -> None:
    arm.folder.path.mkdir(parents=True, exist_ok=True)
    first = "job" in jobs
    known = {} if first or not arm.folder.job.is_file() else read_json(arm.folder.job)
    if first or not known:
        arm.folder.write_status(state="pending", traceback=None)
    write_json(arm.folder.job, {**known, **jobs, "submitted": now(), "snapshot": snapshot.name(wanted.code), "told": False})
