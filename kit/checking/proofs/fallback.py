"""What is left when z3 cannot tell: proofs from the build of the standard, and rows found by looking for them.

Looking can only show that something happens: it turns "undecided" into an example or a counter-example, confirmed by
scoring like every other, never into "impossible" or "proved for every row".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kit.checking.proofs.outcomes import CounterExample, Outcome, Proof, Proved, Row, Undecided
from kit.checking.proofs.structure import Structure
from kit.scoring.apply import ITEM_COLUMN, score
from kit.scoring.program import build_program
from kit.scoring.tracing import needed_steps
from kit.standard.fields import FieldSpec
from kit.standard.standard import Standard
from kit.standard.terms import Term, is_relative

HOW = "由结构成立：从采集项到等级的每一步都有值"
HOW_MONOTONE = "由结构成立：从该项到等级的每一步都单调"
SEED = 20191231
ROWS = 3000


def fall_back(standard: Standard, proofs: Sequence[Proof], item: str | None = None) -> list[Proof]:
    """Return the proofs, those undecided asked again without z3; for the rows of `item` where it names one."""
    if not any(isinstance(proof.outcome, Undecided) for proof in proofs):
        return list(proofs)
    asked = _Fallback(standard, item)
    return [
        replace(proof, outcome=asked.answer(proof) or proof.outcome) if isinstance(proof.outcome, Undecided) else proof
        for proof in proofs
    ]


class ByBuild:
    """What the build of the standard proves, for whole-unit rows or those of one checklist item; it takes no time."""

    def __init__(self, standard: Standard, item: str | None = None) -> None:
        self.standard = standard
        self.structure = Structure(standard, item)

    def total(self) -> Proved | None:
        """Return that every complete row has a level; None where the build does not tell."""
        return Proved(HOW) if self.structure.level_known() else None

    def monotone(self, field: str) -> Proved | None:
        """Return that the level never improves when the field gets worse; None where the build does not tell."""
        way = self.structure.level_way(field)
        worse = 1 if self.standard.fields[field].worse == "higher" else -1
        if self.standard.scale.worst == "first":
            worse = -worse
        if way is None or way * worse < 0:
            return None
        return Proved(HOW_MONOTONE if way else "等级不读此项")


class _Fallback:
    def __init__(self, standard: Standard, item: str | None) -> None:
        self.standard = standard
        self.item = item
        self.build = ByBuild(standard, item)
        self.structure = self.build.structure

    def answer(self, proof: Proof) -> Outcome | None:
        """Return what can be said after all; None for nothing."""
        match proof.question:
            case "total":
                return self.build.total() or self.without("level")
            case "total_scores":
                known = self.structure.applies(proof.subject) is True and self.structure.node_known(proof.subject)
                return Proved(HOW) if known else self.without(proof.subject)
            case "monotone" if proof.subject in self.standard.fields:
                return self.build.monotone(proof.subject) or self.milder(proof.subject)
            case "level":
                return self.shown(lambda rows: rows["level"] == proof.subject)
            case "override_fires":
                return self.shown(lambda rows: rows["overrides_fired"].map(lambda names: _fired(names, proof.subject)))
            case "override_decides":
                return self.shown(lambda rows: rows["override"] == proof.subject)
            case "matrix_cell":
                return self.cell(proof.subject)
        return None

    # -- rows found by looking ------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Rows in range, made with a fixed seed: ends, evenly spread and evenly spread in logarithms."""
        draw = np.random.default_rng(SEED)
        return pd.DataFrame({name: _values(draw, spec, ROWS) for name, spec in self.standard.fields.items()})

    def scored(self, rows: pd.DataFrame) -> pd.DataFrame:
        asked = rows.assign(**{ITEM_COLUMN: self.item}) if self.item is not None else rows
        return score(self.standard, asked)

    @cached_property
    def all_results(self) -> pd.DataFrame:
        return self.scored(self.rows)

    @cached_property
    def steps(self) -> Mapping[str, Term]:
        return build_program(self.standard, items=False).steps

    def results_for(self, step: str) -> pd.DataFrame | None:
        """Return the scored rows; None where what is asked depends on child rows or on the rest of the table.

        Such rows cannot be made up one at a time.
        """
        if self.standard.document.children:
            return None
        needed = needed_steps(self.steps, [step])
        if any(is_relative(self.steps[name]) for name in needed if name in self.steps):
            return None
        return self.all_results

    def row(self, position: int, rows: pd.DataFrame | None = None, results: pd.DataFrame | None = None) -> Row:
        given = (self.rows if rows is None else rows).iloc[position]
        found = self.all_results if results is None else results
        values = {name: _plain(given[name], spec) for name, spec in self.standard.fields.items()}
        level, reason = (None if pd.isna(found[key].iloc[position]) else str(found[key].iloc[position])
                         for key in ("level", "reason"))  # fmt: skip
        return Row(values, level, reason, item=self.item)

    def shown(self, wanted: Any) -> Outcome | None:
        results = self.results_for("level:final")
        if results is None:
            return None
        places = np.flatnonzero(wanted(results).fillna(False).to_numpy(dtype=bool))
        return Proved("由查找得到的一行", self.row(int(places[0]))) if len(places) else None

    def without(self, column: str) -> Outcome | None:
        results = self.results_for("level:final" if column == "level" else f"score:{column}")
        if results is None:
            return None
        places = np.flatnonzero(results[column].isna().to_numpy())
        return CounterExample((self.row(int(places[0])),)) if len(places) else None

    def cell(self, subject: str) -> Outcome | None:
        level = self.standard.document.level.matrix
        if level is None:
            return None
        likelihood, severity = (float(part) for part in subject.split("×"))
        return self.shown(
            lambda rows: (
                ((rows[level.likelihood] - likelihood).abs() < 5e-10)
                & ((rows[level.severity] - severity).abs() < 5e-10)
            )
        )

    def milder(self, field: str) -> Outcome | None:
        """Return two rows that differ in the field only, the one with the worse value having the better level."""
        results = self.results_for("level:final")
        if results is None:
            return None
        spec = self.standard.fields[field]
        draw = np.random.default_rng(SEED + 1)
        moved = self.rows.copy()
        moved[field] = _values(draw, spec, len(moved))
        other = self.scored(moved)
        order = {name: place for place, name in enumerate(self.standard.scale.names)}
        sign = 1 if self.standard.scale.worst == "last" else -1
        change = (other["level"].map(order) - results["level"].map(order)).to_numpy(dtype=float) * sign
        step = _number(moved[field]) - _number(self.rows[field])
        worse = step > 0 if spec.worse == "higher" else step < 0
        better = step < 0 if spec.worse == "higher" else step > 0
        places = np.flatnonzero((worse & (change < 0)) | (better & (change > 0)))
        if not len(places):
            return None
        position = int(places[0])
        pair = (self.row(position), self.row(position, moved, other))
        return CounterExample(pair if worse[position] else pair[::-1], field)


