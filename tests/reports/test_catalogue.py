"""Parameters are checked before anything starts, all mistakes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import KitError, ProblemsError
from kit.reports import catalogue, check_parameters, kinds, load_kind, render
from kit.reports.batching import batch
from kit.reports.catalogue import file_stem
from kit.reports.document import TEXTS
from kit.reports.engine import notebook_parameters


def test_every_kind_has_its_notebook_its_text_and_the_same_parameters() -> None:
    assert {"district_assessment", "district_capability", "data_quality", "standard_document", "training_slides"} <= set(
        kinds()
    )
    for kind in kinds().values():
        assert set(notebook_parameters(kind.path)) == set(kind.parameters)
        if kind.one_per != "standard":  # the words of a standard's document stand beside the standards
            assert (TEXTS / f"{kind.id}.yaml").is_file()


def test_notebooks_are_thin_clean_and_keep_their_kernel() -> None:
    import json

    for kind in kinds().values():
        told = json.loads(kind.path.read_text(encoding="utf-8"))
        assert told["metadata"]["kernelspec"]["name"] == "python3"
        assert len(told["cells"]) <= 15
        code = [cell for cell in told["cells"] if cell["cell_type"] == "code"]
        assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)


def test_area_comes_as_code_or_name_and_folder_absolute(tmp_path: Path) -> None:
    kind = load_kind("district_assessment")
    values = check_parameters(
        kind, {"period": "2019Q4", "area": "经济技术开发区"[:0] + "密云", "data_dir": str(tmp_path)}
    )
    assert values == {"period": "2019Q4", "area": "110118", "data_dir": str(tmp_path.resolve())}
    assert file_stem(kind, values) == "110118_密云区"


def test_all_mistakes_are_told_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    kind = load_kind("district_assessment")
    given = {"period": "2019-4", "area": "朝阳县", "data_dir": str(tmp_path / "no"), "aera": 1}
    with pytest.raises(ProblemsError) as caught:
        check_parameters(kind, given)
    text = str(caught.value)
    assert "4 parameter problem(s)" in text
    assert "district_assessment.aera: unknown parameter" in text and "did you mean area?" in text
    assert "write year and quarter as 2019Q4" in text
    assert "朝阳县" in text and "Did you mean 朝阳区?" in text
    assert "does not exist" in text


def test_a_missing_parameter_is_named_with_its_type() -> None:
    with pytest.raises(ProblemsError, match=r"period: parameter is missing \(报告期, period\)"):
        check_parameters(load_kind("district_assessment"), {"area": "110105", "data_dir": "."})


def test_an_unknown_kind_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="did you mean district_assessment"):
        render("district_assesment", {}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_is_not_started_when_any_part_of_it_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        batch("2019Q4", kinds=["district_capabilty"], areas=["朝阳", "上海"], out=tmp_path, data_dir=tmp_path)
    assert "did you mean district_capability" in str(caught.value) and "上海" in str(caught.value)
    with pytest.raises(ProblemsError, match="does not exist"):
        batch("2019Q4", out=tmp_path)
    with pytest.raises(KitError, match="jobs must be 1 or more"):
        batch("2019Q4", out=tmp_path, data_dir=tmp_path, jobs=0)
    with pytest.raises(KitError, match="did you mean stock"):
        batch("2019Q4", out=tmp_path, data_dir=tmp_path, backend="stok")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("audience:", "unknown key 'audiense'"),
        ("one_per: area", "'aera' is not allowed; allowed: area, city, standard; did you mean area?"),
        ("id: district_assessment", "must be the file's name"),
    ],
)
def test_a_mistake_in_a_kind_names_file_and_line(tmp_path: Path, change: str, words: str) -> None:
    good = (catalogue.KINDS / "district_assessment.yaml").read_text(encoding="utf-8")
    new = {"audience:": "audiense:", "one_per: area": "one_per: aera"}.get(change, "id: district")
    path = tmp_path / "district_assessment.yaml"
    path.write_text(good.replace(change, new, 1), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        catalogue._read(path)
    assert words in str(caught.value) and "district_assessment.yaml:" in str(caught.value)
