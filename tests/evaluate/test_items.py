import pandas
import pytest

from ablate.evaluate.items import is_correct, summarise, thought_closed
from ablate.evaluate.judge.final_answer import in_words

OPEN, CLOSE = "<|begin_of_thought|>", "<|end_of_thought|>"


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("no thought", True),
        (f"{OPEN} a {CLOSE} b", True),
        (f"{OPEN} a", False),
        ("<think>a</think>", True),
        ("<think>\\boxed{3}", False),
        ("<think>a</think><think>b", False),
    ],
)
def test_a_thought_must_be_closed(text, closed):
    assert thought_closed(text) is closed


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"{OPEN} \\boxed{{1}} {CLOSE} \\boxed{{2}}", "2"),
        ("\\boxed{7}", "7"),
        ("Lima.", "Lima"),
        (f"{OPEN}x{CLOSE}\n\n<|begin_of_solution|>\n\n12\n\n<|end_of_solution|>", "12"),
    ],
)
def test_the_answer_is_what_is_said_after_the_thought(text, answer):
    assert in_words(text) == answer


def test_an_unfinished_answer_is_wrong():
    assert is_correct("\\boxed{3}", ["3"], finished=True)
    assert not is_correct("\\boxed{3}", ["3"], finished=False)
    assert not is_correct("\\boxed{4}", ["3"], finished=True)


def test_samples_of_one_item_count_as_one_observation():
    rows = [
        {"task": "t", "item": item, "sample": sample, "correct": item < 5, "finished": True, "tokens": 10}
        for item in range(10)
        for sample in range(4)
    ]
    (score,) = summarise(pandas.DataFrame(rows))
    (single,) = summarise(pandas.DataFrame([row for row in rows if row["sample"] == 0]))
    assert (score.items, score.accuracy, score.low, score.high) == (10, 0.5, single.low, single.high)
    assert 0.23 < score.low < 0.24
    assert 0.76 < score.high < 0.77


@pytest.mark.parametrize(
    ("gold", "said", "right"),
    [("\\frac{1}{2}", "0.5", True), ("27.0", "27", True), ("(1,2)", "(1, 2)", True), ("$-2$", "-2", True), ("2", "3", False)],
)
def test_mathematical_answers_are_compared_as_mathematics(gold, said, right):
    assert is_correct(f"\\boxed{{{said}}}", [gold], finished=True, mathematical=True) is right
    assert not is_correct(f"\\boxed{{{said}}}", [gold], finished=False, mathematical=True)
