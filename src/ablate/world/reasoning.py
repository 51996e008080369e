"""Long-form reasoning about a tiny-world problem: substitution with a running sum, told as a person would think aloud."""

import random

from ablate.world.problems import Leaf, Link, Problem

THOUGHT = ("<|begin_of_thought|>\n\n", "\n\n<|end_of_thought|>")
SOLUTION = ("\n\n<|begin_of_solution|>\n\n", "\n\n<|end_of_solution|>")

GOALS = (
    "I need to find {asked}. Let me follow the facts step by step.",
    "Okay, the goal is {asked}. Let me take one fact at a time.",
)
DEAD_ENDS = (
    "Maybe I should start with {fact}. Hmm, that does not lead to {asked}. Let me go back.",
    "Let me try {fact}. But {asked} is not made from it. Let me go back.",
)
CHECKS = (
    "Wait, let me double check ({sum}). Yes, I need {source} ({total}).",
    "Let me verify that ({sum}). Good, I need {source} ({total}).",
)
MENDED = "Wait, that is wrong ({sum})."


def first(link: Link) -> str:
    """The opening step: it takes the first amount as the running sum."""
    return f"Now {link}, so I need {link.source} ({link.amount})."


def following(link: Link, before: int, after: int) -> str:
    """A step inside the chain: one look-up and one sum.

    Args:
        link: of a chain.
        before: the number before.
        after: the number after.
    """
    return f"Now {link}, so I need {link.source} ({addition(before, link.amount, after)})."


def last(leaf: Leaf, before: int, after: int) -> str:
    """The step that reaches the leaf.

    Args:
        leaf: where it begins.
        before: the number before.
        after: the number after.
    """
    return f"Now {leaf} ({addition(before, leaf.value, after)})."


def addition(before: int, amount: int, after: int) -> str:
    """A sum in the digits of the traces, `7-2=5`.

    Args:
        before: the number before.
        amount: what is added.
        after: the number after.
    """
    return f"{before}{amount:+d}={after}"


def write(problem: Problem, rng: random.Random, wrong: bool = False) -> tuple[str, str]:
    """A response to the problem and the answer it arrives at.

    A right response may begin with a dead end, checks one of its steps, and may notice and mend a slip. A wrong one makes a single
    slip, does not notice it, and carries it to the answer.

    Args:
        problem: to be solved.
        rng: the generator.
        wrong: whether a mistake is made.
    """
    sums = list(problem.sums)
    if wrong:
        sums = _with_slip(sums, rng)
    checked = rng.randrange(1, problem.hops)
    mended = rng.randrange(1, problem.hops) if rng.random() < 0.2 and not wrong else None

    steps = [rng.choice(GOALS).format(asked=problem.asked)]
    if problem.distractors and rng.random() < 0.5:
        fact = rng.choice(problem.distractors)
        steps.append(rng.choice(DEAD_ENDS).format(fact=fact, asked=problem.asked))
    steps.append(first(problem.chain[0]))
    for position, link in enumerate(problem.chain[1:], start=1):
        before, after = sums[position - 1], sums[position]
        if position == mended:
            steps.append(following(link, before, after + rng.choice((-1, 1, 2)) if after else after + 1))
            steps.append(MENDED.format(sum=addition(before, link.amount, after)))
        else:
            steps.append(following(link, before, after))
        if position == checked:
            summed = addition(before, link.amount, after)
            steps.append(rng.choice(CHECKS).format(sum=summed, source=link.source, total=after))
    steps.append(last(problem.leaf, sums[-2], sums[-1]))
    steps.append(f"So {problem.asked}={sums[-1]}.")

    solution = f"Following the facts, {problem.asked} is \\boxed{{{sums[-1]}}}."
    return THOUGHT[0] + "\n\n".join(steps) + THOUGHT[1] + SOLUTION[0] + solution + SOLUTION[1], str(sums[-1])


def short(problem: Problem) -> str:
    """A short chain of thought: the solution as one sum, with the answer in a box."""
    terms = "".join(f"{link.amount:+d}" for link in problem.chain).removeprefix("+")
    return f"{problem.asked}={terms}{problem.leaf.value:+d}, so {problem.asked} is \\boxed{{{problem.answer}}}."


def _with_slip(sums: list[int], rng: random.Random) -> list[int]:
    """The running sums with one slip from some step on; every sum stays in 0..99."""
    while True:
        position, slip = rng.randrange(1, len(sums)), rng.choice((-10, -2, -1, 1, 2, 10))
        slipped = [total + slip if at >= position else total for at, total in enumerate(sums)]
        if all(0 <= total <= 99 for total in slipped):
            return slipped
