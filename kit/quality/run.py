"""Running checks on Great Expectations: each ends passed, failed or not checked; failing rows are one table."""

from __future__ import annotations

import datetime as dt
import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.errors import cut
from kit.quality.registry import Context, NotCheckable
from kit.quality.suites import Check
from kit.quality.texts import state
from kit.registers.schema import load_schema, schema_names

if TYPE_CHECKING:
    import pandas as pd

CHECK_COLUMNS = (
    "table", "check_id", "title_zh", "column", "state", "n_checked", "n_failed", "severity", "detail_zh", "family",
)  # fmt: skip
ROW_COLUMNS = (
    "table", "check_id", "key", "unit_id", "district", "row", "column", "value", "title_zh", "allowed_zh",
    "severity",
)  # fmt: skip
_ROW = "__row__"
# Marks are numbers, which are compared in a tenth of the time that text takes.
_FINE = 0.0


@dataclass(frozen=True)
class QualityResult:
    """What a run found.

    Attributes
    ----------
    checks : one row per check: table, check_id, title_zh, column, state (passed, failed, not_checked), n_checked
        (rows the check applied to), n_failed, severity, detail_zh (for not_checked: why), family (see
        `kit.quality.registry.families`).
    rows : one row per breach: table, check_id, key, unit_id, district (null where unknown), row (from 1, in the
        order of the table), column, value (text, at most 80 characters, empty for null), title_zh, allowed_zh,
        severity.
    """

    checks: pd.DataFrame
    rows: pd.DataFrame

    def failed(self, severity: str | None = None) -> pd.DataFrame:
        """Return the checks that failed, all or of one severity."""
        found = self.checks[self.checks["state"] == "failed"]
        return found if severity is None else found[found["severity"] == severity]


@dataclass
class _Outcome:
    state: str
    n_checked: int
    failed_rows: list[int]
    detail: str


def validate(
    tables: Mapping[str, pd.DataFrame],
    checks: Sequence[Check],
    *,
    as_of: dt.date | None = None,
    standards: Mapping[str, Any] | None = None,
) -> QualityResult:
    """Return the state of every check on `tables` and every failing row.

    Null passes every check but a required one. A check whose table or column is absent, that has nothing to look
    at, or that raises, is `not_checked` with the reason: never passed and never failed. All failing rows are listed.

    Parameters
    ----------
    tables : frames by name; also ``previous/risk_sources`` where the quarter before is known. Not changed.
    checks : see `kit.quality.checks_for`.
    as_of : the day the data stand for; today when not given.
    standards : standards by id, for rules that ask for versions or suggestion lists; those are not checked without.

    Examples
    --------
    >>> result = validate({"units": units}, checks_for(["units"]))          # doctest: +SKIP
    >>> result.checks["state"].value_counts().to_dict()                      # doctest: +SKIP
    {'passed': 30, 'failed': 4, 'not_checked': 1}
    """
    import pandas as pd

    context = Context(tables, as_of or dt.date.today(), standards or {})
    outcomes: dict[tuple[str, str], _Outcome] = {}
    for table in dict.fromkeys(check.table for check in checks):
        own = [check for check in checks if check.table == table]
        if table not in tables:
            outcomes |= {(table, check.check_id): _not_checked(state("no_table_data")) for check in own}
        else:
            outcomes |= _run_table(table, tables[table], own, context)
    lines = []
    rows = []
    units = _districts(tables)
    for check in checks:
        outcome = outcomes[(check.table, check.check_id)]
        lines.append(
            (
                check.table, check.check_id, check.title_zh, check.column, outcome.state, outcome.n_checked,
                len(outcome.failed_rows), check.severity, outcome.detail, check.family,
            )
        )  # fmt: skip
        if outcome.failed_rows:
            rows.append(_failing(check, tables[check.table], outcome.failed_rows, units))
    text = dict.fromkeys(("key", "unit_id", "district", "value", "table", "check_id", "column"), "str")
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(ROW_COLUMNS))
    return QualityResult(
        pd.DataFrame(lines, columns=list(CHECK_COLUMNS)), found.astype({**text, "row": "int64"})[list(ROW_COLUMNS)]
    )


