"""Hostile rows: none crashes, hangs or is dropped unsaid, on the way into a corpus and through every shipped perturbation."""

import csv
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pyarrow
import pytest
from omegaconf import OmegaConf
from pyarrow import parquet

from ablate import corpora, perturb
from ablate.conf import FOLDER
from ablate.config import Columns, Data, Layout, Source, Unusable
from ablate.corpora import Chunk
from ablate.perturb import Donors
from ablate.traces import SEGMENTERS, kinds, parse, parse_untagged
from hostile import PIECES, row, rows, with_hostile
from strategies import token_ends

KINDS = 200
ROWS = rows(KINDS, 2000)
PERTURBATIONS = sorted(path.stem for path in (FOLDER / "perturb").glob("*.yaml"))


def is_text(given):
    """Whether all values can be written as UTF-8, as CSV and Parquet files need."""
    return not any("\ud800" <= character <= "\udfff" for value in given.values() for character in value)


def write_jsonl(path, given):
    path.write_text("".join(json.dumps(row) + "\n" for row in given))


def write_gzip(path, given):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=not is_text(row)) + "\n" for row in given)


def write_json(path, given):
    path.write_text(json.dumps(given, indent=2))


def write_csv(path, given):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(given[0]))
        writer.writeheader()
        writer.writerows(given)


def write_parquet(path, given):
    parquet.write_table(pyarrow.Table.from_pylist(given), path)


WRITERS = {".jsonl": write_jsonl, ".jsonl.gz": write_gzip, ".json": write_json, ".csv": write_csv, ".parquet": write_parquet}


def settings(path, **options):
    return Data(source=Source.file, path=str(path), unusable=Unusable.skip, **options)


def accounted(data, count):
    """All parts of a corpus, after checking that each row came out as examples or as a rejection with a reason."""
    parts = list(corpora.checked((corpora.read_chunk(chunk, data) for chunk in corpora.chunks(data, 16)), data))
    told = {number for part in parts for number, _ in part.ids} | {rejected.row for part in parts for rejected in part.rejected}
    assert told == set(range(1, count + 1))
    assert sum(len(part.examples) + len(part.wrong) + len(part.rejected) for part in parts) == count
    assert all(rejected.reason for part in parts for rejected in part.rejected)
    return parts


def loaded(parts):
    return [example for part in parts for example in part.examples + part.wrong]


def test_there_are_as_many_kinds_as_said():
    assert len({json.dumps(row) for row in ROWS}) == KINDS
    assert max(len(row["response"]) for row in ROWS) > 1_000_000


@pytest.mark.parametrize("kind", WRITERS)
def test_every_row_of_every_kind_of_file_is_an_example_or_rejected_with_a_reason(tmp_path, kind):
    given = ROWS if kind.startswith(".json") else [row for row in ROWS if is_text(row)]
    path = tmp_path / f"hostile{kind}"
    WRITERS[kind](path, given)
    parts = accounted(settings(path), len(given))
    by_id = {row["id"]: row for row in given}
    examples = loaded(parts)
    assert len(examples) > len(given) / 2
    for example in examples:
        source = by_id[example.id]
        assert example.trace.text == source["response"]
        assert (example.problem, example.answer, example.short) == (source["problem"], source["answer"], source["short"])


@pytest.mark.parametrize(
    "options",
    [
        {"tagged": False},
        {"segmenter": "blank_line"},
        {"segmenter": "labels", "columns": Columns(steps="short")},
        {"columns": Columns(thought="response", solution="short", answer=None)},
        {"layout": Layout.conversation},
        {"layout": Layout.conversation, "columns": Columns(conversation="response")},
    ],
)
def test_so_it_is_in_every_layout(tmp_path, options):
    turns = [[{"from": "user", "value": row["problem"]}, {"role": "assistant", "content": row["response"]}] for row in ROWS]
    write_jsonl(tmp_path / "t.jsonl", [row(0), *({**row, "conversations": said} for row, said in zip(ROWS, turns, strict=True))])
    data = settings(tmp_path / "t.jsonl", **options)
    parts = [corpora.read_chunk(chunk, data) for chunk in corpora.chunks(data, 16)]
    assert sum(len(part.examples) + len(part.wrong) + len(part.rejected) for part in parts) == KINDS + 1


def test_the_same_rows_have_the_same_fingerprint_in_every_kind_of_file(tmp_path):
    given = [row for row in ROWS if is_text(row) and len(row["response"]) < 100_000]
    prints = set()
    for kind, write in WRITERS.items():
        write(tmp_path / f"t{kind}", given)
        prints.add(corpora.load(settings(tmp_path / f"t{kind}")).fingerprint)
    assert len(prints) == 1


LONG_NUMBER = (
    b'{"problem": "p", "answer": ' + b"9" * 10_000 + b', "response": "<think>a</think>\\\\boxed{1}", "id": ' + b"9" * 10_000 + b"}"
)


def test_the_store_keeps_them_as_they_are(tmp_path):
    write_jsonl(tmp_path / "t.jsonl", ROWS)
    data = settings(tmp_path / "t.jsonl")
    whole, stored = corpora.load(data), corpora.stored(data, tmp_path / "store", lambda done, total: None)
    assert (list(stored.examples), list(stored.wrong)) == (list(whole.examples), list(whole.wrong))
    assert (list(stored.rejected), stored.fingerprint) == (list(whole.rejected), whole.fingerprint)


