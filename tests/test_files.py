"""Files are whole or not there; fingerprints tell contents apart."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from kit.files import fingerprint, whole_file, write_text


def test_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.csv"
    with whole_file(target) as temporary:
        assert temporary.parent == target.parent and temporary.suffix == ".csv" and temporary != target
        temporary.write_text("one", encoding="utf-8")
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "one"
    assert [path.name for path in target.parent.iterdir()] == ["a.csv"]
    assert target.stat().st_mode & stat.S_IRUSR and not target.stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(error), whole_file(target) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_error_before_there_was_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), whole_file(tmp_path / "a.txt"):
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


def test_write_text(tmp_path: Path) -> None:
    assert write_text(tmp_path / "a.txt", "标准\n") == tmp_path / "a.txt"
    assert (tmp_path / "a.txt").read_bytes() == "标准\n".encode(), "UTF-8 and plain line ends on every system"


def test_fingerprint(tmp_path: Path) -> None:
    one, two = write_text(tmp_path / "1", "ab"), write_text(tmp_path / "2", "c")
    three, four = write_text(tmp_path / "3", "a"), write_text(tmp_path / "4", "bc")
    assert fingerprint(one) == hashlib.sha256((2).to_bytes(8, "big") + b"ab").hexdigest()
    assert fingerprint(one, two) != fingerprint(two, one)
    assert fingerprint(one, two) != fingerprint(three, four), "where one file ends matters"
    assert fingerprint(one) == fingerprint(write_text(tmp_path / "5", "ab")), "the name does not matter"