def _values(draw: Any, spec: FieldSpec, count: int) -> Any:
    if spec.type == "boolean":
        return pd.array(draw.random(count) < 0.5, dtype="boolean")
    if not spec.numeric:
        options = list(spec.values) if spec.values else [None]
        return pd.array([options[place] for place in draw.integers(len(options), size=count)], dtype="str")
    low, high = spec.range or (0.0, 1000.0)
    even = draw.uniform(low, high, count)
    spread = low + np.expm1(draw.uniform(0, np.log1p(high - low), count))
    found = np.where(draw.random(count) < 0.5, even, spread)
    ends = draw.random(count)
    found = np.where(ends < 0.08, low, np.where(ends > 0.92, high, found))
    if spec.type == "integer":
        return np.clip(np.floor(found + 0.5), np.ceil(low), np.floor(high))
    return np.clip(np.round(found, 3), low, high)


def _fired(names: Any, override: str) -> bool:
    return isinstance(names, str) and override in names.split(";")


def _number(values: pd.Series[Any]) -> Any:
    return values.to_numpy(dtype=float)


def _plain(value: Any, spec: FieldSpec) -> Any:
    if pd.isna(value):
        return None
    if spec.type == "boolean":
        return bool(value)
    if spec.type == "integer":
        return int(value)
    return float(value) if spec.numeric else str(value)
