"""From a conversation to token ids and labels: the loss sees the assistant's tokens only, and the end of the turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ablate.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label of a token that the loss leaves out, as torch's cross entropy and TRL have it."""


@dataclass(frozen=True)
class Conversation:
    """What is trained on: the prompt, and the response whose tokens count."""

    problem: str
    response: str
    system: str | None = None


@dataclass(frozen=True)
class Encoded:
    """Token ids with labels of the same length; `truncated` counts the tokens cut off at the end."""

    input_ids: list[int]
    labels: list[int]
    truncated: int

    @property
    def trainable(self) -> int:
        """How many tokens the loss sees."""
        return sum(label != IGNORED for label in self.labels)


@dataclass(frozen=True)
class TokenCount:
    """What the tokens of an arm's training data come to, over one epoch."""

    traces: int
    tokens: int
    trainable: int
    truncated_traces: int
    truncated_tokens: int


def messages(problem: str, system: str | None) -> list[dict[str, str]]:
    """The chat before the assistant speaks.

    Args:
        problem: what the user asks.
        system: the system prompt; None: the template's own.
    """
    return [*([{"role": "system", "content": system}] if system else []), {"role": "user", "content": problem}]


def encode(conversations: Sequence[Conversation], tokenizer: "PreTrainedTokenizerBase", longest: int) -> list[Encoded]:
    """Encode prompt and response apart, as they meet in generation, and cut at `longest` tokens.

    Args:
        conversations: prompts and responses.
        tokenizer: the student's.
        longest: tokens at which a conversation is cut.

    Raises:
        UserError: the chat template drops or rewrites part of the response, or no trainable token is left.
    """
    prompts, completions = [], []
    for conversation in conversations:
        asked = messages(conversation.problem, conversation.system)
        prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        answered = [*asked, {"role": "assistant", "content": conversation.response}]
        rendered = tokenizer.apply_chat_template(answered, tokenize=False)
        prompts.append(prompt)
        completions.append(_completion(prompt, rendered, conversation.response, str(tokenizer.eos_token)))
    prompt_ids = tokenizer(prompts, add_special_tokens=False)["input_ids"]
    completion_ids = tokenizer(completions, add_special_tokens=False)["input_ids"]
    encoded = [_cut(before, after, longest) for before, after in zip(prompt_ids, completion_ids, strict=True)]
    if not any(row.trainable for row in encoded):
        raise UserError(
            f"train.max_length: found {longest}, but every prompt alone is as long: no trainable token is left in {len(encoded)} traces"
        )
    return encoded


def count_tokens(encoded: Sequence[Encoded]) -> TokenCount:
    """Tokens seen, trained on and cut off."""
    return TokenCount(
        traces=len(encoded),
        tokens=sum(len(row.input_ids) for row in encoded),
        trainable=sum(row.trainable for row in encoded),
        truncated_traces=sum(row.truncated > 0 for row in encoded),
        truncated_tokens=sum(row.truncated for row in encoded),
    )


def token_ids(texts: Sequence[str], tokenizer: "PreTrainedTokenizerBase") -> list[list[int]]:
    """The tokens of each text, without any markers around it.

    Args:
        texts: any texts.
        tokenizer: the student's.
    """
    ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return ids


def _completion(prompt: str, rendered: str, response: str, end: str) -> str:
    """The response as the template renders it, up to and with the end of the turn, which is so learned."""
    if not rendered.startswith(prompt) or not rendered[len(prompt) :].startswith(response):
        raise UserError(
            "model.path: the chat template drops or rewrites part of a response, so the perturbation would not reach the training; "
            f"found {rendered[len(prompt) :][:60]!r}, expected {response[:60]!r}"
        )
    if not rendered[len(prompt) + len(response) :].startswith(end):
        raise UserError(f"model.path: the chat template does not end a response with {end!r}, so the model would never learn to stop")
    return response + end


def _cut(prompt: list[int], completion: list[int], longest: int) -> Encoded:
    tokens = prompt + completion
    labels = [IGNORED] * len(prompt) + completion
    return Encoded(tokens[:longest], labels[:longest], max(0, len(tokens) - longest))
