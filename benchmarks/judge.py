"""How many answers are judged a second on one core. python benchmarks/judge.py pairs.jsonl, rows with gold, answer and correct"""

import json
import sys
import time
from pathlib import Path

from ablate.evaluate.judge import Answered, judge


def main(path: Path) -> None:
    """Judge all rows once to start the processes and once more against the clock."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    answers = [Answered(tuple(row["gold"]), f"\\boxed{{{row['answer']}}}") for row in rows]
    judge("mathematics", answers)
    began, used = time.monotonic(), time.process_time()
    verdicts = judge("mathematics", answers)
    seconds, own = time.monotonic() - began, time.process_time() - used
    right = sum(verdict.correct is row["correct"] for row, verdict in zip(rows, verdicts, strict=True))
    print(f"{len(rows)} answers, {right} as their rows say, {sum(verdict.correct is None for verdict in verdicts)} unjudged")
    print(f"{len(rows) / seconds:.0f} a second with one process of math-verify's, its start included; {own:.2f} CPU s of this process")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
