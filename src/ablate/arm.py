"""One arm, one experimental condition, from data to scores: a loop over its stages."""

from ablate import stages
from ablate.config import Config
from ablate.console.progress import Reporter
from ablate.stages.outcome import Outcome, outcome
from ablate.study import members


def run(config: Config, reporter: Reporter) -> Outcome | None:
    """Run what is missing of one arm. Stages that left their result before are skipped, interrupted training resumes.

    Args:
        config: resolved and checked.
        reporter: where the arm says what it does.

    Returns:
        What the arm came to. Of a job on several nodes the first runs the arm; the others take part in the training, and return None.

    Raises:
        UserError: something that the user gave can't be used.
        Busy: another process is running the arm.
    """
    arm = stages.plan(config, reporter)
    if stages.takes_part(arm):
        return None
    with members.joined(arm), stages.opened(arm, reporter) as run:
        for stage in stages.until(config):
            if stage.done(arm):
                run.skipped(stage.name)
            else:
                with run.stage(stage.name):
                    stage.run(arm, run)
    return outcome(arm)
