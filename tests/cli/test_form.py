"""`kit standard form` and `kit data import`: from a standard to a form, from the form to tables, to the same levels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import kit as kit_package
from kit.inventory.assessment import score_sources
from kit.registers import read_form
from kit.registers.form.cells import FIRST_ROW, ID_ROW
from tests.cli.running import kit
from tests.registers.form.form_standards import write_standard
from tests.shipped import NAMES

PILOT = Path(__file__).resolve().parents[2] / "data_samples" / "pilot" / "2019Q4"
SECTORS = ["taxi", "catering", "hazardous_chemicals"]
CITY = "110105"  # the district with the most units


def spoil(path: Path, sheet: str, column: str, value: Any, row: int = 0) -> None:
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    at = next(cell.column for cell in page[ID_ROW] if cell.value == column)
    page.cell(FIRST_ROW + row, at).value = value
    book.save(path)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_empty_form_is_made_and_read_back(name: str, tmp_path: Path) -> None:
    form, out = tmp_path / "form.xlsx", tmp_path / "out"
    made = kit("standard", "form", name, "-o", str(form))
    assert (made.code, made.err) == (0, "") and str(form) in made.out
    read = kit("data", "import", str(form), "-o", str(out), "--json")
    assert (read.code, read.err) == (0, "")
    summary = json.loads(read.out)
    assert summary["standard"].startswith(f"{name}@") and summary["provenance"] == "illustrative"
    assert all(sheet == {"read": 0, "accepted": 0, "rejected": 0} for sheet in summary["sheets"].values())
    assert all(Path(path).is_file() for path in summary["files"])


@pytest.mark.parametrize("name", SECTORS)
def test_levels_through_the_form_are_those_of_the_data(name: str, tmp_path: Path) -> None:
    form, out = tmp_path / "form.xlsx", tmp_path / "out"
    assert kit("standard", "form", name, "-o", str(form), "--data", str(PILOT), "--district", CITY).code == 0
    done = kit("data", "import", str(form), "-o", str(out))
    assert done.code == 0 and "示例数据" in done.out and "示意性标准" in done.out
    assert (out / "MADE_DATA.txt").is_file()
    tables = {
        path.relative_to(PILOT).with_suffix("").as_posix(): pd.read_parquet(path) for path in PILOT.rglob("*.parquet")
    }
    units = tables["units"].drop_duplicates("unit_id")
    inside = set(units.loc[units["district"] == CITY, "unit_id"])
    sources = tables["risk_sources"]
    tables["risk_sources"] = sources[(sources["sector"] == name) & sources["unit_id"].isin(inside)]
    standards = {name: kit_package.load_standard(name)}
    direct, _ = score_sources(tables, standards, units)
    read = {path.relative_to(out).with_suffix("").as_posix(): pd.read_parquet(path) for path in out.rglob("*.parquet")}
    through, _ = score_sources({**read, "units": units}, standards, units)
    assert len(direct) > 50
    columns = ["source_id", "computed_level", "computed_reason_zh"]
    pd.testing.assert_frame_equal(through[columns], direct[columns], check_exact=True)
    kept = ["source_id", "unit_id", "checklist_item", "name", "accident_class", "self_level", "owner", "updated_at"]
    before = tables["risk_sources"].drop_duplicates("source_id").sort_values("source_id", ignore_index=True)
    # A source without a name gets that of its checklist item when the form is read.
    given = {item.id: item.name_zh for item in standards[name].checklist}
    before["name"] = before["name"].fillna(before["checklist_item"].map(given))
    after = read["risk_sources"].sort_values("source_id", ignore_index=True)
    pd.testing.assert_frame_equal(after[kept], before[kept])
    levels = tmp_path / "levels.parquet"
    assert kit("score", name, str(out / "score_input" / f"{name}.parquet"), "-o", str(levels)).code == 0
    scored = pd.read_parquet(levels).set_index("source_id")["level"]
    expected = direct.set_index("source_id")["computed_level"]
    pd.testing.assert_series_equal(scored.sort_index(), expected.sort_index(), check_names=False)
    # Every node's score too, not the level alone.
    survey = tables[f"survey_unit/{name}"].drop_duplicates("unit_id")
    asked = before[["source_id", "unit_id", "checklist_item"]].merge(survey, on="unit_id", how="left")
    nodes = list(standards[name].nodes)
    wanted = standards[name].score(asked).set_index("source_id")[nodes].sort_index()
    assert wanted.notna().any().all()
    pd.testing.assert_frame_equal(pd.read_parquet(levels).set_index("source_id")[nodes].sort_index(), wanted)


def test_the_form_of_an_import_is_the_form_again(tmp_path: Path) -> None:
    one, two, three, out = tmp_path / "1.xlsx", tmp_path / "2.xlsx", tmp_path / "3.xlsx", tmp_path / "out"
    assert kit("standard", "form", "taxi", "-o", str(one), "--data", str(PILOT), "--district", "东城区").code == 0
    assert kit("data", "import", str(one), "-o", str(out)).code == 0
    assert kit("standard", "form", "taxi", "-o", str(two), "--data", str(out)).code == 0
    assert kit("standard", "form", "taxi", "-o", str(three), "--data", str(one)).code == 0
    books = [
        {page.title: list(page.iter_rows(values_only=True)) for page in openpyxl.load_workbook(path)}
        for path in (one, two, three)
    ]
    assert books[0] == books[1] == books[2]


def test_capability_goes_by_the_name_the_main_job_reads(tmp_path: Path) -> None:
    form, out, levels = tmp_path / "form.xlsx", tmp_path / "out", tmp_path / "levels.parquet"
    done = kit("standard", "form", "emergency_capability", "-o", str(form), "--data", str(PILOT), "--district", CITY)
    assert done.code == 0
    assert kit("data", "import", str(form), "-o", str(out)).code == 0
    answers = pd.read_parquet(PILOT / "capability.parquet")
    back = pd.read_parquet(out / "capability.parquet")
    expected = answers[answers["unit_id"].isin(back["unit_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(back[list(expected)], expected)
    assert kit("score", "emergency_capability", str(out / "capability.parquet"), "-o", str(levels)).code == 0
    direct = kit_package.load_standard("emergency_capability").score(expected)
    assert pd.read_parquet(levels)["level"].astype(object).equals(direct["level"].astype(object))


def test_child_rows_through_the_form(tmp_path: Path) -> None:
    plants, substances = tmp_path / "plants.csv", tmp_path / "substances.csv"
    plants.write_text("installation_id,residents_500m\np1,60\np2,0\n", encoding="utf-8")
    substances.write_text("installation_id,cas,q\np1,7446-09-5,200\np2,7664-41-7,1\n", encoding="utf-8")
    form, out, levels = tmp_path / "form.xlsx", tmp_path / "out", tmp_path / "levels.csv"
    done = kit(
        "standard", "form", "gb18218", "-o", str(form), "--data", str(plants), "--data", f"substances={substances}"
    )
    assert done.code == 0 and "评估单元 2 行" in done.out
    read = kit("data", "import", str(form), "-o", str(out), "--format", "csv")
    assert read.code == 0
    command = next(line for line in read.out.splitlines() if "kit score" in line).split("kit score", 1)[1].split()
    assert kit("score", *command[:-1], str(levels)).code == 0, "the next step it names works"
    assert pd.read_csv(levels)["level"].tolist() == ["grade_3", "not_major_hazard"]
    spoil(form, "单元内的危险化学品", "q", "很多")
    assert kit("data", "import", str(form), "-o", str(out), "--format", "csv").code == 1
    assert kit("score", *command[:-1], str(levels)).code == 0
    scored = pd.read_csv(levels)
    assert pd.isna(scored.loc[0, "level"]) and scored.loc[0, "reason"] == "child_none:substances", "unknown, never low"


def test_rejected_rows_are_listed_and_the_code_is_1(tmp_path: Path) -> None:
    form, out = tmp_path / "form.xlsx", tmp_path / "out"
    kit("standard", "form", "taxi", "-o", str(form), "--data", str(PILOT), "--district", CITY)
    spoil(form, "单位", "vehicle_age", "三年左右")
    spoil(form, "风险源", "checklist_item", "不在清单上的")
    done = kit("data", "import", str(form), "-o", str(out))
    assert done.code == 1 and "退回 2 行" in done.out and "不在可选项内" in done.out and "第5行" in done.out
    rejects = pd.read_csv(out / "rejects.csv")
    assert rejects["sheet"].tolist() == ["单位", "风险源"] and rejects["value"].tolist() == ["三年左右", "不在清单上的"]
    summary = json.loads((out / "import.json").read_text(encoding="utf-8"))
    assert summary["sheets"]["单位"]["rejected"] == 1 and summary["made"] is True
    for count in summary["sheets"].values():
        assert count["read"] == count["accepted"] + count["rejected"]


def test_what_is_told_of_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_LANG", "en")
    form = tmp_path / "form.xlsx"
    assert kit("standard", "form", "taxi", "-o", str(form)).code == 0
    cases = {
        ("standard", "form", "taxy", "-o", str(form)): "did you mean taxi?",
        ("standard", "form", "taxi", "-o", str(tmp_path / "form.csv")): "name it form.xlsx",
        ("standard", "form", "taxi", "-o", str(form), "--data", str(tmp_path)): "has nothing of taxi",
        ("standard", "form", "taxi", "-o", str(form), "--data", "sourcs=x.csv"): "did you mean sources?",
        (
            "standard",
            "form",
            "taxi",
            "-o",
            str(form),
            "--data",
            str(PILOT),
            "--district",
            "东成区",
        ): "did you mean 东城区?",
        ("standard", "form", "taxi", "-o", str(form), "--district", "东城区"): "only from a folder",
        ("data", "import", str(tmp_path / "from.xlsx"), "-o", str(tmp_path / "o")): "did you mean form.xlsx?",
        ("data", "import", str(form), "-o", str(tmp_path / "o"), "--standard", "catering"): "a form of 'taxi'",
        ("data", "import", str(form), "-o", str(tmp_path / "o"), "--format", "xlsx"): "allowed: csv, parquet",
    }
    for arguments, words in cases.items():
        done = kit(*arguments)
        assert done.code == 2 and words in done.err and "Traceback" not in done.err, done.err
    plain = tmp_path / "plain.xlsx"
    pd.DataFrame({"a": [1]}).to_excel(plain)
    done = kit("data", "import", str(plain), "-o", str(tmp_path / "o"))
    assert done.code == 2 and "no mark of a survey form" in done.err
    assert not (tmp_path / "o").exists()


def test_a_form_of_a_standard_that_is_not_shipped_names_its_file(tmp_path: Path) -> None:
    standard = write_standard(tmp_path / "s")
    form = tmp_path / "form.xlsx"
    assert kit("standard", "form", str(standard.path), "-o", str(form)).code == 0
    done = kit("data", "import", str(form), "-o", str(tmp_path / "o"))
    assert done.code == 2 and "--standard 文件夹/standard.yaml" in done.err
    assert kit("data", "import", str(form), "-o", str(tmp_path / "o"), "--standard", str(standard.path)).code == 0


def test_a_form_with_rejected_rows_is_not_copied_into_a_new_one(tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    kit("standard", "form", "taxi", "-o", str(form), "--data", str(PILOT), "--district", CITY)
    spoil(form, "单位", "vehicle_age", "三年左右")
    done = kit("standard", "form", "taxi", "-o", str(tmp_path / "new.xlsx"), "--data", str(form))
    assert done.code == 2 and "这样会丢失" in done.err and not (tmp_path / "new.xlsx").exists()


def test_read_form_gives_scorable_rows(tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    kit("standard", "form", "taxi", "-o", str(form), "--data", str(PILOT), "--district", CITY)
    taxi = kit_package.load_standard("taxi")
    scored = taxi.score(read_form(form, taxi).rows())
    assert scored["level"].notna().mean() > 0.9
