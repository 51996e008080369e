"""Which scores there are, and whether they cover what is asked."""

import pytest

from ablate.record import scores
from ablate.record.files import write_json
from ablate.record.scores import PlannedScores


def write(folder, task="sums", key="a", extents=((10, 2),), started="2026-01-01", name="1"):
    path = folder / f"{task}-{name}"
    path.mkdir(parents=True)
    write_json(path / "provenance.json", {"task": task, "key": key, "extents": [list(each) for each in extents], "started": started})
    return path


@pytest.mark.parametrize(
    ("extents", "limit", "num_samples", "covered"),
    [
        ([(10, 2)], 10, 2, True),
        ([(10, 2)], 5, 1, True),
        ([(10, 2)], 11, 1, False),
        ([(10, 2)], 5, 3, False),
        ([(10, 2)], None, 1, False),
        ([(None, 1)], None, 1, True),
        ([(None, 1)], 7, 1, True),
        ([(None, 1), (10, 4)], 10, 4, True),
        ([(None, 1), (10, 4)], 11, 2, False),
    ],
)
def test_scores_cover_what_one_of_their_extents_covers(tmp_path, extents, limit, num_samples, covered):
    folder = write(tmp_path, extents=extents)
    planned = scores.find(tmp_path, PlannedScores("sums", "a", limit, num_samples))
    assert (planned.path if planned else None) == (folder if covered else None)


def test_another_key_or_a_task_whose_name_begins_alike_is_not_taken(tmp_path):
    write(tmp_path, key="b")
    write(tmp_path, task="sums-hard", name="2")
    assert scores.find(tmp_path, PlannedScores("sums", "a", 1, 1)) is None


def test_what_is_added_later_never_takes_the_place_of_what_is_there(tmp_path):
    first = write(tmp_path, started="2026-01-01", name="z")
    write(tmp_path, started="2026-01-02", name="a", extents=[(None, 9)])
    assert scores.find(tmp_path, PlannedScores("sums", "a", 1, 1)).path == first


def test_answers_of_two_engines_have_a_folder_each(tmp_path):
    planned = PlannedScores("sums", "a", 1, 1)
    here, there = (scores.folder_of(tmp_path, planned, {"name": "hf", "device": device}) for device in ("cpu", "cuda"))
    assert here != there
    assert here == scores.folder_of(tmp_path, PlannedScores("sums", "a", None, 7), {"name": "hf", "device": "cpu"})
