"""A study's claims, tested as written in its file; each is one weighted sum of arms' accuracies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ablate.compare.read.outcomes import Condition
from ablate.compare.statistics.estimate import Estimate
from ablate.compare.statistics.panel import Panel
from ablate.compare.statistics.verdict import holm
from ablate.study.spec import Claim, Contrast, DoseResponse, Equivalence, Harmful, Interaction, Study


@dataclass(frozen=True)
class Finding:
    """What a claim came to. `value`, `low`, `high` are in points, positive as the claim says; `p` is after Holm over the study's claims.

    `outcome` is holds, contradicted, undecided, or can't be tested; `said` explains, and `curve` has a dose-response's doses with the
    accuracy at each and its monotone fit.
    """

    claim: Claim
    text: str
    outcome: str
    note: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    curve: tuple[tuple[float, float, float], ...] = ()


class Untestable(Exception):
    """Why a claim can't be tested with the arms that there are."""


def find(study: Study, panels: Sequence[Panel]) -> list[Finding]:
    """One finding per claim, on the clean condition that most arms are held against.

    Args:
        study: its margin, level and primary tasks count.
        panels: one for each clean condition.
    """
    if not study.claims:
        return []
    panel = max(panels, key=lambda panel: len(panel.conditions))
    others = [other.conditions[0].label for other in panels if other is not panel and any(one.doses for one in other.conditions)]
    found = [_test(claim, study, panel) for claim in study.claims]
    tested = [place for place, finding in enumerate(found) if finding.p is not None]
    for place, p in zip(tested, holm([found[place].p or 0.0 for place in tested]), strict=True):
        found[place] = replace(found[place], p=p, outcome=_outcome(found[place], p, study))
    note = f"tested against {_clean(panel).label} alone, not on arms of other settings" if others else ""
    return [replace(finding, note="; ".join(filter(None, [finding.note, note]))) for finding in found]


def _outcome(finding: Finding, p: float, study: Study) -> str:
    if isinstance(finding.claim, Equivalence) and finding.low is not None and finding.high is not None:
        margin = finding.claim.margin or study.margin
        if finding.high < -margin or finding.low > margin:
            return "contradicted"
    if p > study.alpha:
        return "undecided"
    return "holds" if isinstance(finding.claim, Equivalence | Interaction) or (finding.value or 0) > 0 else "contradicted"


def _test(claim: Claim, study: Study, panel: Panel) -> Finding:
    try:
        match claim:
            case Contrast():
                return _contrast(claim, study, panel)
            case Harmful():
                return _harmful(claim, study, panel)
            case Equivalence():
                return _equivalence(claim, study, panel)
            case DoseResponse():
                return _dose_response(claim, study, panel)
            case Interaction():
                return _interaction(claim, study, panel)
    except Untestable as why:
        return Finding(claim, text(claim, study), "can't be tested", str(why))


def text(claim: Claim, study: Study) -> str:
    """The claim as a sentence.

    Args:
        claim: as the study's file states it.
        study: its margin, level and primary tasks count.
    """
    match claim:
        case Contrast(more, less, at, axes):
            where = "equal doses" if at == "dose" else f"equal disruption ({', '.join(axes)})"
            return f"{more} hurts more than {less} at {where}"
        case Harmful(arm):
            return f"{arm} is harmful"
        case Equivalence(arm, margin):
            return f"{arm} is harmless within {margin or study.margin:g} points"
        case DoseResponse(perturb):
            return f"accuracy falls with the dose of {perturb}"
        case Interaction((one, other)):
            return f"{one} and {other} interact"


def _finding(claim: Claim, study: Study, estimate: Estimate, note: str = "", p: float | None = None) -> Finding:
    low, high = estimate.interval(study.alpha)
    notes = [note, "" if estimate.covers_retraining else "one seed, retraining not covered"]
    return Finding(
        claim,
        text(claim, study),
        "undecided",
        "; ".join(filter(None, notes)),
        100 * float(estimate.value),
        100 * float(low),
        100 * float(high),
        float(estimate.p_value()) if p is None else p,
    )


