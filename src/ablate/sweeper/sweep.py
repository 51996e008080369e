"""A study on this machine: what is missing of it runs, and a table says how all of it stands."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ablate import arm
from ablate.config import Config
from ablate.console.screen import Screen
from ablate.errors import ArmFailed
from ablate.record.folder import whole
from ablate.study.planned import Placed, places, training_tokens
from ablate.sweeper import local
from ablate.sweeper.board import Board, clock

STUDY = "study.yaml"
"""The study's file beside its arms, for the comparison."""


def keep(path: Path, configs: Sequence[Config]) -> None:
    """Put the study's file beside its arms, before any of them has a result."""
    for folder in {Path(config.runs) / config.study for config in configs}:
        folder.mkdir(parents=True, exist_ok=True)
        with whole(folder / STUDY) as partial:
            shutil.copyfile(path, partial)


def run(configs: Sequence[Config], workers: int | None, dry_run: bool) -> None:
    """Run the arms that are not done; an arm that is named twice runs once.

    Raises:
        ArmFailed: some did not finish; all others did.
    """
    screen = Screen()
    arms = list({str(each.folder.path): each for each in places(configs, screen)}.values())
    missing = [each for each in arms if not each.done]
    workers = workers or local.default_workers()
    if dry_run:
        _plan(arms, missing, workers, screen)
        return
    screen.say(f"[bold]{len(arms)} arms[/bold], {len(arms) - len(missing)} done before, {min(workers, len(missing))} at once")
    board = Board([each.name for each in missing], len(arms) - len(missing), workers, screen)
    with board.live():
        for told in local.run([each.config for each in missing], [each.folder for each in missing], workers):
            if told:
                board.take(told)
    failed = {missing[number].name: told.why for number, told in board.ended.items() if told.ended == "failed"}
    _table(arms, failed, screen)
    if failed:
        raise ArmFailed(f"{len(failed)} of {len(arms)} arms failed: {', '.join(failed)}; the same command runs them again")


def _table(arms: Sequence[Placed], failed: dict[str, str], screen: Screen) -> None:
    """One row per arm: its accuracy on every task, or why it failed and where to read more."""
    from rich.markup import escape
    from rich.table import Table

    scores = {each.name: {score.task: score for score in arm.scores(each.folder)} for each in arms}
    tasks = list(dict.fromkeys(task for found in scores.values() for task in found))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("arm", overflow="fold")
    for task in tasks:
        table.add_column(f"{task}, %", justify="right")
    for each in arms:
        shown = [f"{100 * scores[each.name][task].accuracy:.1f}" if task in scores[each.name] else "" for task in tasks]
        table.add_row(f"[red]{each.name}[/red]" if each.name in failed else each.name, *shown)
    screen.say("")
    screen.console.print(table)
    for each in arms:
        if each.name in failed:
            screen.say(f"[red]failed[/red] {each.name}: {escape(failed[each.name])}; see {each.folder.status} and {each.folder.log}")
    screen.say(f"\nnext: python -m ablate.compare {arms[0].folder.path.parent}")


def _plan(arms: Sequence[Placed], missing: Sequence[Placed], workers: int, screen: Screen) -> None:
    """Which arms are done, and what the others will take."""
    for each in arms:
        screen.say(f"  {'[green]done   [/green]' if each.done else 'missing'} {each.name}")
    seconds = [sum(each.folder.read_status()["seconds"].values()) for each in arms if each.done]
    told = f"about {clock(len(missing) * sum(seconds) / len(seconds) / workers)}" if seconds else "a time that the first arm will tell"
    tokens = sum(training_tokens(each.config, screen) for each in missing)
    screen.say(f"{len(missing)} of {len(arms)} arms are missing: about {tokens / 1e6:.1f}M training tokens and {told}, {workers} at once")
