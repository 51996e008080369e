"""What files hold, hashed once."""

import os
import shutil

import pytest

from ablate.record import content


@pytest.fixture
def large(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "SMALL", 10)
    path = tmp_path / "weights"
    path.write_bytes(b"x" * 100)
    return path


def test_a_copy_has_the_same_hash_and_other_contents_of_the_same_length_another(large, tmp_path):
    before = content.content_hash(large, tmp_path / "memory")
    copied = shutil.copy(large, tmp_path / "copied")
    assert content.content_hash(copied, tmp_path / "memory") == before
    large.write_bytes(b"y" * 100)
    assert content.content_hash(large, tmp_path / "memory") != before


def test_a_large_file_is_read_once(large, tmp_path, monkeypatch):
    before = content.content_hash(large, tmp_path / "memory")
    monkeypatch.setattr(content.hashlib, "file_digest", None)
    assert content.content_hash(large, tmp_path / "memory") == before


def test_a_small_file_is_read_again_and_nothing_is_remembered(tmp_path):
    small = tmp_path / "small"
    small.write_bytes(b"abc")
    status = small.stat()
    before = content.content_hash(small, tmp_path / "memory")
    small.write_bytes(b"abd")
    os.utime(small, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert content.content_hash(small, tmp_path / "memory") != before
    assert not (tmp_path / "memory").exists()


def test_names_count_and_so_does_what_stands_under_which(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    hashes = {content.contents_hash(files, tmp_path) for files in ([("a", one), ("b", other)], [("b", one), ("a", other)], [("a", one)])}
    assert len(hashes) == 3
