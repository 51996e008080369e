import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate.generate import Completion, Kept, Likelihood
from ablate.record import answers

texts = st.text(st.characters(exclude_categories=()), max_size=40)
completions = st.builds(
    lambda item, sample, text, finished, tokens, reason, prompt: (
        ("t", item, sample),
        Kept(prompt, Completion(f"t/{item}", sample, text, finished, tokens, reason)),
    ),
    st.integers(0, 9),
    st.integers(0, 3),
    texts,
    st.none() | st.booleans(),
    st.none() | st.integers(0, 99),
    st.none() | st.sampled_from(["stop", "length"]),
    st.none() | st.text("0123456789abcdef", min_size=16, max_size=16),
)
likelihoods = st.builds(
    lambda item, choice, total, greedy: (("t", item, choice), Kept("0" * 16, Likelihood(f"t/{item}/{choice}", total, greedy))),
    st.integers(0, 9),
    st.integers(0, 3),
    st.floats(-99, 0),
    st.booleans(),
)


@given(kept=st.lists(completions) | st.lists(likelihoods), cut=st.integers(0, 60))
def test_answers_come_back_and_a_kill_loses_the_line_that_was_being_written(tmp_path_factory, kept, cut):
    path = tmp_path_factory.mktemp("log") / "answers.jsonl"
    with answers.opened(path) as log:
        for place, one in kept:
            log.keep(place, one)
    assert answers.read(path) == dict(kept)
    if not kept:
        return
    last = path.read_bytes().splitlines(keepends=True)[-1]
    path.write_bytes(path.read_bytes()[: -min(cut, len(last) - 1) - 1])  # half a line
    before = dict(kept[:-1])
    assert answers.read(path) == before
    with answers.opened(path) as log:
        log.keep(*kept[-1])
    assert answers.read(path) == dict(kept)


def test_no_log_holds_no_answers(tmp_path):
    assert answers.read(tmp_path / "none") == {}


def test_a_damaged_line_in_the_middle_is_no_answer_and_is_not_passed_over(tmp_path):
    (tmp_path / "log").write_text("{\n{}\n")
    with pytest.raises(json.JSONDecodeError):
        answers.read(tmp_path / "log")
