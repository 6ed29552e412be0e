"""How the rules of a standard are said on a slide; the numbers come from the standard, the words from the text file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from kit.registers.codes_list import code_names
from kit.reports.document import load_text
from kit.reports.slides.blocks import Band, Chip
from kit.scoring.nodes.table import cells_words
from kit.scoring.rows import Row, rows_of, unit_of
from kit.scoring.wording import label_of, plain_number, printed_unit, words
from kit.standard.cells import Cell, CellError, is_any, number_limits
from kit.standard.document import ChildRows, Override
from kit.standard.expressions import ExpressionError
from kit.standard.fields import FieldSpec
from kit.standard.loader import standards_folder
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.deduct import Deduct
from kit.standard.nodes.means import GeneralisedMean
from kit.standard.nodes.normalise import Normalise
from kit.standard.nodes.points import Points
from kit.standard.nodes.table import Table
from kit.standard.standard import Standard
from kit.standard.tree import Node
from kit.standard.yaml_io import read_yaml

KIND = "training_slides"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_GREY = "#9AA3AD"
LONG_UNIT = 3
_NAMES = r"[A-Za-z_]\w*(?:\.\w+)?"


def text() -> dict[str, Any]:
    """Return the wording of the slides."""
    return load_text(KIND)


def section_titles(standard: Standard) -> dict[str, str]:
    """Return the titles of the sections; a checklist lists risk sources only where these are what is assessed."""
    told = text()
    titles = dict(told["sections"])
    if standard.document.object in ("unit", "area"):
        titles["checklist"] = told["checklist"]["other_title"]
    return titles


def name_of(standard: Standard, path: str) -> str:
    """Return the label of a node, field or derived value; the last part of its path where it has none."""
    found = label_of(standard, path)
    return found.rpartition(".")[2] if found == path else found


def in_words(standard: Standard, formula: str) -> str:
    """Return a formula in words; as it stands where it cannot be read."""
    try:
        return words(standard, formula)
    except ExpressionError:
        return formula


def range_words(spec: FieldSpec) -> str:
    """Return the allowed range with its unit, empty where there is none."""
    if spec.range is None:
        return ""
    low, high = map(plain_number, spec.range)
    return text()["collect"]["range"].format(low=low, high=high) + printed_unit(spec.unit)


def values_words(spec: FieldSpec) -> str:
    """Return the unit or the options of a field."""
    told = text()["collect"]
    if spec.values:
        return " / ".join(spec.values.values())
    if spec.type in ("boolean", "text", "date"):
        return told[spec.type]
    return printed_unit(spec.unit) or (told["integer"] if spec.type == "integer" else "—")


def band_words(row: Row, unit: str = "", whole: FieldSpec | None = None) -> str:
    """Return a band in words: the lower end belongs to it.

    Parameters
    ----------
    whole : the field, where it is counted in whole numbers: 1 to below 30 are then 1 to 29.
    """
    told = text()["indicator"]
    if row.lower is None and row.upper is None:
        return row.text_zh
    ends = [end for end in (row.lower, row.upper) if end is not None]
    if whole is not None and whole.type == "integer" and all(end == int(end) for end in ends) and row.upper is not None:
        low = row.lower if row.lower is not None else whole.range[0] if whole.range else None
        high = row.upper - 1
        if low is not None and low == high:
            return f"{plain_number(low)}{unit}"
        if low is not None and low < high:
            return told["whole"].format(low=f"{plain_number(low)}{unit}", high=f"{plain_number(high)}{unit}")
    if row.lower is None:
        return told["below"].format(value=f"{plain_number(row.upper or 0)}{unit}")
    start = f"{plain_number(row.lower)}{unit}"
    if row.upper is None:
        return told["from"].format(value=start)
    return told["from_to"].format(low=start, high=f"{plain_number(row.upper)}{unit}")


def score_words(score: float | None) -> str:
    """Return a score as it is printed."""
    told = text()["indicator"]
    return told["no_score"] if score is None else told["score"].format(score=plain_number(score))


def band_of_node(standard: Standard, kind: Bands, row: Row) -> str:
    """Return a band of a node in words; a long unit (起/百车·年) is said once beside what the indicator looks at."""
    unit = unit_of(standard, kind.of)
    return band_words(row, unit if len(unit) <= LONG_UNIT else "", standard.fields.get(kind.of.strip()))


def table_cells(standard: Standard, inputs: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return what a row of a decision table asks for, without signs: `平均车龄 不低于8年，能源 纯电动或换电`."""
    return cells_words(standard, inputs, [_cell(cell) for cell in cells])