def _harmful(claim: Harmful, study: Study, panel: Panel) -> Finding:
    arm = _arm(claim.arm, panel)
    return _finding(claim, study, _sum({_clean(panel).label: 1.0, arm.label: -1.0}, study, panel))


def _equivalence(claim: Equivalence, study: Study, panel: Panel) -> Finding:
    arm = _arm(claim.arm, panel)
    estimate = _sum({arm.label: 1.0, _clean(panel).label: -1.0}, study, panel)
    return _finding(claim, study, estimate, p=float(estimate.p_equivalent((claim.margin or study.margin) / 100)))


def _dose_response(claim: DoseResponse, study: Study, panel: Panel) -> Finding:
    """The least-squares slope over doses, with the monotone (isotonic) fit beside it."""
    from scipy.optimize import isotonic_regression

    arms = sorted((arm for arm in _single(panel) if claim.perturb in arm.doses), key=lambda arm: arm.doses[claim.perturb])
    if len(arms) < 2:
        raise Untestable(f"{claim.perturb} has {len(arms)} dose{'s' if len(arms) != 1 else ''} here, at least two are needed")
    chosen = [_clean(panel), *arms]
    doses = np.array([0.0, *(arm.doses[claim.perturb] for arm in arms)])
    centred = doses - doses.mean()
    slope = centred / (centred**2).sum()
    estimate = _sum({one.label: -float(weight) for one, weight in zip(chosen, slope, strict=True)}, study, panel)
    levels = [100 * float(_sum({one.label: 1.0}, study, panel).value) for one in chosen]
    fit = isotonic_regression(levels, increasing=False).x
    curve = tuple((float(dose), level, float(monotone)) for dose, level, monotone in zip(doses, levels, fit, strict=True))
    note = "points lost from dose 0 to 1, linear; monotone fit " + ", ".join(f"{dose:g}: {monotone:.1f}" for dose, _, monotone in curve)
    return replace(_finding(claim, study, estimate, note), curve=curve)


def _interaction(claim: Interaction, study: Study, panel: Panel) -> Finding:
    """Both − one − other + clean, averaged over the doses at which all are there (a 2 × 2 factorial at each)."""
    one, other = claim.perturb
    alone = {(name, arm.doses[name]): arm for arm in _single(panel) for name in arm.doses}
    both = [
        arm
        for arm in panel.conditions
        if set(arm.doses) == {one, other} and (one, arm.doses[one]) in alone and (other, arm.doses[other]) in alone
    ]
    if not both:
        raise Untestable(f"no arm has {one} and {other} together at doses at which each is there alone")
    weights: dict[str, float] = {}
    for arm in both:
        parts = ((arm, 1), (alone[one, arm.doses[one]], -1), (alone[other, arm.doses[other]], -1), (_clean(panel), 1))
        for part, sign in parts:
            weights[part.label] = weights.get(part.label, 0.0) + sign / len(both)
    note = "points by which both together score above what their separate losses add up to"
    return _finding(claim, study, _sum(weights, study, panel), note)


def _contrast(claim: Contrast, study: Study, panel: Panel) -> Finding:
    more, less = _members(claim.more, panel), _members(claim.less, panel)
    if claim.at == "disruption":
        return _at_disruption(claim, study, panel, more, less)
    doses = sorted({_dose(arm) for arm in more} & {_dose(arm) for arm in less})
    if not doses:
        raise Untestable(f"{claim.more} and {claim.less} share no dose")
    weights: dict[str, float] = {}
    for arms, sign in ((more, -1), (less, 1)):
        for dose in doses:
            at = [arm for arm in arms if _dose(arm) == dose]
            for arm in at:
                weights[arm.label] = sign / len(at) / len(doses)
    return _finding(claim, study, _sum(weights, study, panel), f"points, over the doses {', '.join(f'{dose:g}' for dose in doses)}")


