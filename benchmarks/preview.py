"""How long the preview page of traces with 5,000 steps takes, in headless Chromium.

    python benchmarks/preview.py FILE.jsonl.gz [--column response] [--browser PATH]

The steps of the file's traces, one after the other, cut into traces of 5,000. Half of the steps are shuffled, half of the digits corrupted.
A key counts from the press to the second frame after it, when what it changed has been drawn; frames alone take 17 to 33 ms.
"""

import argparse
import gzip
import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ablate.perturb import CorruptDigits, Donors, ShuffleSteps
from ablate.preview import page
from ablate.preview.chosen import choose
from ablate.traces import SEGMENTERS, Example, parse

STEPS = 5000
KEYS = {"j": 40, "k": 20, "o": 5, "c": 4, "t": 4, "n": 1, "p": 1}
PRESS = """async (key) => {
  const started = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - started;
}"""


def long_examples(file: str, column: str) -> list[Example]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        steps = [step for line in lines for step in parse(json.loads(line)[column]).steps]
    texts = ["\n\n".join(steps[start : start + STEPS]) for start in (0, STEPS)]
    traces = [parse(f"<think>\n{text}\n</think>\n\n\\boxed{{1}}", SEGMENTERS["blank_line"]) for text in texts]
    return [Example(f"long-{number}", "?", "1", trace, "file") for number, trace in enumerate(traces)]


def measure(tab: Page, path: Path) -> None:
    started = time.perf_counter()
    tab.goto(path.as_uri())
    painted = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    total = tab.evaluate("data.examples[0].rows.length")
    while tab.locator(".row").count() < total:
        time.sleep(0.05)
    print("| | ms |\n|---|---|")
    print(f"| first paint | {painted:.0f} |")
    print(f"| all {total:,} rows in place | {1000 * (time.perf_counter() - started):.0f} |")
    for key, times in KEYS.items():
        waits = [tab.evaluate(PRESS, key) for _ in range(times)]
        print(f"| key {key}, median of {times} (longest) | {statistics.median(waits):.0f} ({max(waits):.0f}) |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--column", default="response")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    examples = long_examples(options.file, options.column)
    perturbations = {"shuffle_steps": ShuffleSteps(0.5), "corrupt_digits": CorruptDigits(0.5)}
    started = time.perf_counter()
    text = page.html(choose(examples, Donors(examples), perturbations, 0, 2))
    steps = sum(len(example.trace.steps) for example in examples)
    print(f"{steps:,} steps in two traces: {len(text.encode()) / 1e6:.1f} MB, written in {time.perf_counter() - started:.1f} s\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "preview.html"
        path.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        measure(browser.new_page(viewport={"width": 1280, "height": 900}), path)
        browser.close()


if __name__ == "__main__":
    main()
