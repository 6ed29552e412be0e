"""The tables of the drafter's workbook: which parts of a standard's text stand in which sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kit.standard.document import Document
from kit.standard.editing import Address
from kit.standard.editing_places import value_at
from kit.standard.spreadsheet.checklist import CHECKLIST_HEADS, read_records
from kit.standard.spreadsheet.columns import TRUTH, Column, Row, Sheet
from kit.standard.standard import Standard
from kit.standard.tree import KINDS, Node
from kit.standard.yaml_io import read_yaml

FIELDS, DERIVED, NODES, BANDS, MAPS = "采集项", "派生量", "指标", "分档", "取值"
DEDUCTIONS, TABLES, OVERRIDES, CLAUSES, CONTROLS, CHECKLIST_SHEET = (
    "扣分", "决策表", "直接判定", "条款", "管控措施", "清单"
)  # fmt: skip
# The level's own cuts and table stand with those of the indicators, under this path.
LEVEL = "level"

TYPES = {"number": "数值", "integer": "整数", "boolean": "是否", "category": "类别", "text": "文本", "date": "日期"}
WORSE = {"higher": "越高越不利", "lower": "越低越不利", "none": "无方向"}
PER = {"unit": "单位", "source": "风险源"}
MISSING = {"error": "不定级", "worst": "按最不利", "best": "按最有利", "skip": "不计入"}
MODES = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "floor": "向下取整", "ceil": "向上取整"}
PROVENANCE = {"illustrative": "示例", "found": "查得", "memory": "凭记忆", "official": "正式"}
TARGETS = {"at_least": "不低于", "at_most": "不高于", "set": "定为"}
KIND_WORDS = {
    "bands": "分档", "map": "取值", "formula": "公式", "table": "决策表", "deduct": "扣分", "normalise": "归一化",
    "weighted_mean": "加权平均", "max": "取最高", "min": "取最低", "sum": "求和", "product": "乘积", "points": "得分",
    "geometric_mean": "几何平均", "harmonic_mean": "调和平均", "generalised_mean": "广义平均",
}  # fmt: skip
# Kinds of which a new indicator can be made in the workbook.
NEW_KINDS = ("bands", "map", "formula")
_NAME = Column("name", "指标名称", edit=False, new=False, width=22)


def node_places(document: Document) -> dict[str, tuple[Address, Node]]:
    """Return address in the file and node by dotted path, parents before children."""
    found: dict[str, tuple[Address, Node]] = {}

    def visit(path: str, address: Address, node: Node) -> None:
        found[path] = (address, node)
        for name, child in node.below().items():
            visit(f"{path}.{name}", (*address, *node.kind.child_address(name)), child)

    for name, node in document.scores.items():
        visit(name, ("scores", name), node)
    return found


def build_sheets(standard: Standard, data: Mapping[str, Any], checklist: str | None) -> list[Sheet]:
    """Return every table of the workbook for a standard.

    Parameters
    ----------
    data : what its text says, as read.
    checklist : text of the list of risk sources beside it, if there is one.
    """
    document = standard.document
    levels = {name: level.label.zh for name, level in standard.scale.levels.items()}
    places = node_places(document)
    sheets = [_fields(data), _derived(data), _nodes(data, places)]
    sheets += [_bands(data, places, levels), _maps(data, document, places), _deductions(data, places)]
    sheets += [_tables(data, places, levels), _overrides(data, levels), _clauses(data), _controls(data, levels)]
    sheets = [sheet for sheet in sheets if sheet.rows or sheet.title in (FIELDS, NODES, OVERRIDES, BANDS, MAPS)]
    return [*sheets, _checklist(checklist)]


def record_row(key: str, record: Mapping[str, Any], columns: tuple[Column, ...], **more: Any) -> Row:
    """Return a row whose cells stand at the paths of `columns` below `record`."""
    values = {column.name: column.shown(_below(record, column.path)) for column in columns if column.path}
    return Row(key, {**values, **more})


def _below(record: Any, path: Address) -> Any:
    for step in path:
        if isinstance(record, Mapping):
            record = record.get(step)
        elif isinstance(record, list) and isinstance(step, int):
            record = record[step] if step < len(record) else None
        else:
            return None
    return record


FIELD_COLUMNS = (
    Column("id", "编号", edit=False, width=22),
    Column("label", "名称", path=("label", "zh"), width=30),
    Column("type", "类型", "choice", ("type",), TYPES, width=9),
    Column("unit", "单位", path=("unit",), width=11),
    Column("low", "下限", "number", ("range", 0), width=10),
    Column("high", "上限", "number", ("range", 1), width=10),
    Column("worse", "不利方向", "choice", ("worse",), WORSE, width=13),
    Column("required", "必填", "choice", ("required",), TRUTH, width=8),
    Column("per", "填报对象", "choice", ("per",), PER, width=10),
    Column("values", "类别（键=中文）", "pairs", ("values",), width=28),
    Column("how", "取数方法", path=("how", "zh"), width=46),
)


def _fields(data: Mapping[str, Any]) -> Sheet:
    rows = [record_row(name, spec, FIELD_COLUMNS, id=name) for name, spec in data["fields"].items()]
    return Sheet(FIELDS, FIELD_COLUMNS, rows)


DERIVED_COLUMNS = (
    Column("id", "编号", edit=False, width=22),
    Column("label", "名称", path=("label", "zh"), width=30),
    Column("unit", "单位", path=("unit",), width=14),
    Column("formula", "公式", path=("formula",), width=60),
)


def _derived(data: Mapping[str, Any]) -> Sheet:
    rows = [record_row(name, one, DERIVED_COLUMNS, id=name) for name, one in (data.get("derived") or {}).items()]
    return Sheet(DERIVED, DERIVED_COLUMNS, rows)


NODE_COLUMNS = (
    Column("path", "路径", edit=False, width=34),
    Column("label", "名称", path=("label", "zh"), width=24),
    Column("kind", "计算方式", "choice", choices=KIND_WORDS, edit=False, width=11),
    Column("of", "依据", width=30),
    Column("weight", "权重", "number", ("weight",), width=8),
    Column("full", "满分", "number", ("full",), width=8),
    Column("clause", "条款", "clause", ("clause",), width=9),
    Column("missing", "缺失时", "missing", ("missing",), MISSING, width=11),
    Column("applies_when", "适用条件", path=("applies_when",), width=30),
    Column("digits", "小数位", "number", ("round", "digits"), width=8),
    Column("mode", "进位", "choice", ("round", "mode"), MODES, width=14),
    Column("provenance", "来源", "choice", ("provenance",), PROVENANCE, width=9),
    Column("note", "说明", path=("note", "zh"), width=46),
)


def kind_of(record: Mapping[str, Any]) -> str:
    """Return the word of the node's kind."""
    return next(key for key in KINDS if record.get(key) is not None)


