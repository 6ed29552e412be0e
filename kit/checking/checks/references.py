"""References without an edition, not yet checked against their text, or later than the standard itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from kit.checking.findings import Finding
from kit.checking.registry import Context

_EDITION = re.compile(r"(?:[-—–:〔\[（(]|^|第|令|规)\s*((?:19|20)\d{2})(?!\d)|((?:19|20)\d{2})年")

_IN_FORCE = re.compile(r"((?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]))起施行")
# 2019年-2021年 is a time covered, and the text is of its beginning.
_PERIOD = re.compile(r"((?:19|20)\d{2})年?\s*[-—–～~至]\s*(?:19|20)\d{2}年")


def years(text: str) -> list[int]:
    """Return the years of edition in the number of a document.

    Examples
    --------
    >>> years("GB 50016-2014（2018年版）"), years("国务院令第493号"), years("三年方案（2019年-2021年）")
    ([2014, 2018], [], [2019])
    """
    return [int(one or other) for one, other in _EDITION.findall(_PERIOD.sub(r"\1年", text))]


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the references and with what overrides rest on."""
    document = context.document
    start = document.effective.start if document.effective else None
    for position, reference in enumerate(document.references):
        place = ("references", position)
        if not years(reference.id):
            yield context.find(
                "warning",
                f"引用的“{reference.id}”没有年份，不知道是哪一版",
                f"the reference {reference.id} has no year, so its edition is not known",
                (*place, "id"),
                remedy_zh="写明年份，例如“GB 18218-2018”“国务院令第708号（2019年）”",
            )
        if not reference.checked:
            yield context.find(
                "note",
                f"引用的“{reference.id}”还没有核对原文",
                f"the text of {reference.id} was not checked yet",
                (*place, "checked"),
                remedy_zh="核对后改为checked: true",
            )
        if start is None:
            continue
        in_force = max((dt.date.fromisoformat(day) for day in _IN_FORCE.findall(reference.note or "")), default=start)
        later = max(years(reference.id), default=0) > start.year or in_force > start
        if later and "晚于" not in (reference.note or ""):
            yield context.find(
                "warning",
                f"引用的“{reference.id}”晚于本标准的施行日期（{start}），没有注明",
                f"the reference {reference.id} is later than the standard ({start}) and does not say so",
                (*place, "id"),
                remedy_zh="改引施行时有效的版本，或在note中注明“晚于本标准施行日期”",
            )
    for position, override in enumerate(document.overrides):
        place = ("overrides", position)
        basis = override.basis or ""
        newest = max(years(basis), default=0)
        if start is not None and newest > start.year and not override.later:
            yield context.find(
                "error",
                f"直接判定“{override.reason.zh}”的依据是{newest}年的，晚于施行日期（{start}），却没有标later: true",
                f"the override {override.id} rests on a text of {newest}, after {start}, but is not marked later",
                (*place, "basis"),
                clause=override.clause,
                remedy_zh="标later: true，或改引施行时有效的依据",
            )
        if override.provenance in ("official", "found") and not basis.strip():
            yield context.find(
                "warning",
                f"直接判定“{override.reason.zh}”标为有出处，却没有写依据",
                f"the override {override.id} claims a source but names no basis",
                place,
                clause=override.clause,
                remedy_zh="写明basis，或把provenance改为illustrative",
            )
