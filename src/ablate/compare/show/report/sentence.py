"""The verdict on a study in one sentence."""

from collections import Counter
from collections.abc import Sequence

from ablate.compare.read.runs import NAME
from ablate.compare.statistics.claims import Finding
from ablate.compare.statistics.comparison import POOLED, Comparison
from ablate.compare.statistics.verdict import Kind
from ablate.study.spec import Contrast

WORDS = {
    Kind.harmful: "harmful",
    Kind.worse_here: "worse in this run",
    Kind.harmless: "harmless",
    Kind.alike_here: "alike in this run",
    Kind.better: "better than clean",
    Kind.better_here: "better in this run",
    Kind.undecided: "undecided",
}

ALIKE = (Kind.harmless, Kind.alike_here)


def sentence(comparison: Comparison) -> str:
    """What was found on the study's contrasts, how its arms are judged, and what keeps that from being the last word."""
    parts = _contrasts(comparison) or _claims(comparison)
    parts.append(_arms(comparison))
    judged = [row for row in comparison.of(POOLED) if row.verdict and row.difference]
    if judged and not any(row.difference and row.difference.covers_retraining for row in judged):
        parts.append("with one training seed, this holds for these runs and says nothing of retraining")
    missing = sum(flag.startswith("missing:") or NAME.fullmatch(flag.partition(": left out")[0]) is not None for flag in comparison.flags)
    if missing:
        parts.append(f"{missing} run{'s are' if missing > 1 else ' is'} missing or not done")
    phrases = "; ".join(filter(None, parts))
    return f"{phrases[0].upper()}{phrases[1:]}."


def _contrasts(comparison: Comparison) -> list[str]:
    """The first two; what they say in the same words is said once."""
    phrases: dict[str, list[str]] = {}
    contrasts = [(finding, finding.claim) for finding in comparison.findings if isinstance(finding.claim, Contrast)]
    for what, how in (_contrast(finding, claim) for finding, claim in contrasts[:2]):
        phrases.setdefault(what, []).append(how)
    found = [f"{what} {', and '.join(how)}" for what, how in phrases.items()]
    yet = _exception(comparison, [claim for finding, claim in contrasts if finding.outcome == "holds"])
    return [*found[:1], *yet, *found[1:]]


def _exception(comparison: Comparison, held: Sequence[Contrast]) -> list[str]:
    """A mean over a family's arms may hide that the worst of all arms is of the other family."""
    judged = [row for row in comparison.of(POOLED) if row.verdict and row.difference and len(set(row.condition.families)) == 1]
    for claim in held:
        rows = [row for row in judged if row.condition.families[0] in (claim.more, claim.less)]
        worst = min(rows, key=lambda row: row.difference.value if row.difference else 0, default=None)
        if worst and worst.difference and worst.condition.families[0] == claim.less:
            return [
                f"yet the arm that loses most, {worst.condition.perturbed} ({_points(100 * worst.difference.value)}), is of {claim.less}"
            ]
    return []


def _contrast(finding: Finding, claim: Contrast) -> tuple[str, str]:
    """What was found, and where and by how much."""
    where = "in the mean of arms at equal doses" if claim.at == "dose" else f"at equal disruption ({', '.join(claim.axes)})"
    if finding.value is None or finding.low is None or finding.high is None:
        return f"whether {claim.more} hurts more than {claim.less} can't be tested", f"{where}: {finding.note}"
    if "extrapolated" in finding.note:
        where += ", extrapolated"
    size, low, high = finding.value, finding.low, finding.high
    if finding.outcome == "undecided":
        return (
            f"whether {claim.more} hurts more than {claim.less} is undecided",
            f"{where} ({_points(size)} [{_points(low)}, {_points(high)}])",
        )
    more, less = (claim.more, claim.less) if size > 0 else (claim.less, claim.more)
    low, high = (low, high) if size > 0 else (-high, -low)
    return f"{more} hurts more than {less}", f"{where}, by {abs(size):.1f} points [{low:.1f}, {high:.1f}]"


def _claims(comparison: Comparison) -> list[str]:
    counts = Counter(finding.outcome for finding in comparison.findings)
    phrases = [_counted(count, outcome) for outcome, count in counts.items()]
    return [f"of {counts.total()} claims {_listed(phrases)}"] if phrases else []


def _arms(comparison: Comparison) -> str:
    counts = Counter(row.verdict.kind for row in comparison.of(POOLED) if row.verdict)
    if not counts:
        return "no arm is compared with a clean one"
    margin = f" within {comparison.study.margin:g} points"
    phrases = [_counted(counts[kind], words + (margin if kind in ALIKE else "")) for kind, words in WORDS.items() if counts[kind]]
    return f"of {counts.total()} arms {_listed(phrases)}"


def _counted(count: int, words: str) -> str:
    if words == "holds":
        return f"{count} hold{'s' if count == 1 else ''}"
    return f"{count} {words}" if words.startswith("can't") else f"{count} {'is' if count == 1 else 'are'} {words}"


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
