"""What examples or data reach of a standard: bands, rows of maps and tables, matrix cells, overrides, levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from kit.checking.cases import case_tables, read_cases
from kit.scoring.nodes.table import cells_words, deciding_row
from kit.scoring.rows import matched_row, rows_of
from kit.scoring.tracing import READ, trace
from kit.scoring.wording import label_of
from kit.standard.document import TableLevel
from kit.standard.standard import Standard

Part = Literal["row", "cell", "level_row", "override_fired", "override_decided", "level"]
_PART_ZH = {
    "row": "分档或取值", "cell": "矩阵格", "level_row": "等级分界", "override_fired": "直接判定成立",
    "override_decided": "直接判定起决定作用", "level": "等级",
}  # fmt: skip


@dataclass(frozen=True)
class Covered:
    """One thing that may be reached.

    Attributes
    ----------
    part : what it is.
    address : stable address, for example `scores.severity.energy[2]`, `matrix.4.3`, `overrides.no_permit`.
    text_zh : the thing in words.
    clause : clause of the text, where it has one.
    count : rows or cases that reach it.
    """

    part: Part
    address: str
    text_zh: str
    clause: str | None
    count: int


@dataclass(frozen=True)
class Indicator:
    """How an indicator spreads over the rows: one that gives all of them the same score tells nothing apart.

    Attributes
    ----------
    scored : rows with a score; distinct : different scores among them.
    """

    path: str
    label_zh: str
    scored: int
    distinct: int


@dataclass(frozen=True)
class Coverage:
    """What a set of rows reaches of a standard.

    Attributes
    ----------
    source : `cases`, or how the data is called; rows : how many there are, unscored : how many have no level.
    """

    standard: str
    source: str
    rows: int
    unscored: int
    parts: tuple[Covered, ...]
    indicators: tuple[Indicator, ...]

    def __iter__(self) -> Iterator[Covered]:
        return iter(self.parts)

    @property
    def missed(self) -> tuple[Covered, ...]:
        """What no row reaches."""
        return tuple(part for part in self.parts if part.count == 0)

    @property
    def flat(self) -> tuple[Indicator, ...]:
        """Indicators that give every row the same score."""
        return tuple(indicator for indicator in self.indicators if indicator.scored > 1 and indicator.distinct == 1)

    def share(self, part: Part | None = None) -> float | None:
        """Return the share of things reached, 0 to 1; None where there is nothing of the kind."""
        chosen = [entry for entry in self.parts if part is None or entry.part == part]
        return sum(entry.count > 0 for entry in chosen) / len(chosen) if chosen else None

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data, with the shares."""
        shares = {part: self.share(part) for part in _PART_ZH}  # type: ignore[arg-type]
        return asdict(self) | {"share": self.share(), "shares": shares}

    def text(self) -> str:
        """Return the coverage as Chinese text: shares, then what is missed."""
        source = "工作示例" if self.source == "cases" else self.source
        lines = [f"{self.standard} 覆盖情况（{source}，{self.rows} 行，其中 {self.unscored} 行没有等级）"]
        for part, name in _PART_ZH.items():
            chosen = [entry for entry in self.parts if entry.part == part]
            if chosen:
                reached = sum(entry.count > 0 for entry in chosen)
                lines.append(f"  {name}：{reached} / {len(chosen)}（{reached / len(chosen) * 100:.0f}%）")
        for entry in self.missed:
            clause = f"{entry.clause} " if entry.clause else ""
            lines.append(f"  未覆盖 {_PART_ZH[entry.part]}：{clause}{entry.text_zh}（{entry.address}）")
        if self.source != "cases":
            lines += [
                f"  无区分度：{entry.label_zh}（{entry.path}）对全部 {entry.scored} 行给出同一分值"
                for entry in self.flat
            ]
        return "\n".join(lines)


def coverage(
    standard: Standard,
    frame: pd.DataFrame | None = None,
    *,
    children: Mapping[str, Any] | None = None,
    source: str | None = None,
) -> Coverage:
    """Return what the worked examples of a standard reach, or the rows of `frame`.

    Rows with a missing or faulty value count where the part itself is known: a band is reached by any row that falls
    into it. Matrix cells count rows whose two scores are known, `override_decided` those whose level it set.

    Parameters
    ----------
    frame : a table as `kit.scoring.score` takes it; the cases of `cases.yaml` when not given.
    source : how the data is called in words.

    Examples
    --------
    >>> coverage(taxi).share("override_fired")                               # doctest: +SKIP
    1.0
    """
    if frame is None:
        cases = [case for case, _ in read_cases(standard)]
        frame, children = case_tables(standard, cases)
        source = "cases"
    if len(frame) == 0:
        steps = pd.DataFrame()
    else:
        steps = trace(standard, frame.reset_index(drop=True), children=children or None)
    parts = [*_node_parts(standard, steps), *_level_parts(standard, steps), *_override_parts(standard, steps)]
    levels = Counter(_values(steps, "out:level"))
    parts += [
        Covered("level", f"level.{name}", level.label.zh, None, levels[name])
        for name, level in standard.scale.levels.items()
    ]
    unscored = len(frame) - sum(levels[name] for name in standard.scale.names)
    indicators = [
        Indicator(path, label_of(standard, path), len(known := _values(steps, f"score:{path}")), len(set(known)))
        for path, node in standard.nodes.items()
        if not node.kind.is_branch
    ]
    return Coverage(standard.label, source or "数据", len(frame), unscored, tuple(parts), tuple(indicators))


