"""From a z3 model to rows that scoring confirms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd
import z3

from kit.checking.proofs.encoding import Encoding, Input
from kit.scoring.apply import ITEM_COLUMN, score
from kit.standard.standard import Standard

MOST_DECIMALS = 6
Values = dict[str, Any]  # input name to Fraction, int, bool, text or None


def default(item: Input) -> Any:
    """Return the value an input gets where the model does not care: the best one."""
    spec = item.spec
    if spec.type == "boolean":
        return spec.worse == "lower"
    if not spec.numeric:
        return next(iter(item.options))
    low, high = spec.range if spec.range else (0.0, 0.0)
    value = Fraction(repr(high if spec.worse == "lower" else low))
    return int(value) if spec.type == "integer" and value.denominator == 1 else value


def read(model: Any, item: Input, variable: Any) -> Any:
    """Return the value of a variable: a number, truth or code; the best one where the model leaves it open."""
    value = model.eval(variable)
    if z3.is_true(value) or z3.is_false(value):
        return bool(z3.is_true(value))
    if z3.is_int_value(value):
        return int(value.as_long())
    if z3.is_rational_value(value):
        return Fraction(value.numerator_as_long(), value.denominator_as_long())
    if z3.is_algebraic_value(value):
        near = value.approx(12)
        return Fraction(near.numerator_as_long(), near.denominator_as_long())
    return default(item)


def literal(value: Any) -> Any:
    """Return a plain value as z3 constant."""
    if isinstance(value, bool):
        return z3.BoolVal(value)
    if isinstance(value, int):
        return z3.IntVal(value)
    return z3.RealVal(str(value))


def holds(goal: Any, assignment: list[tuple[Any, Any]]) -> bool:
    """Return whether the goal is true with these values for all variables."""
    pairs = [(variable, literal(value)) for variable, value in assignment]
    return z3.is_true(z3.simplify(z3.substitute(goal, *pairs)))


def polished(goal: Any, assignment: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return the values with as few decimals as still make the goal true."""
    result = list(assignment)
    for place, (variable, value) in enumerate(result):
        if not isinstance(value, Fraction) or value.denominator == 1:
            continue
        for candidate in _shorter(value):
            trial = [*result[:place], (variable, candidate), *result[place + 1 :]]
            if holds(goal, trial):
                result = trial
                break
    return result


def _shorter(value: Fraction) -> Iterator[Fraction]:
    """Yield numbers near the value with 0, 1, … decimals: the nearest, the next below, the next above."""
    for digits in range(MOST_DECIMALS + 1):
        scaled = value * 10**digits
        for whole in dict.fromkeys((round(scaled), math.floor(scaled), math.ceil(scaled))):
            yield Fraction(whole, 10**digits)


def plain(item: Input, value: Any) -> Any:
    """Return a value as it stands in a table."""
    if value is None or isinstance(value, bool):
        return value
    if not item.spec.numeric:
        return item.options.get(int(value), "（其他）")
    if item.spec.type == "integer":
        return int(value)
    return float(value)


def split(encoding: Encoding, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Return the fields of the row and its child rows."""
    own: dict[str, Any] = {}
    children: dict[str, list[dict[str, Any]]] = {}
    for name, value in values.items():
        child, dot, inside = name.partition(".")
        if dot:
            children.setdefault(child, [{}])[0][inside] = value
        else:
            own[name] = value
    return own, children


def scored(
    standard: Standard, rows: list[tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]], item: str | None = None
) -> pd.DataFrame:
    """Return the rows scored, in their order; as rows of the checklist item where one is named."""
    declared = standard.document.children
    tables = []
    for number, (values, _) in enumerate(rows):
        keys = {one.key: str(number) for one in declared.values()}
        tables.append({name: values.get(name) for name in standard.fields} | keys)
    children = {}
    for child, spec in declared.items():
        inside = [
            entry | {spec.key: str(number)} for number, (_, below) in enumerate(rows) for entry in below.get(child, [])
        ]
        columns = [spec.key, *spec.fields]
        children[child] = pd.DataFrame(inside, columns=columns, dtype=object)
        for name, field in spec.fields.items():
            if field.numeric:
                children[child][name] = children[child][name].astype(float)
    frame = pd.DataFrame(tables, dtype=object)
    for name, field in standard.fields.items():
        if field.numeric:
            frame[name] = frame[name].astype(float)
        elif field.type == "boolean":
            frame[name] = frame[name].astype("boolean")
    if item is not None:
        frame[ITEM_COLUMN] = item
    return score(standard, frame, children=children or None)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain dictionaries, missing values as None."""
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()} for row in frame.to_dict("records")
    ]
