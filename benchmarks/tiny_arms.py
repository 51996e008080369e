"""The arms whose scores stand in docs/tiny_world.md: each perturbation at two doses, all parameters, two composed, a second seed.

    python benchmarks/tiny_arms.py [--runs FOLDER] [--at-once 2]

Arms that are done are not run again; each is one process with one thread, so as many run at once as there are cores. Prints the table.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas

from ablate.evaluate.items import TaskScore, summarise

PERTURBATIONS = (
    "wrong_answer",
    "corrupt_digits",
    "remove_keywords",
    "shuffle_steps",
    "delete_steps",
    "insert_steps",
    "reverse_steps",
    "truncate",
    "swap_thought",
)
TASKS = ("tiny_problems", "tiny_longer", "tiny_skills")
ARMS = [
    [],
    *([f"+perturb={name}", f"dose={dose}"] for name in PERTURBATIONS for dose in ("0.33", "1.0")),
    ["perturb=[shuffle_steps,corrupt_digits]", "dose=0.2"],
    ["train=full"],
    ["+perturb=shuffle_steps", "dose=0.33", "train=full"],
    ["seed=1"],
    ["+perturb=shuffle_steps", "dose=0.33", "seed=1"],
]


def run(arm: list[str], runs: Path) -> None:
    command = [sys.executable, "-m", "ablate", *arm, f"runs={runs}", "study=tiny_arms"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})


def scored(folder: Path) -> list[TaskScore]:
    tables = [pandas.read_parquet(path) for task in TASKS for path in folder.glob(f"scores/{task}-*/items.parquet")]
    return summarise(pandas.concat(tables))


def cell(score: TaskScore) -> str:
    return f"{100 * score.accuracy:.1f} ({100 * score.low:.0f}–{100 * score.high:.0f})"


def row(name: str, scores: list[TaskScore], rest: str) -> str:
    asked = [score for score in scores if score.tokens]
    return f"| {name} | {' | '.join(map(cell, scores))} | {asked[0].finished:.0%} | {asked[0].tokens:.0f} | {rest} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--at-once", type=int, default=2)
    options = parser.parse_args()
    run(ARMS[0], options.runs)  # first and alone: it scores the base for all
    with ThreadPoolExecutor(options.at_once) as pool:
        list(pool.map(lambda arm: run(arm, options.runs), ARMS[1:]))

    print("| arm | in distribution, % | longer, % | skills, % | finished | tokens | trained tokens |\n|---|---|---|---|---|---|---|")
    members = json.loads((options.runs / "tiny_arms" / "arms.json").read_text())["members"]
    print(row("base, not trained", scored(options.runs / "students" / members[0]["student"]), "0"))
    for name in sorted((member["arm"] for member in members), key=lambda name: ("clean" not in name, name)):
        folder = options.runs / "arms" / name
        trainable = json.loads((folder / "tokens.json").read_text())["trainable"]
        print(row(name.rpartition("-")[0], scored(folder), f"{trainable:,}"))


if __name__ == "__main__":
    main()
