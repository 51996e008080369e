"""The rule `mathematics`: equality of final answers as a mathematician reads them (docs/judging.md says what is accepted)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ablate.evaluate.judge import children
from ablate.evaluate.judge.answered import Answered, Verdict
from ablate.evaluate.judge.equality import equal, number
from ablate.evaluate.judge.final_answer import in_mathematics
from ablate.evaluate.judge.normalise import normalise, unbraced, words
from ablate.evaluate.judge.structure import Group, as_interval, name_side, read, split, value_side
from ablate.evaluate.judge.value import expression

LONGEST = 2000
"""Signs of an answer; no gold is nearly as long, and a looping text is none."""
DECIMALS = 5
"""Significant digits from which on a decimal counts as a value rounded to it."""


@dataclass(frozen=True)
class Open:
    """Pairs of items that only a library can tell, of one way to match a gold with an answer; all have to be equal."""

    pairs: tuple[tuple[str, str], ...]


Outcome = bool | Open
"""Equal, unlike, or so if what is open is equal."""


def judge(answers: Sequence[Answered], workers: int) -> list[Verdict]:
    """The verdict on each answer: what is open after reading both sides goes to math-verify, in processes that can be killed.

    Args:
        answers: finished ones; the fact `tolerance` is how far a number may be from its gold.
        workers: processes for what is open.
    """
    outcomes = [_outcomes(answer) for answer in answers]
    pairs = dict.fromkeys(pair for ways in outcomes for way in ways if isinstance(way, Open) for pair in way.pairs)
    known = dict(zip(pairs, children.verify(list(pairs), workers), strict=True)) if pairs else {}
    return [_verdict(answer, ways, known) for answer, ways in zip(answers, outcomes, strict=True)]


def _verdict(answer: Answered, ways: list[Outcome], known: dict[tuple[str, str], bool | None]) -> Verdict:
    if True in ways:
        return Verdict(True, "equal")
    found = [[known[pair] for pair in way.pairs] for way in ways if isinstance(way, Open)]
    if any(all(one) for one in found):
        return Verdict(True, "equal by math-verify")
    if any(False not in one for one in found):
        return Verdict(None, "judging took too long")
    return Verdict(False, f"another answer: {in_mathematics(answer.text)[:60]}")


def _outcomes(answer: Answered) -> list[Outcome]:
    """One for each gold and each way to read it; unlike ones are left out."""
    said = in_mathematics(answer.text)
    if len(said) > LONGEST or not said.strip():
        return []
    tolerance = answer.facts.get("tolerance")
    ways = [compare(gold, said, float(tolerance) if tolerance else None) for gold in answer.gold]
    return [way for way in ways if way is not False]


def compare(gold: str, said: str, tolerance: float | None = None) -> Outcome:
    """Whether an answer is the gold.

    Args:
        gold: as its benchmark writes it.
        said: the inside of a box, or what was said.
        tolerance: how far a number may be from its gold.
    """
    right, given = normalise(gold), normalise(said)
    if unbraced(right) == unbraced(given):
        return True
    if not given or not right:
        return False
    first = _whole(right, given, tolerance)
    if first is True:
        return True
    again = _whole(_without_thousands(right), _without_thousands(given), tolerance)
    return again if first is False or again is True else first


def _without_thousands(text: str) -> str:
    """`58,500` may be one number."""
    return re.sub(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])", lambda found: found[0].replace(",", ""), text)


def _whole(right: str, given: str, tolerance: float | None) -> Outcome:
    gold, answer = read(right), read(given)
    intervals = as_interval(right), as_interval(given)
    if isinstance(gold, Group) and intervals[1]:
        return _same(gold, intervals[1], tolerance)
    if intervals[0] and isinstance(answer, Group):
        return _same(intervals[0], answer, tolerance)
    if intervals[0] and intervals[1]:
        return _same(intervals[0], intervals[1], tolerance)
    return _same(gold, answer, tolerance)


def _same(gold: "Group | str", answer: "Group | str", tolerance: float | None) -> Outcome:
    if isinstance(gold, str) and isinstance(answer, str):
        return _item(gold, answer, tolerance)
    if isinstance(gold, str):
        assigned = read(value_side(gold))
        if isinstance(assigned, Group):
            return _same(assigned, answer, tolerance)
        # The same value in several ways is one answer.
        return isinstance(answer, Group) and not answer.open and _all([_same(gold, one, tolerance) for one in answer.items])
    if isinstance(answer, str):
        assigned = read(value_side(answer))
        return _same(gold, assigned, tolerance) if isinstance(assigned, Group) else False
    if gold.open == "" and answer.open in ("(", "["):  # -2,-2 is (-2,-2)
        return _unordered(gold.items, answer.items, tolerance)
    if gold.open == "(" and answer.open == "" and all(isinstance(one, str) and name_side(one) for one in answer.items):
        return _ordered(gold.items, answer.items, tolerance)  # (2,3) is x=2, y=3
    if (gold.open, gold.close) != (answer.open, answer.close):
        return False
    return (_unordered if gold.open in ("", "union") else _ordered)(gold.items, answer.items, tolerance)


def _ordered(gold: Sequence[Any], answer: Sequence[Any], tolerance: float | None) -> Outcome:
    if len(gold) != len(answer):
        return False
    return _all([_same(one, other, tolerance) for one, other in zip(gold, answer, strict=True)])


def _unordered(gold: Sequence[Any], answer: Sequence[Any], tolerance: float | None) -> Outcome:
    """Each item of the gold has an item of the answer of its own: first what is surely equal, then what may be."""
    if len(gold) != len(answer):
        return False
    rest, later, found = list(answer), [], []
    for one in gold:
        outcomes = [_same(one, other, tolerance) for other in rest]
        if True in outcomes:
            rest.pop(outcomes.index(True))
        elif all(outcome is False for outcome in outcomes):
            return False
        else:
            later.append(one)
    for one in later:
        outcomes = [_same(one, other, tolerance) for other in rest]
        place = next((number for number, outcome in enumerate(outcomes) if outcome is not False), None)
        if place is None:
            return False
        found.append(outcomes[place])
        rest.pop(place)
    return _all(found)


def _all(outcomes: Sequence[Outcome]) -> Outcome:
    if False in outcomes:
        return False
    pairs = tuple(pair for outcome in outcomes if isinstance(outcome, Open) for pair in outcome.pairs)
    return Open(pairs) if pairs else True


def _item(gold: str, answer: str, tolerance: float | None) -> Outcome:
    """Two items without brackets around them."""
    if unbraced(gold) == unbraced(answer):
        return True
    names = name_side(gold), name_side(answer)
    if None in names or unbraced(str(names[0])) == unbraced(str(names[1])):
        values = value_side(gold), value_side(answer)
        if values != (gold, answer):
            return _item(*values, tolerance)
    elif names[0] and names[1]:
        return False
    percent = gold.count("%"), answer.count("%")
    if percent[0] != percent[1] and sum(percent) == 1:  # 50% is 0.5, and 50 where a percentage was asked for
        plain = _values(gold.replace("%", ""), answer.replace("%", ""), tolerance)
        return _any([plain, _values(gold, answer, tolerance)])
    return _values(gold, answer, tolerance)


def _any(outcomes: Sequence[Outcome]) -> Outcome:
    return True if True in outcomes else next((one for one in outcomes if one is not False), False)


def _values(gold: str, answer: str, tolerance: float | None) -> Outcome:
    if _is_words(gold) or _is_words(answer):
        return words(gold) == words(answer)
    if "_" in gold + answer and _in_base(gold) != _in_base(answer):  # 1011_2 is no 1011
        return False
    if "\\ldots" in gold + answer or "\\dots" in gold + answer or ("=" in gold + answer and ("=" in gold) != ("=" in answer)):
        return False
    if "\\infty" in gold + answer and len(split(gold, "+-")) < 2:
        return gold.lstrip("+") == answer.lstrip("+")
    one, other = expression(gold), expression(answer)
    if one is None or other is None:
        return Open(((gold, answer),))
    told = equal(one, other)
    if told:
        return True
    values = number(one), number(other)
    if None not in values:
        return _near(one, other, values, tolerance)
    return False if told is False else Open(((gold, answer),))


def _near(one: Any, other: Any, values: tuple[Any, Any], tolerance: float | None) -> bool:
    """Within the tolerance of the gold, or a decimal to which the other value is rounded."""
    from mpmath import mp

    right, given = values
    if tolerance is not None and abs(right - given) <= mp.mpf(str(tolerance)) * (1 + mp.mpf(10) ** -12):
        return True
    if one.decimal == other.decimal or mp.im(right) or mp.im(given):
        return False
    rounded, exact = (right, given) if one.decimal else (given, right)
    significant, places = one.digits if one.decimal else other.digits
    return significant >= DECIMALS and abs(rounded - exact) <= mp.mpf(10) ** -places / 2


def _is_words(text: str) -> bool:
    plain = re.sub(r"\\[A-Za-z]+", "", text)
    bare = bool(re.fullmatch(r"\W*[A-Za-z]{1,2}\W*", plain)) and "\\" not in text
    return bare or bool(re.search(r"[A-Za-z]{3,}", plain))


def _in_base(text: str) -> str | None:
    found = re.fullmatch(r"[\dA-F]+_\{?(\d+)\}?", text)
    return found[1] if found else None