def _not_checked(reason: str) -> _Outcome:
    return _Outcome("not_checked", 0, [], reason)


def _run_table(
    table: str, frame: pd.DataFrame, checks: Sequence[Check], context: Context
) -> dict[tuple[str, str], _Outcome]:
    """Run the checks of one table in one suite."""
    prepared = prepare(frame, checks, context)
    outcomes = {(table, check.check_id): _not_checked(reason) for check, reason in prepared.refused}
    if prepared.ready:
        wanted = [(check.expectation, name, kwargs) for check, name, kwargs in prepared.ready]
        results = _expect(prepared.frame, wanted)
        for (check, _, _), outcome in zip(prepared.ready, results, strict=True):
            outcomes[(table, check.check_id)] = outcome
    return outcomes


@dataclass(frozen=True)
class Prepared:
    """A table with its marks, ready for a suite.

    Attributes
    ----------
    frame : the columns that are looked at, those of marks (0 fine, 1 breach) named ``rule <check id>``.
    ready : check, column and arguments of its expectation.
    refused : checks that cannot be made, with the reason.
    """

    frame: pd.DataFrame
    ready: list[tuple[Check, str, dict[str, Any]]]
    refused: list[tuple[Check, str]]


def prepare(frame: pd.DataFrame, checks: Sequence[Check], context: Context) -> Prepared:
    """Return a table as its suite looks at it: rules over columns and tables are made into columns of marks."""
    import pandas as pd

    data = frame.reset_index(drop=True)
    columns: dict[str, Any] = {_ROW: pd.Series(range(1, len(data) + 1), dtype="int64")}
    ready: list[tuple[Check, str, dict[str, Any]]] = []
    refused: list[tuple[Check, str]] = []
    for check in checks:
        missing = [name for name in (check.column, *check.needs) if name not in data.columns]
        reason = state("no_column", column="”“".join(missing)) if missing else ""
        column, kwargs = check.column, dict(check.kwargs)
        if check.marker is not None and not missing:
            column, kwargs = f"rule {check.check_id}", {"value_set": [_FINE]}
            try:
                marks = check.marker(data, context).astype("boolean")
                columns[column] = marks.astype("Float64").to_numpy(dtype="float64", na_value=float("nan"))
            except NotCheckable as error:
                reason = str(error)
            except Exception as error:  # a rule that breaks must not take the others with it
                reason = state("raised", error=cut(f"{type(error).__name__}: {error}"))
        elif not missing:
            columns[column] = data[column]
        if not reason and check.expectation != "expect_column_values_to_not_be_null":
            reason = "" if pd.notna(columns[column]).any() else state("no_rows")
        if reason or data.empty:
            refused.append((check, reason or state("no_rows")))
        else:
            ready.append((check, column, kwargs))
    return Prepared(pd.DataFrame(columns), ready, refused)


