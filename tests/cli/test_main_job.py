"""The main job from registers to reports and portal, as the command line does it, on a tiny sample."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kit.cli.main_job import rate
from kit.errors import KitError
from kit.periods import previous_quarter, quarter_end
from kit.registers import make_sample
from kit.standard import load_all


def kit(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kit.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("job")
    standards = load_all()
    make_sample(
        folder / "sample", standards=standards, rate=lambda name, frame: rate(standards[name], frame), size="tiny"
    )
    done = kit("assess", "--data", folder / "sample", "--period", "2019Q4", "--out", folder / "reports")
    assert done.returncode == 0, done.stdout + done.stderr
    return {"sample": folder / "sample", "reports": folder / "reports", "quarter": folder / "reports" / "2019Q4"}


def test_every_row_of_the_register_is_counted_or_rejected(job: dict[str, Path]) -> None:
    data = job["quarter"] / "data"
    read = pd.read_parquet(job["sample"] / "2019Q4" / "risk_sources.parquet")
    sources, rejected = pd.read_parquet(data / "sources.parquet"), pd.read_parquet(data / "rejected.parquet")
    assert len(sources) + len(rejected) == len(read)
    assert sources["level"].notna().all()
    classes = {"major", "considerable", "general", "low", "insufficient", "pending"}
    assert set(sources["level"]) <= classes
    scored = sources["level"].isin(["major", "considerable", "general", "low"])
    assert sources.loc[scored, "computed_level"].notna().all(), "what cannot be scored is never counted as a level"


def test_reports_and_portal_agree_with_the_data(job: dict[str, Path]) -> None:
    areas = ["东城区", "110105"]
    done = kit("report", "batch", "--out", job["reports"], "--areas", areas[0], "--areas", areas[1])
    assert done.returncode == 0, done.stdout + done.stderr
    made = kit("report", "portal", "--out", job["reports"])
    assert made.returncode == 0, made.stderr
    sources = pd.read_parquet(job["quarter"] / "data" / "sources.parquet")
    for code, name in (("110101", "东城区"), ("110105", "朝阳区")):
        own = sources[sources["district"] == code]
        page = (job["quarter"] / "district_assessment" / f"{code}_{name}.html").read_text(encoding="utf-8")
        confirmed = (own["level"] != "pending").sum()
        assert f"共登记风险源{len(own)}个，其中已审定{confirmed}个" in page
        assert "示例数据" in page and "示意" in page
    portal = (job["quarter"] / "index.html").read_text(encoding="utf-8")
    assert "110101_%E4%B8%9C" in portal or "110101_东城区.html" in portal
    totals = sources["level"].value_counts()
    for level in ("major", "considerable", "insufficient", "pending"):
        assert f"{totals[level]}" in portal


def test_batch_refuses_unknown_areas_before_anything_starts(job: dict[str, Path]) -> None:
    done = kit("report", "batch", "--out", job["reports"], "--areas", "东城", "--areas", "朝洋区", "--kinds", "nothing")
    assert done.returncode == 2
    assert "朝洋区" in done.stderr and "朝阳区" in done.stderr and "nothing" in done.stderr


def test_validate_lists_every_failing_row(job: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "failing.csv"
    done = kit("data", "validate", "--data", job["sample"], "--period", "2019Q4", "-o", out, "--json")
    assert done.returncode == 1, "errors were planted"
    summary = json.loads(done.stdout)
    assert summary["states"]["failed"] == len(summary["failed"])
    assert len(pd.read_csv(out)) == sum(check["n_failed"] for check in summary["failed"])


def test_a_quarter_that_is_not_there(job: dict[str, Path]) -> None:
    done = kit("assess", "--data", job["sample"], "--period", "2018Q4", "--out", job["reports"])
    assert done.returncode == 2
    assert "2019Q4" in done.stderr and "Traceback" not in done.stderr
    wrong = kit("assess", "--data", job["sample"], "--period", "2019-4", "--out", job["reports"])
    assert wrong.returncode == 2 and "2019Q4" in wrong.stderr


def test_quarters() -> None:
    assert quarter_end("2019Q1").isoformat() == "2019-03-31"
    assert quarter_end("2020Q4").isoformat() == "2020-12-31"
    assert previous_quarter("2020Q1") == "2019Q4"
    assert previous_quarter("2020Q3") == "2020Q2"
    with pytest.raises(KitError, match="2019Q4"):
        quarter_end("2019Q5")
