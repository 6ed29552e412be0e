"""Why the level of a risk source moved between two quarters: the values, the overrides, the text, or the review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.inventory.scored import ScoredPart, Tables, classes, score_part
from kit.scoring.apply import ITEM_COLUMN, score
from kit.scoring.program import build_program
from kit.scoring.tracing import is_relative, needed_steps
from kit.scoring.wording import label_of, plain_number, value_words
from kit.standard.document import Scale
from kit.standard.standard import Standard

MOST_REASONS = 3
"""So many reasons stand in the sentence; the details have all."""
UNKNOWN_ZH = "数据不足"
Detail = tuple[str, str, str, str, str, str]


def steps(now: pd.Series, before: pd.Series, scale: Scale) -> pd.Series:
    """Return raised, lowered, same, or null where one of the two is no level of the scale."""
    rank = {name: position for position, name in enumerate(scale.names)}
    step = now.map(rank).astype("float64") - before.map(rank).astype("float64")
    change = pd.Series(pd.NA, index=now.index, dtype="str")
    change[step > 0] = "raised"
    change[step < 0] = "lowered"
    change[step == 0] = "same"
    return change


@dataclass(frozen=True)
class Pair:
    """The sources that two texts score, one in each quarter; the texts are mostly the same.

    Attributes
    ----------
    tables : the registers of now, for the data of now under the text of before.
    reviews : why the level of a source was set anew, by number, as the reviewer wrote it.
    """

    now: ScoredPart
    before: ScoredPart
    tables: Tables
    scale: Scale
    reviews: Mapping[str, str]

    def changes(self) -> tuple[pd.DataFrame, list[Detail]]:
        """Return a row for each source in both, with its change and why, and what moved in detail."""
        ids, at_now, at_before = self._both
        now, before = self.now.rows.iloc[at_now], self.before.rows.iloc[at_before]
        frame = pd.DataFrame({"source_id": ids})
        frame["from_level"], frame["to_level"] = classes(before).to_numpy(), classes(now).to_numpy()
        frame["from_computed"], frame["to_computed"] = _texts(before["computed_level"]), _texts(now["computed_level"])
        frame["from_standard"], frame["to_standard"] = _label(self.before.standard), _label(self.now.standard)
        frame["change"] = steps(frame["to_level"], frame["from_level"], self.scale)
        frame["computed_change"] = steps(frame["to_computed"], frame["from_computed"], self.scale)
        moved = _differ(frame["from_computed"], frame["to_computed"])
        if not self.same_text:
            frame.loc[moved & self._same_data(), "change"] = "standard_only"
        listed = frame["change"].isin(["raised", "lowered", "standard_only"])
        rank = {name: position for position, name in enumerate(self.scale.names)}
        behind = frame["to_computed"].map(rank) > frame["to_level"].map(rank)
        frame["unreviewed"] = ~listed & behind & (frame["computed_change"] == "raised")
        frame["cause"], frame["reason_zh"] = pd.Series(pd.NA, index=frame.index, dtype="str"), ""
        frame["reason_zh"] = frame["reason_zh"].astype("str")
        details: list[Detail] = []
        chosen = np.flatnonzero(listed | frame["unreviewed"])
        if len(chosen):
            causes, words, details = self._reasons(frame.iloc[chosen], at_now[chosen], at_before[chosen])
            frame.loc[chosen, "cause"], frame.loc[chosen, "reason_zh"] = causes, words
        return frame, details

    @cached_property
    def same_text(self) -> bool:
        """Whether both quarters are scored by one text (or both by none)."""
        left, right = self.now.standard, self.before.standard
        return left is right or (left is not None and right is not None and left.fingerprint == right.fingerprint)

    @cached_property
    def _both(self) -> tuple[pd.Index, Any, Any]:
        now, before = pd.Index(self.now.rows["source_id"]), pd.Index(self.before.rows["source_id"])
        ids = now.intersection(before).sort_values()
        return ids, now.get_indexer(ids), before.get_indexer(ids)

    def _same_data(self) -> Any:
        """Return whether a source has the same values in all fields that both texts ask."""
        _, at_now, at_before = self._both
        now, before = self.now.answers, self.before.answers
        same = np.ones(len(at_now), dtype=bool)
        for name in [*_fields(self.now.standard), ITEM_COLUMN]:
            if name != ITEM_COLUMN and name not in _fields(self.before.standard):
                continue  # a new question is the text's doing
            left, right = _column(now, name, at_now), _column(before, name, at_before)
            same &= ~_differ(left, right).to_numpy()
        return same

    def _reasons(self, frame: pd.DataFrame, at_now: Any, at_before: Any) -> tuple[list[str], list[str], list[Detail]]:
        ids = frame["source_id"].tolist()
        left = _Side(self.before, at_before)
        right = middle = _Side(self.now, at_now)
        crossed = self.same_text
        if not crossed:
            across = self._across(at_now)
            crossed = across is not None
            middle = _Side(across, np.arange(len(at_now))) if across is not None else right
        old, new = frame["from_computed"], frame["to_computed"]
        between = pd.Series(_texts(middle.rows["computed_level"]), index=frame.index)
        by_data, by_text = _differ(old, between), _differ(between, new)
        if not crossed:
            by_data = pd.Series(~self._same_data()[np.isin(self._both[0], ids)], index=frame.index)
            by_text = pd.Series(True, index=frame.index)
        causes = np.select([by_data & by_text, by_data, by_text], ["both", "data", "standard"], "review")
        details: list[Detail] = []
        words: list[list[str]] = [[] for _ in ids]
        for at, detail, said in self._moved(ids, left, middle) if crossed else ():
            details.append(detail)
            if said and len(words[at]) < MOST_REASONS:
                words[at].append(said)
        if not self.same_text:
            text = self._text_words()
            for at, (source, was, becomes) in enumerate(zip(ids, between, new, strict=True)):
                details.append((source, "standard", _label(self.now.standard) or "", "标准文本",
                                _label(self.before.standard) or "无", _label(self.now.standard) or "无"))  # fmt: skip
                if not crossed:
                    words[at].append(f"{text}，本季度数据缺少原文本所需的内容，不能区分数据和文本的影响")
                elif by_text.iloc[at]:
                    words[at].append(f"{text}，同一数据由{self._level(was)}改评为{self._level(becomes)}")
        sentences = []
        for source, cause, parts in zip(ids, causes.tolist(), words, strict=True):
            told = "；".join(parts)
            if cause == "review":
                why = self.reviews.get(source)
                head = f"审核等级调整（{why}）" if why else "审核等级调整"
                told = f"{head}；得分有变化但按标准评定的等级未变：{told}" if told else head
            sentences.append(told or "得分合计变化")
        return causes.tolist(), sentences, details

    def _across(self, at_now: Any) -> ScoredPart | None:
        """Return the data of now scored by the text of before; None where they lack what it asks."""
        if self.before.standard is None or self.now.standard is None:
            return None
        part = self.now.rows.iloc[at_now][["source_id", "unit_id", ITEM_COLUMN]].reset_index(drop=True)
        try:
            return score_part(self.tables, self.before.standard, self.now.sector, part)
        except KitError:
            return None

    def _moved(self, ids: Sequence[str], left: _Side, right: _Side) -> Iterator[tuple[int, Detail, str]]:
        """Yield what moved under one text: the row, the detail, and how a sentence says it (empty: not at all)."""
        standard = self.before.standard
        if standard is None:
            return
        for at, (was, becomes) in enumerate(zip(left.overrides, right.overrides, strict=True)):
            if was == becomes:
                continue
            reasons = {override.id: override.reason.zh for override in standard.document.overrides}
            if was:
                yield at, (ids[at], "override_went", was, reasons[was], "直接判定", "情形消除"), (
                    "" if becomes else f"直接判定情形消除：{reasons[was]}"
                )  # fmt: skip
            if becomes:
                detail = (ids[at], "override_came", becomes, reasons[becomes], "无", "直接判定")
                yield at, detail, f"直接判定：{reasons[becomes]}"
        leaves = [path for path, node in standard.nodes.items() if not node.kind.is_branch]
        old, new = left.scores(leaves), right.scores(leaves)
        moved = (old != new) & ~(np.isnan(old) & np.isnan(new))
        # A score that came or went weighs more than any step: it may hide one.
        step = np.where(moved, np.where(np.isnan(old - new), np.inf, np.abs(old - new)), -1.0)
        order = np.argsort(-step, axis=1, kind="stable")
        reads = _fields_by_node(standard, leaves)
        decisive = self._decisive(standard, left, right, moved, [reads[path] for path in leaves])
        alone = decisive.any(axis=1) | (np.array(left.overrides) != np.array(right.overrides))
        values = _moved_values(standard, left, right, reads)
        for at in np.flatnonzero(moved.any(axis=1)).tolist():
            columns = order[at, : int(moved[at].sum())]
            first = decisive[at, columns]
            for column in [*columns[first].tolist(), *columns[~first].tolist()]:
                path = leaves[column]
                label, was, becomes = label_of(standard, path), _score(old[at, column]), _score(new[at, column])
                told = [f"{what} {one}→{two}" for what, one, two in values(path, at)]
                # One field that is called like its indicator need not be named again.
                told = [one.removeprefix(f"{label} ") for one in told]
                beside = f"（{'，'.join(told)}）" if told else ""
                said = decisive[at, column] or not alone[at]
                words = f"{label}得分{was}→{becomes}{beside}" if said else ""
                yield at, (ids[at], "node", path, label, was, becomes), words
        for name in standard.fields:
            one, two, label = left.answer(name), right.answer(name), label_of(standard, name)
            for at in np.flatnonzero(_differ(one, two)).tolist():
                was, becomes = _value(standard, name, one.iloc[at]), _value(standard, name, two.iloc[at])
                yield at, (ids[at], "field", name, label, was, becomes), ""

    def _decisive(
        self, standard: Standard, left: _Side, right: _Side, moved: Any, reads: Sequence[Sequence[str]]
    ) -> Any:
        """Return for each row and leaf whether the level would be another one, had the leaf's fields not moved.

        What moved against the level, or beside it, is then not named as the reason. Where no leaf decides alone, they
        do so together, and all are named.
        """
        result = np.zeros(moved.shape, dtype=bool)
        rows, columns = np.nonzero(moved)
        if not len(rows) or is_relative(standard):
            return result
        frame = {}
        for name in [*standard.fields, ITEM_COLUMN]:
            if name not in right.part.answers.columns:
                continue
            one, two = left.answer(name).iloc[rows], right.answer(name).iloc[rows]
            if one.dtype != two.dtype:
                one, two = one.astype("object"), two.astype("object")
            undone = np.array([name in fields for fields in reads], dtype=bool)[columns]
            frame[name] = two.where(~undone, one).reset_index(drop=True)
        try:
            level = score(standard, pd.DataFrame(frame), nodes=False)["level"]
        except KitError:  # a column of before has a type that cannot be meant
            return result
        now = right.rows["computed_level"].iloc[rows].reset_index(drop=True)
        result[rows, columns] = _differ(level, now).to_numpy()
        return result

    def _text_words(self) -> str:
        before, now = self.before.standard, self.now.standard
        if before is None or now is None:
            return "本季度没有适用的标准或调查表" if now is None else "上季度没有适用的标准或调查表"
        if before.label == now.label:
            return f"标准文本有修改（{now.title} {now.version}）"
        return f"标准文本由{before.version}版改为{now.version}版"

    def _level(self, level: Any) -> str:
        return self.scale.levels[level].label.zh if level in self.scale.levels else UNKNOWN_ZH


class _Side:
    """Some rows of a scored part."""

    def __init__(self, part: ScoredPart, at: Any) -> None:
        self.part, self.at = part, at
        self.rows = part.rows.iloc[at]

    @property
    def overrides(self) -> list[str]:
        return [one if isinstance(one, str) else "" for one in self.rows["override"]]

    def scores(self, paths: Sequence[str]) -> Any:
        return self.part.nodes.reindex(columns=list(paths)).iloc[self.at].to_numpy("float64")

    def answer(self, name: str) -> pd.Series:
        return _column(self.part.answers, name, self.at)


def _fields_by_node(standard: Standard, paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the fields that each node reads, through derived values."""
    program = build_program(standard, items=bool(standard.checklist))
    found = {}
    for path in paths:
        needed = needed_steps(program.steps, [program.outputs[path]])
        found[path] = [name for name in standard.fields if f"field:{name}" in needed]
    return found