def _expect(frame: pd.DataFrame, expectations: Sequence[tuple[str, str, dict[str, Any]]]) -> list[_Outcome]:
    """Return the outcome of each expectation (name, column, arguments) on a frame, in order."""
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("kit").add_dataframe_asset("table")
    whole = asset.add_batch_definition_whole_dataframe("all")
    batch = whole.get_batch(batch_parameters={"dataframe": frame})
    outcomes: list[_Outcome | None] = [None] * len(expectations)
    built: list[Any] = []
    for place, (name, column, kwargs) in enumerate(expectations):
        try:
            built.append(expectation(name, column, {"place": place}, kwargs))
        except Exception as error:
            outcomes[place] = _not_checked(state("raised", error=cut(f"{type(error).__name__}: {error}")))
    result_format = {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": [_ROW],
        "return_unexpected_index_query": False,
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = batch.validate(gx.ExpectationSuite("kit", expectations=built), result_format=result_format)
        for result in run.results:
            outcomes[result.expectation_config.meta["place"]] = _outcome(result)
    except Exception as error:
        reason = state("raised", error=cut(f"{type(error).__name__}: {error}"))
        return [outcome or _not_checked(reason) for outcome in outcomes]
    return [outcome or _not_checked(state("raised", error="no result")) for outcome in outcomes]


def expectation(name: str, column: str, meta: Mapping[str, Any], kwargs: Mapping[str, Any]) -> Any:
    """Return an expectation by its snake-case name."""
    kind = getattr(great_expectations().expectations, "".join(part.capitalize() for part in name.split("_")))
    return kind(column=column, meta=dict(meta), **kwargs)


def great_expectations() -> Any:
    """Import Great Expectations with nothing reported home and nothing printed."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    return gx


def _outcome(result: Any) -> _Outcome:
    """Return the outcome in three states: what raised has success False too, only `exception_info` tells."""
    info = result.exception_info or {}
    raised = [info] if "raised_exception" in info else list(info.values())
    messages = [str(item.get("exception_message")) for item in raised if item.get("raised_exception")]
    if messages or not result.result:
        return _not_checked(state("raised", error=cut(messages[0] if messages else "no result")))
    found = result.result
    checked = int(found["element_count"]) - int(found.get("missing_count") or 0)
    failed = sorted(int(line[_ROW]) for line in found.get("unexpected_index_list") or [])
    if len(failed) != int(found["unexpected_count"]) or bool(result.success) != (not failed):
        return _not_checked(state("raised", error="failing rows and their number disagree"))
    kind = "failed" if failed else "passed"
    return _Outcome(kind, checked, failed, state(kind, checked=checked, failed=len(failed)))


def _districts(tables: Mapping[str, pd.DataFrame]) -> pd.Series | None:
    units = tables.get("units")
    if units is None or not {"unit_id", "district"} <= set(units.columns):
        return None
    return units.dropna(subset=["unit_id"]).drop_duplicates("unit_id").set_index("unit_id")["district"]


def _failing(check: Check, frame: pd.DataFrame, rows: Sequence[int], districts: pd.Series | None) -> pd.DataFrame:
    """Return the failing rows of a check with what leads a reader to them."""
    import pandas as pd

    part = frame.iloc[[row - 1 for row in rows]].reset_index(drop=True)
    unit = next((name for name in ("unit_id", "owner_unit") if name in part.columns), None)
    nothing = pd.Series([None] * len(part), dtype="str")
    unit_ids = part[unit] if unit else nothing
    if "district" in part.columns:
        district = part["district"]
    else:
        district = unit_ids.map(districts) if districts is not None else nothing
    return pd.DataFrame(
        {
            "table": check.table,
            "check_id": check.check_id,
            "key": _key(check.table, part),
            "unit_id": unit_ids,
            "district": district,
            "row": list(rows),
            "column": check.column,
            "value": [_shown(value) for value in part[check.column]],
            "title_zh": check.title_zh,
            "allowed_zh": check.allowed_zh,
            "severity": check.severity,
        }
    )


def _key(table: str, part: pd.DataFrame) -> pd.Series:
    """Return what names each row: the register's key (its parts joined by a stroke), else a unit, a source, or the
    first column."""
    import pandas as pd

    key: Any = load_schema(table).key if table in schema_names() else None
    names = [key] if isinstance(key, str) else list(key or ())
    there = [name for name in names if name in part.columns]
    if len(there) < len(names):
        return pd.Series([None] * len(part), dtype="str")
    names = there or [next((name for name in ("unit_id", "source_id") if name in part.columns), part.columns[0])]
    if len(names) == 1:
        return part[names[0]]
    return part[names].astype("str").fillna("").agg("/".join, axis=1)


def _shown(value: Any) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return cut(value)
