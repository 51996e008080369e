import json

import pandas
import pytest

from ablate import corpora
from ablate.config import Columns, Data, Source
from ablate.errors import UserError

GOOD = {"id": "a", "problem": "1+1?", "answer": "2", "response": "<think>\nOne.\n\nTwo.\n</think>\n\n\\boxed{2}"}


def write(path, rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def load(path, **options):
    return corpora.load(Data(source=Source.file, path=str(path), **options))


def rows(count):
    return [{**GOOD, "id": f"r{number}"} for number in range(count)]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_the_same_rows_in_every_kind_of_file(tmp_path, kind):
    path = tmp_path / f"traces.{kind}"
    if kind == "jsonl":
        write(path, rows(3))
    else:
        getattr(pandas.DataFrame(rows(3)), f"to_{kind}")(path, index=False)
    corpus = load(path)
    assert [example.id for example in corpus.examples] == ["r0", "r1", "r2"]
    assert {example.trace.text for example in corpus.examples} == {GOOD["response"]}


def test_wrong_traces_are_a_pool_of_their_own_and_traces_bounds_the_rest(tmp_path):
    path = write(tmp_path / "t.jsonl", [*rows(3), {**GOOD, "id": "w", "correct": False}])
    corpus = load(path, traces=2)
    assert [example.id for example in corpus.examples] == ["r0", "r1"]
    assert [example.id for example in corpus.wrong] == ["w"]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_correctness_is_read_strictly_in_every_kind_of_file(tmp_path, kind):
    table = pandas.DataFrame([{**GOOD, "id": str(at), "correct": said} for at, said in enumerate(["true", "False", "0", "1", ""])])
    path = tmp_path / f"t.{kind}"
    if kind == "jsonl":
        write(path, table.to_dict("records"))
    else:
        getattr(table, f"to_{kind}")(path, index=False)
    corpus = load(path)
    assert [example.id for example in corpus.examples] == ["0", "3", "4"]
    assert [example.id for example in corpus.wrong] == ["1", "2"]
    with pytest.raises(UserError, match=r"row 1: correct \(data.columns.correct\): found 'maybe', allowed: true, false"):
        load(write(tmp_path / "u.jsonl", [{**GOOD, "correct": "maybe"}]))


def test_a_missing_value_in_a_table_is_empty(tmp_path):
    pandas.DataFrame([GOOD, {**GOOD, "id": "b", "answer": None}]).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(UserError, match=r"row 2 \(id b\): answer is empty"):
        load(tmp_path / "t.parquet")


@pytest.mark.parametrize("name", ["t.jsonl", "t.jsonl.gz"])
def test_bytes_that_are_no_text_are_said(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xfe{}")
    with pytest.raises(UserError, match="can't be read"):
        load(tmp_path / name)


def test_columns_can_have_other_names(tmp_path):
    path = write(tmp_path / "t.jsonl", [{"question": "q", "gold": "2", "output": GOOD["response"]}])
    (example,) = load(path, columns=Columns(problem="question", answer="gold", response="output")).examples
    assert (example.id, example.problem, example.answer) == ("row-1", "q", "2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "t.jsonl: the file is empty"),
        ([*rows(16), "{oops"], r"t.jsonl: row 17: not JSON \(.*at column 2\); found '\{oops"),
        (["[1]"], "row 1: found a JSON list, allowed is an object"),
        ([*rows(1), {"id": "b", "problem": "p", "responze": "x", "answer": "1"}], r"row 2: no field 'response' .*Did you mean responze"),
        ([GOOD, GOOD], "row 2: id 'a' was already used by row 1"),
        ([{**GOOD, "response": "<think>\n\n</think>\n\\boxed{2}"}], r"row 1 \(id a\): the thought has no steps"),
        ([{**GOOD, "response": "<think>\nOne.\n</think>\nTwo."}], r"row 1 \(id a\): the solution states no answer"),
        ([{**GOOD, "response": "Two."}], "no thought block"),
        ([{**GOOD, "answer": ""}], "answer is empty"),
        ([{**GOOD, "correct": False}], "no usable trace with a right answer in 1 rows"),
    ],
)
def test_a_bad_file_is_one_clear_message(tmp_path, content, message):
    with pytest.raises(UserError, match=message):
        load(write(tmp_path / "t.jsonl", content))


def test_a_missing_file_and_an_unknown_kind(tmp_path):
    with pytest.raises(UserError, match=r"nix\.jsonl is no file; allowed"):
        load(tmp_path / "nix.jsonl")
    with pytest.raises(UserError, match=r"found t\.xml; allowed"):
        load(write(tmp_path / "t.xml", []))
    with pytest.raises(UserError, match="can't be read as parquet"):
        load(write(tmp_path / "t.parquet", ["not parquet"]))


def test_unusable_rows_are_listed_not_dropped_in_silence(tmp_path):
    path = write(tmp_path / "t.jsonl", [*rows(2), {**GOOD, "id": "bad", "response": "Two."}])
    with pytest.raises(UserError, match=r"1 of 3 rows can't be used:\n  row 3 \(id bad\): no thought block"):
        load(path)
    corpus = load(path, unusable="skip")
    assert len(corpus.examples) == 2
    assert [(row.row, row.id) for row in corpus.rejected] == [(3, "bad")]


def test_the_fingerprint_follows_the_contents_alone(tmp_path):
    first, second = write(tmp_path / "a.jsonl", rows(2)), write(tmp_path / "b.jsonl", rows(2))
    other = write(tmp_path / "c.jsonl", [{**row, "answer": "3"} for row in rows(2)])
    flipped = write(tmp_path / "d.jsonl", [rows(2)[0], {**rows(2)[1], "correct": False}])
    assert load(first).fingerprint == load(second).fingerprint
    assert len({load(path).fingerprint for path in (first, other, flipped)}) == 3
