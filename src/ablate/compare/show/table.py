"""The comparison as tables: in the terminal, as CSV, Markdown and LaTeX."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ablate.compare.statistics.claims import Finding
from ablate.compare.statistics.comparison import POOLED, Comparison, Row
from ablate.perturb import in_words

if TYPE_CHECKING:
    import pandas
    from rich.console import Console
    from rich.table import Table

COLORS = {"harmful": "red", "worse": "red", "harmless": "green", "alike": "green", "better": "cyan", "undecided": "yellow"}
HEADINGS = ("arm", "seeds", "accuracy, %", "difference, points", "p", "detectable", "finished", "of finished, %", "tokens")


def show(comparison: Comparison, console: "Console") -> None:
    """The pooled table with verdicts, the tasks beside each other, the claims, and all that was left out.

    Args:
        comparison: of the study.
        console: to print on.
    """
    from rich.markup import escape
    from rich.table import Table

    study = comparison.study
    console.print(
        f"[bold]{escape(study.name)}[/bold]: mean of {', '.join(study.primary)}; margin {study.margin:g} points, alpha {study.alpha:g}"
    )
    table = _rich([*HEADINGS, "verdict"])
    for row in comparison.of(POOLED):
        table.add_row(*map(escape, cells(row)), _colored(row))
    console.print(table)
    tasks = scopes(comparison)[1:]
    if len(tasks) > 1 or not comparison.of(POOLED):
        table = Table(
            box=None, pad_edge=False, header_style="dim", title="accuracy, %, and difference to clean, points", title_justify="left"
        )
        for number, heading in enumerate(["arm", *tasks]):
            table.add_column(escape(heading), justify="right" if number else "left", no_wrap=not number)
        for label in dict.fromkeys(row.condition.label for row in comparison.rows):
            by_task = {row.scope: row for row in comparison.rows if row.condition.label == label}
            table.add_row(escape(label), *(_beside(by_task.get(task)) for task in tasks))
        console.print(table)
    for finding in comparison.findings:
        console.print(f"claim: {escape(finding_line(finding))}", soft_wrap=True)
    for flag in comparison.flags:
        console.print(f"[yellow]note:[/yellow] {escape(flag)}", soft_wrap=True)
    console.print(
        "[dim]p after Holm; detectable: the smallest difference that 80 % of such studies would see; brackets: 95 % intervals[/dim]"
    )


def _rich(headings: Sequence[str]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        left = heading in ("arm", "verdict")
        table.add_column(heading, justify="left" if left else "right", no_wrap=heading != "verdict")
    return table


def scopes(comparison: Comparison) -> list[str]:
    """Pooled, then the primary tasks, then the others."""
    others = dict.fromkeys(row.scope for row in comparison.rows)
    return list(dict.fromkeys([POOLED, *comparison.study.primary, *others]))


def cells(row: Row) -> list[str]:
    """One row as text, in the order of `HEADINGS`."""
    difference, p = "", ""
    if row.difference is not None:
        low, high = row.difference.interval()
        difference = f"{100 * row.difference.value:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
        p = p_text(row.verdict.p if row.verdict else float(row.difference.p_value()))
    return [
        row.condition.label,
        str(row.seeds) if row.condition.trained else "",
        f"{100 * row.accuracy:.1f} [{100 * row.low:.1f}, {100 * row.high:.1f}]",
        difference,
        p,
        "" if row.detectable is None else f"{100 * row.detectable:.1f}",
        "" if row.finished is None else f"{row.finished:.0%}",
        "" if row.finished_accuracy is None else f"{100 * row.finished_accuracy:.1f}",
        "" if row.tokens is None else f"{row.tokens:.0f}",
    ]


def frame(comparison: Comparison) -> "pandas.DataFrame":
    """All rows, one per arm and scope, in points and unrounded: the CSV."""
    import pandas

    def of(row: Row) -> dict[str, object]:
        low, high = row.difference.interval() if row.difference else (None, None)
        return {
            "arm": row.condition.label,
            "scope": row.scope,
            "against": row.condition.reference,
            "family": in_words(row.condition.families),
            "perturb": "+".join(row.condition.doses),
            "dose": next(iter(set(row.condition.doses.values())), None) if len(set(row.condition.doses.values())) == 1 else None,
            "seeds": row.seeds,
            "items": row.items,
            "samples": row.samples,
            "accuracy": 100 * row.accuracy,
            "accuracy_low": 100 * row.low,
            "accuracy_high": 100 * row.high,
            "difference": row.difference and 100 * float(row.difference.value),
            "difference_low": None if low is None else 100 * float(low),
            "difference_high": None if high is None else 100 * float(high),
            "covers_retraining": row.difference and row.difference.covers_retraining,
            "p": row.difference and float(row.difference.p_value()),
            "p_holm": row.verdict and row.verdict.p,
            "p_equivalent": row.difference and float(row.difference.p_equivalent(comparison.study.margin / 100)),
            "p_equivalent_holm": row.verdict and row.verdict.p_equivalent,
            "detectable": row.detectable and 100 * row.detectable,
            "finished": row.finished,
            "finished_accuracy": None if row.finished_accuracy is None else 100 * row.finished_accuracy,
            "tokens": row.tokens,
            "trained_tokens": row.condition.trained_tokens,
            **{f"axis_{axis}": value for axis, value in row.condition.axes.items()},
            "verdict": row.verdict and row.verdict.words,
        }

    return pandas.DataFrame([of(row) for row in comparison.rows])


def claims(comparison: Comparison) -> "pandas.DataFrame":
    """One row per claim, in points and unrounded."""
    import pandas

    columns = {"text": "claim", **{name: name for name in ("outcome", "value", "low", "high", "p", "note")}}
    rows = [[getattr(finding, name) for name in columns] for finding in comparison.findings]
    return pandas.DataFrame(rows, columns=list(columns.values()))


def markdown(comparison: Comparison) -> str:
    """The pooled table and one per task, the claims and the notes."""
    parts = []
    for scope in scopes(comparison):
        rows = comparison.of(scope)
        if rows:
            headings = [*HEADINGS, *(["verdict"] if scope == POOLED else [])]
            lines = [_pipes(headings), "|---" * len(headings) + "|"]
            lines += [_pipes([*cells(row), *([_words(row)] if scope == POOLED else [])]) for row in rows]
            parts.append(f"## {scope}\n\n" + "\n".join(lines))
    if comparison.findings:
        parts.append("## claims\n\n" + "\n".join(f"- {finding_line(finding)}" for finding in comparison.findings))
    if comparison.flags:
        parts.append("## notes\n\n" + "\n".join(f"- {flag}" for flag in comparison.flags))
    return f"# {comparison.study.name}\n\n" + "\n\n".join(parts) + "\n"


def latex(comparison: Comparison) -> str:
    """The pooled table in booktabs' lines, for `\\input`."""
    headings = [*HEADINGS, "verdict"]
    lines = [f"\\begin{{tabular}}{{l{'r' * (len(headings) - 2)}l}}", "\\toprule", _ampersands(headings), "\\midrule"]
    lines += [_ampersands([*cells(row), _words(row)]) for row in comparison.of(POOLED)]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"]) + "\n"


