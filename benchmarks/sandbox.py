"""How many programs the sandbox runs a minute. python benchmarks/sandbox.py [RUNS]"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from ablate.evaluate.sandbox import Limits, open_sandbox


def main(runs: int) -> None:
    """Empty programs, as many at once as there are cores and one more, by each way of limits."""
    for limits_by in (None, "watchdog"):
        sandbox = open_sandbox(limits_by)
        with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
            began = time.monotonic()
            for ran in [pool.submit(sandbox.run, {}, [sandbox.python, "-I", "-c", ""], b"", Limits()) for _ in range(runs)]:
                ran.result()
        print(f"{sandbox.limits_by}: {60 * runs / (time.monotonic() - began):.0f} runs a minute")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
