"""The standard's document as a kind of report: rendered from its notebook, in no batch of a quarter."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import ProblemsError
from kit.reports import check_parameters, load_kind, render
from kit.reports.batching import plan


@pytest.mark.parametrize("backend", ["stock", "fork"])
def test_the_notebook_gives_all_formats(backend: str, tmp_path: Path) -> None:
    path = render("standard_document", {"standard": "gb18218"}, tmp_path, backend=backend)
    assert path == tmp_path.resolve() / "standard_document" / "gb18218_0_1_0.html"
    heads = {file.suffix: file.read_bytes()[:5] for file in path.parent.iterdir()}
    assert heads == {".html": b"<!DOC", ".pdf": b"%PDF-", ".docx": b"PK\x03\x04\x14"}


def test_an_unknown_standard_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="did you mean taxi"):
        check_parameters(load_kind("standard_document"), {"standard": "taxy"})
    assert check_parameters(load_kind("standard_document"), {"standard": "taxi"})["standard"].endswith("standard.yaml")


def test_a_batch_of_a_quarter_leaves_it_out(tmp_path: Path) -> None:
    jobs = plan("2019Q4", None, ["东城区"], tmp_path, tmp_path)
    assert {job.kind for job in jobs} == {"data_quality", "district_assessment", "district_capability"}
    with pytest.raises(ProblemsError, match="once for a standard"):
        plan("2019Q4", ["standard_document"], ["东城区"], tmp_path, tmp_path)
