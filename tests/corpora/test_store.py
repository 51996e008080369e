import json
import os
import pickle
import shutil
from dataclasses import replace

import pytest

from ablate import corpora
from ablate.config import Data, Source
from ablate.corpora.read import store
from ablate.errors import UserError

ROWS = [
    {
        "id": f"r{number * 7 % 50:02}",
        "problem": f"problem {number // 2}",
        "answer": str(number),
        "response": f"<think>\nOne {number}. Wait, two.\n\nThree é𝟙.\n</think>\n\nSo \\boxed{{{number}}}.",
        "correct": number % 5 > 0,
        "short": None if number % 3 else "4",
    }
    for number in range(50)
]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "ROWS", 7)
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return Data(source=Source.file, path=str(tmp_path / "t.jsonl"))


def stored(data, folder):
    return corpora.stored(data, folder, lambda done, total: None)


def test_what_comes_back_is_what_reading_gives(data, tmp_path):
    on_disk, in_memory = stored(data, tmp_path / "data"), corpora.load(data)
    assert list(on_disk.examples) == list(in_memory.examples)
    assert list(on_disk.wrong) == list(in_memory.wrong)
    assert on_disk.fingerprint == in_memory.fingerprint
    assert on_disk.examples[3:6] == in_memory.examples[3:6]


def test_by_id_the_examples_are_sorted_and_their_problems_with_them(data, tmp_path):
    examples = stored(data, tmp_path / "data").examples
    ordered = examples.by_id()
    assert [example.id for example in ordered] == sorted(example.id for example in examples)
    assert len({int(key) for key in ordered.problems}) == len({example.problem for example in ordered})


def test_another_process_gets_the_folder_and_not_the_rows(data, tmp_path):
    examples = stored(data, tmp_path / "data").examples
    assert list(pickle.loads(pickle.dumps(examples))) == list(examples)
    assert len(pickle.dumps(examples)) < 1000


def test_a_killed_reading_goes_on_from_its_parts(data, tmp_path, monkeypatch):
    whole = stored(data, tmp_path / "data").fingerprint
    (index,) = (tmp_path / "data").glob(f"*/{store.INDEX}")
    index.unlink()
    parts = sorted(index.parent.glob("part-*"))
    parts[2].unlink()
    read, numbers = store.examples.read, []
    monkeypatch.setattr(store.examples, "read", lambda chunk, data: numbers.append(chunk.first) or read(chunk, data))
    assert stored(data, tmp_path / "data").fingerprint == whole
    assert numbers == [15]


def test_a_changed_file_is_read_again(data, tmp_path):
    before = stored(data, tmp_path / "data").fingerprint
    with open(data.path, "a") as lines:
        lines.write(json.dumps({**ROWS[1], "id": "new"}) + "\n")
    after = stored(data, tmp_path / "data")
    assert after.fingerprint != before
    assert len(after.examples) == 41


def test_a_repeated_id_is_named_with_both_rows_whatever_part_they_are_in(data, tmp_path):
    with open(data.path, "a") as lines:
        lines.write(json.dumps(ROWS[2]) + "\n")
    with pytest.raises(UserError, match="row 51: id 'r14' was already used by row 3"):
        stored(data, tmp_path / "data")


def test_however_many_traces_are_asked_for_there_is_one_copy_and_the_corpus_is_what_reading_them_gives(data, tmp_path):
    for traces in (1, 7, 8, 20, 40, 100, None):
        bounded = replace(data, traces=traces)
        on_disk, in_memory = stored(bounded, tmp_path / "data"), corpora.load(bounded)
        assert list(on_disk.examples) == list(in_memory.examples)
        assert list(on_disk.wrong) == list(in_memory.wrong)
        assert on_disk.fingerprint == in_memory.fingerprint
        assert [example.id for example in on_disk.examples.by_id()] == sorted(example.id for example in in_memory.examples)
        assert len(on_disk.examples.by_id().problems) == len(in_memory.examples)
        assert list(pickle.loads(pickle.dumps(on_disk.examples))) == list(in_memory.examples)
    assert len(list((tmp_path / "data").iterdir())) == 1


def test_the_same_bytes_under_another_path_and_other_workers_are_the_same_store(data, tmp_path):
    before = stored(data, tmp_path / "data").fingerprint
    copied = tmp_path / "elsewhere" / "other.jsonl"
    copied.parent.mkdir()
    shutil.copy(data.path, copied)
    assert stored(replace(data, path=str(copied), workers=2), tmp_path / "data").fingerprint == before
    os.utime(data.path, (1, 1))
    stored(data, tmp_path / "data")
    assert len(list((tmp_path / "data").iterdir())) == 1


def test_a_source_that_can_not_be_used_leaves_nothing(data, tmp_path):
    with open(data.path, "a") as lines:
        lines.write("{\n")
    with pytest.raises(UserError, match="not JSON"):
        stored(data, tmp_path / "runs" / "corpora")
    assert not (tmp_path / "runs").exists()
