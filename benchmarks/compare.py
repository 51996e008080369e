"""How long `python -m ablate.compare` takes on a study of sixty arms with three seeds, two tasks and 300 items, in CPU seconds.

    python benchmarks/compare.py [rounds]

The study is written by the tests' own fixture. The first round is not counted.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from arms import FAMILIES, scores, write_arm, write_base


def study(folder: Path) -> None:
    table = pandas.concat([scores("wide", 0.6, task, 150) for task in ("sums", "chains")])
    arms = [((), 1.0), *(((name,), round(0.05 * (step + 1), 2)) for step in range(15) for name in FAMILIES)]
    for perturb, dose in arms:
        for seed in (0, 1, 2):
            shuffled = table["correct"].sample(frac=1, random_state=seed).to_numpy()
            write_arm(folder, perturb, dose, seed, tables=table.assign(correct=shuffled))
    write_base(folder, tables=table)


def cpu_seconds(command: list[str], folder: str) -> float:
    before = os.times()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        study(Path(folder) / "runs" / "wide")
        taken = [cpu_seconds([sys.executable, "-m", "ablate.compare"], folder) for _ in range(rounds + 1)][1:]
    print(f"60 arms, 3 seeds, 300 items: {statistics.median(taken):.1f} CPU seconds, median of {rounds}")


if __name__ == "__main__":
    main()
