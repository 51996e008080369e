"""Tasks that are not ours: of lm-eval, of a folder of one's own, and files of problems and answers."""

import json

import pytest

from ablate.config import Model
from ablate.errors import UserError
from ablate.evaluate import benchmarks
from ablate.evaluate.benchmarks import Sources
from ablate.evaluate.lm_eval_model import Student
from ablate.evaluate.score import Asked, score
from ablate.generate import Completion, Likelihood, Sampling
from ablate.student.load import load_tokenizer

TASK = """
task: mine_sums
custom_dataset: !function own.rows
output_type: generate_until
test_split: test
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\\n"]}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
"""
ROWS = """
import datasets

def rows(**_):
    return {"test": datasets.Dataset.from_list([{"question": "1 + 1 =", "answer": "2"}, {"question": "2 + 2 =", "answer": "4"}])}
"""


class Answers:
    """An engine that gives sample n the n-th of its texts."""

    identity = {"name": "fixed", "version": "1", "device": "none", "dtype": "none"}

    def __init__(self, *texts):
        self.texts, self.stops = texts, []

    def generate(self, requests, sampling):
        self.stops.append(sampling.stop)
        for request in requests:
            for sample in request.samples:
                yield Completion(request.id, sample, self.texts[sample], True, 3, "stop", request.adapter)

    def loglikelihood(self, requests):
        for request, rest in requests:
            yield Likelihood(request.id, -float(len(rest)), False, request.adapter)


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine_sums.yaml").write_text(TASK)
    (tmp_path / "own.py").write_text(ROWS)
    return Sources(include_path=str(tmp_path))


def scored(task, sources, engine, samples=1):
    asked = Asked(task, None, samples, Sampling(9, 0.5 if samples > 1 else 0.0), sources=sources)
    return list(score(asked, engine, load_tokenizer(Model()), [Student()], lambda *_: None))


def test_a_task_of_ones_own_folder_is_scored_by_its_metric_answer_by_answer(mine):
    engine = Answers("2", "4", "5")
    (rows,) = scored("mine_sums", mine, engine, samples=3)
    assert [(item.item, item.sample, item.correct, item.finished, item.tokens) for item, _ in rows] == [
        (0, 0, 1.0, True, 3),
        (0, 1, 0.0, True, 3),
        (0, 2, 0.0, True, 3),
        (1, 0, 0.0, True, 3),
        (1, 1, 1.0, True, 3),
        (1, 2, 0.0, True, 3),
    ]
    assert engine.stops == [("\n",)]
    assert "1 + 1 =" in rows[0][1].problem


def test_a_metric_that_is_named_counts(mine, tmp_path):
    named = Sources(include_path=mine.include_path, metric="exact_match")
    assert scored("mine_sums", named, Answers("2"))[0][0][0].correct == 1.0
    with pytest.raises(UserError, match=r"evaluate.metric: found 'bleu'; mine_sums gives by item exact_match"):
        scored("mine_sums", Sources(include_path=mine.include_path, metric="bleu"), Answers("2"))


def test_a_file_of_problems_and_answers_is_a_task(tmp_path):
    path = tmp_path / "sums.jsonl"
    path.write_text(json.dumps({"problem": "1/4 + 1/4?", "answer": "1/2"}) + "\n" + json.dumps({"problem": "2?", "answer": [2, 3]}) + "\n")
    (rows,) = scored(str(path), Sources(), Answers("So \\boxed{0.5}", "\\boxed{3}"), samples=2)
    assert [item.correct for item, _ in rows] == [True, False, False, True]
    assert benchmarks.identity(str(path), Sources(), tmp_path / "hashes").startswith("sums.jsonl ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"question": "1?", "answer": "1"}', "sums.jsonl, row 1: problem: found None"),
        ('{"problem": "1?"}', "sums.jsonl, row 1: answer: found None"),
        ("nonsense", "sums.jsonl: can't be read: row 1: is no JSON"),
        ("", "holds no rows"),
    ],
)
def test_a_row_that_can_not_be_used_is_named(tmp_path, line, message):
    (tmp_path / "sums.jsonl").write_text(line + "\n")
    with pytest.raises(UserError, match=message):
        benchmarks.load(str(tmp_path / "sums.jsonl"), Sources())


def test_a_task_that_runs_what_a_model_wrote_is_refused(mine, tmp_path):
    (tmp_path / "risky.yaml").write_text(TASK.replace("mine_sums", "risky") + "unsafe_code: true\n")
    with pytest.raises(UserError, match="runs the code that a model wrote, without a sandbox; take evaluate=code"):
        benchmarks.load("risky", mine)


def test_a_task_that_can_not_be_loaded_is_named_with_its_file(mine, tmp_path):
    (tmp_path / "broken.yaml").write_text(TASK.replace("mine_sums", "broken").replace("own.rows", "own.none"))
    with pytest.raises(UserError, match=r"broken can.t be loaded \(.*broken.yaml\)"):
        benchmarks.load("broken", mine)


def test_functions_run_from_the_folder_that_is_named_and_a_missing_one_is_told(tmp_path):
    with pytest.raises(UserError, match=r"evaluate\.include_path: found .*, which is no folder"):
        benchmarks.load("mine_sums", Sources(include_path=str(tmp_path / "none")))
