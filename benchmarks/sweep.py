"""How long a study takes as one command, beside the same arms as a command each.

    python benchmarks/sweep.py structure_vs_content [--arms 6] [--folder FOLDER]

Both start from nothing, so the first of the single commands scores the base as the sweep does. Nothing else should run on the machine.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ablate.study import grid
from ablate.sweeps import FOLDER


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("study")
    given.add_argument("--arms", type=int, help="the first so many arms alone (default: all)")
    given.add_argument("--folder", type=Path, default=Path("/tmp/sweep"))
    arguments = given.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    arms = grid.of_study(FOLDER / f"{arguments.study}.yaml", [])[: arguments.arms]

    singly = seconds([[*arm, "runs=singly"] for arm in arms], arguments.folder)
    together = seconds([["-m", f"+sweep={_part(arms, arguments.folder)}", "runs=together"]], arguments.folder)
    times = f"{singly:.0f} s as a command each, {together:.0f} s as one, {together / singly:.2f} of the time"
    print(f"{len(arms)} arms of {arguments.study}: {times}")


def seconds(commands: list[list[str]], folder: Path) -> float:
    started = time.perf_counter()
    for command in commands:
        subprocess.run([sys.executable, "-m", "ablate", *command], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started


def _part(arms: list[list[str]], folder: Path) -> str:
    """A study of these arms alone."""
    import yaml

    settings = [dict(override.partition("=")[::2] for override in arm) for arm in arms]
    grids = [{key: yaml.safe_load(value) for key, value in arm.items() if key not in ("seed", "study")} for arm in settings]
    for arm in grids:
        arm["perturb"] = [arm["perturb"]]
    (folder / "part.yaml").write_text(yaml.safe_dump({"name": settings[0]["study"], "arms": grids}))
    return "part.yaml"


if __name__ == "__main__":
    main()
