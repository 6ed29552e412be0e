"""Checks derived from the declarations: what a field says of itself is what its column is held to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kit.quality.registry import Context, Rule, rules, table_title
from kit.quality.texts import derived, titles
from kit.registers.codes_list import code_names
from kit.registers.schema import load_schema, schema_names
from kit.standard.fields import FieldSpec

if TYPE_CHECKING:
    import pandas as pd

# Table and context -> nullable boolean along the table: True is a breach, null does not apply.
Marker = Callable[["pd.DataFrame", Context], "pd.Series"]

BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
MATCH = "expect_column_values_to_match_regex"
NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"


@dataclass(frozen=True)
class Check:
    """One thing a column must obey, and the expectation of Great Expectations that tests it.

    Attributes
    ----------
    table, column : where.
    check_id : unique within the table, for example ``lon.range``.
    title_zh, allowed_zh : for readers.
    severity : error or warning.
    expectation : snake-case name of the expectation class.
    kwargs : its arguments besides the column.
    marker : where one column cannot tell, a function that marks the breaches; the expectation tests the marks.
    needs : further columns without which the check could not be made.
    family : what kind of check it is, see `kit.quality.registry.families`.
    """

    table: str
    check_id: str
    column: str
    title_zh: str
    allowed_zh: str
    severity: str
    expectation: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    marker: Marker | None = None
    needs: tuple[str, ...] = ()
    family: str = "fields"


def checks_for(
    tables: Iterable[str],
    fields: Mapping[str, Mapping[str, FieldSpec]] | None = None,
    *,
    as_of: dt.date | None = None,
) -> list[Check]:
    """Return the checks of every table: of its fields, and the rules over columns and tables.

    Parameters
    ----------
    tables : names of the tables in the run. A register's name brings the register's fields; tables named
        ``previous/…`` are only looked at and get no checks.
    fields : table -> further fields, declared in a standard: ``{"survey_unit/taxi": taxi.fields,
        "capability": capability.fields}``.
    as_of : the day the data stand for, named in the words of date checks; today when not given.

    Examples
    --------
    >>> checks = checks_for(["units"], as_of=dt.date(2019, 12, 31))
    >>> next(check.allowed_zh for check in checks if check.check_id == "headcount.range")
    '1～300000 人'
    """
    day = as_of or dt.date.today()
    names = [name for name in tables if not name.startswith("previous/")]
    checks: list[Check] = []
    for table in names:
        declared: dict[str, FieldSpec] = dict(load_schema(table).fields) if table in schema_names() else {}
        surveyed = dict((fields or {}).get(table, {}))
        if not declared and surveyed:
            # A survey table hangs on the unit (or, for fields asked once per source, on the source).
            declared = _survey_key("source_id" if table.startswith("survey/") else "unit_id")
        for name, spec in {**declared, **surveyed}.items():
            checks += _of_field(table, name, spec, day)
        checks += [_of_rule(rule, table, rule.tables[table]) for rule in rules() if table in rule.tables]
    return checks


def _survey_key(column: str) -> dict[str, FieldSpec]:
    register = "risk_sources" if column == "source_id" else "units"
    key = load_schema(register).fields[column]
    return {column: key.model_copy(update={"references": f"{register}.{column}"})}


def _of_rule(rule: Rule, table: str, column: str) -> Check:
    def marker(frame: pd.DataFrame, context: Context) -> pd.Series:
        return rule.breaches(frame, column, context)

    words = (rule.title_zh, rule.allowed_zh, rule.severity)
    return Check(table, rule.id, column, *words, IN_SET, marker=marker, needs=rule.needs, family=rule.family)


def _of_field(table: str, name: str, spec: FieldSpec, as_of: dt.date) -> list[Check]:
    """Return the checks that follow from one field's declaration."""
    severity = getattr(spec, "severity", "error")
    label = spec.label.zh

    def check(
        kind: str, expectation: str, kwargs: Mapping[str, Any], marker: Marker | None = None, **words: object
    ) -> Check:
        title, allowed = derived(kind, label=label, **words)
        return Check(table, f"{name}.{kind}", name, title, allowed, severity, expectation, kwargs, marker)

    made: list[Check] = []
    if spec.required:
        made.append(check("required", NOT_NULL, {}))
    if spec.range is not None:
        low, high = spec.range
        unit = f" {spec.unit}" if spec.unit else ""
        words: dict[str, Any] = {"low": f"{low:.15g}", "high": f"{high:.15g}", "unit": unit}
        made.append(check("range", BETWEEN, {"min_value": low, "max_value": high}, **words))
    if spec.type == "integer":
        made.append(check("integer", IN_SET, {}, _not_whole(name)))
    if spec.values:
        values: dict[str, Any] = {"values": "、".join(spec.values.values())}
        made.append(check("category", IN_SET, {"value_set": list(spec.values)}, **values))
    if spec.type == "date" and not getattr(spec, "future", False):
        made.append(check("past", IN_SET, {}, _after(name), as_of=as_of.isoformat()))
    codes = getattr(spec, "codes", None)
    if codes:
        listed = list(code_names(codes))
        made.append(
            check(
                "codes", IN_SET, {"value_set": listed}, name=titles("code_lists").get(codes, codes), count=len(listed)
            )
        )
    pattern = getattr(spec, "pattern", None)
    if pattern:
        made.append(check("pattern", MATCH, {"regex": f"^(?:{pattern})$"}, pattern=pattern))
    if getattr(spec, "unique", False):
        made.append(check("unique", UNIQUE, {}))
    references = getattr(spec, "references", None)
    if references:
        target, column = references.split(".")
        made.append(check("references", IN_SET, {}, _unknown(name, target, column), table=table_title(target)))
    return made


def _not_whole(name: str) -> Marker:
    def marker(frame: pd.DataFrame, context: Context) -> pd.Series:
        values = frame[name]
        return (values % 1 != 0).astype("boolean").where(values.notna())

    return marker


def _after(name: str) -> Marker:
    def marker(frame: pd.DataFrame, context: Context) -> pd.Series:
        import pandas as pd

        days = pd.to_datetime(frame[name])
        return (days.dt.normalize() > pd.Timestamp(context.as_of)).astype("boolean").where(days.notna())

    return marker


def _unknown(name: str, target: str, column: str) -> Marker:
    def marker(frame: pd.DataFrame, context: Context) -> pd.Series:
        known = context.table(target, column)[column]
        return (~frame[name].isin(known)).astype("boolean").where(frame[name].notna())

    return marker
