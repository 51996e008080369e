"""Traces of the tiny world, written on the spot."""

import random
from collections.abc import Iterator
from itertools import islice

from ablate.config import Data
from ablate.corpora.corpus import Part
from ablate.corpora.read.chunk import Chunk, chunked
from ablate.corpora.read.rows import segmenter
from ablate.traces import Example, parse
from ablate.world import problems, reasoning


def chunks(data: Data, size: int) -> Iterator[Chunk]:
    """`data.traces` problems from outside the held-out share; the same for the same `data.seed`.

    Args:
        data: what to read, and how.
        size: rows of a chunk.
    """
    stream = problems.stream(f"train-{data.seed}", hops=(data.hops[0], data.hops[1]), held_out=False)
    return chunked(islice(stream, data.traces or 1000), "tiny", size)


def read(chunk: Chunk, data: Data) -> Part:
    """Each problem with a right and a wrong trace.

    Args:
        chunk: raw rows.
        data: what to read, and how.
    """
    right: list[Example] = []
    wrong: list[Example] = []
    for number, problem in enumerate(chunk.rows, start=chunk.first - 1):
        for mistaken, rows in ((False, right), (True, wrong)):
            rng = random.Random(f"trace-{data.seed}-{number}-{mistaken}")
            response, _ = reasoning.write(problem, rng, wrong=mistaken)
            name = f"tiny-{data.seed}-{number:05}{'-wrong' if mistaken else ''}"
            rows.append(
                Example(name, problem.text, str(problem.answer), parse(response, segmenter(data)), "tiny", reasoning.short(problem))
            )
    return Part(tuple(right), tuple(wrong), rows=len(right))
