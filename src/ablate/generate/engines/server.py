"""Generating with a server that speaks OpenAI's protocol."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ablate.config import Engine as Settings
from ablate.errors import UserError, nearest
from ablate.generate.client import Client
from ablate.generate.protocol import Asked, ask, ask_likelihood, completion, likelihood
from ablate.generate.request import Completion, Likelihood, Request, Sampling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PROBE = (1, 2, 3, 4)
"""Token ids that every vocabulary has."""


@dataclass(frozen=True)
class Abilities:
    """What a server was seen to be able to: prompts as token ids, the same answer for the same seed, log-likelihoods (by vLLM's
    `prompt_logprobs`, by `echo`, or not at all)."""

    token_ids: bool
    seeds: bool
    likelihoods: str | None

    @property
    def lacking(self) -> list[str]:
        """By name."""
        known = {"prompts as token ids": self.token_ids, "seeds": self.seeds, "log-likelihoods": self.likelihoods}
        return [name for name, there in known.items() if not there]


@dataclass(frozen=True)
class Server:
    """A server's model `model`, and the adapters that it knows: by their folder, the name that the server has for each.

    `ends` are the tokens that end a turn, `room` the tokens of prompt and answer together. No more than `at_once` adapters are asked for at
    the same time, and the model itself never beside them. `decode` makes texts of the token ids that a server gives.
    """

    client: Client
    model: str
    identity: Mapping[str, str]
    abilities: Abilities
    ends: Sequence[int] = ()
    room: int | None = None
    adapters: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 8
    decode: Callable[[Sequence[int]], str] | None = None
    on_close: Callable[[], None] = lambda: None

    def generate(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        """As the server answers; one post for each sample."""
        for block in self._blocks(list(requests), lambda request: request.adapter):
            posts = (
                ((request, sample), ask(request, sample, sampling, self._name(request), self.ends, self.room))
                for request in block
                for sample in request.samples
            )
            for (request, sample), answer in self.client.map(posts):
                yield completion(request, sample, answer, self.decode)

    def loglikelihood(self, requests: Iterable[tuple[Request, tuple[int, ...]]]) -> Iterator[Likelihood]:
        """Raises a `UserError` where the server has none."""
        if not self.abilities.likelihoods or not self.abilities.token_ids:
            raise UserError(
                f"evaluate.engine.url: {self.client.url} gives no log-likelihoods of token ids, which multiple choice needs; "
                "take evaluate/engine=vllm or hf, or tasks that generate"
            )
        for block in self._blocks(list(requests), lambda pair: pair[0].adapter):
            echo = self.abilities.likelihoods == "echo"
            posts = (
                ((request, continuation), ask_likelihood(request, continuation, self._name(request), echo))
                for request, continuation in block
            )
            for (request, continuation), answer in self.client.map(posts):
                yield likelihood(request, continuation, answer)

    def close(self) -> None:
        """End the server, where it is ablate's."""
        self.on_close()

    def _name(self, request: Request) -> str:
        return self.adapters[request.adapter] if request.adapter is not None else self.model

    def _blocks(self, asked: list[Any], adapter: Callable[[Any], str | None]) -> Iterator[list[Any]]:
        """Those of the model itself, then those of so many adapters at a time: in a batch with adapters a vLLM may give a request
        without one another's (vllm#48421), unless a slot is free."""
        names = list(dict.fromkeys(name for one in asked if (name := adapter(one)) is not None))
        groups: list[list[str | None]] = [[None]]
        groups += [list(names[start : start + self.at_once]) for start in range(0, len(names), self.at_once)]
        for group in groups:
            block = [one for one in asked if adapter(one) in group]
            if block:
                yield block


def decoder(tokenizer: "PreTrainedTokenizerBase") -> Callable[[Sequence[int]], str]:
    """Makes texts of token ids as `hf` does."""
    return lambda tokens: str(tokenizer.decode(list(tokens), skip_special_tokens=True))


