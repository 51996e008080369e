"""In which order traces are trained on, and what fills up the last step."""

from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from ablate.student.encode import IGNORED
from ablate.train.order import order, with_blanks

lengths = st.lists(st.integers(1, 500), min_size=2, max_size=60)


@settings(deadline=None)
@given(lengths, st.integers(1, 10), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_every_trace_is_seen_once_and_in_the_same_order_each_time(lengths, batch, seed, epoch, grouped):
    drawn = order(lengths, batch, seed, epoch, grouped)
    assert sorted(drawn) == list(range(len(lengths)))
    assert drawn == order(lengths, batch, seed, epoch, grouped)


def test_seeds_and_epochs_have_orders_of_their_own():
    same = [10] * 50
    drawn = [order(same, 5, seed, epoch, grouped=True) for seed in (0, 1) for epoch in (0, 1)]
    assert len({tuple(one) for one in drawn}) == len(drawn)


def test_traces_of_like_length_share_a_batch():
    lengths = list(range(400))
    drawn = order(lengths, 4, 0, 0, grouped=True)
    spread = [max(group) - min(group) for group in (drawn[at : at + 4] for at in range(0, 400, 4))]
    assert sum(spread) / len(spread) < 40


def test_blank_rows_carry_no_label():
    rows = Dataset.from_dict({"input_ids": [[5, 6, 7]], "labels": [[IGNORED, 6, 7]], "seq_lengths": [[3]]})
    filled = with_blanks(rows, 2)
    assert len(filled) == 3
    assert filled[0] == rows[0]
    assert all(set(row["labels"]) == {IGNORED} and len(row["input_ids"]) == sum(row["seq_lengths"]) == 2 for row in filled.select([1, 2]))
    assert with_blanks(rows, 0) is rows
