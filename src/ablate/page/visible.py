"""Untrusted text made safe to look at: what would steer a terminal or turn the direction of writing shows as a symbol."""

import re

from ablate.page.words import Segment

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """The text with control characters, marks of direction and lone surrogates as symbols; line feeds and tabs stay."""
    return _UNSEEN.sub(_symbol, text)


def spaces(text: str) -> str:
    """A gap between steps, with its white space as symbols."""
    return visible(text).replace("\n", "⏎").replace("\t", "⇥").replace(" ", "␣")


def changed(segment: Segment) -> str:
    """What is shown of a segment: white space that itself went or came has its symbols before it."""
    shown = visible(segment.text)
    return shown if segment.change == "equal" or not shown.isspace() else spaces(shown) + "\n" * shown.count("\n")


def _symbol(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
