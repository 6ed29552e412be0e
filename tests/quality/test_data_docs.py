"""Data Docs of a run: every page readable without a network."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest

from kit.errors import KitError
from kit.quality import checks_for, write_data_docs

AS_OF = dt.date(2019, 12, 31)


def test_pages_fetch_nothing_and_tell_the_rule_in_chinese(tmp_path) -> None:
    units = pd.DataFrame({"unit_id": ["U0001", "U0001"], "name": ["示例测试", "示例餐饮一号店"]})
    checks = checks_for(["units"], as_of=AS_OF)
    index = write_data_docs(tmp_path / "docs", {"units": units}, checks, as_of=AS_OF, made=True)
    pages = list((tmp_path / "docs").rglob("*.html"))
    assert index in pages
    assert len(pages) >= 3
    whole = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert not re.search(r"""<(?:script|img)\b[^>]*src=["']https?:|<link\b[^>]*href=["']https?:""", whole)
    assert "单位名称应与营业执照一致" in whole
    assert whole.count("示例数据") == len(pages)
    assert not list(tmp_path.glob(".data_docs_*"))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(KitError, match="not empty"):
        write_data_docs(tmp_path, {}, [], as_of=AS_OF)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
