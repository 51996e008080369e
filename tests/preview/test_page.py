import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from ablate.perturb import CorruptDigits, Donors, ShuffleSteps
from ablate.preview import page
from ablate.preview.chosen import choose
from ablate.traces import SEGMENTERS, Example, parse
from strategies import HOSTILE

SHUFFLED = {"shuffle_steps": ShuffleSteps(1.0)}


def example(name, steps):
    text = "<think>\n" + "\n\n".join(steps) + "\n</think>\n\nIt is \\boxed{7}."
    return Example(name, f"What is {name}?", "7", parse(text, SEGMENTERS["blank_line"]), "test")


def made(perturbations, *examples):
    return page.html(choose(examples, Donors(examples), perturbations, 0, len(examples)))


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, attributes))


HARMLESS = made(SHUFFLED, example("one", ["A", "B"]))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_trace_adds_a_tag_to_the_page(text):
    hostile = replace(example(text, [text, f"more {text}", "B"]), problem=text, answer=text)
    written = made(SHUFFLED, hostile)
    assert Tags(written).found == Tags(HARMLESS).found
    assert written.split("</script>")[-1] == HARMLESS.split("</script>")[-1]
    written.encode()


def test_the_policy_lets_only_the_pages_own_script_and_style_in():
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', HARMLESS).group(1)
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", HARMLESS, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy


def test_nothing_on_the_page_points_elsewhere():
    assert not re.search(r"https?://|url\(|@import|<link|\ssrc=|\shref=", HARMLESS)
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("):
        assert way not in HARMLESS


def test_the_same_preview_is_the_same_page():
    both = {"shuffle_steps": ShuffleSteps(0.5), "corrupt_digits": CorruptDigits(0.5)}
    steps = [f"Step {number}" for number in range(20)]
    assert made(both, example("one", steps)) == made(both, example("one", steps))
