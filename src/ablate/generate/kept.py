"""Answers that were given before, by their place."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ablate.generate.request import Completion, Likelihood

Place = tuple[str, int, int]
"""Task, item, and sample; of multiple choice the choice."""


@dataclass(frozen=True)
class Kept:
    """An answer, and a hash of the prompt that it was given to; None where that was not noted."""

    prompt: str | None
    answer: Completion | Likelihood

    def answers(self, prompt: str) -> bool:
        """Whether it was given to this prompt."""
        return self.prompt in (None, prompt)


Known = Mapping[Place, Kept]


def prompt_hash(tokens: Sequence[int]) -> str:
    """16 hexadecimal digits of a prompt as token ids."""
    return hashlib.blake2b(",".join(map(str, tokens)).encode(), digest_size=8).hexdigest()
