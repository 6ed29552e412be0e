"""Standards for the tests of the survey form: a text with the fields asked for, otherwise as small as it may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kit.standard import Standard, load_standard
from kit.standard.beside import CHECKLIST_COLUMNS

TEMPLATE: dict[str, Any] = {
    "format": 1,
    "id": "kiosk",
    "version": "0.1.0",
    "status": "draft",
    "provenance": "illustrative",
    "title": {"zh": "售货亭安全风险评估标准"},
    "department": "commerce",
    "annex": None,
    "object": "risk_source",
    "fields": {
        "area": {"label": {"zh": "面积"}, "type": "number", "unit": "m²", "range": [0, 100], "required": True},
        "fuel": {
            "label": {"zh": "燃料"},
            "type": "category",
            "values": {"gas": "燃气（一）", "none": "无", "wood": "其他", "coal": "其他"},
            "per": "source",
        },
        "staff": {"label": {"zh": "人数"}, "type": "integer", "unit": "人", "range": [0, 50], "per": "source"},
        "checked": {"label": {"zh": "已检查"}, "type": "boolean", "per": "source"},
        "built": {"label": {"zh": "建成日期"}, "type": "date"},
        "memo": {"label": {"zh": "说明"}, "type": "text"},
    },
    "scores": {"s": {"label": {"zh": "得分"}, "bands": {"of": "area", "at": [10, 50], "scores": [1, 2, 3]}}},
    "level": {"cuts": {"of": "s", "at": [2, 3], "levels": ["low", "general", "major"]}},
}
CHECKLIST = (
    ",".join(CHECKLIST_COLUMNS) + "\n" + "kiosk_s01,炉灶,08,物,后间,起火,area;fuel,灭火器,,,\n"
    "kiosk_s02,高峰拥挤,X1,管理,门前,踩踏,area;staff,疏导;限流,,,\n"
)


def write_standard(folder: Path, *, checklist: bool = True, **changes: Any) -> Standard:
    """Return the standard of the template with some of its parts replaced, written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {**TEMPLATE, **changes}
    yaml = YAML()
    with (folder / "standard.yaml").open("w", encoding="utf-8") as target:
        yaml.dump({key: value for key, value in document.items() if value is not None or key == "annex"}, target)
    if checklist:
        kept = {"area;fuel", "area;staff"} if {"area", "fuel", "staff"} <= document["fields"].keys() else set()
        text = CHECKLIST
        for names in {"area;fuel", "area;staff"} - kept:
            text = text.replace(names, "")
        (folder / "checklist.csv").write_text(text, encoding="utf-8")
    return load_standard(folder / "standard.yaml")
