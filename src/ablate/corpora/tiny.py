"""Traces of the tiny world, written on the spot."""

import random
from itertools import islice

from ablate.config import Data
from ablate.corpora.corpus import Corpus
from ablate.traces import Example, parse
from ablate.world import problems, reasoning


def load(data: Data) -> Corpus:
    """`data.traces` problems from outside the held-out share, each with a right and a wrong trace; the same for the same `data.seed`."""
    right: list[Example] = []
    wrong: list[Example] = []
    stream = problems.stream(f"train-{data.seed}", hops=(data.hops[0], data.hops[1]), held_out=False)
    for number, problem in enumerate(islice(stream, data.traces or 1000)):
        for mistaken, rows in ((False, right), (True, wrong)):
            rng = random.Random(f"trace-{data.seed}-{number}-{mistaken}")
            response, _ = reasoning.write(problem, rng, wrong=mistaken)
            name = f"tiny-{data.seed}-{number:05}{'-wrong' if mistaken else ''}"
            rows.append(Example(name, problem.text, str(problem.answer), parse(response), "tiny", reasoning.short(problem)))
    return Corpus(tuple(right), tuple(wrong))
