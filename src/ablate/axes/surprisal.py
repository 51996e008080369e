"""Surprisal of responses under a model, in nats per token; batched, and kept so that no response is read twice."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.console.progress import Progress
from ablate.record.files import read_json, write_json
from ablate.record.keys import digest
from ablate.student.encode import IGNORED, Conversation, Encoded, encode

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH_TOKENS = 16384
"""Tokens that go through the model at once, padding included; a longer response goes alone."""
PIECE = 2048
"""Tokens whose scores over the whole vocabulary are held in float32 at once."""


def surprisal(
    conversations: Sequence[Conversation],
    tokenizer: "PreTrainedTokenizerBase",
    load: "Callable[[], PreTrainedModel]",
    max_length: int,
    known: Path,
    progress: Progress,
) -> list[float | None]:
    """The mean negative log-likelihood of each response's tokens, after its prompt.

    The explanation that Chandra et al. (2512.22255) test: how likely the student finds a trace.

    Args:
        conversations: prompts and responses.
        tokenizer: the student's.
        load: gives the student; called only where a response was not read before.
        max_length: tokens at which a conversation is cut, as in training.
        known: the student's folder of what it read before. What is new is one more file there, written whole, so that many processes can
            add at once without a lock.
        progress: told of each response that is read.

    Returns:
        Nats per token; None for a response of which the cut leaves nothing.
    """
    keys = [_key(conversation, max_length) for conversation in conversations]
    nats = _read(known)
    missing = {key: conversation for key, conversation in zip(keys, conversations, strict=True) if key not in nats}
    if missing:
        fresh = _through_model(encode(list(missing.values()), tokenizer, max_length), load(), progress)
        new = dict(zip(missing, fresh, strict=True))
        write_json(known / f"{digest(sorted(new))}.json", new)
        nats |= new
    return [nats[key] for key in keys]


def _read(known: Path) -> dict[str, float | None]:
    nats: dict[str, float | None] = {}
    for path in known.glob("*.json"):
        nats |= read_json(path)
    return nats


def _key(conversation: Conversation, max_length: int) -> str:
    parts = (conversation.system or "", conversation.problem, conversation.response, str(max_length))
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _through_model(rows: Sequence[Encoded], model: "PreTrainedModel", progress: Progress) -> list[float | None]:
    """Longest first, so that what does not fit into memory shows at once."""
    import torch
    from torch.nn.functional import cross_entropy
    from torch.nn.utils.rnn import pad_sequence

    order = sorted(range(len(rows)), key=lambda at: -len(rows[at].input_ids))
    nats: list[float | None] = [None] * len(rows)
    done = 0
    model.eval()
    with torch.inference_mode():
        while done < len(order):
            batch = order[done : done + max(1, BATCH_TOKENS // len(rows[order[done]].input_ids))]
            ids = pad_sequence([torch.tensor(rows[at].input_ids) for at in batch], batch_first=True).to(model.device)
            labels = pad_sequence([torch.tensor(rows[at].labels) for at in batch], batch_first=True, padding_value=IGNORED).to(model.device)
            # Padding stands behind, so without a mask no token of a response sees it.
            logits = model(input_ids=ids).logits
            for at, scores, targets in zip(batch, logits[:, :-1], labels[:, 1:], strict=True):
                pieces = zip(scores.split(PIECE), targets.split(PIECE), strict=True)
                total = sum(cross_entropy(piece.float(), aim, ignore_index=IGNORED, reduction="sum").item() for piece, aim in pieces)
                nats[at] = total / rows[at].trainable if rows[at].trainable else None
            done += len(batch)
            progress(done, len(order))
    return nats