MALFORMED = [
    LONG_NUMBER,
    b"",
    b"{",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"problem": "\xff\xfe"}',
    b'{"problem": "\xed\xa0\x80"}',
    b'{"problem": "a\x00"}',
    b"null",
    b"NaN",
    b"1" * 10_000,
    b'"' + b"a" * 1_000_000 + b'"',
    b'{"problem": null, "answer": [], "response": {}}',
    b'{"problem": {"a": 1}, "answer": "1", "response": "<think>a</think>"}',
    b'{"problem": "p", "answer": 1e999999999, "response": ["<think>a</think>", null, 3, []], "correct": [true, false, 1, "no"]}',
    b'{"problem": "p", "answer": "1", "response": [], "id": "x"}',
    b'{"problem": "p", "answer": "1", "response": ["a"], "correct": true, "id": "y"}',
    b'{"problem": "p", "answer": "1", "response": "a", "correct": [true], "id": "z"}',
    b'{"problem": "p", "answer": "1", "response": "a", "correct": {}, "id": []}',
    b'{"' + b"k" * 1_000_000 + b'": "p"}',
    b"{" + b",".join(b'"k%d": %d' % (at, at) for at in range(100_000)) + b"}",
]


def test_lines_that_are_no_rows_are_rejected_and_those_around_them_stay(tmp_path):
    lines = [line for at, broken in enumerate(MALFORMED) for line in (json.dumps(row(7 * at + 1)).encode(), broken)]
    (tmp_path / "t.jsonl").write_bytes(b"\r\n".join(lines))
    corpus = corpora.load(settings(tmp_path / "t.jsonl"))
    assert {f"row-{7 * at + 1}-given" for at in range(len(MALFORMED))} <= {example.id for example in corpus.examples}
    told = {rejected.row for rejected in corpus.rejected}
    assert [broken[:80] for at, broken in enumerate(MALFORMED) if broken and 2 * at + 2 not in told] == [LONG_NUMBER[:80]]
    assert "9" * 10_000 in {example.answer for example in corpus.examples}
    assert all(len(rejected.reason) < 4000 for rejected in corpus.rejected)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "t.jsonl"
    write_jsonl(path, ROWS)
    return loaded(accounted(settings(path), KINDS))


def clean(number):
    return corpora.read_chunk(Chunk("t", number, 1, (json.dumps(row(number)).encode(),)), Data(source=Source.file)).examples[0]


def built(name):
    read = OmegaConf.merge({"dose": 0.5}, OmegaConf.load(FOLDER / "perturb" / f"{name}.yaml"))
    resolved = OmegaConf.to_container(read, resolve=True)
    return perturb.build({name: resolved[name]})


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_every_perturbation_takes_every_hostile_example_and_what_it_makes_is_read_again(name, examples):
    wrong = [replace(example, id=f"{example.id}-wrong") for example in examples]
    donors = Donors(examples, wrong, token_ends)
    given = [example if example.short else replace(example, short="Add one.") for example in examples]
    for after, _ in perturb.apply(given, built(name), 0, donors):
        text = after.trace.text
        text.encode()
        read = parse if any(tag in text for tag in ("<think>", "<|begin_of_thought|>")) else parse_untagged
        assert read(text).text == text


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def linear(work: Callable[[int], Callable[[], object]], length: int) -> bool:
    """Whether four times the length takes far less than the sixteen times of anything quadratic; measured again when it seems not."""
    short, long = work(length), work(4 * length)
    return any(seconds(long) < 8 * seconds(short) + 0.1 for _ in range(4))


@pytest.mark.parametrize("segmenter", SEGMENTERS)
@pytest.mark.parametrize("field", ["thought", "solution", "problem", "id"])
def test_time_to_read_a_row_is_linear_in_its_length(field, segmenter):
    data = Data(source=Source.file, unusable=Unusable.skip, segmenter=segmenter)

    def work(name):
        def at(length):
            line = json.dumps(with_hostile(row(1), field, PIECES[name](length), "inside")).encode()
            return lambda: corpora.read_chunk(Chunk("t", 1, 1, (line,)), data)

        return at

    assert [name for name in PIECES if not linear(work(name), 60_000)] == []


def test_time_to_read_an_untagged_row_and_to_tell_the_kinds_of_steps_is_linear():
    def untagged(name):
        return lambda length: lambda: kinds(parse_untagged(PIECES[name](length) + "So \\boxed{1}.").steps)

    assert [name for name in PIECES if not linear(untagged(name), 60_000)] == []


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_time_to_perturb_is_linear_in_the_length_of_the_trace(name):
    others = [clean(number) for number in range(1, 6)]
    wrong = [replace(example, id=f"{example.id}-wrong") for example in others]

    def work(piece):
        def at(length):
            text = with_hostile(row(8), "thought", PIECES[piece](length), "inside")["response"]
            example = replace(clean(8), trace=parse(text))
            donors = Donors([*others, example], wrong, token_ends)
            return lambda: list(perturb.apply([example], built(name), 0, donors))

        return at

    pieces = [piece for piece in PIECES if "surrogates" not in piece]  # a row that holds them is rejected
    assert [piece for piece in pieces if not linear(work(piece), 10_000)] == []
