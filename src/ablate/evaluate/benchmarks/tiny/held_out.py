"""The tiny world's held-out items: problems as long as trained, longer ones, and the base's own skills."""

import random
import re
from itertools import islice
from typing import Any

from ablate.world import lessons
from ablate.world.problems import stream

ASKED = ("arithmetic", "capital", "reverse", "look_up", "need", "single_step")
"""Skills with one right reply; the others have several, or need a chain."""


def problems(hops: list[int], items: int) -> list[dict[str, Any]]:
    """Problems from the held-out share, all different.

    Args:
        hops: the least and the most steps.
        items: how many.
    """
    chosen = islice(stream(f"held-out-{hops}", (hops[0], hops[1]), held_out=True), items)
    return [{"problem": problem.text, "accepted": [str(problem.answer)]} for problem in chosen]


def skills(items: int) -> list[dict[str, Any]]:
    """Questions of each skill in turn, with the right reply among four.

    A choice, since a model that was fine-tuned on long reasoning opens a thought whatever it is asked: what it would say shows
    the habit, and not whether the skill is still there.
    """
    rng = random.Random("held-out-skills")
    asked = [skill for skill in lessons.SKILLS if skill.name in ASKED]
    rows = []
    for number in range(items):
        skill = asked[number % len(asked)]
        question, reply = lessons.probe(skill, rng)
        choices = [reply, *_wrong_replies(reply, rng)]
        rng.shuffle(choices)
        rows.append({"problem": question, "choices": choices, "right": choices.index(reply), "accepted": [reply], "skill": skill.name})
    return rows


def _wrong_replies(reply: str, rng: random.Random) -> list[str]:
    """Three other replies: near numbers for the last number, else other capitals or other orders of the letters."""
    numbers = list(re.finditer(r"\d+", reply))
    replies: set[str] = set()
    while len(replies) < 3:
        if numbers:
            number = numbers[-1]
            near = abs(int(number.group()) + rng.choice((-10, -2, -1, 1, 2, 10)))
            other = f"{reply[: number.start()]}{near}{reply[number.end() :]}"
        elif (capital := reply.removesuffix(".")) in lessons.FACTS.values():
            other = f"{rng.choice([name for name in lessons.FACTS.values() if name != capital])}."
        else:
            other = f"{' '.join(rng.choices(reply.removesuffix('.').split(), k=reply.count(' ') + 1))}."
        replies |= {other} - {reply}
    return sorted(replies)
