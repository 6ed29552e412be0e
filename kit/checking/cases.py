"""Worked examples beside a standard (`cases.yaml`): each says what goes in and what must come out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BeforeValidator, Field, RootModel

from kit.errors import Problem, ProblemsError, cut, did_you_mean
from kit.scoring.apply import ITEM_COLUMN, score
from kit.scoring.reasons import KINDS, reason_text
from kit.scoring.rounding import rounded_9
from kit.standard.fields import FieldSpec, Model
from kit.standard.standard import Standard
from kit.standard.yaml_io import Locate, read_yaml, validate_model

Value = Annotated[Any, BeforeValidator(lambda value: value)]


class ExpectedError(Model):
    """The row must be refused for this field and kind (`missing`, `out_of_range`, …)."""

    field: str
    kind: str


class Case(Model):
    """One worked example.

    Attributes
    ----------
    item : the checklist item the row is about; none for the whole-unit view.
    input : field to value; a field left out or null is missing.
    children : rows by child register.
    expect : node path, `level`, `override` or `reason` to the value that must come out.
    error : the fault the row must be refused for.
    """

    name: str
    id: str | None = None
    item: str | None = None
    story: str | None = None
    why: str | None = None
    source: str | None = None
    input: dict[str, Value]
    children: dict[str, list[dict[str, Value]]] = {}
    expect: dict[str, Value] = {}
    error: ExpectedError | None = Field(default=None)


class Cases(RootModel[list[Case]]):
    """All of `cases.yaml`."""


@dataclass(frozen=True)
class CaseResult:
    """What came out of a case.

    Attributes
    ----------
    differences : what was expected and what came, in words; empty when the case passes.
    first : the first node, from the leaves up, that is not as expected.
    """

    case: Case
    passed: bool
    differences: tuple[str, ...]
    first: str | None
    outcome: dict[str, Any]
    line: int | None = None


def read_cases(standard: Standard) -> list[tuple[Case, int | None]]:
    """Return the worked examples of a standard with their lines; none when it has no `cases.yaml`.

    Raises
    ------
    ProblemsError
        When a case names a field, node or item that the standard does not have; with file and line.
    """
    path = standard.path.parent / "cases.yaml"
    if not path.exists():
        return []
    data, locate = read_yaml(path)
    if not isinstance(data, list):
        raise ProblemsError([Problem("the file must hold a list of cases (- name: …)", str(path), 1)])
    cases = validate_model(_Listed, {"cases": data}, _shifted(locate), path).cases
    problems = [
        problem for position, case in enumerate(cases) for problem in _unknown(standard, case, path, locate, position)
    ]
    if problems:
        raise ProblemsError(problems)
    return [(case, locate((position,))[0]) for position, case in enumerate(cases)]


class _Listed(Model):
    cases: list[Case]


def _shifted(locate: Locate) -> Locate:
    return lambda address: locate(tuple(address)[1:])


def _unknown(standard: Standard, case: Case, path: Path, locate: Locate, position: int) -> list[Problem]:
    found: list[Problem] = []

    def wrong(address: tuple[str | int, ...], message: str) -> None:
        line, column = locate((position, *address))
        found.append(Problem(message, str(path), line, column, case.name))

    def values(given: dict[str, Any], fields: Mapping[str, FieldSpec], address: tuple[str | int, ...]) -> None:
        for name, value in given.items():
            if name not in fields:
                wrong((*address, name), f"'{name}' is no field; {did_you_mean(name, fields)}")
            elif not _fits(fields[name], value):
                kind = fields[name].type
                wrong((*address, name), f"'{cut(value)}' cannot be a value of {name}, which is {kind}")

    values(case.input, standard.fields, ("input",))
    declared = standard.document.children
    for child, rows in case.children.items():
        if child not in declared:
            wrong(("children", child), f"'{child}' is no child register; {did_you_mean(child, declared)}")
            continue
        for place, row in enumerate(rows):
            values(row, declared[child].fields, ("children", child, place))
    results = [*standard.nodes, "level", "override", "reason", "level_before_overrides"]
    results += [f"{path}__{suffix}" for path in standard.nodes for suffix in ("got", "full")]
    for name in case.expect:
        if name not in results:
            wrong(("expect", name), f"'{name}' is no node or result; {did_you_mean(name, results)}")
    items = [item.id for item in standard.checklist]
    if case.item is not None and case.item not in items:
        wrong(("item",), f"'{case.item}' is no checklist item; {did_you_mean(case.item, items)}")
    if case.error is not None:
        named = [*standard.names.symbols, *standard.nodes, *declared, ITEM_COLUMN, "level"]
        if case.error.kind not in KINDS:
            wrong(("error", "kind"), f"'{case.error.kind}' is no fault; {did_you_mean(case.error.kind, KINDS)}")
        elif case.error.kind != "not_on_matrix" and case.error.field not in named:
            wrong(("error", "field"), f"'{case.error.field}' is unknown; {did_you_mean(case.error.field, named)}")
    if not case.expect and case.error is None:
        wrong((), "a case needs expect: or error:")
    return found


def _fits(spec: FieldSpec, value: Any) -> bool:
    """Whether a value has the field's type; that it is in range is for the scoring to say."""
    if value is None:
        return True
    if spec.numeric:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if spec.type == "boolean":
        return isinstance(value, bool)
    return isinstance(value, str | dt.date) if spec.type == "date" else isinstance(value, str)


