"""The tiny world's held-out items: problems as long as trained, longer ones, and the base's own skills."""

import random
from itertools import islice
from typing import Any

from ablate.world import lessons
from ablate.world.problems import stream

ASKED = ("arithmetic", "capital", "reverse", "look_up", "need", "single_step")
"""Skills with one right reply; the others have several, or none without a chain."""


def problems(hops: list[int], items: int) -> list[dict[str, Any]]:
    """Problems from the held-out share, all different."""
    found = islice(stream(f"held-out-{hops}", (hops[0], hops[1]), held_out=True), items)
    return [{"problem": problem.text, "accepted": [str(problem.answer)]} for problem in found]


def skills(items: int) -> list[dict[str, Any]]:
    """Questions of each skill in turn; a reply counts in the words of the lessons, or as the bare value at its end."""
    rng = random.Random("held-out-skills")
    asked = [skill for skill in lessons.SKILLS if skill.name in ASKED]
    rows = []
    for number in range(items):
        skill = asked[number % len(asked)]
        question, reply = lessons.probe(skill, rng)
        said = reply.removesuffix(".")
        rows.append(
            {"problem": question, "accepted": [said, said.removeprefix("Now ").rstrip(")").rpartition("=")[2]], "skill": skill.name}
        )
    return rows
