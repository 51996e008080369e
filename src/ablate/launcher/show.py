"""What a person reads about arms under Slurm."""

import shlex
import sys
from collections.abc import Sequence

from ablate.console.screen import Screen
from ablate.launcher.queue import State
from ablate.launcher.standing import Standing
from ablate.stages.outcome import outcome


def table(standings: Sequence[Standing], screen: Screen) -> None:
    """One row per arm: its state, its job, and what came out, why it waits, or where to read why it failed.

    Args:
        standings: of all arms.
        screen: to print on.
    """
    from rich.markup import escape
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("arm", "job", "state", ""):
        shown.add_column(heading, overflow="fold")
    for standing in standings:
        shown.add_row(standing.arm.name, standing.job or "", standing.state, escape(_note(standing)))
    screen.say("")
    screen.console.print(shown)
    screen.say("")


def way_back(screen: Screen) -> None:
    """How to come back to arms that have not ended: by the command as it was typed, whatever Hydra was given for it."""
    typed = sys.orig_argv
    places = [place for place, word in enumerate(typed) if word == "ablate" or word.endswith("/ablate")]
    given = typed[places[0] + 1 :] if places else sys.argv[1:]
    command = shlex.join(["python", "-m", "ablate", *given])
    screen.console.print(f"the same command shows how they stand and collects them: {command}", soft_wrap=True, markup=False)


def _note(standing: Standing) -> str:
    if standing.state is State.done:
        return ", ".join(f"{score.task} {100 * score.accuracy:.1f} %" for score in outcome(standing.arm).scores)
    if standing.state is State.failed:
        lines = standing.arm.folder.read_status()["traceback"].strip().splitlines()
        return f"{lines[-1]}\n{standing.log}"
    if standing.state is State.lost:
        return f"{standing.queued.state if standing.queued else 'no longer in the queue'}\n{standing.log}"
    return standing.queued.reason if standing.queued and standing.state is State.pending else ""
