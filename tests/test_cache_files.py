"""Tests for files of a cache that several runs share."""

from pathlib import Path

from generator.cache_files import read_cache_file, write_cache_file


def test_a_failed_write_keeps_the_old_file_and_leaves_no_part(tmp_path, monkeypatch):
    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    file = tmp_path / "module"
    write_cache_file(file, b"old")
    monkeypatch.setattr(Path, "replace", fail)
    write_cache_file(file, b"new")
    assert read_cache_file(file) == b"old"
    assert list(tmp_path.iterdir()) == [file]
