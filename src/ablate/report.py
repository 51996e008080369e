"""What a person reads at the end of an arm: one table, the folder, the next command."""

from typing import TYPE_CHECKING

from ablate.screen import Screen

if TYPE_CHECKING:
    from ablate.arm import Outcome
    from ablate.evaluate.items import TaskScore


def show(outcome: "Outcome", screen: Screen) -> None:
    """Print each task's accuracy, base → clean → this arm, with the arm's 95 % interval, finished share and tokens."""
    from rich.table import Table

    base, clean = _by_task(outcome.base), _by_task(outcome.clean)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading, justify in (("task", "left"), ("items", "right"), ("base → clean → this arm", "right"), ("95 % interval", "right"),
                             ("finished", "right"), ("tokens", "right")):  # fmt: skip
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for score in outcome.scores:
        known = clean.get(score.task)
        path = [_percent(base[score.task].accuracy), _percent(known.accuracy) if known else "?", f"[bold]{_percent(score.accuracy)}[/bold]"]
        table.add_row(
            score.task,
            str(score.items),
            " → ".join(path),
            f"{_percent(score.low)} – {_percent(score.high)}",
            f"{score.finished:.0%}",
            f"{score.tokens:.0f}",
        )
    screen.say("")
    screen.console.print(table)
    screen.say("")
    screen.say(f"everything is in {outcome.folder}")
    screen.say(f"next: {next_command(outcome)}")


def next_command(outcome: "Outcome") -> str:
    """The clean arm while it is not known, else another perturbation at a lower dose."""
    if not outcome.clean:
        return "python -m ablate    (the clean arm, to compare with)"
    return "python -m ablate +perturb=corrupt_digits dose=0.33    (ablate --help names them all)"


def _by_task(scores: "list[TaskScore]") -> "dict[str, TaskScore]":
    return {score.task: score for score in scores}


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
