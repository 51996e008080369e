import pytest

from ablate.traces import boxed_answer, boxed_spans


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("so \\boxed{12}.", "12"),
        ("\\boxed{1} then \\boxed{2}", "2"),
        ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
        ("\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"),
        ("\\boxed{ 3 ", None),
        ("\\boxed{1 and \\boxed{2}", "2"),
        ("no box", None),
    ],
)
def test_the_last_balanced_box_is_the_answer(text, answer):
    assert boxed_answer(text) == answer


def test_a_box_in_a_box_is_one_span():
    text = "\\boxed{a\\boxed{b}}"
    assert [text[start:end] for start, end in boxed_spans(text)] == ["a\\boxed{b}"]


def test_many_open_boxes_take_linear_time():
    assert boxed_answer("\\boxed{" * 200_000) is None
