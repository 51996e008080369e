"""A study on this machine: what is missing of it runs, and a table says how all of it stands."""

from collections.abc import Sequence
from dataclasses import replace

from ablate.config import Config, Stage
from ablate.console.screen import Screen
from ablate.errors import ArmFailed
from ablate.generate import engines
from ablate.stages import PlannedArm, wave
from ablate.stages.outcome import outcome
from ablate.study import members
from ablate.study.planned import plan, training_tokens
from ablate.sweeper import workers as crew
from ablate.sweeper.board import Board, clock


def run(configs: Sequence[Config], workers: int | None, dry_run: bool) -> None:
    """Run the arms that are not done; an arm that is named twice runs once.

    Args:
        configs: of the arms.
        workers: processes; None: as many as the machine is good for.
        dry_run: look, and start nothing.

    Raises:
        ArmFailed: some did not finish; all others did.
    """
    screen = Screen()
    planned = plan(configs, screen)
    arms = members.distinct(planned)
    missing = [arm for arm in arms if not arm.done]
    workers = workers or crew.default_workers()
    if dry_run:
        _plan(planned, arms, missing, workers, screen)
        return
    members.join(planned)
    screen.say(f"[bold]{len(arms)} arms[/bold], {len(arms) - len(missing)} done before, {min(workers, len(missing))} at once")
    failed = _run([replace(arm.config, until=Stage.train) if _later(arm) else arm.config for arm in missing], missing, workers, screen)
    trained = [arm for arm in missing if _later(arm) and arm.name not in failed and arm.folder.model.is_dir()]
    if trained:
        failed |= {name: _why(error) for name, error in wave.score(trained, screen).items()}
        rest = [arm for arm in trained if arm.name not in failed]
        failed |= _run([arm.config for arm in rest], rest, workers, screen)
    _table(arms, failed, screen)
    if failed:
        raise ArmFailed(f"{len(failed)} of {len(arms)} arms failed: {', '.join(failed)}; the same command runs them again")


def _later(arm: PlannedArm) -> bool:
    """Whether an arm is scored once all have trained, by an engine that serves many."""
    return engines.shared(arm.config) and arm.config.until in (Stage.score, Stage.record)


def _run(configs: Sequence[Config], arms: Sequence[PlannedArm], workers: int, screen: Screen) -> dict[str, str]:
    """Run the arms as far as their configs say; of those that failed, why, by name."""
    if not arms:
        return {}
    board = Board([arm.name for arm in arms], 0, workers, screen)
    with board.live():
        for update in crew.run(configs, [arm.folder for arm in arms], workers):
            if update:
                board.take(update)
    return {arms[number].name: update.why for number, update in board.ended.items() if update.ended == "failed"}


def _why(error: Exception) -> str:
    from ablate.cli.mistakes import message_of

    return message_of(error) or f"{type(error).__name__}: {error}"


def _table(arms: Sequence[PlannedArm], failed: dict[str, str], screen: Screen) -> None:
    """One row per arm: its accuracy on every task, or why it failed and where to read more."""
    from rich.markup import escape
    from rich.table import Table

    scores = {each.name: {score.task: score for score in outcome(each).scores} for each in arms}
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
    screen.say(f"\nnext: python -m ablate.compare {arms[0].config.runs}/{arms[0].config.study}")


def _plan(planned: Sequence[PlannedArm], arms: Sequence[PlannedArm], missing: Sequence[PlannedArm], workers: int, screen: Screen) -> None:
    """Which arms are done, what the others will take, and what studies that share arms save."""
    for arm in arms:
        screen.say(f"  {'[green]done   [/green]' if arm.done else 'missing'} {arm.name}")
    seconds = [sum(arm.folder.read_status().get("seconds", {}).values()) for arm in arms if arm.done]
    took = f"about {clock(len(missing) * sum(seconds) / len(seconds) / workers)}" if seconds else "a time that the first arm will tell"
    untrained = list({arm.name: arm for arm in missing if not arm.folder.model.is_dir()}.values())
    tokens = sum(training_tokens(untrained))
    screen.say(f"{len(missing)} of {len(arms)} arms are missing: about {tokens / 1e6:.1f}M training tokens and {took}, {workers} at once")
    if len(missing) > len(untrained):
        screen.say(f"{len(missing) - len(untrained)} of them are trained, and lack scores alone")
    studies = list(dict.fromkeys(arm.config.study for arm in planned))
    if len(studies) > 1:
        asked = sum(len({arm.name for arm in planned if arm.config.study == study}) for study in studies)
        trained = len({arm.name for arm in planned})
        screen.say(
            f"{len(studies)} studies ask for {asked} trainings; they share arms, so that {trained} are enough: {asked - trained} fewer"
        )
