"""A corpus as a stream: in chunks of any size, in any process, in memory that does not grow with the file."""

import gzip
import json
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ablate import corpora
from ablate.config import Data, Source, Unusable
from ablate.corpora import Fingerprint
from ablate.corpora.read.json_array import elements
from ablate.errors import UserError

KINDS = ("jsonl", "jsonl.gz", "json", "parquet", "csv")


def rows(count):
    response = "<think>\nOne, «é».\n\nTwo: {}, [].\n</think>\n\n\\boxed{{{}}}"
    return [
        {"id": f"r{at}", "problem": f"p{at}?", "answer": str(at), "response": response.format(at, at), "correct": str(at % 3 > 0).lower()}
        for at in range(count)
    ]


def write(path, given):
    if path.name.endswith("parquet") or path.name.endswith("csv"):
        frame = pandas.DataFrame(given)
        frame.to_parquet(path, index=False) if path.name.endswith("parquet") else frame.to_csv(path, index=False)
    elif path.name.endswith("json"):
        path.write_text(json.dumps(given, indent=1, ensure_ascii=False), encoding="utf-8")
    else:
        text = "".join(json.dumps(row) + "\n" for row in given)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return Data(source=Source.file, path=str(path))


@pytest.mark.parametrize("kind", KINDS)
def test_chunks_of_any_size_in_other_processes_come_to_the_same(tmp_path, kind):
    data = write(tmp_path / f"t.{kind}", rows(50))
    whole = corpora.load(data)
    with ProcessPoolExecutor(2) as pool:
        for size in (1, 7, 50, 1000):
            chunks = list(corpora.chunks(data, size))
            assert len(chunks) == -(-50 // size)
            fingerprint, ids = Fingerprint(), []
            for part in corpora.checked(pool.map(partial(corpora.read_chunk, data=data), chunks), data):
                fingerprint.add(part)
                ids += [example.id for example in part.examples]
            assert fingerprint.hexdigest() == whole.fingerprint
            assert ids == [example.id for example in whole.examples]


@pytest.mark.parametrize("kind", KINDS)
def test_a_chunk_weighs_what_its_own_rows_weigh(tmp_path, kind):
    data = write(tmp_path / f"t.{kind}", rows(2000))
    assert max(len(pickle.dumps(chunk)) for chunk in corpora.chunks(data, 10)) < 10_000


def test_the_tiny_world_is_a_stream_too():
    data = Data(traces=30)
    parts = [corpora.read_chunk(pickle.loads(pickle.dumps(chunk)), data) for chunk in corpora.chunks(data, 7)]
    assert [example for part in parts for example in part.examples] == list(corpora.load(data).examples)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_has_the_same_fingerprint_and_the_same_row_numbers(tmp_path, kind):
    given = rows(9)
    given[4]["response"] = "none"
    data = write(tmp_path / f"t.{kind}", [{name: value for name, value in row.items() if name != "id"} for row in given])
    data.unusable = Unusable.skip
    reference = write(tmp_path / "reference.jsonl", [{name: value for name, value in row.items() if name != "id"} for row in given])
    reference.unusable = Unusable.skip
    corpus = corpora.load(data)
    assert corpus.fingerprint == corpora.load(reference).fingerprint
    assert [(row.row, row.id) for row in corpus.rejected] == [(5, "row-5")]


def test_the_fingerprint_knows_every_part_and_the_order(tmp_path):
    given = [{**row, "short": "s"} for row in rows(4)]

    def changed(**values):
        return [{**given[0], **values}, *given[1:]]

    variants = [given, given[::-1], given[:3], *(changed(**{name: f"x{given[0][name]}"}) for name in ("id", "problem", "answer", "short"))]
    variants += [changed(response=given[0]["response"] + " "), changed(correct="true"), changed(short=None)]
    prints = [corpora.load(write(tmp_path / f"{at}.jsonl", variant)).fingerprint for at, variant in enumerate(variants)]
    assert len(set(prints)) == len(variants)


def test_a_repeated_id_is_found_across_chunks_and_empty_lines_count(tmp_path):
    lines = [json.dumps(row) for row in rows(3)]
    (tmp_path / "t.jsonl").write_text("\n".join(["", lines[0], "   ", lines[1], lines[0]]))
    data = Data(source=Source.file, path=str(tmp_path / "t.jsonl"))
    with pytest.raises(UserError, match="row 5: id 'r0' was already used by row 2"):
        list(corpora.checked((corpora.read_chunk(chunk, data) for chunk in corpora.chunks(data, 1)), data))


def test_the_bound_on_traces_holds_across_chunks(tmp_path):
    data = write(tmp_path / "t.jsonl", rows(30))
    data.traces = 5
    parts = list(corpora.checked((corpora.read_chunk(chunk, data) for chunk in corpora.chunks(data, 4)), data))
    assert sum(len(part.examples) for part in parts) == 5
    assert sum(len(part.wrong) for part in parts) == 10


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, max_size=8), st.sampled_from([None, 0, 3]), st.booleans(), st.sampled_from([1, 2, 3, 7, 1 << 20]))
def test_an_array_is_cut_into_its_elements_wherever_blocks_end(tmp_path, monkeypatch, given, indent, ascii_only, block):
    monkeypatch.setattr("ablate.corpora.read.json_array.BLOCK", block)
    path = tmp_path / "t.json"
    path.write_bytes(b" \n" + json.dumps(given, indent=indent, ensure_ascii=ascii_only).encode(errors="surrogatepass") + b"\n")
    assert [json.loads(element.decode(errors="surrogatepass")) for element in elements(path)] == given


