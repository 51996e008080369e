"""One arm by `python -m ablate +perturb=shuffle_steps`, beside the same work by hand (`by_hand.py`).

    python benchmarks/overhead.py [rounds]

Whole processes in turn, in a fresh folder each; the base's scores, which ablate computes once for all arms, are there beforehand.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BY_HAND = Path(__file__).with_name("by_hand.py")
ARM = ["-m", "ablate", "+perturb=shuffle_steps"]


def seconds(arguments: list[str], folder: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    os.environ["WANDB_MODE"] = "offline"
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        first = seconds(ARM, folder)
        for _ in range(rounds):
            shutil.rmtree(Path(folder) / "runs" / "arms")
            pairs.append((seconds(ARM, folder), seconds([str(BY_HAND)], folder)))
    ours, by_hand = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(arm / script for arm, script in pairs)
    print("| | seconds, median |\n|---|---|")
    print(f"| first arm in an empty folder, base scored too | {first:.0f} |")
    print(f"| one arm, base known | {ours:.0f} |")
    print(f"| by hand | {by_hand:.0f} |")
    print(f"\nratio, median of {rounds} pairs: {ratio:.3f}  (all: {', '.join(f'{arm / script:.3f}' for arm, script in pairs)})")


if __name__ == "__main__":
    main()