def connect(settings: Settings, ends: Sequence[int], adapters: Sequence[str], decode: Callable[[Sequence[int]], str]) -> Server:
    """The server at `evaluate.engine.url`, after it has shown what it can; adapters are loaded into it.

    Args:
        settings: of the engine.
        ends: the tokens that end a turn.
        adapters: folders, which the server sees under the same path.
        decode: makes a text of token ids.

    Raises:
        UserError: there is no such server, it has no such model, or it takes no adapters.
    """
    variable = settings.api_key_variable
    if variable and variable not in os.environ:
        raise UserError(f"evaluate.engine.api_key_variable: found {variable}, but the environment has no variable of that name")
    client = Client(str(settings.url).rstrip("/"), os.environ[variable] if variable else None, settings.concurrency, settings.timeout)
    model = _model(client, settings.model)
    names = {folder: _load(client, folder) for folder in adapters}
    status, described = client.get("/version")
    version = described.get("version", "unknown") if status == 200 and isinstance(described, dict) else "unknown"
    identity = {"name": "server", "version": f"{model} {version}", "device": "unknown", "dtype": "unknown"}
    return Server(client, model, identity, probe(client, model), ends, settings.max_model_len, names, settings.max_loras, decode)


def probe(client: Client, model: str) -> Abilities:
    """What a server can, found out by asking.

    Args:
        client: of the server.
        model: as the server calls it.
    """

    def answer(body: Mapping[str, Any], path: str = "/completions") -> dict[str, Any]:
        status, content = client.post(Asked(path, {"model": model, "max_tokens": 8, **body}))
        return content["choices"][0] if status == 200 and isinstance(content, dict) and content.get("choices") else {}

    def said(choice: Mapping[str, Any]) -> Any:
        return choice.get("text") or choice.get("message")

    prompt = {"prompt": list(PROBE)}
    ids = isinstance(answer(prompt).get("text"), str)
    noisy = {"temperature": 1.0, "seed": 7}
    chat = {"messages": [{"role": "user", "content": "Say a number."}]}
    once, again = (said(answer({**prompt, **noisy}) if ids else answer({**chat, **noisy}, "/chat/completions")) for _ in range(2))
    seeds = once is not None and once == again
    likelihoods = None
    if ids and len(answer({**prompt, "prompt_logprobs": 0}).get("prompt_logprobs") or ()) == len(PROBE):
        likelihoods = "prompt_logprobs"
    elif ids and len((answer({**prompt, "echo": True, "logprobs": 1}).get("logprobs") or {}).get("token_logprobs") or ()) >= len(PROBE):
        likelihoods = "echo"
    return Abilities(ids, seeds, likelihoods)


def _model(client: Client, wanted: str | None) -> str:
    from aiohttp import ClientError

    try:
        status, listed = client.get("/v1/models")
    except (ClientError, OSError) as error:
        raise UserError(f"evaluate.engine.url: no server answers at {client.url}: {error}") from error
    if status != 200 or not isinstance(listed, dict):
        raise UserError(f"evaluate.engine.url: {client.url}/models answers with status {status}: {str(listed)[:200]}")
    known = [str(one.get("id")) for one in listed.get("data", [])]
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted not in known:
        raise UserError(f"evaluate.engine.model: found {wanted or 'nothing'}; {nearest(wanted or '', known)}")
    return wanted


def _load(client: Client, folder: str) -> str:
    """Load an adapter; its name there. One that is there already stays."""
    name = folder.strip("/").replace("/", "--")
    status, answer = client.post(Asked("/load_lora_adapter", {"lora_name": name, "lora_path": folder}))
    if status != 200 and "already" not in str(answer):
        raise UserError(
            f"evaluate.engine.url: {client.url} does not load the adapter {folder} (status {status}: {str(answer)[:200]}); start vLLM with "
            "--enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1, or take evaluate/engine=vllm"
        )
    return name
