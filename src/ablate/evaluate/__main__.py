"""`python -m ablate.evaluate judge FILE.jsonl`: the verdict on anybody's answers."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ablate.errors import UserError

EXAMPLE = '{"gold": "1/2", "text": "… so \\\\boxed{0.5}", "finished": true}'


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = ArgumentParser(prog="ablate evaluate", description="Judges answers; what is scored is an arm: ablate +perturb=…")
    commands = parser.add_subparsers(dest="command", required=True)
    judging = commands.add_parser("judge", help="adds `correct` (true, false or null) and `why` to each row of a file")
    judging.add_argument("file", type=Path, help=f"JSON Lines with `gold` (a text or a list), and `text` or `answer`: {EXAMPLE}")
    judging.add_argument("--rule", default="mathematics", help="of rows that name none (words, mathematics, choice …)")
    judging.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    try:
        for row in judged(given.file, given.rule, given.workers):
            print(json.dumps(row))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def judged(path: Path, rule: str, workers: int) -> Iterator[dict[str, Any]]:
    """The rows of a file in order, each with its verdict.

    Args:
        path: of JSON Lines.
        rule: of rows that name none.
        workers: processes.

    Raises:
        UserError: a row can't be judged; the message names it.
    """
    from ablate.evaluate.benchmarks.rows import of_file
    from ablate.evaluate.judge import judge

    rows = list(of_file(path))
    answers = [_answered(row, f"{path}, row {number}") for number, row in enumerate(rows, 1)]
    rules = [str(row.get("rule", rule)) for row in rows]
    verdicts: dict[int, Any] = {}
    for name in dict.fromkeys(rules):
        places = [place for place, one in enumerate(rules) if one == name]
        verdicts |= dict(zip(places, judge(name, [answers[place] for place in places], workers), strict=True))
    for place, row in enumerate(rows):
        yield {**row, **asdict(verdicts[place])}


def _answered(row: dict[str, Any], where: str) -> Any:
    from ablate.evaluate.judge import Answered

    gold = row.get("gold")
    golds = gold if isinstance(gold, list) else [gold]
    if not golds or not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in golds):
        raise UserError(f"{where}: gold: found {gold!r}, a text, a number or a list of them is needed, as {EXAMPLE}")
    if ("text" in row) == ("answer" in row):
        raise UserError(f"{where}: needs one of `text` (a whole response) and `answer` (the inside of its box), as {EXAMPLE}")
    text = row["text"] if "text" in row else f"\\boxed{{{row['answer']}}}"
    if not isinstance(text, str):
        raise UserError(f"{where}: text: found {text!r}, a text is needed")
    finished = row.get("finished", True)
    if finished not in (True, False, None):
        raise UserError(f"{where}: finished: found {finished!r}, allowed are true, false and null")
    facts = {name: value for name, value in row.items() if name not in ("gold", "text", "answer", "finished", "rule")}
    return Answered(tuple(map(str, golds)), text, finished, facts)


if __name__ == "__main__":
    sys.exit(main())
