"""A new standard begun from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.checking import check_standard, run_cases
from kit.errors import KitError
from kit.scoring import score
from kit.standard import find_standard, load_standard, start_standard
from kit.standard.starting import MARK, marked
from kit.standard.yaml_io import read_yaml
from tests.shipped import NAMES


@pytest.mark.parametrize("like", [name for name in NAMES if name != "gb18218"])
def test_it_loads_at_once_and_says_what_is_to_be_written(tmp_path: Path, like: str) -> None:
    place = start_standard("lodging", like, folder=tmp_path)
    assert place == tmp_path / "culture_tourism" / "lodging"
    made, model = load_standard(place), load_standard(like)
    assert (made.id, made.document.status, made.document.annex) == ("lodging", "draft", 2)
    assert made.title == "住宿业安全风险评估标准" and made.document.department == "culture_tourism"
    # The rules are those of the model: only words are marked.
    assert list(made.nodes) == list(model.nodes)
    assert [rule.when for rule in made.document.overrides] == [rule.when for rule in model.document.overrides]
    findings = [one for one in check_standard(made) if one.severity == "error"]
    assert {one.check for one in findings} == {"to_fill"}
    assert len(findings) > 20 and all(one.line for one in findings)
    assert run_cases(made) == []


def test_every_word_of_the_trade_is_marked(tmp_path: Path) -> None:
    place = start_standard("lodging", "catering", folder=tmp_path)
    document = load_standard(place).document
    assert document.text.scope is not None and document.text.scope.zh.startswith(MARK)
    assert all(MARK in field.how.zh for field in document.fields.values() if field.how)
    assert all(MARK in rule.reason.zh and MARK in (rule.basis or "") for rule in document.overrides)
    assert all(MARK in one.title and not one.checked for one in document.references)
    assert all(MARK in measure for control in document.controls.values() for measure in control.management)
    assert all(MARK in one.name.zh for one in document.resources)
    assert document.impact is not None and all(MARK in target for target in document.impact.targets)
    assert all(MARK in one.course.zh and one.items[0].startswith("lodging_") for one in document.scenarios)
    items = load_standard(place).checklist
    assert [item.id for item in items] == [f"lodging_s{number:02d}" for number in range(1, 8)]
    assert all(item.name_zh.startswith(MARK) for item in items)
    assert document.applies_to is not None and "6121" in document.applies_to.industries


def test_comments_of_the_model_stay_and_its_trade_does_not(tmp_path: Path) -> None:
    text = (start_standard("lodging", "catering", folder=tmp_path) / "standard.yaml").read_text(encoding="utf-8")
    assert "# 直接判定：在矩阵之后按序执行" in text
    for address, words in marked(read_yaml(find_standard("catering"))[0]):
        raise AssertionError(f"the model itself bears a mark: {address} {words}")


def test_a_sector_outside_the_plan(tmp_path: Path) -> None:
    place = start_standard("drone", "taxi", department="transport", title="无人机配送", folder=tmp_path)
    made = load_standard(place)
    assert made.title == "无人机配送安全风险评估标准" and place.parent.name == "transport"
    assert len(score(made, _rows(made))) == 1


def _rows(standard: object) -> object:
    import pandas as pd

    taxi = load_standard("taxi")
    return pd.DataFrame([dict.fromkeys(taxi.fields)]).astype(
        {name: "float64" if spec.numeric else "boolean" if spec.type == "boolean" else "str"
         for name, spec in taxi.fields.items()}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sector", "like", "more", "says"),
    [
        ("lodgin", "catering", {}, ["no sector 'lodgin'", "did you mean lodging?", "--department"]),
        ("lodging", "caterin", {}, ["no standard 'caterin'", "did you mean catering?"]),
        ("x1", "catering", {"department": "transprt", "title": "某"}, ["no department", "did you mean transport?"]),
    ],
)
def test_mistakes(tmp_path: Path, sector: str, like: str, more: dict[str, str], says: list[str]) -> None:
    with pytest.raises(KitError) as caught:
        start_standard(sector, like, folder=tmp_path, **more)
    assert all(words in str(caught.value) for words in says)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    place = start_standard("lodging", "catering", folder=tmp_path)
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    with pytest.raises(KitError, match="already"):
        start_standard("lodging", "taxi", folder=tmp_path)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before
