"""OpenAI's protocol as vLLM and its like speak it: what is posted for a request, and how an answer is read. No network here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablate.errors import UserError
from ablate.generate.request import Completion, Likelihood, Request, Sampling, sample_seed


@dataclass(frozen=True)
class Asked:
    """Where one thing is posted, and what."""

    path: str
    body: Mapping[str, Any]


def ask(request: Request, sample: int, sampling: Sampling, model: str, ends: Sequence[int], room: int | None) -> Asked:
    """One sample of one request. Every parameter is sent, since the student's own generation config would decide what is left out.

    Args:
        request: its prompt as token ids, or as messages.
        sample: its number.
        sampling: how answers are drawn.
        model: as the server calls it.
        ends: the tokens that end a turn.
        room: tokens that prompt and answer may take together; None: not known.

    Raises:
        UserError: the prompt leaves no room for an answer.
    """
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": sampling.max_new_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sample_seed(sampling.seed, request.id, sample),
        "stop": list(sampling.stop) or None,
    }
    if _is_chat(request):
        return Asked("/chat/completions", {**body, "messages": list(request.prompt)})
    if room is not None:
        body["max_tokens"] = min(sampling.max_new_tokens, room - len(request.prompt))
        if body["max_tokens"] < 1:
            raise UserError(
                f"{request.id}: its prompt takes {len(request.prompt)} tokens, and the engine takes {room} in all; "
                "raise evaluate.engine.max_model_len"
            )
    neutral = {
        "top_k": 0,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "stop_token_ids": list(ends),
        "add_special_tokens": False,
        "return_token_ids": True,
    }
    return Asked("/completions", {**body, **neutral, "prompt": list(request.prompt)})


def completion(
    request: Request, sample: int, answer: Mapping[str, Any], decode: Callable[[Sequence[int]], str] | None = None
) -> Completion:
    """What a server answered.

    Args:
        request: what was asked.
        sample: its number.
        answer: the server's answer.
        decode: makes a text of token ids, where the server gives them: servers differ in how they write half a character at the end.

    Raises:
        UserError: it is no answer.
    """
    try:
        choice = answer["choices"][0]
        text = choice["message"]["content"] or "" if _is_chat(request) else choice["text"]
        reason, stopped_by = choice.get("finish_reason"), choice.get("stop_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise UserError(f"evaluate.engine: the server's answer to {request.id} has no text: {str(dict(answer))[:300]}") from None
    if not isinstance(text, str):
        raise UserError(f"evaluate.engine: the server's answer to {request.id} has no text: {str(choice)[:300]}")
    if reason == "stop" and isinstance(stopped_by, str):
        reason = "stop_string"
    finished = {"stop": True, "stop_string": True, "length": False}.get(reason) if isinstance(reason, str) else None
    if decode and choice.get("token_ids") and reason != "stop_string":
        text = decode(choice["token_ids"])
    tokens = (answer.get("usage") or {}).get("completion_tokens")
    return Completion(request.id, sample, text, finished, tokens, reason, request.adapter)


def ask_likelihood(request: Request, continuation: Sequence[int], model: str, echo: bool) -> Asked:
    """What the server makes of a continuation; one token is generated besides, since none can't be asked for.

    Args:
        request: its prompt as token ids.
        continuation: token ids.
        model: as the server calls it.
        echo: whether it repeats the prompt with log-probabilities, as OpenAI's first servers did; else as vLLM does.
    """
    body = {"model": model, "prompt": [*request.prompt, *continuation], "max_tokens": 1, "temperature": 0.0, "add_special_tokens": False}
    return Asked("/completions", {**body, "echo": True, "logprobs": 1} if echo else {**body, "prompt_logprobs": 0})


def likelihood(request: Request, continuation: Sequence[int], answer: Mapping[str, Any]) -> Likelihood:
    """What a server answered to `ask_likelihood`.

    Args:
        request: what was asked.
        continuation: token ids.
        answer: the server's answer.

    Raises:
        UserError: it is no answer.
    """
    start = len(request.prompt)
    try:
        choice = answer["choices"][0]
        if choice.get("prompt_logprobs"):
            known = [place[str(token)] for place, token in zip(choice["prompt_logprobs"][start:], continuation, strict=True)]
            return Likelihood(request.id, sum(one["logprob"] for one in known), all(one["rank"] == 1 for one in known), request.adapter)
        totals = choice["logprobs"]["token_logprobs"][start : start + len(continuation)]
        best = [max(places.values()) for places in choice["logprobs"]["top_logprobs"][start : start + len(continuation)]]
        greedy = all(total >= most for total, most in zip(totals, best, strict=True))
        return Likelihood(request.id, sum(totals), greedy, request.adapter)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        raise UserError(f"evaluate.engine: the server's answer to {request.id} has no log-likelihoods: {str(dict(answer))[:300]}") from None


def _is_chat(request: Request) -> bool:
    return bool(request.prompt) and isinstance(request.prompt[0], Mapping)
