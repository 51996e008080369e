"""The second wave of a study: arms that have trained are scored together, by the engines that serve many of them."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ablate.console.progress import Progress, Reporter
from ablate.console.screen import hushed
from ablate.record.files import now
from ablate.record.lock import held
from ablate.stages.score import Score
from ablate.stages.stage import PlannedArm

LOG = "scoring.log"


@dataclass(frozen=True)
class Wave:
    """Where scoring tells how far it is, as a stage of one arm does."""

    reporter: Reporter
    tell: Progress

    def progress(self, done: int, total: int) -> None:
        """So many of so many answers are there."""
        self.tell(done, total)

    def log(self, values: Mapping[str, float]) -> None:
        """Scoring measures nothing by step."""

    def warn(self, text: str) -> None:
        """What a person has to know though scoring goes on."""
        self.reporter.warn(text)


def score(arms: Sequence[PlannedArm], reporter: Reporter) -> dict[str, Exception]:
    """Score arms of one study; what libraries say goes to `scoring.log` of the study.

    Args:
        arms: trained.
        reporter: where it is shown how far it is.

    Returns:
        Of the arms that were not scored, what came between, by name; their answers so far are kept.
    """
    config = arms[0].config
    log = Path(config.runs) / config.study / LOG
    try:
        with hushed(log), reporter.bar("score") as tell, ExitStack() as stack:
            for arm in sorted(arms, key=lambda arm: arm.name):
                stack.enter_context(held(arm.folder.path, patient=True))
            Score().together(arms, Wave(reporter, tell))
            for arm in arms:
                if Score().done(arm):
                    arm.folder.write_status(state="done" if arm.whole else "stopped", stage=None, ended=now(), traceback=None)
    except Exception as error:
        return {arm.name: error for arm in arms if not Score().done(arm)}
    return {}
