"""What a person reads at the end of an arm: one table, the folder, the next command."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ablate.console.screen import Screen

if TYPE_CHECKING:
    from ablate.evaluate.items import TaskScore
    from ablate.stages.outcome import Outcome


def show(outcome: "Outcome", overrides: Sequence[str], screen: Screen) -> None:
    """Print each task's accuracy from base over clean to this arm, with the arm's 95 % interval, finished share and tokens.

    Args:
        outcome: what the arm came to.
        overrides: as the user gave them.
        screen: to print on.
    """
    from rich.markup import escape
    from rich.table import Table

    if not outcome.scores:
        screen.say(f"stopped before the scores, as asked; what is done is in {outcome.folder}")
        return
    base, clean = _by_task(outcome.base), _by_task(outcome.clean)
    known = [base, clean] if outcome.perturbations else [base]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("task")
    way = "base → clean → this arm" if outcome.perturbations else "base → clean"
    for heading in ("items", f"{way}, %", "95 % interval", "finished", "tokens"):
        table.add_column(heading, justify="right")
    for score in outcome.scores:
        accuracies = [_percent(scores[score.task].accuracy) if score.task in scores else "?" for scores in known]
        table.add_row(
            score.task,
            str(score.items),
            " → ".join([*accuracies, f"[bold]{_percent(score.accuracy)}[/bold]"]),
            f"{_percent(score.low)} – {_percent(score.high)}",
            _ended(score),
            f"{score.tokens:.0f}" if score.tokens else "chosen",
        )
    screen.say("")
    screen.console.print(table)
    screen.say("")
    for note in outcome.notes:
        screen.say(f"[yellow]note:[/yellow] {note}")
    screen.say(f"everything is in {outcome.folder}")
    screen.say(f"next: {escape(next_command(outcome, overrides))}")


def next_command(outcome: "Outcome", overrides: Sequence[str]) -> str:
    """The clean arm while it is not known, then a perturbation of the other family; the user's other overrides stay.

    Args:
        outcome: what the arm came to.
        overrides: as the user gave them.
    """
    kept = [override for override in overrides if not override.lstrip("+").startswith(("perturb", "dose="))]
    if not outcome.clean:
        return f"{shlex.join(['python', '-m', 'ablate', *kept])}    (the clean arm, to compare with)"
    other = "corrupt_digits" if "shuffle_steps" in outcome.perturbations else "shuffle_steps"
    arguments = [f"+perturb={other}", "dose=0.33", *kept]
    return f"{shlex.join(['python', '-m', 'ablate', *arguments])}    (ablate --help names all perturbations)"


def _by_task(scores: "list[TaskScore]") -> "dict[str, TaskScore]":
    return {score.task: score for score in scores}


def _ended(score: "TaskScore") -> str:
    """The share that finished; nothing for a choice, and a question mark where the engine doesn't say."""
    if score.finished != score.finished:
        return "?"
    return f"{score.finished:.0%}" if score.tokens else ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
