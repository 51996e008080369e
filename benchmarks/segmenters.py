"""Precision and recall of the segmenters, and of the kinds of steps, against forty real traces marked by hand.

    python benchmarks/segmenters.py traces.jsonl.gz [more.jsonl.gz ...]

The marks are offsets in `tests/traces/hand_marked.json`; the traces themselves are not part of the project. Rows need `id` and `response`.
"""

import gzip
import json
import sys
from pathlib import Path

from ablate.traces import SEGMENTERS, kinds, parse

MARKS = json.loads((Path(__file__).parents[1] / "tests" / "traces" / "hand_marked.json").read_text())


def main(paths: list[str]) -> None:
    lines = (line for path in paths for line in gzip.decompress(Path(path).read_bytes()).splitlines())
    responses = {row["id"]: row["response"] for row in map(json.loads, lines)}
    print("| boundaries of | marked by hand | cut | precision | recall |\n|---|---|---|---|---|")
    for name, segmenter in SEGMENTERS.items():
        pairs = [(set(marks["starts"][1:]), _cut(responses[trace], segmenter, marks["end"])) for trace, marks in MARKS.items()]
        print(_row(f"`{name}`", pairs))
    twice = [marks for marks in MARKS.values() if "second" in marks]
    pairs = [(set(marks["starts"][1:]), set(marks["second"][1:])) for marks in twice]
    print(_row(f"a second reader ({len(twice)} traces)", pairs))
    same, shared = _kinds_agree(responses)
    print(f"\nOf {shared} steps that begin where one was marked, {same / shared:.0%} have the kind that the reader gave.")


def _cut(response: str, segmenter, end: int) -> set[int]:
    return {start for start, _ in parse(response, segmenter).step_spans[1:] if start < end}


def _row(name: str, pairs: list[tuple[set[int], set[int]]]) -> str:
    marked, cut, both = (sum(map(len, sets)) for sets in zip(*((hand, ours, hand & ours) for hand, ours in pairs), strict=True))
    return f"| {name} | {marked} | {cut} | {both / cut:.2f} | {both / marked:.2f} |"


def _kinds_agree(responses: dict[str, str]) -> tuple[int, int]:
    same = shared = 0
    for trace, marks in MARKS.items():
        parsed = parse(responses[trace])
        ours = dict(zip((start for start, _ in parsed.step_spans), kinds(parsed.steps), strict=True))
        agreed = [ours[start] == kind for start, kind in zip(marks["starts"], marks["kinds"], strict=True) if start in ours]
        same, shared = same + sum(agreed), shared + len(agreed)
    return same, shared


if __name__ == "__main__":
    main(sys.argv[1:])
