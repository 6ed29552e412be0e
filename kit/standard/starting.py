"""A new standard begun from another: its structure as a model, everything that belongs to the trade marked to fill."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kit.errors import KitError, did_you_mean
from kit.files import whole_file
from kit.standard.beside import CHECKLIST, CHECKLIST_COLUMNS
from kit.standard.common_parts import common_labels
from kit.standard.editing import edit_yaml
from kit.standard.editing_places import Address
from kit.standard.finding import find_standard, standard_files, standards_folder
from kit.standard.history import CASES, STANDARD
from kit.standard.sectors import Sector, due_date, sectors
from kit.standard.yaml_io import read_yaml_text

MARK = "【待填】"


def start_standard(
    sector: str,
    like: str,
    *,
    department: str | None = None,
    title: str | None = None,
    folder: str | Path | None = None,
) -> Path:
    """Return the folder of a new standard in draft, whose texts are those of `like` marked with 【待填】.

    The new text loads, scores and can be drawn as a form at once, so that a drafter changes a working thing; the marks
    are errors of `kit standard check` until each is replaced. Numbers stay as in the model: each stands beside a
    marked note. Worked cases are not taken over, for they tell of another trade.

    Parameters
    ----------
    sector : id of the new standard; a sector of the plan, or any other name with `department` and `title`.
    like : standard to begin from (id, id@version or path).
    folder : folder of standards to write into; that of the checkout by default.

    Raises
    ------
    KitError
        When the standard is there already, or the sector is neither in the plan nor told with department and title.
    """
    root = Path(folder) if folder else standards_folder()
    there = standard_files(root)
    if sector in there:
        raise KitError(f"there is a standard '{sector}' already, in {there[sector].parent}; choose another name")
    known = {entry.id: entry for entry in sectors()}
    entry = known.get(sector)
    if entry is None and (department is None or title is None):
        hint = did_you_mean(sector, known, allowed="there are")
        raise KitError(f"no sector '{sector}' in the plan; {hint}. For another one give --department and --title")
    department = department or (entry.department if entry else "")
    if department not in (names := common_labels("departments")):
        raise KitError(f"no department '{department}'; {did_you_mean(department, names, allowed='there are')}")
    name = title or (entry.name_zh if entry else sector)
    source = find_standard(like)
    text = source.read_text(encoding="utf-8-sig")
    data, _ = read_yaml_text(text, str(source))
    place = root / department / sector
    place.mkdir(parents=True, exist_ok=True)
    with whole_file(place / STANDARD) as path:
        path.write_text(_standard(text, data, sector, name, department, entry), encoding="utf-8", newline="\n")
    items = source.parent / CHECKLIST
    if items.is_file():
        with whole_file(place / CHECKLIST) as path:
            path.write_text(_checklist(items, data["id"], sector), encoding="utf-8", newline="\n")
    for table in (data.get("tables") or {}).values():
        with whole_file(place / table["file"]) as path:
            path.write_bytes((source.parent / table["file"]).read_bytes())
    for file, words in ((CASES, _cases()), ("CHANGES.md", _changes(name, data["title"]["zh"]))):
        with whole_file(place / file) as path:
            path.write_text(words, encoding="utf-8", newline="\n")
    return place


def marked(data: Any, address: Address = ()) -> Iterator[tuple[Address, str]]:
    """Yield the address and text of everything in YAML data that still bears the mark."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from marked(value, (*address, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from marked(value, (*address, place))
    elif isinstance(data, str) and MARK in data:
        yield address, data


def _standard(text: str, data: dict[str, Any], sector: str, name: str, department: str, entry: Sector | None) -> str:
    annex = entry.annex if entry else 2
    start = due_date(annex) + dt.timedelta(days=1)
    heads: dict[Address, Any] = {
        ("id",): sector,
        ("version",): "0.1.0",
        ("status",): "draft",
        ("provenance",): "illustrative",
        ("title",): {"zh": f"{name}安全风险评估标准", "en": f"{MARK}{entry.name_en if entry else sector}"},
        ("department",): department,
        ("annex",): annex,
    }
    if "applies_to" in data:
        industries = list(entry.industries) if entry else [MARK]
        heads["applies_to",] = {"industries": industries, "kinds": [entry.object_kind if entry else MARK]}
    if "effective" in data:
        heads["effective",] = {"from": start, "to": None}
    words = {address: f"{MARK}{_at(data, address)}" for address in _trade(data)}
    old = data["id"]
    scenes: dict[Address, Any] = {
        ("scenarios", place, "items"): [_renamed(item, old, sector) for item in scenario["items"]]
        for place, scenario in enumerate(data.get("scenarios") or [])
    }
    # What the drafter of the model saw, the drafter of this one has not seen.
    unseen: dict[Address, Any] = {
        ("references", place, "checked"): False for place, _ in enumerate(data.get("references") or [])
    }
    body = edit_yaml(text, heads | words | scenes | unseen)
    first, _, rest = body.partition("\n")
    note = f"# {name}安全风险评估标准（草案）。以“{data['title']['zh']}”为样板建立，带{MARK}的逐处改写后去掉记号。"
    return f"{note}\n{rest if first.startswith('#') else body}"


