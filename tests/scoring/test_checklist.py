"""Rows that are about an item of the suggestion list: indicators that use none of its fields do not apply."""

from __future__ import annotations

from pathlib import Path

from kit.scoring import reason_text
from tests.scoring.tiny import Engine, tiny

BODY = "derived:\n  ratio: {formula: y / n}\nscores:\n  s: {max: {one: {formula: x}, two: {formula: ratio}}}"
CHECKLIST = (
    "i1,一,08,物,处,果,x,措施,,,\ni2,二,08,物,处,果,ratio;b,措施,,,\n"
    "i3,三,08,物,处,果,,措施,,,\ni4,四,08,物,处,果,b,措施,,,\n"
)


def test_items(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY, checklist=CHECKLIST)
    row = {"x": 2, "y": 8, "n": 2}
    items = ["i1", "i2", "i3", None, "", "i4", "other"]
    got = engine.score(standard, [row | {"checklist_item": item} for item in items])
    assert [(entry["s.one"], entry["s.two"]) for entry in got[:5]] == [(2, None), (None, 4), (2, 4), (2, 4), (2, 4)]
    assert [entry["level"] for entry in got] == ["general", "major", "major", "major", "major", None, None]
    assert got[5]["reason"] == "no_indicator:s"
    assert "unknown_item:checklist_item" in got[6]["reason"].split(";")
    assert "风险源条目不在标准清单内" in reason_text(standard, got[6]["reason"])


def test_what_an_item_does_not_need_may_be_missing_or_wrong(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY, checklist=CHECKLIST)
    rows = [{"x": 2, "y": 8, "n": 99, "checklist_item": "i1"}, {"x": None, "y": 8, "n": 2, "checklist_item": "i1"}]
    got = engine.score(standard, rows)
    assert (got[0]["level"], got[0]["reason"]) == ("general", None)
    assert (got[1]["level"], got[1]["reason"]) == (None, "missing:x")


def test_without_the_column_everything_applies(tmp_path: Path, engine: Engine) -> None:
    assert engine.column(tiny(tmp_path, BODY, checklist=CHECKLIST), [{"x": 2, "y": 8, "n": 2}]) == [4]
