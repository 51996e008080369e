"""What a student is: the contents of its files, or a hub's name and commit."""

import hashlib
from pathlib import Path

from ablate.config import Model
from ablate.errors import UserError
from ablate.record.content import contents_hash
from ablate.student.load import location

FILES = (
    "config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "chat_template.jinja",
    "chat_template.json",
    "chat_templates/*.jinja",
)
"""What makes a student: architecture, weights, tokenizer and template. Its generation config has no say in how ablate asks it."""


def student_key(model: Model, memory: Path) -> str:
    """16 hexadecimal digits: a byte-equal copy is the same student, wherever and whenever it was written; other weights are another.

    Args:
        model: the student.
        memory: a folder in which the hashes of large files are remembered.

    Raises:
        UserError: neither a folder nor a hub, nor its cache here, has the student.
    """
    folder = Path(location(model))
    if folder.is_dir():
        files = sorted({path for pattern in FILES for path in folder.glob(pattern) if path.is_file()})
        return contents_hash([(path.relative_to(folder).as_posix(), path) for path in files], memory)
    return hashlib.blake2b(f"{model.path}@{commit(model)}".encode(), digest_size=8).hexdigest()


def commit(model: Model) -> str:
    """The commit of a hub's model, as it would be loaded now: `model.revision`'s, or the latest that can be had.

    Raises:
        UserError: it can't be had.
    """
    from transformers.utils.hub import cached_file, extract_commit_hash

    try:
        config = cached_file(model.path, "config.json", revision=model.revision)
        known = extract_commit_hash(config, None)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise UserError(f"model.path: {model.path!r} is no folder, and can't be had from a hub: {first}") from error
    if known is None:
        raise UserError(f"model.path: {model.path!r} does not say its commit; give a folder, or a hub's name")
    return str(known)
