"""How the rules of a standard are said on a slide; the numbers come from the standard, the words from the text file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kit.registers.codes_list import code_names
from kit.reports.document import load_text
from kit.reports.slides.layout import Band, Chip
from kit.scoring.rows import Row, rows_of, unit_of
from kit.scoring.wording import label_of, plain_number, printed_unit, words
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


def text() -> dict[str, Any]:
    """Return the wording of the slides."""
    return load_text(KIND)


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


def band_words(row: Row, unit: str = "") -> str:
    """Return a band in words: the lower end belongs to it."""
    told = text()["indicator"]
    if row.lower is None and row.upper is None:
        return row.text_zh
    if row.lower is None:
        return told["below"].format(value=f"{plain_number(row.upper or 0)}{unit}")
    low = f"{plain_number(row.lower)}{unit}"
    if row.upper is None:
        return told["from"].format(value=low)
    return told["from_to"].format(low=low, high=f"{plain_number(row.upper)}{unit}")


def score_words(score: float | None) -> str:
    """Return a score as it is printed."""
    told = text()["indicator"]
    return told["no_score"] if score is None else told["score"].format(score=plain_number(score))


def bands_of(standard: Standard, node: Node) -> list[Band]:
    """Return the rows of a node as bands; none for nodes without rows."""
    rows = rows_of(standard, node)
    known = [row.score for row in rows if row.score is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    unit = unit_of(standard, node.kind.of) if isinstance(node.kind, Bands) else ""
    shown = []
    for row in rows:
        shade = 0.0 if row.score is None or high == low else (row.score - low) / (high - low)
        said = band_words(row, unit) if isinstance(node.kind, Bands) else row.text_zh
        shown.append(Band(said.replace(" >=", " ≥").replace(" <=", " ≤"), score_words(row.score), round(shade, 3)))
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
    return [
        told["formula"].format(formula=f"{in_words(standard, source)}{printed}")
        for _, source, _ in kind.formulas()
        if kind.key == "formula"
        for printed in ("",)
    ]


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
        parts.append(pattern.format(**dict(zip(("mean", "deviation"), map(plain_number, about or (0, 0)), strict=True))))
    elif kind.distance_to_target is not None:
        way = kind.distance_to_target
        shown = {"low": plain_number(way.start), "high": plain_number(way.target), "to_low": low, "to_high": high}
        parts.append(told["distance_to_target"].format(**shown))
        parts += [told["clamp"]] if way.outside == "clamp" else []
    elif kind.rank is not None:
        parts += [told["rank"], told["ties"][kind.rank.ties]]
    else:
        parts.append(told[kind.method].format(to_low=low, to_high=high))
    if kind.direction == "down":
        parts.append(told["rank_down" if kind.rank is not None else "down"])
    return "，".join(parts)


def reads_of(standard: Standard, node: Node) -> str:
    """Return what an indicator looks at."""
    kind = node.kind
    if isinstance(kind, Deduct) or kind.key == "formula":
        return ""
    names = dict.fromkeys(in_words(standard, source) for _, source, _ in kind.formulas())
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
            return f"{label.zh if label else table}的{column}"
        return child.fields[table].label.zh if table in child.fields else found[0]

    said = re.sub(r"[A-Za-z_]\w*(?:\.\w+)?", named, formula)
    return re.sub(r"\s*([*/])\s*", lambda sign: " × " if sign[1] == "*" else " ÷ ", said)


def level_chip(standard: Standard, level: str | None) -> Chip:
    """Return a level as a chip; 数据不足 for none."""
    if level is None:
        return Chip(text()["exercises"]["insufficient"], "#C9CDD3", "#2B2F36")
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
    """Return where a figure comes from, 示例 where the file does not say."""
    return text()["provenance"][provenance or "illustrative"]


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
