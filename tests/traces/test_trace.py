import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate.errors import UserError
from ablate.traces import parse, replace_in
from strategies import examples, real_responses

SKY = (
    "<|begin_of_thought|>\n\nFirst.\n\nSecond,\nstill second.\n \nThird.\n\n<|end_of_thought|>\n\n"
    "<|begin_of_solution|>\n\nIt is \\boxed{4}.\n\n<|end_of_solution|>"
)


def test_parts_of_a_tagged_trace():
    trace = parse(SKY)
    assert trace.steps == ("First.", "Second,\nstill second.", "Third.")
    assert trace.gaps == ("\n\n", "\n \n")
    assert trace.solution == "It is \\boxed{4}."
    assert trace.opening == "<|begin_of_thought|>\n\n"


def test_without_solution_tags_the_solution_is_what_follows_the_thought():
    trace = parse("<think>\nOne.\n\nTwo.\n</think>\n\nSo \\boxed{2}.")
    assert trace.steps == ("One.", "Two.")
    assert trace.solution == "So \\boxed{2}."


PIECES = [
    "<think>",
    "</think>",
    "\n",
    "\n\n",
    " ",
    "a",
    "\r",
    "\\boxed{",
    "}",
    "\x00",
    "\ud800",
    *(tag for tag in SKY.split() if "<|" in tag),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_parsing_loses_nothing(pieces):
    response = "<think>" + "".join(pieces)
    assert parse(response).text == response


@pytest.mark.parametrize("name", ["long_cot_finished.jsonl.gz", "long_cot_unfinished.jsonl.gz"])
def test_parsing_real_traces_loses_nothing(name):
    rows = real_responses(name)
    if not rows:
        pytest.skip("no real traces at hand")
    for row in rows:
        trace = parse(row["response"])
        assert trace.text == row["response"]
        assert len(trace.steps) > 1


@given(examples())
def test_spans_stand_where_they_say(example):
    trace = example.trace
    assert trace.text[slice(*trace.thought_span)] == trace.thought
    assert trace.text[slice(*trace.solution_span)] == trace.solution


def test_unknown_format_names_the_allowed_tags():
    with pytest.raises(UserError, match=r"<\|begin_of_thought\|> or <think>"):
        parse("The answer is 4.")


def test_replacing_touches_nothing_else():
    trace = parse(SKY)
    start = trace.text.index("Second,")
    boxed = trace.text.index("4}")
    changed = replace_in(trace, [(start, start + 7, "2nd"), (boxed, boxed + 1, "77")])
    assert changed.text == SKY.replace("Second,", "2nd").replace("4}", "77}")


def test_keeping_no_step_leaves_the_solution_block():
    kept = parse(SKY).keep([])
    assert kept.text == "<|begin_of_solution|>\n\nIt is \\boxed{4}.\n\n<|end_of_solution|>"


def test_a_megabyte_of_white_space_is_parsed_in_linear_time():
    response = "<think>" + " \n" * 500_000 + "end" + " " * 1_000_000 + "x</think>"
    assert parse(response).text == response
