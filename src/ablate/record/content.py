"""What files hold, as a hash; a large file is read once, and its hash remembered."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ablate.record.files import write_text

SMALL = 16 << 20
"""Bytes up to which reading a file again is cheaper than remembering it."""


def content_hash(path: Path, memory: Path) -> str:
    """32 hexadecimal digits of what a file holds, whatever it is called and whenever it was written.

    Args:
        path: the file.
        memory: a folder with the hashes of large files, each in a file of its own that is written whole: no lock is needed. What was
            remembered counts while path, size, time of change and inode are the same.
    """
    status = path.stat()
    if status.st_size <= SMALL:
        return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    known = f"{path.resolve()} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
    remembered = memory / hashlib.blake2b(known.encode(errors="surrogateescape"), digest_size=16).hexdigest()
    if remembered.is_file():
        return remembered.read_text()
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    write_text(remembered, found)
    return found


def contents_hash(files: Iterable[tuple[str, Path]], memory: Path) -> str:
    """16 hexadecimal digits of several files' names and contents.

    Args:
        files: each with the name that counts, relative to what they belong to.
        memory: as for `content_hash`.
    """
    digest = hashlib.blake2b(digest_size=8)
    for name, path in files:
        digest.update(f"{name}\0{content_hash(path, memory)}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
