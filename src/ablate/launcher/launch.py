"""Launching arms under Slurm: what is new is submitted, what is known is found again, all is shown."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ablate.config import Config
from ablate.console.screen import Screen
from ablate.errors import UserError
from ablate.launcher import memory_notes, queue, show, snapshot
from ablate.launcher.queue import ACTIVE, ENDED, UNFINISHED, Queued, State
from ablate.launcher.settings import Slurm
from ablate.launcher.standing import Standing
from ablate.launcher.submit import text
from ablate.launcher.waves import submit_waves, waves
from ablate.record.files import read_json, write_json
from ablate.stages import PlannedArm
from ablate.study import members
from ablate.study.planned import plan


def launch(configs: Sequence[Config], settings: Slurm, own: Sequence[Path], screen: Screen) -> list[Standing]:
    """Submit what is missing, and with `wait` stay until all arms have ended.

    Missing are arms that were never submitted, and those that failed or were lost and are known to: a failure is told before the arm is
    run again, so that coming back to look does not start on the cluster what can only fail once more.

    Args:
        own: the folders below which the user's own code is loaded from; it travels with the jobs.

    Returns:
        Where each arm stands, in order; an arm that is named twice is launched once.
    """
    arms = plan(configs, screen)
    known = list({each.name: each for each in members.distinct(arms)}.values())
    notes = memory_notes.notes([each.config for each in known], settings)
    if settings.dry_run:
        _print_script([each for each in known if not each.done], settings, own)
        for note in notes:
            screen.say(f"# {note}")
        return [Standing(each, State.new) for each in arms]
    members.join(arms)
    missing = [standing.arm for standing in _standings(known, queue.read()) if standing.state is State.new or standing.told]
    for note in notes if missing else []:
        screen.say(note)
    if missing:
        arrays = submit_waves(waves(missing, settings, snapshot.contents(own)))
        jobs = " and ".join(arrays)
        screen.say(f"submitted {len(missing)} of {len(known)} arms as job {jobs}; `scancel {' '.join(arrays)}` ends them")
    standings = list(_until_ended(known, screen) if settings.wait else _standings(known, queue.read()))
    show.table(standings, screen)
    _tell(standings)
    if any(standing.state in ACTIVE for standing in standings):
        show.way_back(screen)
    by_name = {standing.arm.name: standing for standing in standings}
    return [by_name[each.name] for each in arms]


def _print_script(arms: list[PlannedArm], settings: Slurm, own: Sequence[Path]) -> None:
    if not arms:
        print("all arms are done; nothing would be submitted")
        return
    wanted = waves(arms, settings, snapshot.contents(own))
    if wanted.training:
        print(text(wanted.first()))
    if wanted.scoring:
        print(text(wanted.second("TRAINING" if wanted.training else None)))


def _standings(arms: Sequence[PlannedArm], jobs: dict[str, Queued]) -> Iterator[Standing]:
    for arm in arms:
        submitted = read_json(arm.folder.job) if arm.folder.job.is_file() else {}
        own, status = _job_of(submitted, jobs, arm.name), arm.folder.read_status().get("state")
        later = submitted.get("scoring")
        if later and not (own and own.state not in ENDED):  # its training is over
            own, submitted = _job_of(later, jobs, later["name"]), {**submitted, **later}
            status = None if status in ("stopped", "pending") else status  # which training left, and scoring did not change
        state = queue.state(arm.done, status, own, bool(submitted))
        told = state in UNFINISHED and submitted.get("told", False)
        yield Standing(arm, state, submitted.get("job"), submitted.get("log"), own, told)


def _job_of(submitted: dict[str, Any], jobs: dict[str, Queued], name: str) -> Queued | None:
    """Its line of the queue; a cluster that was set up again counts from 1 again, and its jobs have other names."""
    job = jobs.get(submitted.get("job", ""))
    return job if job and job.name == name else None


def _tell(standings: Sequence[Standing]) -> None:
    """Record of arms that did not finish that this was shown."""
    for standing in standings:
        if standing.state in UNFINISHED:
            write_json(standing.arm.folder.job, {**read_json(standing.arm.folder.job), "told": True})


def _until_ended(arms: Sequence[PlannedArm], screen: Screen) -> list[Standing]:
    """Say each change of state until there will be none; ever slower, since every question is work for Slurm's controller."""
    started, shown = time.monotonic(), dict.fromkeys((arm.name for arm in arms), "")
    while True:
        with suppress(UserError):  # the controller may be away for a while; the jobs go on
            standings = list(_standings(arms, queue.read()))
            for standing in standings:
                if standing.state != shown[standing.arm.name]:
                    shown[standing.arm.name] = standing.state
                    screen.say(f"  {standing.state:<8} {standing.arm.name}")
            if not any(standing.state in ACTIVE for standing in standings):
                return standings
        time.sleep(min(30, 1 + (time.monotonic() - started) / 20))
