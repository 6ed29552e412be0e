"""Tables passed through the reader into files: the memory does not grow with them, and nothing is half-written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kit.errors import KitError, ProblemsError
from kit.registers import load_schema, read_into, read_register

HEAD = "风险源编号,评估人代号,评定等级,评定日期,备注\n"


def _write(path: Path, rows: int, bad: int = 0) -> Path:
    """Write blind assessments; every `bad`-th row has a date that is none."""
    with path.open("w", encoding="utf-8") as handle:
        handle.write(HEAD)
        for at in range(rows):
            day = "去年" if bad and at % bad == 0 else "2019-10-01"
            handle.write(f"R{at:08d},A{at % 7},较大,{day},{'示例' * 20}\n")
    return path


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_batches_give_what_one_reading_gives(tmp_path: Path, suffix: str) -> None:
    path = _write(tmp_path / "a.csv", 250, bad=50)
    whole = read_register(path, "assessors")
    out = tmp_path / f"out.{suffix}"
    summary = read_into(path, "assessors", out, rows=17)
    assert (summary.n_read, summary.n_accepted, summary.n_rejected) == (250, 245, 5)
    assert summary.rejects == tmp_path / "out.rejects.csv"
    assert [row["row"] for row in summary.first] == [2, 52, 102, 152, 202]
    again = read_register(out, "assessors")
    pd.testing.assert_frame_equal(again.frame, whole.frame)
    rejects = pd.read_csv(summary.rejects, dtype=str)
    assert rejects["row"].tolist() == ["2", "52", "102", "152", "202"]
    assert rejects["风险源编号"].iloc[1] == "R00000050"
    assert rejects["reason"].str.contains("不是日期").all()


def test_rejects_of_an_earlier_reading_are_removed(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert read_into(_write(tmp_path / "a.csv", 3, bad=2), "assessors", out).rejects is not None
    summary = read_into(_write(tmp_path / "a.csv", 3), "assessors", out)
    assert summary.rejects is None
    assert not (tmp_path / "out.rejects.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "out.parquet"]


def test_batches_without_a_value_have_the_declared_types(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("风险源编号,评估人代号,评定等级,评定日期\nR1,A,,\nR2,A,,\nR3,A,低,2019-10-01\n", encoding="utf-8")
    out = tmp_path / "o.parquet"
    read_into(path, "assessors", out, rows=1)
    frame = pd.read_parquet(out)
    assert frame["assessed_at"].iloc[2] == pd.Timestamp("2019-10-01")
    assert frame["level"].isna().tolist() == [True, True, False]


def test_damage_far_down_leaves_nothing_and_keeps_what_was(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", 100)
    out = tmp_path / "o.parquet"
    read_into(path, "assessors", out)
    before = out.read_bytes()
    with path.open("a", encoding="utf-8") as handle:
        handle.write('R9,"x"y,低,2019-10-01,\n')
    with pytest.raises(KitError, match="line 102: damaged CSV"):
        read_into(path, "assessors", out, rows=10)
    assert out.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.csv", "o.parquet"]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"cannot write the format '\.xls'"):
        read_into(_write(tmp_path / "a.csv", 1), "assessors", tmp_path / "o.xls")


def test_each_key_of_several_is_needed(tmp_path: Path) -> None:
    assert load_schema("assessors").keys == ("source_id", "assessor")
    path = tmp_path / "a.csv"
    path.write_text("风险源编号,评估人代号,评定等级\nR1,A,低\nR1,,低\n,A,低\n", encoding="utf-8")
    read = read_register(path, "assessors")
    assert (len(read.frame), read.rejects["row"].tolist()) == (1, [3, 4])
    path.write_text("风险源编号,评定等级\nR1,低\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match="required column 'assessor'"):
        read_register(path, "assessors")


PROBE = """
import resource, sys
from pathlib import Path
from kit.registers import read_into
read_into(sys.argv[1], "assessors", sys.argv[3])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
summary = read_into(sys.argv[2], "assessors", sys.argv[3])
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(summary.n_accepted, (after - before) // 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A file forty times a batch needs hardly more memory than one of a single batch (ru_maxrss is in KiB)."""
    small, large = _write(tmp_path / "small.csv", 20_000), _write(tmp_path / "large.csv", 800_000)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(small), str(large), str(tmp_path / "o.parquet")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    rows, grown = map(int, done.stdout.split())
    assert rows == 800_000
    assert large.stat().st_size > 120_000_000
    assert grown < 60, f"{grown} MiB more for a file of {large.stat().st_size / 1e6:.0f} MB"
