"""Problems of the tiny world: a handful of facts, and one letter whose value takes several dependent steps."""

import hashlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

LETTERS = "bcdefghjkmnpqrstuvwxyz"  # "a", "i", "l" and "o" read as words or digits
HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class Link:
    """One fact: `name` is `amount` more than `source`, or less where it is negative; written `r↑s9` or `r↓s9`.

    A letter and its amount stand side by side, so that a small model can look an amount up by the token before it. Written `r=s+9`, with a
    sign between the two, letters and signs were learned in 3,600 steps, and amounts were not.
    """

    name: str
    source: str
    amount: int

    def __str__(self) -> str:
        return f"{self.name}{'↑' if self.amount > 0 else '↓'}{self.source}{abs(self.amount)}"


@dataclass(frozen=True)
class Leaf:
    """One fact of the form `name=value`."""

    name: str
    value: int

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


@dataclass(frozen=True)
class Problem:
    """A chain of links from the asked letter down to a leaf, told among distractors in random order.

    `facts` is the order of telling; `chain` the order of solving; `leaf` ends the chain.
    """

    facts: tuple[Link | Leaf, ...]
    chain: tuple[Link, ...]
    leaf: Leaf

    @property
    def asked(self) -> str:
        return self.chain[0].name

    @property
    def hops(self) -> int:
        return len(self.chain)

    @property
    def sums(self) -> tuple[int, ...]:
        """The running sum after each link and, last, after the leaf: the answer."""
        total, sums = 0, []
        for link in self.chain:
            total += link.amount
            sums.append(total)
        return (*sums, total + self.leaf.value)

    @property
    def answer(self) -> int:
        return self.sums[-1]

    @property
    def distractors(self) -> tuple[Link | Leaf, ...]:
        used = {*self.chain, self.leaf}
        return tuple(fact for fact in self.facts if fact not in used)

    @property
    def text(self) -> str:
        return f"{tell(self.facts)} Find {self.asked}."


def tell(facts: tuple[Link | Leaf, ...]) -> str:
    """The facts as the problem states them."""
    return f"Given {'; '.join(map(str, facts))}."


def is_held_out(chain: tuple[Link, ...], leaf: Leaf) -> bool:
    """Whether a computation belongs to the held-out share, whatever its letters and the order of its facts.

    The amounts and the leaf decide, so no training problem has the computation, and so the worked answer, of a held-out one.

    Args:
        chain: of links.
        leaf: where it begins.
    """
    computation = ",".join(str(link.amount) for link in chain) + f"|{leaf.value}"
    return hashlib.blake2b(computation.encode(), digest_size=1).digest()[0] < 256 * HELD_OUT_SHARE


def draw(rng: random.Random, hops: int, distractors: int, held_out: bool) -> Problem:
    """One problem of that many links and distractors, from the held-out share or from the rest.

    Args:
        rng: the generator.
        hops: steps of a chain, or the least and the most of them.
        distractors: links that lead nowhere, or the least and the most of them.
        held_out: whether problems are of the held-out share.
    """
    while True:
        names = rng.sample(LETTERS, hops + 1 + distractors)
        chain = _chain(rng, names[: hops + 1])
        leaf = Leaf(names[hops], rng.randint(0, 99 - sum(link.amount for link in chain)))
        if is_held_out(chain, leaf) == held_out:
            break
    others = _distractors(rng, names[hops + 1 :], asked=names[0])
    facts: list[Link | Leaf] = [*chain, leaf, *others]
    rng.shuffle(facts)
    return Problem(tuple(facts), chain, leaf)


def stream(seed: str, hops: tuple[int, int], held_out: bool, distractors: tuple[int, int] = (0, 3)) -> Iterator[Problem]:
    """An endless stream of different problems; `hops` and `distractors` are inclusive ranges.

    Args:
        seed: of all draws.
        hops: steps of a chain, or the least and the most of them.
        held_out: whether problems are of the held-out share.
        distractors: links that lead nowhere, or the least and the most of them.
    """
    rng = random.Random(seed)
    seen = set()
    while True:
        problem = draw(rng, rng.randint(*hops), rng.randint(*distractors), held_out)
        if problem.text not in seen:
            seen.add(problem.text)
            yield problem


def _chain(rng: random.Random, names: list[str]) -> tuple[Link, ...]:
    """Links whose running sum stays in 0..99, so that every sum in a trace has one or two digits."""
    links: list[Link] = []
    total = 0
    for name, source in itertools.pairwise(names):
        amount = rng.choice([a for a in range(-9, 10) if a and 0 <= total + a <= 99])
        links.append(Link(name, source, amount))
        total += amount
    return tuple(links)


def _distractors(rng: random.Random, names: list[str], asked: str) -> list[Link]:
    """Links that lead nowhere, without contradiction: each builds on the asked letter or on another distractor.

    Like those of the chain, no two of them build on the same letter, and none is a leaf: which amount is meant can be told from one letter.
    """
    free = [asked]
    links = []
    for name in names:
        source = free.pop(rng.randrange(len(free)))
        links.append(Link(name, source, rng.choice([a for a in range(-9, 10) if a])))
        free.append(name)
    return links
