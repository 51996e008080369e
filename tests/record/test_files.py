"""Files that are whole or not there."""

import pytest

from ablate.record.files import clear_partial, read_rows, whole, write_rows, write_text


def test_what_has_its_name_is_whole(tmp_path):
    target = tmp_path / "result.json"

    def fail():
        with whole(target) as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    write_text(target, "old")
    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_folder_takes_the_place_of_an_old_one(tmp_path):
    target = tmp_path / "model"
    for name in ("first", "second"):
        with whole(target) as partial:
            partial.mkdir()
            (partial / name).touch()
    assert [path.name for path in target.iterdir()] == ["second"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_come_back(tmp_path, name):
    rows = [{"text": "ü\n"}, {"text": "\ud800"}]
    write_rows(tmp_path / name, rows)
    assert read_rows(tmp_path / name) == rows


def test_what_a_killed_process_left_half_written_is_cleared_away_and_nothing_else(tmp_path):
    (tmp_path / "scores" / ".sums.partial-99").mkdir(parents=True)
    (tmp_path / "scores" / "sums").mkdir()
    clear_partial(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["scores", "sums"]
