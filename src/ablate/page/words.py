"""What changed between two texts, word by word."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from typing import Literal

Change = Literal["equal", "deleted", "added"]

LONGEST = 6000
"""How many words, spaces and signs two texts may differ over together; beyond it they are shown as one whole replaced by the other."""
PAIRS = 20_000
"""How many pairs of equal words are looked at one by one; beyond it the most frequent words only follow the others."""
ALIKE = 0.4
"""The least share of characters that two texts must have in common to be worth comparing word by word."""
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Segment:
    """A stretch of text that both texts hold, or that was deleted from the first or added in the second."""

    change: Change
    text: str


def compared(before: str, after: str) -> tuple[Segment, ...]:
    """The two texts as one run of segments: equal and deleted ones join to the first text, equal and added ones to the second.

    Common beginnings and ends are set aside first, and what is longer than `LONGEST` is not compared, so the time is linear in long texts.

    Args:
        before: the clean text.
        after: the perturbed text.
    """
    if before == after:
        return _segments([("equal", before)])
    old, new = _WORD.findall(before), _WORD.findall(after)
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    middle = _matched(old[first : len(old) - last], new[first : len(new) - last])
    found = _segments([("equal", "".join(old[:first])), *middle, ("equal", "".join(old[len(old) - last :]))])
    alike = sum(len(segment.text) for segment in found if segment.change == "equal" and not segment.text.isspace())
    if alike < ALIKE * min(len(before), len(after)):
        return _segments([("deleted", before), ("added", after)])
    return found


def _common(old: list[str], new: list[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new)))


def _matched(old: list[str], new: list[str]) -> Iterator[tuple[Change, str]]:
    """White space alone between two changes counts as changed with them, so that what was replaced reads as one."""
    end = Match(len(old), len(new), 0)
    deleted = added = ""
    old_at = new_at = 0
    for match in [*_matches(old, new), end]:
        deleted += "".join(old[old_at : match.a])
        added += "".join(new[new_at : match.b])
        old_at, new_at = match.a + match.size, match.b + match.size
        same = "".join(old[match.a : old_at])
        if same.isspace() and deleted and added and old_at < end.a and new_at < end.b:
            deleted, added = deleted + same, added + same
        else:
            yield from (("deleted", deleted), ("added", added), ("equal", same))
            deleted = added = ""


def _matches(old: list[str], new: list[str]) -> list[Match]:
    """Where words were only exchanged, between the same signs, each is compared with the one in its place."""
    if len(old) == len(new) and all(one == other or (one.isalnum() and other.isalnum()) for one, other in zip(old, new, strict=True)):
        return [Match(at, at, 1) for at, (one, other) in enumerate(zip(old, new, strict=True)) if one == other]
    if len(old) + len(new) > LONGEST:
        return []
    return SequenceMatcher(str.isspace, old, new, _pairs(old, new) > PAIRS).get_matching_blocks()


def _pairs(old: list[str], new: list[str]) -> int:
    counts = Counter(new)
    return sum(count * counts[word] for word, count in Counter(old).items() if not word.isspace())


def _segments(parts: list[tuple[Change, str]]) -> tuple[Segment, ...]:
    """Without empty ones, neighbours of one kind joined."""
    joined: list[tuple[Change, str]] = []
    for change, text in parts:
        if joined and joined[-1][0] == change:
            joined[-1] = (change, joined[-1][1] + text)
        elif text:
            joined.append((change, text))
    return tuple(Segment(change, text) for change, text in joined)