def _values(steps: pd.DataFrame, column: str) -> list[Any]:
    """Return the known values of a step."""
    if column not in steps:
        return []
    return [value for value in steps[column].tolist() if value is not None and value == value]


def _node_parts(standard: Standard, steps: pd.DataFrame) -> list[Covered]:
    found: list[Covered] = []
    for path, node in standard.nodes.items():
        rows = rows_of(standard, node)
        if not rows:
            continue
        count = len(list(node.kind.formulas()))
        hits: Counter[int] = Counter()
        columns = [f"{READ}{path}:{place}" for place in range(count)]
        if len(steps):
            applying = steps[steps[f"applies:{path}"].map(lambda value: value is True or value == 1)]
            groups = applying[columns].astype(object).where(applying[columns].notna(), None)
            for values, times in Counter(map(tuple, groups.to_numpy().tolist())).items():
                row = matched_row(standard, node, values)
                if row is not None:
                    hits[row.position] += times
        label = label_of(standard, path)
        found += [
            Covered("row", f"scores.{path}[{row.position}]", f"{label}：{row.text_zh}", node.clause, hits[row.position])
            for row in rows
        ]
    return found


def _level_parts(standard: Standard, steps: pd.DataFrame) -> list[Covered]:
    level = standard.document.level
    found: list[Covered] = []
    if level.matrix is not None and standard.matrix is not None:
        hits: Counter[tuple[float, float]] = Counter()
        if len(steps):
            axes = steps[[f"score:{level.matrix.likelihood}", f"score:{level.matrix.severity}"]].dropna().round(9)
            hits = Counter(map(tuple, axes.to_numpy().tolist()))
        for row, likelihood in enumerate(standard.matrix.likelihood):
            for column, severity in enumerate(standard.matrix.severity):
                name = standard.scale.levels[standard.matrix.levels[row][column]].label.zh
                text = f"可能性{likelihood:g}、后果{severity:g}（{name}）"
                found.append(
                    Covered("cell", f"matrix.{likelihood:g}.{severity:g}", text, None, hits[(likelihood, severity)])
                )
    elif level.cuts is not None:
        from kit.scoring.rows import band_of, band_rows

        reached = Counter(band_of(level.cuts.at, value) for value in _values(steps, f"{READ}level:0"))
        for row_text, name in zip(
            band_rows(level.cuts.at, [None] * len(level.cuts.levels)), level.cuts.levels, strict=True
        ):
            text = f"{row_text.text_zh}（{standard.scale.levels[name].label.zh}）"
            found.append(
                Covered("level_row", f"level.cuts[{row_text.position}]", text, None, reached[row_text.position])
            )
    elif level.table is not None:
        found += _table_parts(standard, level.table, steps)
    return found


def _table_parts(standard: Standard, table: TableLevel, steps: pd.DataFrame) -> list[Covered]:
    order = standard.scale.names
    ranks = [float(order.index(row.level)) for row in table.rows]
    inputs = steps[[f"{READ}level:{place}" for place in range(len(table.inputs))]].astype(object)
    plain = inputs.where(inputs.notna(), None).to_numpy().tolist()
    worst_last = standard.scale.worst == "last"
    cells = [row.when for row in table.rows]
    reached = Counter(deciding_row(table.hit, cells, ranks, values, high=worst_last) for values in plain)
    found = []
    for place, row in enumerate(table.rows):
        text = f"{cells_words(standard, table.inputs, row.when)}（{standard.scale.levels[row.level].label.zh}）"
        found.append(Covered("level_row", f"level.table[{place}]", text, None, reached[place]))
    if table.otherwise != "none":
        text = f"其他情形（{standard.scale.levels[table.otherwise].label.zh}）"
        found.append(Covered("level_row", f"level.table[{len(table.rows)}]", text, None, reached[len(table.rows)]))
    return found


def _override_parts(standard: Standard, steps: pd.DataFrame) -> list[Covered]:
    found: list[Covered] = []
    decided = Counter(_values(steps, "out:override"))
    for override in standard.document.overrides:
        fired = sum(bool(value) for value in _values(steps, f"fires:{override.id}"))
        for part, count in (("override_fired", fired), ("override_decided", decided[override.id])):
            address = f"overrides.{override.id}"
            found.append(Covered(part, address, override.reason.zh, override.clause, count))  # type: ignore[arg-type]
    return found