def _at_disruption(claim: Contrast, study: Study, panel: Panel, more: list[Condition], less: list[Condition]) -> Finding:
    """Accuracy regressed on the axes and the family (ordinary least squares over arms); the family's coefficient is the value.

    Its error is the larger of two: that of items and seeds, and that of arms about the fitted line.
    """
    import statsmodels.api as sm

    arms = [*more, *less]
    lacking = sorted({axis for axis in claim.axes for arm in arms if axis not in arm.axes})
    if lacking:
        without = [arm.label for arm in arms if lacking[0] not in arm.axes]
        others = f" and {len(without) - 1} more" if len(without) > 1 else ""
        raise Untestable(f"axes.json says nothing about {', '.join(lacking)} for {without[0]}{others}")
    family = np.array([1.0] * len(more) + [0.0] * len(less))
    axes = np.array([[arm.axes[axis] for axis in claim.axes] for arm in arms])
    design = np.column_stack([family, axes, np.ones(len(arms))])
    if len(arms) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        raise Untestable(f"{len(arms)} arms do not tell the families from {', '.join(claim.axes)}")
    weights = np.linalg.pinv(design)[0]
    estimate = _sum({arm.label: -float(weight) for arm, weight in zip(arms, weights, strict=True)}, study, panel)
    fit = sm.OLS([float(_sum({arm.label: 1.0}, study, panel).value) for arm in arms], design).fit()
    apart = [axis for axis, places in zip(claim.axes, axes.T, strict=True) if _disjoint(places[family == 1], places[family == 0])]
    note = f"points, {len(arms)} arms" + "".join(f"; the two do not overlap on {axis}: extrapolated" for axis in apart)
    if fit.bse[0] <= estimate.se:
        return _finding(claim, study, estimate, note)
    low, high = (-100 * fit.conf_int(study.alpha)[0])[::-1]
    found = _finding(
        claim, study, estimate, f"{note}; arms scatter about the line more than items and seeds explain, which is the error here"
    )
    return replace(found, low=float(low), high=float(high), p=float(fit.pvalues[0]))


def _disjoint(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(one.min() > other.max() or one.max() < other.min())


def _clean(panel: Panel) -> Condition:
    return next(one for one in panel.conditions if one.reference is None)


def _single(panel: Panel) -> list[Condition]:
    return [one for one in panel.conditions if len(one.doses) == 1]


def _dose(arm: Condition) -> float:
    return next(iter(arm.doses.values()))


def _members(name: str, panel: Panel) -> list[Condition]:
    """The arms with one perturbation that is of this family, or has this name."""
    found = [arm for arm in _single(panel) if arm.families == (name,) or name in arm.doses]
    if not found:
        unknown = any("unknown" in arm.families for arm in panel.conditions)
        raise Untestable(f"no arm is of {name}" + ("; runs do not say their families" if unknown else ""))
    return found


def _arm(name: str, panel: Panel) -> Condition:
    found = [one for one in panel.conditions if one.trained and one.reference and name in (one.label, one.perturbed)]
    found = [one for one in found if one.label == name] or found
    if len(found) != 1:
        known = ", ".join(one.label for one in panel.conditions if one.doses)
        raise Untestable(f"{'several arms are' if found else 'no arm is'} called {name}; there are {known}")
    return found[0]


def _sum(weights: Mapping[str, float], study: Study, panel: Panel) -> Estimate:
    if lacking := [label for label in weights if not panel.ran(label, study.primary).any()]:
        raise Untestable(f"{lacking[0]} is not scored on all primary tasks")
    estimate = panel.sum(weights, study.primary)
    if estimate is None:
        raise Untestable(f"no seed was run by all of {', '.join(weights)}")
    return estimate
