"""The real lm-eval with the real base, on a few items."""

import datasets
import pytest
from lm_eval.tasks import TaskManager

from ablate.config import Evaluate, Model
from ablate.errors import UserError
from ablate.evaluate.lm import Generation, mark
from ablate.evaluate.score import TASKS, check_tasks, score
from ablate.student.load import load_model, load_tokenizer

ALL = [path.stem for path in sorted(TASKS.glob("*.yaml"))]


def asked(told=lambda done, total: None, seed=0, **options):
    return score(
        load_model(Model()), load_tokenizer(Model()), None, Evaluate(batch_size=16, **{"max_new_tokens": 48, **options}), seed, told
    )


def test_every_task_file_loads():
    assert TaskManager(include_path=str(TASKS), include_defaults=False).all_tasks == ALL


def test_an_unknown_task_is_named_with_its_neighbours():
    with pytest.raises(UserError, match=r"found .tiny_skill.\. Did you mean tiny_skills"):
        check_tasks(["tiny_skill"])


@pytest.mark.parametrize(
    ("tokens", "finished", "count"), [([5, 6, 2, 0, 0], True, 3), ([5, 6, 7], False, 3), ([2], True, 1), ([5, 9, 0], True, 2)]
)
def test_a_generation_knows_how_it_ended(tokens, finished, count):
    generation = Generation.marked(mark("said", tokens, {2, 9}))
    assert (generation, generation.finished, generation.tokens) == ("said", finished, count)


def test_greedy_scores_are_per_item_and_repeatable():
    progress = []
    tasks = ["tiny_problems", "tiny_skills"]
    items, generated = asked(lambda done, total: progress.append((done, total)), tasks=tasks, limit=12)
    assert [(item.task, item.item, item.sample) for item in items] == [(task, number, 0) for task in tasks for number in range(12)]
    assert progress[-1] == (12, 12)
    assert [(row.task, row.item) for row in generated] == [(item.task, item.item) for item in items]
    assert sum(item.correct for item in items if item.task == "tiny_skills") >= 9
    assert all(1 <= item.tokens <= 48 for item in items if item.task == "tiny_problems")
    assert all(item.finished and item.tokens == 0 for item in items if item.task == "tiny_skills")
    assert items == asked(tasks=tasks, limit=12)[0]


def test_an_answer_cut_at_the_limit_is_unfinished_and_wrong():
    items, _ = asked(tasks=["tiny_problems"], limit=6, max_new_tokens=2)
    assert not any(item.finished or item.correct for item in items)
    assert {item.tokens for item in items} == {2}


def test_the_students_own_generation_config_has_no_say():
    model = load_model(Model())
    plain, _ = score(model, load_tokenizer(Model()), None, Evaluate(["tiny_problems"], limit=8, max_new_tokens=16), 0, lambda *_: None)
    model.generation_config.repetition_penalty = 5.0
    model.generation_config.top_k = 1
    again, _ = score(model, load_tokenizer(Model()), None, Evaluate(["tiny_problems"], limit=8, max_new_tokens=16), 0, lambda *_: None)
    assert plain == again
    options = {"tasks": ["tiny_problems"], "limit": 8, "temperature": 3.0, "max_new_tokens": 8}
    _, sampled = score(model, load_tokenizer(Model()), None, Evaluate(**options), 0, lambda *_: None)
    _, greedy = score(model, load_tokenizer(Model()), None, Evaluate(["tiny_problems"], limit=8, max_new_tokens=8), 0, lambda *_: None)
    assert [row.text for row in sampled] != [row.text for row in greedy]


def test_samples_differ_and_follow_the_seed():
    options = {"tasks": ["tiny_problems"], "limit": 8, "num_samples": 3, "temperature": 1.5}
    items, generated = asked(**options)
    assert [(item.item, item.sample) for item in items] == [(number, sample) for number in range(8) for sample in range(3)]
    texts = [row.text for row in generated]
    assert len({tuple(texts[at : at + 3]) for at in range(0, 24, 3)}) > 1
    assert any(len(set(texts[at : at + 3])) > 1 for at in range(0, 24, 3))
    assert texts == [row.text for row in asked(**options)[1]]
    assert texts != [row.text for row in asked(**options, seed=1)[1]]


@pytest.mark.parametrize(
    ("task", "row", "accepted"),
    [
        ("ablate_math500", {"problem": "p", "answer": "\\frac{1}{2}", "subject": "x"}, ["\\frac{1}{2}"]),
        ("ablate_aime24", {"problem": "p", "answer": "204"}, ["204"]),
        ("ablate_amc23", {"question": "p", "answer": 27.0}, ["27.0"]),
        ("ablate_olympiadbench", {"question": "p", "final_answer": ["2", "$-2$"]}, ["2", "$-2$"]),
    ],
)
def test_the_hub_benchmarks_on_rows_of_their_layout(monkeypatch, task, row, accepted):
    """The real task files and lm-eval, with the hub's answer replaced by two rows of the same columns."""

    def local(path, name=None, **_):
        rows = datasets.Dataset.from_list([row, row])
        return datasets.DatasetDict({"test": rows, "train": rows})

    monkeypatch.setattr(datasets, "load_dataset", local)
    items, generated = asked(tasks=[task], max_new_tokens=8)
    assert len(items) == 2
    assert [row.accepted for row in generated] == [accepted, accepted]
    assert {row.problem for row in generated} == {"p"}