def run_cases(standard: Standard) -> list[CaseResult]:
    """Return the outcome of every worked example of `standard`.

    Examples
    --------
    >>> all(result.passed for result in run_cases(taxi))        # doctest: +SKIP
    True
    """
    cases = read_cases(standard)
    if not cases:
        return []
    frame, children = case_tables(standard, [case for case, _ in cases])
    scored = score(standard, frame, children=children or None)
    return [_compare(standard, case, scored.iloc[position], line) for position, (case, line) in enumerate(cases)]


def case_tables(standard: Standard, cases: Sequence[Case]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return the inputs of cases as a table with one row for each, and the tables of their child rows."""
    frame = pd.DataFrame(
        {name: _column(spec, [case.input.get(name) for case in cases]) for name, spec in standard.fields.items()}
    )
    if standard.checklist:
        frame[ITEM_COLUMN] = pd.Series([case.item for case in cases], dtype="str")
    children: dict[str, pd.DataFrame] = {}
    for child, declared in standard.document.children.items():
        if declared.key not in frame:
            frame[declared.key] = [f"case {position}" for position in range(len(cases))]
        rows = [
            {declared.key: frame.at[position, declared.key], **row}
            for position, case in enumerate(cases)
            for row in case.children.get(child, [])
        ]
        columns = {name: _column(spec, [row.get(name) for row in rows]) for name, spec in declared.fields.items()}
        children[child] = pd.DataFrame(
            {declared.key: pd.Series([row[declared.key] for row in rows], dtype="str"), **columns}
        )
    return frame, children


def _column(spec: FieldSpec, values: list[Any]) -> pd.Series[Any]:
    if spec.numeric:
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype="boolean" if spec.type == "boolean" else "str")


def _compare(standard: Standard, case: Case, row: pd.Series[Any], line: int | None) -> CaseResult:
    names = [*standard.nodes, "level_before_overrides", "override", "level", "reason"]
    outcome = {name: _plain(row[name]) for name in [*names, *[name for name in case.expect if name not in names]]}
    differences = []
    first = None
    for name in sorted(case.expect, key=list(outcome).index):
        wanted, came = case.expect[name], outcome[name]
        if not _same(wanted, came):
            first = first or name
            why = f"（{reason_text(standard, outcome['reason'])}）" if came is None and outcome["reason"] else ""
            differences.append(f"{name}: expected {wanted}, came {came}{why}")
    if case.error is not None:
        wanted_reason = f"{case.error.kind}:{case.error.field}"
        reasons = str(outcome["reason"] or "").split(";")
        if outcome["level"] is not None or wanted_reason not in reasons:
            first = first or "reason"
            differences.append(
                f"expected to be refused for {wanted_reason}, came level {outcome['level']}, reason {outcome['reason']}"
            )
    return CaseResult(case, not differences, tuple(differences), first, outcome, line)


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def _same(wanted: Any, came: Any) -> bool:
    """Whether a result is the expected one: numbers up to the decimals that were written down."""
    if wanted is None or came is None or isinstance(wanted, bool | str) or isinstance(came, str):
        return bool(wanted == came)
    decimals = len(repr(float(wanted)).partition(".")[2].rstrip("0"))
    return (
        abs(rounded_9(float(came)) - float(wanted)) <= 0.5 * 10.0**-decimals if decimals else rounded_9(came) == wanted
    )
