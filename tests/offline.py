"""Reads W&B's offline file: a log of checksummed protobuf records in blocks of 32 KiB."""

import json
import struct
import zlib
from pathlib import Path

from wandb.proto.wandb_internal_pb2 import Record

BLOCK, HEADER = 32768, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def records(path: Path) -> list[Record]:
    """All records in order; an assertion fails where a checksum does."""
    data = path.read_bytes()
    assert data[:4] == b":W&B"
    at, parts, found = HEADER, [], []
    while at + HEADER <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        checksum, length, kind = struct.unpack("<IHB", data[at : at + HEADER])
        if kind == 0:
            at += left
            continue
        payload = data[at + HEADER : at + HEADER + length]
        assert zlib.crc32(bytes([kind]) + payload) == checksum
        parts.append(payload)
        at += HEADER + length
        if kind in (FULL, LAST):
            record = Record()
            record.ParseFromString(b"".join(parts))
            found.append(record)
            parts = []
    return found


def contents(path: Path) -> dict:
    """Config, history rows, summary and artifacts of the run."""
    run: dict = {"config": {}, "history": [], "summary": {}, "artifacts": []}
    for record in records(path):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run |= {name: getattr(record.run, name) for name in ("run_id", "display_name", "run_group", "job_type", "project")}
            run["tags"] = list(record.run.tags)
            run["config"] |= _items(record.run.config.update)
        elif kind == "config":
            run["config"] |= _items(record.config.update)
        elif kind == "history":
            run["history"].append(_items(record.history.item))
        elif kind == "summary":
            run["summary"] |= _items(record.summary.update)
        elif kind == "exit":
            run["exit"] = record.exit.exit_code
        elif kind == "artifact":
            paths = [entry.path for entry in record.artifact.manifest.contents]
            run["artifacts"].append((record.artifact.name, record.artifact.type, paths))
    return run


def _items(items) -> dict:
    return {(item.key or "/".join(item.nested_key)): json.loads(item.value_json) for item in items}
