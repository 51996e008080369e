"""What a perturbation may draw on besides the trace itself."""

from dataclasses import replace

import pytest

from ablate.errors import UserError
from ablate.perturb import Donors
from ablate.traces import Example, parse


def example(name, problem="p", answer="1", thought="One. Two."):
    return Example(name, problem, answer, parse(f"<think>\n{thought}\n</think>\n\n\\boxed{{{answer}}}"), "here")


def test_of_the_same_problem_a_trace_that_is_the_same_is_no_other_trace():
    """A trace that stands twice under two ids, or that this example has taken from the other one."""
    one, twin, other = example("a"), example("b"), example("c", thought="Three.")
    assert Donors([one, twin, other]).same(one) == [other]
    taken = replace(one, trace=other.trace)
    assert Donors([one, twin, other]).same(taken) == [twin]
    assert Donors([one, twin]).same(one) == []


def test_right_traces_of_the_same_problem_come_before_wrong_ones():
    one, right, wrong = example("a"), example("b", thought="Other."), example("c", answer="9", thought="Wrong.")
    assert Donors([right, one], [wrong]).same(one) == [right, wrong]


def test_another_answer_is_neither_the_reference_nor_what_the_trace_boxes():
    one = replace(example("a", answer="1"), answer="2")
    others = [example(name, problem=name, answer=answer) for name, answer in (("b", "1"), ("c", "2"), ("d", "3"))]
    assert {Donors([one, *others]).other_answer(one, draw / 10) for draw in range(10)} == {"3"}
    with pytest.raises(UserError, match="another problem with another answer"):
        Donors([one, *others[:2]]).other_answer(one, 0.5)


def test_a_wrong_trace_is_of_the_same_problem_where_there_is_one():
    one = example("a")
    same, another = example("b", answer="9", thought="Wrong."), example("c", problem="q", answer="8")
    assert {Donors([one], [another, same]).wrong(one, draw / 10).id for draw in range(10)} == {"b"}
    assert Donors([one], [another]).wrong(one, 0.5) == another
    with pytest.raises(UserError, match="the data holds none"):
        Donors([one]).wrong(one, 0.5)
