"""What a step does in the reasoning: sets up, derives, checks, turns back, or concludes."""

import re
from collections.abc import Sequence
from typing import Literal

Kind = Literal["set-up", "derivation", "check", "backtrack", "conclusion"]

OPENING = 240
"""How many characters of a step say what it does; phrases further on belong to its details."""
_CHECK = re.compile(
    r"\b(?:check|verif(?:y|ies|ied|ying)|double[- ]check|confirm|make sure|to be sure|sanity check|"
    r"plug(?:ging)? (?:it |this |that |them )?back|does (?:this|that|it) (?:make sense|hold|work|satisfy|match))\b",
    re.IGNORECASE,
)
_BACKTRACK = re.compile(
    r"^(?:(?:but|and|oh|okay|ok|so|no)[, ]+)*(?:wait|hmm|hold on|alternatively|actually|on second thought|oops|no,|"
    r"another (?:way|approach|method|idea)|(?:maybe|perhaps) (?:there|another|a different|(?:i|we) should (?:try|look|consider|go))\b)"
    r"|\b(?:go back|start over|reconsider|re-?think|think (?:again|differently)|made a mistake|step back|different approach|"
    r"(?:is|was|seems) (?:wrong|incorrect|not right)|another approach|try another|contradict(?:s|ion)|dead end|too complicated)\b",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"\\boxed\{|\b(?:final answer|the answer (?:is|should be|must be|to the problem)|my answer|in conclusion|"
    r"(?:therefore|thus|hence|so),? the (?:solution|result|minimum|maximum|value|number|sum|probability|area|length)\b[^.]{0,80} is)",
    re.IGNORECASE,
)
_PLANNING = re.compile(
    r"^(?:so |okay,? |ok,? |alright,? |well,? |first(?: of all)?,? |now,? )*"
    r"(?:i(?:'ve| have| need| should| want| recall| know|'m)|we(?:'ve| have| need| are| want)|"
    r"let me (?:start|recall|think|understand|restate|read|begin|see)|let's (?:see|start|begin|understand|break|recall)|"
    r"the (?:problem|question|goal|task)|my (?:goal|task)|given|it says|i recall|recall|to (?:solve|find|begin|start))",
    re.IGNORECASE,
)
_RELATION = re.compile(r"[0-9A-Za-z)}\]]\s*(?:=|≡|\\equiv|≤|≥|<|>|\\le|\\ge|\\approx)\s*[-0-9A-Za-z({\\\[]")


def kinds(steps: Sequence[str]) -> tuple[Kind, ...]:
    """The kind of every step, judged by how it opens; a plan or a restatement before the first derivation is set-up.

    A check that is also a doubt ("Wait, let me verify") is a check. The kinds are those of Li et al. (2502.07374, section 5).
    """
    found: list[Kind] = []
    begun = False
    for position, step in enumerate(steps):
        kind = _kind(step[:OPENING])
        if kind == "derivation" and not begun and (position == 0 or _PLANNING.search(step[:OPENING]) or not _RELATION.search(step)):
            kind = "set-up"
        begun = begun or kind == "derivation"
        found.append(kind)
    return tuple(found)


def _kind(opening: str) -> Kind:
    if _CHECK.search(opening):
        return "check"
    if _BACKTRACK.search(opening):
        return "backtrack"
    return "conclusion" if _CONCLUSION.search(opening) else "derivation"