@pytest.mark.parametrize("text", ["[", '[{"a": 1}', '[{"a": "]', "[[]"])
def test_an_array_that_is_cut_off_is_said(tmp_path, text):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(UserError, match=r"t\.json: can't be read as JSON: the array that it begins with is not closed"):
        list(elements(tmp_path / "t.json"))


@pytest.mark.parametrize("block", [1, 3, 1 << 20])
@pytest.mark.parametrize("rest", ["[]", "x", '\n{"id": "b"}', ","])
def test_text_behind_an_array_is_named_and_white_space_is_not(tmp_path, monkeypatch, block, rest):
    monkeypatch.setattr("ablate.corpora.read.json_array.BLOCK", block)
    path = tmp_path / "t.json"
    path.write_text('[{"id": "a"}] \n\t\n')
    assert list(elements(path)) == [b'{"id": "a"}']
    path.write_text(f'[{{"id": "a"}}] \n{rest}')
    with pytest.raises(UserError, match=r"t\.json: can't be read as JSON: behind the end of the array it goes on with"):
        list(elements(path))


def test_a_json_file_may_hold_lines(tmp_path):
    (tmp_path / "t.json").write_text("\ufeff" + "".join(json.dumps(row) + "\n" for row in rows(3)), encoding="utf-8")
    assert len(corpora.load(Data(source=Source.file, path=str(tmp_path / "t.json"))).examples) == 2


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b'{"id": 1}' * 1000)[:-20]], ids=["no gzip", "cut off"])
def test_a_broken_archive_is_said(tmp_path, content):
    (tmp_path / "t.jsonl.gz").write_bytes(content)
    with pytest.raises(UserError, match=r"t\.jsonl\.gz: can't be read"):
        corpora.load(Data(source=Source.file, path=str(tmp_path / "t.jsonl.gz")))


MEASURE = """
import resource, sys
from ablate import corpora
from ablate.config import Data, Source

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

data = Data(source=Source.file, path=sys.argv[1])
chunks = corpora.chunks(data, 16)
corpora.read_chunk(next(chunks), data)
before = peak()
for part in corpora.checked((corpora.read_chunk(chunk, data) for chunk in chunks), data):
    pass
print(peak() - before)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_memory_does_not_grow_with_the_file(tmp_path, kind):
    """A file of 30 MB in rows of 30 kB, read by a process of its own."""
    filler = "«é» \\frac{1}{2} " * 2000
    given = [{**row, "correct": "true", "response": row["response"].replace("One", f"{row['id']} {filler}")} for row in rows(1000)]
    data = write(tmp_path / f"t.{kind}", given)
    grown = subprocess.run([sys.executable, "-c", MEASURE, data.path], capture_output=True, text=True, check=True).stdout
    assert float(grown) < 15
