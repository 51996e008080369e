"""The rule `choice`: the letter that is chosen, after the thought."""

import re
from collections.abc import Sequence

from ablate.evaluate.judge.answered import Answered, Verdict
from ablate.evaluate.judge.final_answer import after_thought, boxed

_BARE = re.compile(r"\W*(?:option|choice|answer)?\W*([A-Z])\b(?![\w'’])", re.IGNORECASE)
_SAID = re.compile(r"(?:answer|option|choice)(?:\s+is)?\s*[:=]?\s*[\s*$(\[{\\a-z]*?\(?\b([A-Z])\b(?!')", re.IGNORECASE)
_ALONE = re.compile(r"(?<![\w'])\(?([A-Z])\)?(?![\w'])")


def judge(answers: Sequence[Answered], workers: int) -> list[Verdict]:
    """The verdict on each answer.

    Args:
        answers: finished ones, whose gold is a letter; the fact `choices` is how many there are (26 where it is missing).
        workers: not needed.
    """
    return [_verdict(answer) for answer in answers]


def _verdict(answer: Answered) -> Verdict:
    chosen = letter(answer.text, int(answer.facts.get("choices", 26)))
    if chosen is None:
        return Verdict(False, "no letter is chosen")
    return Verdict(chosen in answer.gold, f"chosen: {chosen}")


def letter(text: str, choices: int) -> str | None:
    """The letter that a response chooses: in its last box, else after "answer is", else the last that stands alone.

    Args:
        text: the whole response.
        choices: how many letters there are.
    """
    allowed = {chr(ord("A") + number) for number in range(choices)}
    solution = after_thought(text)
    box = boxed(solution)
    if box is not None:
        plain = re.sub(r"\\(?:text|textbf|mathrm|mathbf|mbox)\b|[\\{}$*~]", " ", box)
        found = _BARE.match(plain)
        return found[1].upper() if found and found[1].upper() in allowed else None
    said = [found[1].upper() for found in _SAID.finditer(solution) if found[1].isupper() or found[1].upper() != "A"]
    alone = [found[1] for found in _ALONE.finditer(solution) if found[1] != "I"]
    return next((one for one in (*reversed(said), *reversed(alone)) if one in allowed), None)
