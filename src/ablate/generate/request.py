"""What is asked of an engine, and what it answers."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Messages = tuple[Mapping[str, str], ...]
"""Turns of a chat, each with `role` and `content`."""


@dataclass(frozen=True)
class Request:
    """One prompt as token ids, chat template and all; `samples` are the numbers of the samples that are wanted of it.

    The seed of a sample is drawn from `id`, which names the task and the item; `adapter` is the folder of a LoRA adapter, where the
    engine serves several. A prompt is messages only where a model from outside is asked, whose template is its server's.
    """

    id: str
    prompt: tuple[int, ...] | Messages
    samples: tuple[int, ...] = (0,)
    adapter: str | None = None


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn: greedy at temperature 0, and cut at `max_new_tokens` tokens, or before the first text in `stop`."""

    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Completion:
    """One sample of one request. `finished` says whether it ended by itself, `tokens` how many it took, the end of the turn included;
    None where the engine doesn't say. `finish_reason` is `stop`, `stop_string` or `length`, or the engine's own word."""

    request: str
    sample: int
    text: str
    finished: bool | None
    tokens: int | None
    finish_reason: str | None = None
    adapter: str | None = None


@dataclass(frozen=True)
class Likelihood:
    """What an engine makes of a continuation of a request's prompt: its log-probability in nats, and whether greedy decoding writes it."""

    request: str
    total: float
    greedy: bool
    adapter: str | None = None


class Engine(Protocol):
    """What generates: in this process, or a server."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What belongs to its answers, beside the student: name, version, device and dtype."""

    def generate(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        """The wanted samples of each request, as they end, in any order."""

    def loglikelihood(self, requests: Iterable[tuple[Request, tuple[int, ...]]]) -> Iterator[Likelihood]:
        """Of each request and a continuation of its prompt, in any order."""

    def close(self) -> None:
        """Let go of what it holds."""


def sample_seed(seed: int, request: str, sample: int) -> int:
    """The seed of one sample, 63 bits: the same for every arm, engine and batch, so that arms are paired sample by sample.

    Args:
        seed: the arm's.
        request: its id, which names the task and the item.
        sample: its number.
    """
    digest = hashlib.blake2b(f"{seed}\0{request}\0{sample}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
