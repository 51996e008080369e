import random
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from ablate import corpora
from ablate.config import Data
from ablate.evaluate.benchmarks.tiny import held_out
from ablate.traces import boxed_answer, parse
from ablate.world import lessons, problems, reasoning

seeds = st.integers(0, 10_000)


@given(seeds, st.integers(2, 8), st.integers(0, 3), st.booleans())
def test_a_problem_has_one_answer_that_its_facts_entail(seed, hops, distractors, held):
    problem = problems.draw(random.Random(seed), hops, distractors, held)
    values = {fact.name: fact.value for fact in problem.facts if isinstance(fact, problems.Leaf)}
    links = [fact for fact in problem.facts if isinstance(fact, problems.Link)]
    for _ in links:
        values |= {link.name: values[link.source] + link.amount for link in links if link.source in values}
    assert values[problem.asked] == problem.answer
    assert 0 <= problem.answer <= 99
    assert problems.is_held_out(problem.chain, problem.leaf) is held
    assert len({fact.name for fact in problem.facts}) == len(problem.facts) == hops + 1 + distractors


@given(seeds, st.booleans())
def test_reasoning_is_a_whole_trace_and_right_unless_asked_to_be_wrong(seed, wrong):
    rng = random.Random(seed)
    problem = problems.draw(rng, rng.randint(3, 5), rng.randint(0, 3), False)
    response, answer = reasoning.write(problem, rng, wrong=wrong)
    trace = parse(response)
    assert boxed_answer(trace.solution) == answer
    assert (answer == str(problem.answer)) is not wrong
    assert len(trace.steps) >= problem.hops + 2
    assert str(problem.leaf) in trace.steps[-2]


def test_traces_hold_the_moves_of_long_reasoning():
    thoughts = [example.trace.thought for example in corpora.load(Data(traces=300)).examples]
    for move in ("double check", "Let me verify", "Let me go back", "that is wrong", "I need to find"):
        assert sum(move in thought for thought in thoughts) > 20, move


def test_no_held_out_problem_is_in_any_training_set():
    """Neither its text nor its computation under other letters."""
    asked = {*islice(problems.stream("held-out-[3, 5]", (3, 5), held_out=True), 300)}
    asked |= {*islice(problems.stream("held-out-[6, 8]", (6, 8), held_out=True), 200)}
    assert [problem.text for problem in islice(problems.stream("held-out-[3, 5]", (3, 5), held_out=True), 300)] == [
        row["problem"] for row in held_out.problems([3, 5], 300)
    ]
    texts = {problem.text for problem in asked}
    for data_seed in (0, 1):
        corpus = corpora.load(Data(traces=1000, seed=data_seed))
        assert not texts & {example.problem for example in (*corpus.examples, *corpus.wrong)}

    computations = {computation(problem) for problem in asked}
    trained = {computation(problem) for problem in islice(problems.stream("train-0", (3, 5), held_out=False), 1000)}
    assert not computations & trained


def test_no_lesson_is_about_a_held_out_computation(monkeypatch):
    drawn = []
    draw = problems.draw
    monkeypatch.setattr(lessons, "draw", lambda *given: drawn.append(draw(*given)) or drawn[-1])
    rng = random.Random("lessons-0")
    for _ in range(500):
        lessons.conversation(rng)
    assert len(drawn) == 500
    assert not any(problems.is_held_out(problem.chain, problem.leaf) for problem in drawn)


def computation(problem):
    return (*(link.amount for link in problem.chain), problem.leaf.value)


def test_lessons_never_chain_three_steps():
    rng = random.Random(0)
    replies = [reply for _ in range(2000) for _, reply in lessons.conversation(rng)]
    assert max(reply.count("so I need") for reply in replies) == 2
    assert not any("<|begin_of_thought|>" in reply for reply in replies)


@given(seeds)
def test_sums_in_lessons_are_true(seed):
    rng = random.Random(seed)
    for skill in lessons.SKILLS:
        if skill.name == "find":
            continue
        _, reply = lessons.probe(skill, rng)
        for words in reply.replace("(", " ").replace(")", " ").replace(".", " ").replace(",", " ").split():
            left, sign, right = words.partition("=")
            if sign and left[0].isdigit():
                assert eval(left) == int(right), reply
