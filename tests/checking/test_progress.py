"""How far the standards are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kit.checking.progress import by_department, counts, progress, stage_words
from kit.standard import find_standard, start_standard


def folder_with(tmp_path: Path, *names: str) -> Path:
    import shutil

    for name in names:
        source = find_standard(name).parent
        shutil.copytree(source, tmp_path / source.parent.name / name)
    return tmp_path


def test_every_sector_of_the_plan_stands_in_its_place(tmp_path: Path) -> None:
    found = progress(folder_with(tmp_path, "taxi", "ls_b"), on=dt.date(2019, 9, 30))
    assert len(found) == 42 and [one.id for one in found][-1] == "ls_b"
    by_id = {one.id: one for one in found}
    taxi, absent, method = by_id["taxi"], by_id["lodging"], by_id["ls_b"]
    assert (taxi.stage, taxi.version, taxi.cases, taxi.items) == ("trial", "0.1.0", 17, 6)
    assert (absent.stage, absent.version, absent.due, absent.late) == ("absent", None, dt.date(2019, 9, 30), False)
    assert (method.annex, method.due, method.sector, method.late) == (None, None, False, False)
    assert counts(found, 1) == (0, 25) and counts(found, 2) == (1, 16)
    groups = [(annex, department) for annex, department, _ in by_department(found)]
    assert groups[0] == (1, "housing") and groups[-1][0] is None and len(groups) == len(set(groups))


def test_late_is_told_from_the_day_after(tmp_path: Path) -> None:
    late = {one.id for one in progress(folder_with(tmp_path, "catering"), on=dt.date(2019, 8, 1)) if one.late}
    assert "retail" in late and "catering" not in late and "taxi" not in late


def test_stages_from_begun_to_draft(tmp_path: Path) -> None:
    place = start_standard("lodging", "catering", folder=tmp_path)

    def stage() -> str:
        return stage_words(next(one for one in progress(tmp_path) if one.id == "lodging"))

    assert stage().startswith("待填") and stage().endswith("处")
    for file in place.iterdir():
        file.write_text(file.read_text(encoding="utf-8").replace("【待填】", ""), encoding="utf-8")
    assert stage() == "还缺6个示例"
    cases = (find_standard("catering").parent / "cases.yaml").read_text(encoding="utf-8")
    (place / "cases.yaml").write_text(cases.replace("catering_s", "lodging_s"), encoding="utf-8")
    assert stage() == "草案"
    text = (place / "standard.yaml").read_text(encoding="utf-8")
    (place / "standard.yaml").write_text(text.replace("weight: 0.6", "weight: -0.6", 1), encoding="utf-8")
    assert stage().startswith(("有错", "读不出"))
    (place / "standard.yaml").write_text(text.replace("fields:", "feilds:", 1), encoding="utf-8")
    assert stage().startswith("读不出")


def test_run_counts_cases_and_proofs(tmp_path: Path) -> None:
    one = next(one for one in progress(folder_with(tmp_path, "mes"), run=True) if one.id == "mes")
    assert (one.cases_passed, one.cases) == (21, 21)
    assert one.proofs == one.proofs_held == 7
