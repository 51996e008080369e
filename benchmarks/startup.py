"""How long `ablate --help` and a config error take, beside a bare Hydra application with the same config tree.

    python benchmarks/startup.py

Whole processes, in turn, the first of each not counted; medians of the wall time.
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 9
BARE = """
import hydra
@hydra.main(version_base="1.3", config_path="pkg://ablate.conf", config_name="config")
def app(config): pass
from hydra.core.config_store import ConfigStore
ConfigStore.instance().store(name="schema", node={})
app()
"""
PAIRS = {
    "--help": ["--help"],
    "config error": ["sed=1"],
}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def main() -> None:
    print("| command | ablate | bare Hydra | ratio |\n|---|---|---|---|")
    for name, arguments in PAIRS.items():
        ours = [sys.executable, "-m", "ablate", *arguments]
        bare = [sys.executable, "-c", BARE, *arguments]
        times = [(seconds(ours), seconds(bare)) for _ in range(ROUNDS + 1)][1:]
        ablate, hydra = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"| {name} | {ablate:.2f} s | {hydra:.2f} s | {ablate / hydra:.2f} |")


if __name__ == "__main__":
    main()
