"""`python -m ablate.plan`: before GPU hours are spent, how many items, answers and seeds show what a study is to show."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from ablate.compare.statistics.design import POWER, Design, moved, power, power_equivalence
from ablate.errors import UserError
from ablate.plan.needed import SEEDS, UNCOVERED, assumed, pilot, table


def main(arguments: list[str] | None = None) -> int:
    """Print what is needed; returns the exit code, 2 after a user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m ablate.plan", description=__doc__)
    parser.add_argument("pilot", nargs="?", help="a finished study, as python -m ablate.compare takes it, whose variances are used")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="the folder that holds the studies (default: %(default)s)")
    parser.add_argument("--clean", help="for a CSV, the arm that the others are compared with (default: clean)")
    parser.add_argument("--difference", type=_points, default=5.0, help="points to be seen (default: %(default)s)")
    parser.add_argument("--margin", type=_points, default=3.0, help="points within which to prove equivalence (default: %(default)s)")
    parser.add_argument("--arms", type=int, default=1, help="arms beside the clean one; Holm's correction over them (default: %(default)s)")
    parser.add_argument("--items", type=int, help="the items that there are: tells the power, too")
    parser.add_argument("--alpha", type=float, default=0.05, help="level of the tests (default: %(default)s)")
    parser.add_argument(
        "--accuracy", type=_points, default=70.0, help="without a pilot, the clean arm's accuracy (default: %(default)s %%)"
    )
    parser.add_argument("--discordant", type=_points, default=20.0, help="without a pilot, %% of items that two runs answer differently")
    parser.add_argument(
        "--retraining", type=_points, default=2.0, help="where no seeds tell, the points by which a retraining moves an arm"
    )
    parser.add_argument("--answer-tokens", type=float, help="per answer (default: the pilot's)")
    parser.add_argument("--training-tokens", type=float, help="per training run (default: the pilot's)")
    options = parser.parse_args(arguments)
    try:
        _print(options)
    except UserError as error:
        print(f"ablate.plan: {error}", file=sys.stderr)
        return 2
    return 0


def _print(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table

    if options.arms < 1 or (options.items is not None and options.items < 2) or not 0 < options.alpha < 0.5:
        raise UserError("allowed are --arms 1 or more, --items 2 or more, --alpha more than 0 and less than 0.5")
    retraining = options.retraining / 100
    basis = assumed(options.accuracy / 100, options.discordant / 100, retraining)
    if options.pilot:
        from ablate.compare.__main__ import read

        basis = pilot(read(options.pilot, options.runs, options.clean), retraining)
    basis = replace(
        basis,
        answer_tokens=options.answer_tokens or basis.answer_tokens,
        training_tokens=options.training_tokens or basis.training_tokens,
    )
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    console.print(basis.source, soft_wrap=True)
    goals = (f"to see {options.difference:g} points: items", "tokens", f"to prove within {options.margin:g} points: items", "tokens")
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("seeds", "answers", *goals):
        shown.add_column(heading, justify="right")
    for row in table(basis, options.arms, options.alpha, options.difference / 100, options.margin / 100):
        shown.add_row(*row)
    console.print(shown)
    if options.items:
        for seeds in SEEDS:
            design = Design(options.items, 1, seeds, options.arms)
            difference = options.difference / 100
            seen = power(moved(basis.parts, basis.accuracy, difference), design, difference, options.alpha)
            proved = power_equivalence(basis.parts, design, options.margin / 100, options.alpha)
            sees, proves = (
                f"sees {options.difference:g} points {seen:.0%} of the time",
                f"proves within {options.margin:g} points {proved:.0%}",
            )
            console.print(f"{options.items} items, one answer, {seeds} seed{'s' * (seeds > 1)}: {sees}, {proves}")
    console.print(f"[dim]power {POWER:.0%}, alpha {options.alpha:g}, Holm over {options.arms} arms; {UNCOVERED}[/dim]", soft_wrap=True)


def _points(text: str) -> float:
    value = float(text)
    if not 0 < value < 100:
        raise argparse.ArgumentTypeError(f"found {text}, allowed is more than 0 and less than 100")
    return value


if __name__ == "__main__":
    sys.exit(main())
