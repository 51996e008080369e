"""How fast perturbations run, beside a fast tokenizer on the same text.

    python benchmarks/perturb.py FILE.jsonl.gz [--column response]

The tokenizer is Qwen2's, with a vocabulary of 16,000 learned from the file; both run on one thread, and parsing counts as perturbing. The
median of seven passes each, in MB of text per second.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from collections.abc import Callable

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import Qwen2Tokenizer

from ablate import perturb
from ablate.perturb import CorruptDigits, DeleteSteps, Donors, InsertSteps, RemoveKeywords, ShuffleSteps, WrongAnswer
from ablate.traces import Example, parse

PASSES = 7


def megabytes_per_second(work: Callable[[], object], megabytes: float) -> float:
    times = []
    for _ in range(PASSES):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return megabytes / statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--column", default="response")
    options = parser.parse_args()
    with gzip.open(options.file, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)[options.column] for line in lines]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6

    def read() -> list[Example]:
        return [Example(str(number), str(number), str(number), parse(text), "file") for number, text in enumerate(texts)]

    examples = read()
    donors = Donors(examples, examples[::2])
    tokenizer = Qwen2Tokenizer().backend_tokenizer
    trainer = BpeTrainer(vocab_size=16000, initial_alphabet=sorted(ByteLevel.alphabet()), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizing = megabytes_per_second(lambda: [tokenizer.encode(text) for text in texts], megabytes)

    print(f"{len(texts)} traces, {megabytes:.1f} MB; tokenizing: {tokenizing:.2f} MB/s\n")
    print("| perturbation | dose 0.33, MB/s | times tokenizing | dose 1, MB/s | times tokenizing |\n|---|---|---|---|---|")
    for kind in (WrongAnswer, CorruptDigits, RemoveKeywords, ShuffleSteps, DeleteSteps, InsertSteps):
        cells = []
        for dose in (0.33, 1.0):
            perturbation = {"p": kind(dose=dose)}
            speed = megabytes_per_second(lambda chosen=perturbation: list(perturb.apply(read(), chosen, 0, donors)), megabytes)
            cells += [f"{speed:.0f}", f"{speed / tokenizing:.0f}"]
        print(f"| {kind.__name__} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
