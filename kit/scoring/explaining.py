"""Why a row has its level: every step from the values to the level, in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kit.errors import KitError, cut, did_you_mean
from kit.scoring.apply import ITEM_COLUMN
from kit.scoring.explanation import Explanation, InputValue, LevelStep, NodeExplanation, OverrideExplanation
from kit.scoring.least_change import Change, least_changes
from kit.scoring.nodes.table import cells_words, deciding_row
from kit.scoring.reasons import reason_text
from kit.scoring.rows import band_of, band_rows, matched_row, unit_of
from kit.scoring.tracing import READ, is_relative, trace
from kit.scoring.wording import label_of, latex, plain_number, printed_unit, value_words, words
from kit.standard.expressions import ExpressionError
from kit.standard.standard import Standard
from kit.standard.terms import references
from kit.standard.tree import MissingValue, Node

# Columns that name a row, in this order, where no key is given.
KEYS = ("source_id", "unit_id", "id")


def explain(
    standard: Standard,
    frame: Any,
    row: str | int,
    key: str | None = None,
    *,
    children: Mapping[str, Any] | None = None,
    changes: bool = True,
) -> Explanation:
    """Return why one row of `frame` has its level.

    Parameters
    ----------
    frame : a table as `kit.scoring.score` takes it.
    row : the value of the row in the column `key`; a whole number without `key` is the position from 0.
    key : column that names a row; without it the first of source_id, unit_id, id that the table has.
    changes : whether to search the least change of one field that would alter the level.

    Raises
    ------
    KitError
        When there is no such row or more than one, or no column to look in.

    Examples
    --------
    >>> explain(taxi, frame, "R-0001").level_zh                              # doctest: +SKIP
    '较大'
    """
    table, position, name = find_row(standard, frame, row, key)
    relative = is_relative(standard)
    if not relative:  # nothing depends on the other rows
        table, position = table.iloc[[position]].reset_index(drop=True), 0
    steps = _Steps(trace(standard, table, children=children), position)
    item = steps.get("raw:item") if standard.checklist and ITEM_COLUMN in table.columns else None
    level = steps.get("out:level")
    found: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    if changes:
        found, notes = least_changes(standard, table.iloc[position], level, children=children, relative=relative)
    reason = steps.get("out:reason")
    return Explanation(
        standard=standard.label,
        title_zh=standard.title,
        fingerprint=standard.fingerprint,
        illustrative=standard.illustrative,
        row=name,
        item=item,
        item_zh=next((entry.name_zh for entry in standard.checklist if entry.id == item), None),
        level=level,
        level_zh=level_words(standard, level),
        reason=reason,
        reason_zh=reason_text(standard, reason) or None,
        inputs=tuple(_inputs(standard, steps)),
        scores=tuple(_node(standard, steps, path, node, None) for path, node in standard.document.scores.items()),
        level_step=_level_step(standard, steps),
        overrides=tuple(_overrides(standard, steps)),
        changes=found,
        changes_zh=notes,
    )


def level_words(standard: Standard, level: str | None) -> str | None:
    """Return the Chinese name of a level."""
    return None if level is None else standard.scale.levels[level].label.zh


def find_row(standard: Standard, frame: Any, row: str | int, key: str | None) -> tuple[pd.DataFrame, int, str]:
    """Return the table as pandas, the position of the row and how it is called."""
    table = _pandas(frame)
    if key is None and isinstance(row, int):
        if not -len(table) <= row < len(table):
            raise KitError(f"there is no row at position {row}; the table has {len(table):,} rows, counted from 0")
        return table, row % len(table), f"{row % len(table)}"
    keys = [*KEYS, *(rows.key for rows in standard.document.children.values())]
    if key is None:
        key = next((name for name in keys if name in table.columns), None)
        if key is None:
            raise KitError(
                f"the table has none of the columns {', '.join(dict.fromkeys(keys))} that name a row; say which with "
                f"key (--key); it has: {', '.join(map(str, table.columns[:20]))}"
            )
    if key not in table.columns:
        raise KitError(f"the table has no column '{key}'; {did_you_mean(key, map(str, table.columns))}")
    names = table[key].astype(object).map(_name)
    places = [place for place, name in enumerate(names) if name == _name(row)]
    if not places:
        hint = did_you_mean(str(row), [name for name in names if name is not None][:5000], allowed="there are")
        raise KitError(f"no row has {key} = '{cut(row)}'; {hint}")
    if len(places) > 1:
        raise KitError(
            f"{len(places)} rows have {key} = '{cut(row)}' (positions {', '.join(map(str, places[:10]))}); "
            "choose a column whose values differ, or give the position as a number"
        )
    return table, places[0], f"{key} = {_name(row)}"


def _pandas(frame: Any) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame.reset_index(drop=True)
    native = nw.from_native(frame)
    eager = native.collect("pandas") if isinstance(native, nw.LazyFrame) else native
    return eager.to_pandas().reset_index(drop=True)


def _name(value: Any) -> str | None:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class _Steps:
    """The computed columns of one row, missing values as None."""

    def __init__(self, traced: pd.DataFrame, position: int) -> None:
        self.values = {name: traced[name].iloc[position] for name in traced.columns}

    def get(self, name: str) -> Any:
        value = self.values.get(name)
        if value is None or (isinstance(value, float) and value != value):
            return None
        return value.item() if hasattr(value, "item") else value

    def reads(self, path: str, count: int) -> list[Any]:
        return [self.get(f"{READ}{path}:{place}") for place in range(count)]


def _inputs(standard: Standard, steps: _Steps) -> list[InputValue]:
    found = []
    for name, spec in standard.fields.items():
        fault = next(
            (
                kind
                for kind in ("not_finite", "not_integer", "out_of_range", "not_allowed")
                if steps.get(f"fault:{kind}:{name}")
            ),
            None,
        )
        raw, value = steps.get(f"raw:{name}"), steps.get(f"field:{name}")
        text = value_words(standard, name, raw)
        if fault:
            text += f"（{reason_text(standard, f'{fault}:{name}')}）"
        found.append(InputValue(name, "field", spec.label.zh, value, spec.unit, text, fault=fault))
    for child in standard.document.children.values():
        for name, total in child.totals.items():
            value = steps.get(f"total:{name}")
            shown = value_words(standard, name, value) if value is not None else "无法计算"
            found.append(InputValue(name, "total", label_of(standard, name), value, total.unit, shown))
    for name, derived in standard.document.derived.items():
        value = steps.get(f"derived:{name}")
        shown = value_words(standard, name, value) if value is not None else "无法计算"
        formula = words(standard, derived.formula)
        found.append(InputValue(name, "derived", label_of(standard, name), value, derived.unit, shown, formula))
    return found


def _node(standard: Standard, steps: _Steps, path: str, node: Node, share: float | None) -> NodeExplanation:
    sources = [source for _, source, _ in node.kind.formulas()]
    values = steps.reads(path, len(sources))
    applies, value = steps.get(f"applies:{path}"), steps.get(f"score:{path}")
    row = matched_row(standard, node, values) if applies else None
    shares = _shares(steps, path, node)
    children = [
        _node(standard, steps, f"{path}.{name}", child, shares.get(name)) for name, child in node.below().items()
    ]
    if node.kind.key in ("max", "min"):
        children = [replace(child, decides=child.value is not None and child.value == _fold(children, node.kind.key))
                    for child in children]  # fmt: skip
    elif node.kind.key == "weighted_mean":
        children = [
            replace(child, contribution=child.share * child.value)
            if child.share is not None and child.value is not None
            else child
            for child in children
        ]
    substituted = bool(
        applies and value is not None and node.missing not in ("error", "skip") and sources and None in values
    )
    rounding = node.round
    is_formula = node.kind.key == "formula"
    return NodeExplanation(
        path=path,
        label_zh=node.label.zh if node.label else path.rpartition(".")[2],
        kind=node.kind.key,
        clause=node.clause,
        value=value,
        applies=applies,
        why_not_zh=_why_not(standard, steps, path, node, applies, value),
        reads_zh=tuple(_reading(standard, source, found) for source, found in zip(sources, values, strict=True)),
        formula_zh=words(standard, sources[0]) if is_formula else None,
        latex=latex(standard, sources[0]) if is_formula else None,
        row=row,
        weight=node.weight,
        full=node.full,
        share=share,
        substituted=substituted,
        rounding_zh=f"保留{rounding.digits}位小数（{_ROUNDING[rounding.mode]}）" if rounding else None,
        children=tuple(children),
    )


_ROUNDING = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "floor": "舍去", "ceil": "进一"}


def _fold(children: Sequence[NodeExplanation], key: str) -> float | None:
    known = [child.value for child in children if child.value is not None and child.applies]
    return (max(known) if key == "max" else min(known)) if known else None


def _shares(steps: _Steps, path: str, node: Node) -> dict[str, float]:
    """Return the share of each node below that takes part, where they have weights."""
    below = {
        name: child.weight
        for name, child in node.below().items()
        if child.weight is not None
        and steps.get(f"applies:{path}.{name}")
        and not (child.missing == "skip" and steps.get(f"score:{path}.{name}") is None)
    }
    total = sum(below.values())
    return {name: weight / total for name, weight in below.items()} if total else {}


def _reading(standard: Standard, source: str, value: Any) -> str:
    try:
        term = standard.names.parse(source)
    except ExpressionError:
        return source
    if source.strip() in standard.names.symbols:
        name = source.strip()
        return f"{label_of(standard, name)}：{value_words(standard, name, value)}"
    name = next(iter(references(term)), "").partition(":")[2] if isinstance(value, str) else ""
    return f"{words(standard, term)}：{value_words(standard, name, value) if value is not None else '未知'}"


def _why_not(standard: Standard, steps: _Steps, path: str, node: Node, applies: Any, value: Any) -> str | None:
    if applies is False:
        item = steps.get("raw:item")
        if node.applies_when is not None:
            condition = words(standard, node.applies_when)
            if item is None:
                return f"仅在“{condition}”时适用"
            return f"仅在“{condition}”时适用，或本条目不涉及该指标"
        if node.kind.is_branch:
            return "下级指标均不适用"
        return f"风险源条目 {item} 不涉及该指标" if item is not None else "不适用"
    if value is None:
        if node.missing == "skip":
            return "数据缺失，按标准退出权重"
        return "数据不足，无法取得分值"
    if isinstance(node.missing, MissingValue | str) and node.missing not in ("error", "skip"):
        sources = list(node.kind.formulas())
        if sources and None in steps.reads(path, len(sources)):
            policy = {"worst": "按最不利分值计", "best": "按最有利分值计"}.get(str(node.missing), "按标准规定的分值计")
            return f"数据缺失，{policy}"
    return None


def _level_step(standard: Standard, steps: _Steps) -> LevelStep:
    level = standard.document.level
    rank = steps.get("level:base")
    name = None if rank is None else standard.scale.names[int(rank)]
    shown = level_words(standard, name)
    if level.scores_only:
        return LevelStep("scores_only", "本文本只给出分值，不划分等级", None, None)
    if level.only_when is not None and steps.get(f"{READ}level:only_when") is False:
        return LevelStep("only_when", f"“{words(standard, level.only_when.formula)}”不成立，等级为{shown}", name, shown)
    if level.matrix is not None:
        axes = [(label_of(standard, axis), steps.get(f"score:{axis}"))
                for axis in (level.matrix.likelihood, level.matrix.severity)]  # fmt: skip
        scores = "，".join(f"{label} {_number(value)}" for label, value in axes)
        text = f"{scores}，查风险矩阵 {level.matrix.use}：{shown or '不在矩阵上'}"
        return LevelStep("matrix", text, name, shown, axes[0][1], axes[1][1])
    if level.cuts is not None:
        value = steps.get(f"{READ}level:0")
        row = None
        text = f"{words(standard, level.cuts.of)}：{_number(value)}{printed_unit(unit_of(standard, level.cuts.of))}"
        if value is not None:
            rows = band_rows(level.cuts.at, [None] * len(level.cuts.levels))
            row = rows[band_of(level.cuts.at, value)]
            text += f"，落入 {row.text_zh}：{shown}"
        return LevelStep("cuts", text, name, shown, row=row)
    if level.table is not None:
        table = level.table
        values = steps.reads("level", len(table.inputs))
        ranks = [float(standard.scale.names.index(row.level)) for row in table.rows]
        place = deciding_row(
            table.hit, [row.when for row in table.rows], ranks, values, high=standard.scale.worst == "last"
        )
        text = "；".join(_reading(standard, source, one) for source, one in zip(table.inputs, values, strict=True))
        if place is not None:
            last = place == len(table.rows)
            asked = "其他情形" if last else cells_words(standard, table.inputs, table.rows[place].when)
            text += f"，落入 {asked}"
        return LevelStep("table", f"{text}：{shown or '不能确定'}", name, shown)
    return LevelStep("other", f"等级：{shown or '不能确定'}", name, shown)


def _number(value: Any) -> str:
    return "未知" if value is None else plain_number(float(value))


def _overrides(standard: Standard, steps: _Steps) -> list[OverrideExplanation]:
    found = []
    deciding = steps.get("out:override")
    before = steps.get("level:base")
    names = standard.scale.names
    for override in standard.document.overrides:
        after = steps.get(f"level:after:{override.id}")
        target = level_words(standard, override.target)
        demand = "不低于" if override.at_least else "不高于" if override.at_most else "定为"
        found.append(
            OverrideExplanation(
                id=override.id,
                clause=override.clause,
                when=override.when,
                when_zh=words(standard, override.when),
                fired=steps.get(f"fires:{override.id}"),
                decided=override.id == deciding,
                effect_zh=f"{demand}{target}",
                reason_zh=override.reason.zh,
                basis=override.basis,
                level_before=None if before is None else names[int(before)],
                level_after=None if after is None else names[int(after)],
                later=override.later,
            )
        )
        before = after
    return found
