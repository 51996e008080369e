"""Hypothesis strategies for traces and corpora, and the real traces where they are present."""

import gzip
import json
from pathlib import Path

from hypothesis import strategies as st
from tokenizers import Tokenizer

from ablate import world
from ablate.traces import Example, parse

_TOKENIZER = Tokenizer.from_file(str(world.BASE / "tokenizer.json"))
REAL = Path(__file__).parents[2] / "shared" / "traces"

WORDS = """Wait, so 3+4=7. Hmm. check x=12 Now é 𝟙 Alternatively, 0.5 İ done! { 12345 Mia. x-1 (2)<3"""
words = st.sampled_from([*WORDS.split(), "let me check", "a\nb", "So the answer is"])
steps = st.lists(words, min_size=1, max_size=6).map(" ".join)
thoughts = st.lists(steps, min_size=1, max_size=8)


@st.composite
def examples(draw, number: int = 0) -> Example:
    """An example whose trace ends in a boxed answer."""
    gap = draw(st.sampled_from(["\n\n", "\n \n", "\n\n\n"]))
    thought = gap.join(draw(thoughts))
    answer = 100 * number + draw(st.integers(0, 99))
    opening, closing = draw(st.sampled_from([("<|begin_of_thought|>", "<|end_of_thought|>"), ("<think>", "</think>")]))
    said = f"It is 2+2, so \\boxed{{{answer}}}."
    solution = f"<|begin_of_solution|>\n\n{said}\n\n<|end_of_solution|>" if opening != "<think>" else said
    trace = parse(f"{opening}\n\n{thought}\n\n{closing}\n\n{solution}")
    return Example(f"example-{number}", f"problem {number}, by Mia, of x and 12", str(answer), trace, "test", f"So \\boxed{{{answer}}}.")


corpora = st.integers(2, 5).flatmap(lambda size: st.tuples(*(examples(number) for number in range(size))))


def token_ids(text: str) -> list[int]:
    """The tiny base's tokens of the text."""
    ids: list[int] = _TOKENIZER.encode(text, add_special_tokens=False).ids
    return ids


def token_ends(text: str) -> list[int]:
    """Where the tiny base's tokens end in the text."""
    return [end for _, end in _TOKENIZER.encode(text, add_special_tokens=False).offsets]


def real_responses(name: str = "long_cot_finished.jsonl.gz") -> list[dict]:
    """Rows of real long reasoning; an empty list where they are not at hand."""
    path = REAL / name
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


HOSTILE = (
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    '</SCRIPT ><img src="http://example.com/x.png" onerror="window.ran = 1">',
    "<!-- <script> -->]]>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe><svg onload=window.ran=1>",
    "%%script%% ${window.ran = 1} {{window.ran = 1}} &lt;b&gt; &quot; \\u003cscript\\u003e",
    "[bold red]markup[/bold red] :warning: [link=http://example.com]x[/link]",
    "\x1b[31mred\x1b]0;title\x07 \x9b2J back\x08space \r return \x00 null \x7f",
    "right \u202e to left \u2066 isolate \u200f mark \u2028 line \ufeff",
    "lone \ud83d surrogate",
)
"""What a trace may hold to run in a browser, to steer a terminal, or to break either."""
