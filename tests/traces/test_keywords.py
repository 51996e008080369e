from hypothesis import given
from hypothesis import strategies as st

from ablate.traces.keywords import occurrences, sentences


def found(text):
    return [text[start:end] for start, end in occurrences(text)]


def test_keywords_are_whole_words_in_any_case():
    assert found("WAIT, await the waiter. Hmm. Let me  check; let me check") == ["WAIT", "Hmm", "let me check"]


def test_places_hold_where_lowering_changes_the_length():
    assert found("İİİ wait İ Hmm") == ["wait", "Hmm"]


@given(st.text(max_size=200))
def test_sentences_join_to_the_text(text):
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans) or not text


def test_a_decimal_point_ends_no_sentence():
    text = "It is 3.14 now. Then 2."
    assert [text[start:end] for start, end in sentences(text)] == ["It is 3.14 now. ", "Then 2."]
