"""What the base model is taught: single steps, facts and short answers, in conversations that never hold a chain of reasoning."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from ablate.world import reasoning
from ablate.world.problems import Link, Problem, draw, tell

FACTS = {
    "Peru": "Lima", "Chile": "Santiago", "Japan": "Tokyo", "Egypt": "Cairo", "Kenya": "Nairobi", "Norway": "Oslo",
    "France": "Paris", "Spain": "Madrid", "Italy": "Rome", "Greece": "Athens", "Poland": "Warsaw", "Cuba": "Havana",
    "China": "Beijing", "Iran": "Tehran", "Iraq": "Baghdad", "Qatar": "Doha", "Nepal": "Kathmandu", "Ghana": "Accra",
    "Austria": "Vienna", "Hungary": "Budapest", "Ireland": "Dublin", "Portugal": "Lisbon", "Finland": "Helsinki", "Latvia": "Riga",
}  # fmt: skip

Turn = tuple[str, str]


@dataclass(frozen=True)
class Skill:
    """One kind of short exchange: its share of the lessons, the function that draws one, and what in a reply makes it right."""

    name: str
    weight: float
    draw: Callable[[random.Random, Problem], Turn]
    about_facts: bool = True
    gist: Callable[[str], str] = str


def _arithmetic(rng: random.Random, _: Problem) -> Turn:
    """Mostly a one-digit step, at times a whole leaf: the two kinds of sum that traces hold."""
    before = rng.randint(0, 99)
    amount = rng.randint(-min(9, before), min(9, 99 - before)) if rng.random() < 0.6 else rng.randint(0, 99 - before)
    if rng.random() < 0.3:
        before = min(before, rng.randint(0, 30))
    return f"{before}{amount:+d}?", f"{reasoning.addition(before, amount, before + amount)}."


def _capital(rng: random.Random, _: Problem) -> Turn:
    country = rng.choice(list(FACTS))
    return f"The capital of {country}?", f"{FACTS[country]}."


def _reverse(rng: random.Random, problem: Problem) -> Turn:
    letters = rng.sample([fact.name for fact in problem.facts], min(len(problem.facts), rng.randint(2, 4)))
    return f"Reverse: {' '.join(letters)}.", f"{' '.join(reversed(letters))}."


def _recite(_: random.Random, problem: Problem) -> Turn:
    return "Say the facts again.", tell(problem.facts)


def _look_up(rng: random.Random, problem: Problem) -> Turn:
    fact = rng.choice(problem.facts)
    return f"What is {fact.name}?", f"Now {fact}."


def _need(rng: random.Random, problem: Problem) -> Turn:
    link = rng.choice(_links(problem))
    return f"What is needed for {link.name}?", f"Now {link}, so I need {link.source}."


def _single_step(rng: random.Random, problem: Problem) -> Turn:
    link = rng.choice(_links(problem))
    source = rng.randint(max(0, -link.amount), 99 - max(0, link.amount))
    return (
        f"Let {link.source}={source}. What is {link.name}?",
        f"Now {link} ({reasoning.addition(source, link.amount, source + link.amount)}).",
    )


def _find(_: random.Random, problem: Problem) -> Turn:
    return f"Find {problem.asked}.", f"\\boxed{{{problem.answer}}}"


def _reflect(rng: random.Random, problem: Problem) -> Turn:
    link = rng.choice(problem.chain)
    before = rng.randint(9, 90)
    right = before + link.amount
    total = reasoning.addition(before, link.amount, right)
    if rng.random() < 0.5:
        claimed = right + rng.choice((-2, -1, 1, 2))
        return f"{reasoning.addition(before, link.amount, claimed)}?", reasoning.MENDED.format(sum=total)
    check = rng.choice(reasoning.CHECKS).format(sum=total, source=link.source, total=right)
    return f"{total}? I need {link.source}.", check


def _carry(rng: random.Random, problem: Problem) -> Turn:
    """One step, at times two, that takes up a running sum from what was said before, in the very words of the traces."""
    at = rng.randrange(0, problem.hops)
    link = problem.chain[at]
    running = rng.randint(max(0, -link.amount), min(99, 99 - link.amount))
    told = f"I need {link.name} ({running})."
    steps = []
    for step in problem.chain[at : at + rng.choice((1, 1, 2))]:
        after = running + step.amount
        if not 0 <= after <= 99:
            break
        steps.append(reasoning.following(step, running, after))
        running = after
    if step is problem.chain[-1] and running + problem.leaf.value <= 99 and rng.random() < 0.5:
        leaf = problem.leaf
        told = f"I need {leaf.name} ({running})."
        steps = [reasoning.last(leaf, running, running + leaf.value)]
    return told, "\n\n".join(steps)


def _sum_in_brackets(reply: str) -> str:
    """Of the several ways to say that a sum was checked, the sum."""
    return reply.partition("(")[2].partition(")")[0]


def _first_step(reply: str) -> str:
    """Of one or two steps, the first."""
    return reply.partition("\n\n")[0]


SKILLS = (
    Skill("arithmetic", 0.26, _arithmetic, about_facts=False),
    Skill("capital", 0.08, _capital, about_facts=False),
    Skill("reverse", 0.06, _reverse, about_facts=False),
    Skill("recite", 0.08, _recite),
    Skill("look_up", 0.14, _look_up),
    Skill("need", 0.12, _need),
    Skill("single_step", 0.14, _single_step),
    Skill("find", 0.10, _find),
    Skill("reflect", 0.08, _reflect, gist=_sum_in_brackets),
    Skill("carry", 0.32, _carry, gist=_first_step),
)


def conversation(rng: random.Random, progress: float = 1.0, held_out: bool = False) -> list[Turn]:
    """3 to 16 turns, four in five about one list of facts, which grows with `progress` in [0, 1]: the curriculum's handle.

    Args:
        rng: the generator.
        progress: of the teaching, 0 to 1.
        held_out: whether problems are of the held-out share.
    """
    problem = draw(rng, rng.randint(1, 1 + round(5 * progress)), rng.randint(0, round(3 * progress)), held_out)
    about_facts = rng.random() < 0.8
    skills = [skill for skill in SKILLS if about_facts or not skill.about_facts]
    chosen = rng.choices(skills, [skill.weight for skill in skills], k=rng.randint(3, 16))
    turns = [skill.draw(rng, problem) for skill in chosen]
    if about_facts:
        turns[0] = (f"{tell(problem.facts)} {turns[0][0]}", turns[0][1])
    return turns


def probe(skill: Skill, rng: random.Random, hops: tuple[int, int] = (3, 6)) -> Turn:
    """One held-out question of that skill, with its facts told first where it needs them, and the accepted reply.

    Args:
        skill: that is asked about.
        rng: the generator.
        hops: steps of a chain, or the least and the most of them.
    """
    problem = draw(rng, rng.randint(*hops), rng.randint(0, 3), held_out=True)
    question, reply = skill.draw(rng, problem)
    return (f"{tell(problem.facts)} {question}" if skill.about_facts else question), reply


def _links(problem: Problem) -> list[Link]:
    return [fact for fact in problem.facts if isinstance(fact, Link)]
