import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ablate.page.visible import changed, spaces, visible
from ablate.page.words import Segment
from strategies import HOSTILE

anything = st.text(st.characters(exclude_categories=()), max_size=60)


@given(st.one_of(anything, st.sampled_from(HOSTILE)))
def test_nothing_is_left_that_steers_a_terminal_or_turns_the_writing(text):
    shown = visible(text)
    assert not [sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") and sign not in "\n\t"]
    assert not [
        sign for sign in shown if unicodedata.bidirectional(sign) in ("RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI")
    ]
    shown.encode()
    assert visible(shown) == shown


def test_ordinary_text_stays():
    text = "Ein Satz, 三, مرحبا, 👩‍🔬, \\frac{1}{2}\n\tx<y & z"
    assert visible(text) == text


def test_what_is_not_seen_shows_as_a_symbol():
    assert visible("a\x1b[0m\x00\x7f\u202e\x85") == "a␛[0m␀␡⟨U+202E⟩⟨U+0085⟩"
    assert spaces("\n\n\t ") == "⏎⏎⇥␣"
    assert changed(Segment("added", "\n\n")) == "⏎⏎\n\n"
    assert changed(Segment("deleted", " a ")) == " a "
    assert changed(Segment("equal", "\n")) == "\n"
