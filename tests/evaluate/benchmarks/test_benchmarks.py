"""Every benchmark opened from a local copy, as `hf download` leaves one."""

import base64
import json
import os
import pickle
import runpy
import zlib
from pathlib import Path

import pytest

import benchmark_copies
from ablate.config import Evaluate
from ablate.errors import UserError
from ablate.evaluate import benchmarks
from ablate.evaluate.benchmarks import Sources
from ablate.evaluate.benchmarks.readers import private_tests
from ablate.evaluate.judge import Answered, judge
from ablate.library import compose

HUB = [task for task in benchmarks.files() if task.startswith("ablate_")]


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Copies of every set, and how many rows each has."""
    if not benchmark_copies.SHARED.is_dir():
        pytest.skip("the real rows are not part of the repository")
    root = tmp_path_factory.mktemp("copies")
    return root, benchmark_copies.real(root)


@pytest.fixture
def small(tmp_path):
    """Copies of the sets that have small rows."""
    for _, place, rows in benchmark_copies.small():
        benchmark_copies.write(tmp_path / "copies" / place, rows)
    return Sources(copies=str(tmp_path / "copies"))


def docs(task, sources):
    return benchmarks.load(task, sources).task.dataset["test"]


@pytest.mark.parametrize("task", [task for task in HUB if task != "ablate_livecodebench_later"])
def test_every_benchmark_opens_from_a_copy_with_all_its_rows(copies, task):
    root, counts = copies
    read = docs(task, Sources(copies=str(root)))
    assert len(read) == counts[task]
    assert all(problem.strip() and problem != "None" for problem in read["problem"])
    assert all(isinstance(json.loads(facts), dict) for facts in read["facts"])


@pytest.mark.parametrize("task", [task for task in HUB if benchmarks.rule(task) in ("mathematics", "choice")])
def test_every_gold_is_right_against_itself(copies, task):
    root, _ = copies
    read = docs(task, Sources(copies=str(root)))
    answers = [
        Answered(tuple(doc["accepted"]), f"<think>so</think>\\boxed{{{gold}}}", True, json.loads(doc["facts"]))
        for doc in read
        for gold in doc["accepted"][:1]
    ]
    wrong = [answer.gold for answer, verdict in zip(answers, judge(benchmarks.rule(task), answers), strict=True) if not verdict.correct]
    assert wrong == []


def test_the_worked_solutions_of_math500_are_right(copies):
    rows = benchmark_copies.rows_of("math500.jsonl.gz")
    verdicts = judge("mathematics", [Answered((row["answer"],), row["solution"]) for row in rows])
    assert sum(verdict.correct is True for verdict in verdicts) == 500


def test_ifeval_needs_no_download_and_tells_answers_apart(copies):
    root, _ = copies
    read = docs("ablate_ifeval", Sources(copies=str(root)))
    answers = [Answered((), "I will not.", True, json.loads(doc["facts"])) for doc in read]
    verdicts = judge("instructions", answers)
    assert all(verdict.correct is not None for verdict in verdicts)
    assert 0 < sum(verdict.correct for verdict in verdicts) < len(verdicts) / 3
    followed = Answered(
        (), "<think>a, b</think>no commas here", True, {"instructions": ["punctuation:no_comma"], "kwargs": [{}], "prompt": ""}
    )
    assert judge("instructions", [followed])[0].correct


def test_a_box_is_asked_for_where_it_is_wanted(small):
    plain = docs("ablate_aime26", small)["problem"][0]
    asked = docs("ablate_aime26", Sources(copies=small.copies, ask_for_box=True))["problem"][0]
    assert asked.startswith(plain)
    assert "boxed" not in plain
    assert "\\boxed{}" in asked


@pytest.mark.parametrize("study", ["math", "paper"])
def test_the_mathematics_that_is_published_asks_for_a_box(study):
    assert compose([f"evaluate={study}"]).evaluate.ask_for_box


@pytest.mark.parametrize("name", ["math", "code", "retention", "paper", "everything"])
def test_every_task_of_the_shipped_groups_is_there(name):
    tasks = compose([f"evaluate={name}"]).evaluate.tasks
    assert set(tasks) <= set(benchmarks.files())
    assert len(tasks) == len(set(tasks))


def test_livecodebench_is_taken_by_its_dates(small):
    window = Sources(copies=small.copies, window=("2024-04-01", "2024-12-31"))
    assert len(docs("ablate_livecodebench_later", window)) == 2
    with pytest.raises(UserError, match="no row is of the dates"):
        docs("ablate_livecodebench_later", Sources(copies=small.copies, window=("2020-01-01", "2020-01-02")))


def test_tests_that_hold_more_than_data_are_not_read():
    class Evil:
        def __reduce__(self):
            return os.system, ("touch /tmp/evil",)

    packed = base64.b64encode(zlib.compress(pickle.dumps(Evil()))).decode()
    with pytest.raises(ValueError, match=r"private tests can't be read: it names (posix|nt|os)\.system"):
        private_tests(packed)
    assert private_tests(benchmark_copies.packed('[{"input": "1"}]')) == private_tests('[{"input": "1"}]') == [{"input": "1"}]


def test_a_set_that_is_nowhere_is_told_before_anything_trains(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        UserError, match=r"aime26: math-ai/aime26 is not here.*hf download --repo-type dataset math-ai/aime26.*evaluate.copies"
    ):
        benchmarks.check(Evaluate(tasks=["ablate_aime26"]))
    with pytest.raises(UserError, match=r"evaluate.revisions.taco: no commit of BAAI/TACO is known"):
        benchmarks.check(Evaluate(tasks=["ablate_taco"]))
    with pytest.raises(UserError, match=r"evaluate\.copies: found .*, which is no folder"):
        benchmarks.check(Evaluate(tasks=["ablate_aime26"], copies=str(tmp_path / "none")))


def test_a_folder_of_the_datasets_name_is_not_taken_in_place_of_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    benchmark_copies.write(tmp_path / "math-ai/aime26/test.jsonl", [{"problem": "p", "answer": "1"}])
    with pytest.raises(UserError, match="is not here"):
        benchmarks.load("ablate_aime26", Sources())
    assert len(docs("ablate_aime26", Sources(copies="."))) == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"Problem": "p", "Answer": "1"}], r"aime26: .*: found the columns Problem, Answer; problem, answer is expected"),
        ([], "holds no rows"),
        ([{"problem": None, "answer": "1"}], "aime26, row 1: is not as expected"),
    ],
)
def test_rows_that_are_not_as_expected_are_an_error_that_names_them(tmp_path, rows, message):
    benchmark_copies.write(tmp_path / "math-ai/aime26/test.jsonl", rows)
    with pytest.raises(UserError, match=message):
        benchmarks.load("ablate_aime26", Sources(copies=str(tmp_path)))


def test_files_that_could_be_several_splits_are_an_error(tmp_path):
    for name in ("train", "dev"):
        benchmark_copies.write(tmp_path / f"math-ai/aime26/{name}.jsonl", [{"problem": "p", "answer": "1"}])
    with pytest.raises(UserError, match=r"found dev.jsonl, train.jsonl; expected aime2026.jsonl"):
        benchmarks.load("ablate_aime26", Sources(copies=str(tmp_path)))


def test_the_same_rows_elsewhere_are_the_same_task_and_other_rows_are_not(tmp_path):
    def known(folder, answer):
        benchmark_copies.write(tmp_path / folder / "math-ai/aime26/test.jsonl", [{"problem": "p", "answer": answer}])
        return benchmarks.identity("ablate_aime26", Sources(copies=str(tmp_path / folder)), tmp_path / "hashes")

    assert known("a", "1") == known("b", "1") != known("c", "2")


def test_every_set_of_the_hub_says_its_rows_and_its_commit_or_that_none_is_known():
    for task, pin in benchmarks.pins().items():
        assert pin.revision is None or len(pin.revision) == 40, task
        assert pin.rows or task == "ablate_livecodebench_later"
    assert benchmarks.pins()["ablate_olympiadbench"].rows == 674


def test_the_page_of_pins_says_what_the_files_do():
    root = Path(__file__).parents[3]
    assert (root / "docs" / "benchmarks.md").read_text() == runpy.run_path(str(root / "benchmarks" / "pins.py"))["page"]()