def finding_line(finding: Finding) -> str:
    """A claim and what it came to in one line."""
    line = f"{finding.text}: {finding.outcome}"
    if finding.value is not None and finding.p is not None:
        line += f" ({finding.value:+.1f} [{finding.low:+.1f}, {finding.high:+.1f}], p {p_text(finding.p)})"
    return f"{line}; {finding.note}" if finding.note else line


def _words(row: Row) -> str:
    return row.verdict.words if row.verdict else ""


def _colored(row: Row) -> str:
    words = _words(row)
    color = COLORS.get(words.partition(":")[0].split(" ")[0].rstrip(";"))
    return f"[{color}]{words}[/{color}]" if color else words


def _beside(row: Row | None) -> str:
    if row is None:
        return ""
    if row.difference is None:
        return f"{100 * row.accuracy:.1f}"
    low, high = row.difference.interval()
    return f"{100 * row.accuracy:.1f} ({100 * row.difference.value:+.1f} \\[{100 * low:+.1f}, {100 * high:+.1f}])"


def p_text(p: float) -> str:
    """A p-value without its leading zero."""
    return "<.001" if p < 0.001 else f"{p:.3f}"[1:] if p < 0.9995 else "1"


def _pipes(values: Sequence[str]) -> str:
    return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"


def _ampersands(values: Sequence[str]) -> str:
    return " & ".join(_escaped(value) for value in values) + " \\\\"


def _escaped(value: str) -> str:
    return re.sub(r"([&%_#$])", r"\\\1", value).replace("<", "$<$")
