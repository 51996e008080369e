"""What a person reads at the end of an arm: one table, the folder, the next command."""

from typing import TYPE_CHECKING

from ablate.screen import Screen

if TYPE_CHECKING:
    from ablate.arm import Outcome
    from ablate.evaluate.items import TaskScore


def show(outcome: "Outcome", screen: Screen) -> None:
    """Print each task's accuracy from base over clean to this arm, with the arm's 95 % interval, finished share and tokens."""
    from rich.table import Table

    base, clean = _by_task(outcome.base), _by_task(outcome.clean)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("task")
    way = "base → clean → this arm" if outcome.perturbed else "base → clean"
    for heading in ("items", f"{way}, %", "95 % interval", "finished", "tokens"):
        table.add_column(heading, justify="right")
    for score in outcome.scores:
        before = [base[score.task]] + ([clean.get(score.task)] if outcome.perturbed else [])
        accuracies = [_percent(known.accuracy) if known else "?" for known in before]
        table.add_row(
            score.task,
            str(score.items),
            " → ".join([*accuracies, f"[bold]{_percent(score.accuracy)}[/bold]"]),
            f"{_percent(score.low)} – {_percent(score.high)}",
            f"{score.finished:.0%}" if score.tokens else "",
            f"{score.tokens:.0f}" if score.tokens else "chosen",
        )
    screen.say("")
    screen.console.print(table)
    screen.say("")
    for note in outcome.notes:
        screen.say(f"[yellow]note:[/yellow] {note}")
    screen.say(f"everything is in {outcome.folder}")
    screen.say(f"next: {next_command(outcome)}")


def next_command(outcome: "Outcome") -> str:
    """The clean arm while it is not known, then an arm to set against it."""
    if not outcome.clean:
        return "python -m ablate    (the clean arm, to compare with)"
    if not outcome.perturbed:
        return "python -m ablate +perturb=shuffle_steps dose=0.33    (structure; ablate --help names all perturbations)"
    return "python -m ablate +perturb=corrupt_digits dose=0.33    (content; ablate --help names all perturbations)"


def _by_task(scores: "list[TaskScore]") -> "dict[str, TaskScore]":
    return {score.task: score for score in scores}


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
