import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ablate.page.words import LONGEST, Segment, compared
from strategies import steps

texts = st.one_of(steps, st.text(max_size=40))


def joined(segments, *changes):
    return "".join(segment.text for segment in segments if segment.change in changes)


@given(texts, texts)
def test_equal_and_deleted_words_are_the_first_text_equal_and_added_ones_the_second(before, after):
    segments = compared(before, after)
    assert joined(segments, "equal", "deleted") == before
    assert joined(segments, "equal", "added") == after
    assert all(segment.text for segment in segments)
    assert all(one.change != other.change for one, other in pairwise(segments))


@given(texts)
def test_the_same_text_is_one_equal_segment(text):
    assert compared(text, text) == ((Segment("equal", text),) if text else ())


def test_a_change_is_a_whole_word_and_nothing_else():
    assert compared("I need h (7+14=21).", "I need h (7+99=21).") == (
        Segment("equal", "I need h (7+"),
        Segment("deleted", "14"),
        Segment("added", "99"),
        Segment("equal", "=21)."),
    )


def test_words_that_changed_in_a_row_read_as_one_change():
    assert compared("so the red fox runs away", "so the blue cat runs away") == (
        Segment("equal", "so the "),
        Segment("deleted", "red fox"),
        Segment("added", "blue cat"),
        Segment("equal", " runs away"),
    )


def test_words_exchanged_between_the_same_signs_are_compared_in_place():
    assert compared("so z (6+3=9).", "so z (4+6=9).") == (
        Segment("equal", "so z ("),
        Segment("deleted", "6"),
        Segment("added", "4"),
        Segment("equal", "+"),
        Segment("deleted", "3"),
        Segment("added", "6"),
        Segment("equal", "=9)."),
    )


def test_texts_with_next_to_nothing_in_common_are_replaced_as_a_whole():
    before, after = "We know that x is 3, so y is 4.", ". . . . . . . . . . . ."
    assert compared(before, after) == (Segment("deleted", before), Segment("added", after))


def test_of_a_long_text_the_common_ends_stay_and_the_middle_is_compared_only_up_to_a_bound():
    same = "word " * 200_000
    started = time.process_time()
    assert compared(f"{same}one{same}", f"{same}two{same}") == (
        Segment("equal", same),
        Segment("deleted", "oneword"),
        Segment("added", "twoword"),
        Segment("equal", same.removeprefix("word")),
    )
    first, second = "".join(f"a{n} b " for n in range(LONGEST)), "".join(f"b a{n} " for n in range(LONGEST, 0, -1))
    assert compared(f"{same}{first}{same}", f"{same}{second}{same}")[0].text.startswith(same)
    assert time.process_time() - started < 20


def test_the_slowest_texts_that_are_compared_take_well_under_a_second():
    before = " ".join(str(n * n % 97 % 23) for n in range(LONGEST // 4))
    after = " ".join(str(n * n % 89 % 23) for n in range(LONGEST // 4))
    started = time.process_time()
    compared(before, after)
    assert time.process_time() - started < 2
