"""How fast traces stream through reading and perturbing, and how much memory that takes.

    python benchmarks/stream.py 10000 [--workers 2] [--perturb corrupt_digits] [--folder /tmp/stream]

Writes that many synthetic long traces, about 2,000 characters each, no two alike, unless they are there; then reads and perturbs them as an
arm does. Prints MB of response per second and core for either stage, and the peak memory of the process and of its largest child.
"""

import argparse
import json
import random
import resource
import shutil
import time
from pathlib import Path

from omegaconf import OmegaConf

from ablate import corpora
from ablate.conf import FOLDER
from ablate.config import Data, Model, Source
from ablate.stages import shards

SENTENCES = (
    "Let me write {a} as {b} + {c}, so that the sum over \\( k = {d} \\) becomes \\( {a}k^2 - {b}k + {c} \\).",
    "Wait, that is not right: \\( {a} \\cdot {b} = {e} \\), and I used {c} in its place.",
    "Hmm, so the remainder of {e} divided by {d} has to be considered as well.",
    "Now \\[ x = \\frac{{{a}}}{{{b}}} + {c} \\] which gives {e} after multiplying both sides.",
    "Let me check this with a small case, say {d} and {c}.",
    "The triangle with sides {a}, {b} and {c} has a perimeter of {e}.",
)


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("traces", type=int)
    given.add_argument("--workers", type=int, default=1)
    given.add_argument("--perturb", default="corrupt_digits")
    given.add_argument("--folder", type=Path, default=Path("/tmp/stream"))
    arguments = given.parse_args()
    path = arguments.folder / f"{arguments.traces}.jsonl"
    megabytes = written(path, arguments.traces)
    data = Data(source=Source.file, path=str(path), workers=arguments.workers)
    runs = arguments.folder / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir()

    started = time.perf_counter()
    corpus = corpora.stored(data, runs / "corpora", lambda done, total: None)
    read = time.perf_counter()
    settings = OmegaConf.to_container(
        OmegaConf.merge({"dose": 0.5}, OmegaConf.load(FOLDER / "perturb" / f"{arguments.perturb}.yaml")), resolve=True
    )
    settings.pop("dose")
    job = shards.Shards(corpus, settings, 0, Model(), runs / "traces")
    perturbing = time.perf_counter()
    shards.write(job, arguments.workers, lambda done, total: None)
    ended = time.perf_counter()

    rates = [megabytes / seconds / arguments.workers for seconds in (read - started, ended - perturbing)]
    peak = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        f"| {arguments.perturb} | {arguments.traces:,} | {megabytes:,.0f} | {arguments.workers} | {read - started:.0f} | {rates[0]:.1f} | "
        f"{ended - perturbing:.0f} | {rates[1]:.1f} | {peak[0]:.0f} | {peak[1]:.0f} |"
    )


def written(path: Path, traces: int) -> float:
    """Write the traces unless they are there; returns the MB of their responses."""
    size = path.with_suffix(".size")
    if size.is_file():
        return float(size.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    characters = 0
    with path.open("w") as lines:
        for number in range(traces):
            numbers = [rng.randrange(2, 10_000) for _ in range(400)]
            steps = []
            for at in range(12):
                a, b, c, d, e = numbers[at * 5 : at * 5 + 5]
                said = (SENTENCES[numbers[at] % len(SENTENCES)], SENTENCES[numbers[at + 40] % len(SENTENCES)])
                steps.append(" ".join(said).format(a=a, b=b, c=c, d=d, e=e))
            response = "<think>\n" + "\n\n".join(steps) + f"\n</think>\n\nSo it is \\boxed{{{numbers[0]}}}."
            characters += len(response)
            row = {"id": f"synthetic-{number}", "problem": f"What is {number}?", "answer": str(numbers[0]), "response": response}
            lines.write(json.dumps(row) + "\n")
    size.write_text(str(characters / 1e6))
    return characters / 1e6


if __name__ == "__main__":
    main()