def _moved_values(standard: Standard, left: _Side, right: _Side, reads: Mapping[str, Sequence[str]]) -> Any:
    """Return a function that gives, for a node and a row, the fields it reads that moved: label, before, now."""
    known: dict[str, tuple[pd.Series, pd.Series, Any]] = {}

    def values(path: str, at: int) -> Iterator[tuple[str, str, str]]:
        for name in reads[path]:
            if name not in known:
                one, two = left.answer(name), right.answer(name)
                known[name] = (one, two, _differ(one, two).to_numpy())
            one, two, differ = known[name]
            if differ[at]:
                yield (
                    label_of(standard, name),
                    _value(standard, name, one.iloc[at]),
                    _value(standard, name, two.iloc[at]),
                )

    return values


def _value(standard: Standard, name: str, value: Any) -> str:
    if value is None or pd.isna(value):
        return value_words(standard, name, None)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    plain = value.item() if hasattr(value, "item") else value
    return value_words(standard, name, plain) if isinstance(plain, bool | int | float | str) else str(plain)


def _score(value: float) -> str:
    return "无" if np.isnan(value) else plain_number(value)


def _fields(standard: Standard | None) -> list[str]:
    return [] if standard is None else list(standard.fields)


def _column(frame: pd.DataFrame, name: str, at: Any) -> pd.Series:
    if name in frame.columns:
        return frame[name].iloc[at].reset_index(drop=True)
    return pd.Series([None] * len(at), dtype="object")


def _differ(left: pd.Series, right: pd.Series) -> pd.Series:
    """Return whether two columns differ row by row; null is like null, and unlike any value."""
    one, two = left.reset_index(drop=True), right.reset_index(drop=True)
    if not (one.dtype.kind in "iuf" and two.dtype.kind in "iuf"):
        one, two = one.astype("object"), two.astype("object")
    nulls = one.isna() & two.isna()
    either = one.isna() | two.isna()
    result = pd.Series((one.where(~either, 0) != two.where(~either, 0)) | (either & ~nulls), dtype=bool)
    result.index = left.index
    return result


def _texts(levels: pd.Series) -> Any:
    return levels.astype("object").where(levels.notna(), None).astype("str").to_numpy()


def _label(standard: Standard | None) -> str | None:
    return None if standard is None else standard.label