def _cell(cell: Cell) -> Cell:
    if isinstance(cell, list):
        # A list holds plain cells only.
        return [one for one in map(_cell, cell) if not isinstance(one, list)]
    if not isinstance(cell, str) or is_any(cell):
        return cell
    try:
        low, high, low_in, high_in = number_limits(cell)
    except CellError:  # a category
        return cell
    told = text()["cells"]
    ends = {"low": plain_number(low) if isfinite(low) else "", "high": plain_number(high) if isfinite(high) else ""}
    if low == high:
        return ends["low"]
    if not isfinite(low):
        return told["at_most" if high_in else "below"].format(**ends)
    if not isfinite(high):
        return told["at_least" if low_in else "above"].format(**ends)
    return told[f"{'from' if low_in else 'above'}_{'to' if high_in else 'below'}"].format(**ends)


def bands_of(standard: Standard, node: Node) -> list[Band]:
    """Return the rows of a node as bands; none for nodes without rows."""
    rows = rows_of(standard, node)
    known = [row.score for row in rows if row.score is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    shown = []
    for row in rows:
        shade = 0.0 if row.score is None or high == low else (row.score - low) / (high - low)
        said = row.text_zh
        if isinstance(node.kind, Bands):
            said = band_of_node(standard, node.kind, row)
        elif isinstance(node.kind, Table) and row.position < len(node.kind.rows):
            said = table_cells(standard, node.kind.inputs, node.kind.rows[row.position].when)
        shown.append(Band(said, score_words(row.score), round(shade, 3)))
    return shown


def rule_lines(standard: Standard, node: Node) -> list[str]:
    """Return in sentences what bands cannot show: deductions, formulas, normalisation, how a table is read."""
    told = text()["indicator"]
    kind = node.kind
    if isinstance(kind, Deduct):
        lines = [told["deduct_floor"].format(full=plain_number(node.full or 0))]
        for deduction in kind.root:
            points = plain_number(deduction.points)
            if deduction.each is not None:
                unit = unit_of(standard, deduction.each) or "1"
                said = told["deduct_each"].format(
                    name=in_words(standard, deduction.each), unit=unit if unit != "1" else "", points=points
                )
            else:
                said = told["deduct_when"].format(condition=in_words(standard, deduction.when or ""), points=points)
            lines.append(said)
        return lines
    if isinstance(kind, Table):
        return [told[f"table_{kind.hit}"]]
    if isinstance(kind, Normalise):
        return [_normalise(kind)]
    return [in_words(standard, source) for _, source, _ in kind.formulas()] if kind.key == "formula" else []


def _normalise(kind: Normalise) -> str:
    told = text()["normalise"]
    low, high = map(plain_number, kind.to or (0.0, 1.0))
    parts = [told["log"]] if kind.log else []
    if kind.min_max is not None:
        posts = kind.min_max.goalposts
        pattern = told["min_max" if posts else "min_max_relative"]
        from_to = tuple(map(plain_number, posts or (0.0, 0.0)))
        parts.append(pattern.format(low=from_to[0], high=from_to[1], to_low=low, to_high=high))
        parts += [told["clamp"]] if kind.min_max.outside == "clamp" else []
    elif kind.z_score is not None:
        about = kind.z_score.about
        pattern = told["z_score" if about else "z_score_relative"]
        parts.append(
            pattern.format(**dict(zip(("mean", "deviation"), map(plain_number, about or (0, 0)), strict=True)))
        )
    elif kind.distance_to_target is not None:
        way = kind.distance_to_target
        shown = {"low": plain_number(way.start), "high": plain_number(way.target), "to_low": low, "to_high": high}
        parts.append(told["distance_to_target"].format(**shown))
        parts += [told["clamp"]] if way.outside == "clamp" else []
    else:
        # A place among fixed values, or in the table.
        among = getattr(getattr(kind, kind.method), "among", None)
        ends = {"n": len(among), "low": plain_number(min(among)), "high": plain_number(max(among))} if among else {}
        parts.append(told[kind.method + ("_among" if among else "")].format(to_low=low, to_high=high, **ends))
        parts += [told["ties"][kind.rank.ties]] if kind.rank is not None else []
    if kind.direction == "down":
        parts.append(told["rank_down" if kind.rank is not None else "down"])
    return "，".join(parts)


def reads_of(standard: Standard, node: Node) -> str:
    """Return what an indicator looks at."""
    kind = node.kind
    if isinstance(kind, Deduct) or kind.key == "formula":
        return ""
    names: dict[str, None] = {}
    for _, source, _ in kind.formulas():
        unit = unit_of(standard, source)
        long = isinstance(kind, Bands) and len(unit) > LONG_UNIT
        said = (
            label_of(standard, source.strip())
            if source.strip() in standard.names.symbols
            else in_words(standard, source)
        )
        names[said + (f"（{unit}）" if long else "")] = None
    return text()["indicator"]["reads"].format(name="、".join(names)) if names else ""


def kind_words(node: Node) -> str:
    """Return how a node gets its value, in a word or two."""
    told = text()["kinds"]
    kind = node.kind
    if isinstance(kind, Points) and kind.scale_to is not None:
        return told["points_scaled"].format(scale=plain_number(kind.scale_to))
    if isinstance(kind, GeneralisedMean):
        return told["generalised_mean"].format(power=plain_number(kind.power))
    return told.get(kind.key, kind.key)


def weight_words(node: Node) -> str:
    """Return weight or full points of a node, empty for neither."""
    told = text()["indicator"]
    if node.weight is not None:
        return told["weight"].format(weight=plain_number(node.weight))
    return told["full"].format(full=plain_number(node.full)) if node.full is not None else ""


def total_words(standard: Standard, child: ChildRows, formula: str) -> str:
    """Return the sum over child rows in words: labels of the child's fields, columns of lookup tables."""
    tables = standard.document.tables

    def named(found: re.Match[str]) -> str:
        table, _, column = found[0].partition(".")
        if column and table in tables:
            label = tables[table].label
            return f"{label.zh if label else table}的{symbol(column)}"
        return child.fields[table].label.zh if table in child.fields else found[0]

    return _signs(re.sub(_NAMES, named, formula))


def total_numbers(standard: Standard, child: ChildRows, formula: str, row: Mapping[str, Any]) -> str:
    """Return the formula of a total with the numbers of one child row in the place of the names.

    Examples
    --------
    >>> total_numbers(gb18218, substances, "q / critical_quantity.Q", {"cas": "7446-09-5", "q": 200}) # doctest: +SKIP
    '200 ÷ 20'
    """

    def valued(found: re.Match[str]) -> str:
        table, _, column = found[0].partition(".")
        if column and table in standard.lookups:
            key = next((name for name, spec in child.fields.items() if spec.lookup == table), None)
            frame = standard.lookups[table]
            if key is None or row.get(key) not in frame.index:
                return "？"
            value = frame.loc[row[key], column]
            return "？" if value != value else plain_number(float(value))
        value = row.get(table)
        return plain_number(float(value)) if isinstance(value, int | float) else "？" if value is None else str(value)

    return _signs(re.sub(_NAMES, valued, formula))


def symbol(column: str) -> str:
    """Return the name of a column as formulas print it: Greek letters for their names."""
    return {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambda": "λ"}.get(column, column)


def _signs(formula: str) -> str:
    return re.sub(r"\s*([*/])\s*", lambda sign: " × " if sign[1] == "*" else " ÷ ", formula)


def level_chip(standard: Standard, level: str | None) -> Chip:
    """Return a level as a chip; 数据不足 for none."""
    if level is None:
        return Chip(text()["exercises"]["no_level"], "#C9CDD3", "#2B2F36")
    spec = standard.scale.levels[level]
    fill = spec.colour if spec.colour and _COLOUR.fullmatch(spec.colour) else _GREY
    return Chip(spec.label.zh, fill, ink_on(fill))


def ink_on(fill: str) -> str:
    """Return the ink, dark or white, that is read better on a colour.

    Examples
    --------
    >>> ink_on("#D7191C"), ink_on("#F2C500")
    ('#FFFFFF', '#1C2B3A')
    """
    dark, white = "#1C2B3A", "#FFFFFF"
    back = _luminance(fill)
    on_white = 1.05 / (back + 0.05)
    on_dark = (max(back, _luminance(dark)) + 0.05) / (min(back, _luminance(dark)) + 0.05)
    return white if on_white >= on_dark else dark


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def effect_words(standard: Standard, override: Override) -> str:
    """Return what an override demands."""
    told = text()["overrides"]
    key = "at_least" if override.at_least else "at_most" if override.at_most else "set"
    return told[key].format(level=standard.scale.levels[override.target].label.zh)


def provenance_words(provenance: str | None) -> str:
    """Return where a figure comes from."""
    return text()["provenance"][provenance]


def common_labels(file: str) -> dict[str, str]:
    """Return key -> Chinese label of a list in `standards/common`; empty without the file."""
    path = standards_folder() / "common" / file
    if not path.is_file():
        return {}
    data = read_yaml(path)[0]
    return {key: entry["label"]["zh"] for key, entry in data.items()}


def named(codes: Sequence[str], labels: dict[str, str]) -> str:
    """Return the labels of codes, the code itself where it has none."""
    return "、".join(labels.get(code, code) for code in codes)


def accident_names() -> dict[str, str]:
    """Return the Chinese name of every accident class."""
    return code_names("accident_classes")