def _trade(data: dict[str, Any]) -> Iterator[Address]:
    """Yield the addresses of the words that belong to the trade, not to the method."""
    for key in ("scope", "foreword", "terms"):
        yield from _texts((data.get("text") or {}).get(key), ("text", key))
    for number, clause in (data.get("clauses") or {}).items():
        yield from _texts(clause.get("text"), ("clauses", number, "text"))
    for place, _ in enumerate(data.get("references") or []):
        yield ("references", place, "title")
    for name, field in data["fields"].items():
        yield from _texts(field.get("how") or field["label"], ("fields", name, "how" if field.get("how") else "label"))
    yield from _notes(data["scores"], ("scores",))
    for place, override in enumerate(data.get("overrides") or []):
        for key in ("reason", "basis"):
            yield from _texts(override.get(key), ("overrides", place, key))
    for level, control in (data.get("controls") or {}).items():
        for kind in ("engineering", "technical", "management", "emergency"):
            yield from _texts(control.get(kind), ("controls", level, kind))
    for place, resource in enumerate(data.get("resources") or []):
        yield from _texts(resource.get("name"), ("resources", place, "name"))
    yield from _texts((data.get("impact") or {}).get("targets"), ("impact", "targets"))
    for place, scenario in enumerate(data.get("scenarios") or []):
        for key in ("title", "course", "first_actions"):
            yield from _texts(scenario.get(key), ("scenarios", place, key))


def _texts(value: Any, address: Address) -> Iterator[Address]:
    """Yield the Chinese texts below an address; English beside them is not asked for."""
    if isinstance(value, str):
        yield address
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _texts(one, (*address, place))
    elif isinstance(value, dict):
        for key, one in value.items():
            if key != "en":
                yield from _texts(one, (*address, key))


def _notes(nodes: dict[str, Any], address: Address) -> Iterator[Address]:
    """Yield the notes of the indicators, or their labels where they have none: beside each stand its numbers."""
    for name, node in nodes.items():
        place = (*address, name)
        branches = [
            (key, value) for key, value in node.items() if isinstance(value, dict) and key not in ("note", "label")
        ]
        inner = [
            (key, value) for key, value in branches if value and all(isinstance(one, dict) for one in value.values())
        ]
        if inner and not ({"bands", "map", "table", "deduct"} & set(node)):
            for key, value in inner:
                yield from _notes(value, (*place, key))
        elif "note" in node:
            yield (*place, "note", "zh")
        elif "label" in node:
            yield (*place, "label", "zh")


def _at(data: Any, address: Address) -> Any:
    for step in address:
        data = data[step]
    return data


def _renamed(item: str, old: str, new: str) -> str:
    return new + item.removeprefix(old) if item.startswith(old) else item


def _checklist(file: Path, old: str, new: str) -> str:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CHECKLIST_COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        marks = {key: MARK + row[key] for key in ("name_zh", "where_zh", "consequence_zh")}
        writer.writerow(row | marks | {"id": _renamed(row["id"], old, new)})
    return out.getvalue()


def _cases() -> str:
    return (
        "# 工作示例：标准必须逐例算出的结果。每个等级、每条直接判定至少一例；why 写手工算式，不要抄程序的结果。\n"
        "# 写法见样板标准的 cases.yaml；kit standard test 会说哪一例不符，\n"
        "# --coverage --suggest 会给出还没有示例的情形。\n"
        f"# {MARK}至少六例，写好后删去本行。\n[]\n"
    )


def _changes(name: str, model: str) -> str:
    return (
        f"# {name}安全风险评估标准 变更记录\n\n## 0.1.0（草案）\n\n"
        f"{MARK}以“{model}”为样板建立。写明采集项、指标、直接判定、清单项的数目和各数值的来源。\n"
    )
