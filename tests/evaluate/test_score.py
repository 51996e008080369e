"""The real lm-eval with the real base, on a few items."""

import pytest
from lm_eval.tasks import TaskManager

from ablate.config import Evaluate, Model
from ablate.errors import UserError
from ablate.evaluate import benchmarks
from ablate.evaluate.judge import RULES
from ablate.evaluate.lm_eval_model import Student
from ablate.evaluate.score import Asked, score
from ablate.generate import Completion, Kept, Likelihood, Sampling
from ablate.generate.engines.hf import HuggingFace
from ablate.student.load import load_model, load_tokenizer


@pytest.fixture(scope="module")
def student():
    tokenizer = load_tokenizer(Model())
    return HuggingFace(load_model(Model()), tokenizer, 16), tokenizer


def asked(student, task="tiny_problems", limit=8, samples=1, known=(), told=lambda done, total: None, **sampling):
    asked = Asked(task, limit, samples, Sampling(**{"max_new_tokens": 48, **sampling}))
    (rows,) = score(asked, *student, [Student(dict(known))], told)
    return rows


def test_every_task_file_loads_and_says_what_it_is():
    assert TaskManager(include_path=str(benchmarks.FOLDER), include_defaults=False).all_tasks == sorted(benchmarks.files())
    assert [task for task in benchmarks.files() if benchmarks.is_choice(task)] == ["tiny_skills"]
    assert {benchmarks.rule(task) for task in benchmarks.files()} == {None, *RULES}


def test_an_unknown_task_is_named_with_its_neighbours():
    with pytest.raises(UserError, match=r"found .tiny_skill.\. Did you mean tiny_skills"):
        benchmarks.check(Evaluate(tasks=["tiny_skill"]))


@pytest.mark.parametrize("task", ["tiny_problems", "tiny_skills"])
def test_greedy_scores_are_per_item_and_repeatable(student, task):
    progress = []
    rows = asked(student, task, 12, told=lambda done, total: progress.append((done, total)))
    assert [(item.task, item.item, item.sample) for item, _ in rows] == [(task, number, 0) for number in range(12)]
    assert [(answer.task, answer.item) for _, answer in rows] == [(task, number) for number in range(12)]
    assert progress[-1][0] == progress[-1][1]
    assert rows == asked(student, task, 12)
    items = [item for item, _ in rows]
    if task == "tiny_skills":
        assert sum(item.correct for item in items) >= 9
        assert all(item.finished and item.tokens == 0 for item in items)
    else:
        assert all(1 <= item.tokens <= 48 for item in items)


def test_an_answer_cut_at_the_limit_is_unfinished_and_wrong(student):
    items = [item for item, _ in asked(student, max_new_tokens=2)]
    assert not any(item.finished or item.correct for item in items)
    assert {item.tokens for item in items} == {2}


def test_samples_differ_and_follow_the_seed(student):
    options = {"samples": 3, "temperature": 1.5}
    rows = asked(student, **options)
    assert [(item.item, item.sample) for item, _ in rows] == [(number, sample) for number in range(8) for sample in range(3)]
    texts = [answer.text for _, answer in rows]
    assert any(len(set(texts[at : at + 3])) > 1 for at in range(0, 24, 3))
    assert texts == [answer.text for _, answer in asked(student, **options)]
    assert texts != [answer.text for _, answer in asked(student, **options, seed=1)]


def test_more_items_and_samples_add_to_what_is_known_and_change_nothing_of_it(student):
    few = asked(student, limit=4, samples=2, temperature=1.5)
    known = {(item.task, item.item, item.sample): completion(answer) for item, answer in few}
    engine = Counting(student[0])
    more = asked((engine, student[1]), limit=6, samples=3, known=known, temperature=1.5)
    assert engine.asked == 6 * 3 - 4 * 2
    places = {(item.item, item.sample): (item, answer) for item, answer in more}
    assert [places[item.item, item.sample] for item, _ in few] == few
    assert more == asked(student, limit=6, samples=3, temperature=1.5)


def test_what_is_known_is_judged_again_and_an_unknown_ending_is_never_called_finished(student):
    (item, answer), *_ = asked(student, limit=1)
    for finished, expected in ((None, None), (False, False), (True, True)):
        said = Completion("tiny_problems/0", 0, f"So \\boxed{{{answer.accepted[0]}}}", finished, None)
        known = {("tiny_problems", 0, 0): Kept(None, said)}
        (judged, kept), *_ = asked(student, limit=1, known=known)
        assert (judged.finished, judged.tokens, kept.finished) == (expected, None, finished)
        assert judged.correct is (finished is not False)
    assert item.item == 0


def completion(answer):
    said = Completion(f"{answer.task}/{answer.item}", answer.sample, answer.text, answer.finished, answer.tokens, answer.finish_reason)
    return Kept(answer.prompt, said)


class Counting:
    """An engine that counts what it is asked."""

    def __init__(self, engine):
        self.engine, self.asked = engine, 0

    def generate(self, requests, sampling):
        requests = list(requests)
        self.asked += sum(len(request.samples) for request in requests)
        return self.engine.generate(requests, sampling)


def test_another_prompt_is_asked_again(student):
    few = asked(student, limit=2)
    known = {(item.task, item.item, item.sample): completion(answer) for item, answer in few}
    stale = {place: Kept("0" * 16, kept.answer) for place, kept in known.items()}
    for given, times in ((known, 0), (stale, 2)):
        engine = Counting(student[0])
        assert asked((engine, student[1]), limit=2, known=given) == few
        assert engine.asked == times


@pytest.mark.parametrize("task", ["tiny_problems", "tiny_skills"])
def test_students_of_one_engine_are_asked_together_and_each_gets_its_own_answers(task):
    engine, kept = Named(), [{}, {}, {}]
    adapters = [None, "a", "b"]
    pairs = list(zip(adapters, kept, strict=True))
    students = [Student({}, adapter, lambda place, one, mine=mine: mine.update({place: one})) for adapter, mine in pairs]
    rows = list(score(Asked(task, 3, 1, Sampling(9)), engine, load_tokenizer(Model()), students, lambda *_: None))
    assert engine.calls == 1
    if task == "tiny_problems":
        assert [{answer.text for _, answer in each} for each in rows] == [{"None"}, {"a"}, {"b"}]
    again = [Student(mine, adapter) for adapter, mine in pairs]
    assert list(score(Asked(task, 3, 1, Sampling(9)), Named(), load_tokenizer(Model()), again, lambda *_: None)) == rows
    assert engine.calls == 1


class Named:
    """An engine whose every student answers with its adapter's name."""

    identity = {"name": "named", "version": "1", "device": "none", "dtype": "none"}

    def __init__(self):
        self.calls = 0

    def generate(self, requests, sampling):
        self.calls += 1
        for request in reversed(list(requests)):
            for sample in request.samples:
                yield Completion(request.id, sample, str(request.adapter), True, 1, "stop", request.adapter)

    def loglikelihood(self, requests):
        self.calls += 1
        for request, rest in reversed(list(requests)):
            yield Likelihood(request.id, -float(len(rest) + len(str(request.adapter))), False, request.adapter)