def of_path(kind: str) -> Address | None:
    """Return where a node of that kind says what it reads, below the node."""
    return ("formula",) if kind == "formula" else (kind, "of") if kind in ("bands", "map", "normalise") else None


def _nodes(data: Mapping[str, Any], places: Mapping[str, tuple[Address, Node]]) -> Sheet:
    rows = []
    for path, (address, _) in places.items():
        record = value_at(data, address)
        kind = kind_of(record)
        below = of_path(kind)
        of = _below(record, below) if below else None
        row = record_row(path, record, NODE_COLUMNS, path=path, kind=KIND_WORDS.get(kind, kind), of=of)
        row.fixed = frozenset() if below else frozenset({"of"})
        rows.append(row)
    return Sheet(NODES, NODE_COLUMNS, rows)


def _label(record: Mapping[str, Any]) -> str | None:
    return _below(record, ("label", "zh"))


def _of_kind(
    data: Mapping[str, Any], places: Mapping[str, tuple[Address, Node]], kind: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, (address, node) in places.items():
        if node.kind.key == kind:
            yield path, value_at(data, address)


def _bands(data: Mapping[str, Any], places: Mapping[str, tuple[Address, Node]], levels: Mapping[str, str]) -> Sheet:
    columns = (
        Column("path", "路径", edit=False, width=34), _NAME, Column("of", "依据", edit=False, new=False, width=22),
        Column("low", "下限（含）", "number", width=12),
        Column("high", "上限（不含）", "cell", edit=False, new=False, width=13),
        Column("score", "分值或等级", "cell", width=12),
    )  # fmt: skip
    groups = [(path, _label(one), one["bands"], "scores") for path, one in _of_kind(data, places, "bands")]
    cuts = _below(data, (LEVEL, "cuts"))
    if cuts:
        groups.append((LEVEL, "等级", cuts, "levels"))
    rows = []
    for path, label, bands, key in groups:
        ends = [None, *bands["at"], None]
        for place, score in enumerate(bands[key]):
            shown = levels.get(score, score) if key == "levels" else score
            high = ends[place + 1] if ends[place + 1] is not None else "—"
            values = {"path": path, "name": label, "of": bands["of"], "low": ends[place], "high": high, "score": shown}
            rows.append(Row(f"{path}#{place}", values))
    return Sheet(BANDS, columns, rows, grouped=True)


def _maps(data: Mapping[str, Any], document: Document, places: Mapping[str, tuple[Address, Node]]) -> Sheet:
    columns = (
        Column("path", "路径", edit=False, width=34), _NAME, Column("of", "依据", edit=False, new=False, width=22),
        Column("key", "键", "cell", edit=False, width=16), Column("words", "含义", edit=False, new=False, width=34),
        Column("score", "分值", "number", width=10),
    )  # fmt: skip
    key_column = columns[3]
    rows = []
    for path, record in _of_kind(data, places, "map"):
        field = document.fields.get(record["map"]["of"])
        words = field.values if field and field.values else {}
        for key, score in record["map"]["to"].items():
            values = {
                "path": path, "name": _label(record), "of": record["map"]["of"], "key": key_column.shown(key),
                "words": words.get(key), "score": score,
            }  # fmt: skip
            rows.append(Row(f"{path}#{json.dumps(key, ensure_ascii=False)}", values))
    return Sheet(MAPS, columns, rows, grouped=True)


def _deductions(data: Mapping[str, Any], places: Mapping[str, tuple[Address, Node]]) -> Sheet:
    columns = (
        Column("path", "路径", edit=False, width=34), _NAME,
        Column("how", "扣分方式", "choice", choices={"each": "每一处", "when": "成立时"}, width=11),
        Column("of", "计数或条件", width=44), Column("points", "扣分", "number", width=9),
    )  # fmt: skip
    rows = []
    for path, record in _of_kind(data, places, "deduct"):
        for place, one in enumerate(record["deduct"]):
            how = "each" if one.get("each") is not None else "when"
            values = {
                "path": path, "name": _label(record), "how": columns[2].shown(how), "of": one[how],
                "points": one["points"],
            }  # fmt: skip
            rows.append(Row(f"{path}#{place}", values))
    return Sheet(DEDUCTIONS, columns, rows, grouped=True)


def _tables(data: Mapping[str, Any], places: Mapping[str, tuple[Address, Node]], levels: Mapping[str, str]) -> Sheet:
    groups = [(path, _label(one), one["table"], "score") for path, one in _of_kind(data, places, "table")]
    if table := _below(data, (LEVEL, "table")):
        groups.append((LEVEL, "等级", table, "level"))
    most = max((len(table["inputs"]) for _, _, table, _ in groups), default=0)
    cells = tuple(Column(f"cell{place}", f"条件{place + 1}", "cell", width=18) for place in range(most))
    columns = (
        Column("path", "路径", edit=False, width=30), _NAME,
        Column("inputs", "各条件依次看", edit=False, new=False, width=34),
        *cells, Column("result", "分值或等级", "cell", width=12), Column("note", "说明", width=40),
    )  # fmt: skip
    rows = []
    for path, label, table, key in groups:
        head = {"path": path, "name": label, "inputs": "；".join(table["inputs"])}
        unused = frozenset(column.name for column in cells[len(table["inputs"]) :])
        for place, one in enumerate(table["rows"]):
            values = head | {f"cell{at}": cells[at].shown(cell) for at, cell in enumerate(one["when"])}
            values |= {"result": levels.get(one[key], one[key]), "note": _below(one, ("note", "zh"))}
            rows.append(Row(f"{path}#{place}", values, unused))
        other = head | {"cell0": "其他", "result": levels.get(table["otherwise"], table["otherwise"])}
        rows.append(Row(f"{path}#otherwise", other, frozenset({"note", *(column.name for column in cells)})))
    return Sheet(TABLES, columns, rows, grouped=True)


def override_columns(levels: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the columns of the direct decisions."""
    return (
        Column("id", "编号", edit=False, width=20),
        Column("clause", "条款", "clause", ("clause",), width=9),
        Column("when", "条件", path=("when",), width=40),
        Column("target", "判定方式", "choice", choices=TARGETS, width=10),
        Column("level", "等级", "choice", choices=levels, width=12),
        Column("reason", "理由", path=("reason", "zh"), width=32),
        Column("basis", "依据", path=("basis",), width=50),
        Column("provenance", "来源", "choice", ("provenance",), PROVENANCE, width=9),
        Column("later", "晚于施行日", "choice", ("later",), TRUTH, width=11),
    )


def target_of(record: Mapping[str, Any]) -> str | None:
    """Return the key under which an override names its level."""
    return next((key for key in TARGETS if key in record), None)


def _overrides(data: Mapping[str, Any], levels: Mapping[str, str]) -> Sheet:
    columns = override_columns(levels)
    rows = []
    for one in data.get("overrides") or []:
        target = target_of(one)
        named = {"target": columns[3].shown(target), "level": columns[4].shown(one.get(target))}
        rows.append(record_row(one["id"], one, columns, id=one["id"], **named))
    return Sheet(OVERRIDES, columns, rows)


CLAUSE_COLUMNS = (
    Column("id", "条款号", "clause", edit=False, width=10),
    Column("title", "标题", path=("title", "zh"), width=30),
    Column("text", "正文（一行一段）", "paragraphs", ("text",), width=80),
    Column("rule", "应有规则", "choice", ("rule",), TRUTH, width=10),
)


def _clauses(data: Mapping[str, Any]) -> Sheet:
    rows = [record_row(name, one, CLAUSE_COLUMNS, id=name) for name, one in (data.get("clauses") or {}).items()]
    return Sheet(CLAUSES, CLAUSE_COLUMNS, rows)


def _owners() -> dict[str, str]:
    from kit.standard.loader import standards_folder

    path: Path = standards_folder() / "common" / "control_levels.yaml"
    if not path.exists():
        return {}
    found, _ = read_yaml(path)
    return {name: level["label"]["zh"] for name, level in found.items()}


def _controls(data: Mapping[str, Any], levels: Mapping[str, str]) -> Sheet:
    columns = (
        Column("level", "等级", "choice", choices=levels, edit=False, width=14),
        Column("owner", "负责层级（一行一项）", "lines", ("owner",), _owners(), width=20),
        Column("review_days", "复核周期（天）", "number", ("review_days",), width=14),
        Column("engineering", "工程措施（一行一项）", "lines", ("engineering",), width=40),
        Column("technical", "技术措施（一行一项）", "lines", ("technical",), width=40),
        Column("management", "管理措施（一行一项）", "lines", ("management",), width=40),
        Column("emergency", "应急措施（一行一项）", "lines", ("emergency",), width=40),
    )
    rows = [
        record_row(name, one, columns, level=levels.get(name, name))
        for name, one in (data.get("controls") or {}).items()
    ]
    return Sheet(CONTROLS, columns, rows)


def _checklist(text: str | None) -> Sheet:
    heads, records = read_records(text or "")
    known = {name: CHECKLIST_HEADS.get(name, (name, 24)) for name in heads}
    columns = tuple(Column(name, head, "raw", edit=name != "id", width=width) for name, (head, width) in known.items())
    rows = [Row(record.values["id"].strip(), dict(record.values)) for record in records]
    return Sheet(CHECKLIST_SHEET, columns, rows)
