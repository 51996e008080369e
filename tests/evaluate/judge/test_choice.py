import pytest

from ablate.evaluate.judge.choice import letter


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("\\boxed{B}", "B"),
        ("\\boxed{\\text{(C)}}", "C"),
        ("\\boxed{\\textbf{A}. the first}", "A"),
        ("<think>\\boxed{A}</think>\\boxed{D}", "D"),
        ("The answer is (B).", "B"),
        ("Answer: **C**", "C"),
        ("The correct option is D because it is", "D"),
        ("I think A is wrong, so it is B", "B"),
        ("<think>A</think>C", "C"),
        ("\\boxed{7}", None),
        ("\\boxed{E}", None),
        ("none", None),
        ("I do not know", None),
    ],
)
def test_the_letter_that_is_chosen_after_the_thought(text, chosen):
    assert letter(text, 4) == chosen
