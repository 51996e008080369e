"""CONTRIBUTING's table: what is to be touched to add something, done from outside or counted."""

import re
from pathlib import Path

import pytest

from ablate import stages
from ablate.compare.show import figures
from ablate.config import Data, Evaluate, Strategy
from ablate.evaluate import benchmarks
from ablate.evaluate.benchmarks import catalogue, loading
from ablate.evaluate.lm_eval_model import Student
from ablate.evaluate.score import Asked, score
from ablate.generate import Completion, Sampling
from ablate.library import compose
from ablate.stages import STAGES, Stage
from ablate.student.load import load_tokenizer
from ablate.study.spec import KINDS
from ablate.train import strategy

ROOT = Path(__file__).parents[1]
ROOMS = ROOT / "src" / "ablate"
TABLE = [line.split(" | ") for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if re.match(r"\| [a-z]+ \|", line)]


@pytest.mark.parametrize("row", TABLE, ids=[row[0].strip("| ") for row in TABLE])
def test_what_a_row_names_is_there(row):
    for name in re.findall(r"`((?:src|conf)/[^`]+)`", row[1]):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`(test_[a-z_]+\.py)`", row[2]):
        assert list((ROOT / "tests").rglob(name)), name


def test_the_table_has_a_row_for_everything():
    added = [row[0].strip("| ") for row in TABLE]
    assert added == ["perturbation", "dataset", "benchmark", "engine", "stage", "claim", "figure", "strategy"]


def test_a_dataset_is_a_file(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.yaml").write_text("# Mine.\nsource: file\npath: mine.jsonl\ntagged: false\n")
    assert compose(["data=mine"], config_dir=tmp_path).data == Data(source="file", path="mine.jsonl", tagged=False)


def test_a_benchmark_is_a_file_in_a_folder(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    for name in ("_answered_yaml", "judged.py"):
        (tmp_path / name).write_text((benchmarks.FOLDER / name).read_text())
    task = "include: ../_answered_yaml\ntask: sums\ncustom_dataset: !function rows.rows\n"
    (tmp_path / "mine" / "sums.yaml").write_text(task)
    (tmp_path / "mine" / "rows.py").write_text(
        "import datasets\n\n\ndef rows(**_):\n"
        "    items = [{'problem': '1 + 1?', 'accepted': ['2']}, {'problem': '2 + 2?', 'accepted': ['4']}]\n"
        "    return {'test': datasets.Dataset.from_list(items)}\n"
    )
    for module in (catalogue, loading):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
    for known in (catalogue.files, catalogue.described):
        known.cache_clear()
    try:
        benchmarks.check(Evaluate(tasks=["sums"]))
        (rows,) = score(Asked("sums", None, 1, Sampling(9)), Two(), load_tokenizer(compose([]).model), [Student()], lambda *_: None)
    finally:
        for known in (catalogue.files, catalogue.described):
            known.cache_clear()
    assert [item.correct for item, _ in rows] == [True, False]


class Two:
    """An engine that answers 2, whatever it is asked."""

    identity = {"name": "two", "version": "1", "device": "none", "dtype": "none"}

    def generate(self, requests, sampling):
        for request in requests:
            for sample in request.samples:
                yield Completion(request.id, sample, "2", True, 1)

    def loglikelihood(self, requests):
        return iter(())

    def close(self):
        pass


def test_an_engine_is_a_class_with_three_methods():
    asked = Asked("tiny_problems", 3, 2, Sampling(9, 1.0))
    (rows,) = score(asked, Two(), load_tokenizer(compose([]).model), [Student()], lambda *_: None)
    assert [(item.item, item.sample, answer.text) for item, answer in rows] == [
        (item, sample, "2") for item in range(3) for sample in (0, 1)
    ]


def test_a_stage_is_a_file_and_a_place_in_the_list(tmp_path, monkeypatch):
    class Count(Stage):
        """Leaves `count`."""

        name = "count"
        reads = ("data.traces",)
        inputs = ("perturb",)

        def done(self, arm):
            return (arm.folder.path / "count").is_file()

        def run(self, arm, live):
            live.progress(1, 1)
            (arm.folder.path / "count").write_text(f"{len(arm.corpus.examples)} {arm.key('count')}")

    from ablate import arm
    from ablate.console.relay import Relay

    monkeypatch.setattr(stages, "STAGES", (STAGES[0], Count(), *STAGES[1:]))
    monkeypatch.setattr(stages, "until", lambda config: stages.STAGES[:2])
    config = compose([f"runs={tmp_path}", "data.traces=5", "+perturb=shuffle_steps", "until=perturb"])
    updates = []
    arm.run(config, Relay(lambda *update: updates.append(update), updates.append))
    (written,) = tmp_path.glob("arms/*/count")
    assert written.read_text().startswith("5 ")
    assert [update[0] for update in updates] == ["perturb", "count"]
    assert len(list((ROOMS / "stages").glob("*.py"))) >= len(STAGES)


def test_every_claim_has_words_and_a_test():
    tested = (ROOMS / "compare" / "statistics" / "claims.py").read_text()
    assert all(f"case {kind.__name__}(" in tested for kind in KINDS.values())


def test_every_figure_is_a_file_and_a_place_in_the_list():
    files = {path.stem for path in (ROOMS / "compare" / "show" / "figures").glob("*.py")} - {"__init__", "style"}
    assert set(figures.MODULES) == files


def test_every_strategy_has_its_file_its_name_and_what_accelerate_calls_it():
    assert {path.stem for path in (ROOT / "conf" / "train" / "strategy").glob("*.yaml")} == set(Strategy) == set(strategy.DISTRIBUTED_TYPES)
