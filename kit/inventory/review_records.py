"""The review records of a table: the acts of each risk source in the order of time, and records that are none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kit.errors import did_you_mean
from kit.inventory.flow import STREET, Act, flow, stage_faults
from kit.inventory.store_texts import Finding, labels, word

if TYPE_CHECKING:
    import pandas as pd

BasicActs = tuple[tuple[Any, str], ...]
"""Time and result of a street's acts on a unit, in the order of time."""


def read_acts(
    reviews: pd.DataFrame | None,
    sources: pd.DataFrame,
    units: pd.DataFrame,
    settled: Collection[str],
    *,
    claims: bool = True,
) -> tuple[dict[str, list[Act]], set[int], list[Finding]]:
    """Return the acts of each source in the order of time, the rows taken already (basic information), and faults.

    With `claims` the last act of a unit has to agree with what its register says of the basic information.
    """
    by_source: dict[str, list[Act]] = {}
    kept: set[int] = set()
    findings: list[Finding] = []
    if reviews is None or reviews.empty:
        return by_source, kept, findings
    unit_of = dict(zip(sources["source_id"], sources["unit_id"], strict=True))
    last_basic: dict[str, tuple[Any, Act]] = {}
    new = reviews.reset_index(drop=True)
    new = new[~new["review_id"].isin(list(settled))]
    for at, row in zip(map(int, new.index), plain_rows(new), strict=True):
        found = list(_record_faults(row))
        act = None
        if not found:
            act = _act(at + 1, row)
            rule = flow().acts[act.act]
            if rule.unit:
                unit = row.get("unit_id") or unit_of.get(row["source_id"])
                found = list(_basic_faults(unit, units, row, act))
                if not found and unit is not None:
                    kept.add(at)
                    if unit not in last_basic or act.at >= last_basic[unit][0]:
                        last_basic[unit] = (act.at, act)
            elif row["source_id"] not in unit_of:
                found = [("unknown_source", {"source": row["source_id"]})]
            else:
                by_source.setdefault(row["source_id"], []).append(act)
        findings += [Finding(rule, "reviews", at + 1, row["review_id"], values) for rule, values in found]
    for acts in by_source.values():
        acts.sort(key=lambda one: one.at)
    if claims:
        for unit, (_, act) in last_basic.items():
            result, claimed = flow().acts[act.act].result, plain(units.at[unit, "basic_review"])
            # Pending is what a unit is that was reviewed and has changed its information since.
            if claimed != result and claimed != "pending":
                values: dict[str, object] = {"recorded": word("basic", result), "claimed": word("basic", claimed)}
                findings.append(Finding("basic_differs", "reviews", act.row, act.review_id, values))
    return by_source, kept, findings


def basic_results(
    reviews: pd.DataFrame | None, sources: pd.DataFrame, units: pd.DataFrame | None
) -> dict[str, BasicActs]:
    """Return time and result of the street's acts on each unit of `units` (on any, without them)."""
    found: dict[str, list[tuple[Any, str]]] = {}
    if reviews is None:
        return {}
    acts = reviews[reviews["act"].isin([name for name, rule in flow().acts.items() if rule.unit])]
    unit_of = dict(zip(sources["source_id"], sources["unit_id"], strict=True)) if len(acts) else {}
    for row in plain_rows(acts):
        result = flow().acts[row["act"]].result
        unit = row.get("unit_id") or unit_of.get(row["source_id"])
        there = unit is not None and (units is None or unit in units.index)
        if row["stage"] == STREET and result is not None and row["at"] is not None and there:
            found.setdefault(str(unit), []).append((row["at"], result))
    return {unit: tuple(sorted(results, key=lambda one: one[0])) for unit, results in found.items()}


def joined(before: Mapping[str, BasicActs], new: Mapping[str, BasicActs]) -> dict[str, BasicActs]:
    """Return the acts of both on each unit, in the order of time."""
    both = {unit: set(before.get(unit, ())) | set(new.get(unit, ())) for unit in {*before, *new}}
    return {unit: tuple(sorted(acts, key=lambda one: one[0])) for unit, acts in both.items()}


def _record_faults(row: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, object]]]:
    if row["act"] not in flow().acts:
        yield "unknown_act", {"act": row["act"], "hint": did_you_mean(str(row["act"]), flow().acts)}
    for name in ("from_level", "to_level"):
        if row[name] is not None and row[name] not in labels("level"):
            yield "unknown_level", {"level": row[name], "hint": did_you_mean(str(row[name]), labels("level"))}
    if row["at"] is None:
        yield "no_time", {}
    if row["reviewer"] is None:
        yield "no_reviewer", {}


def _basic_faults(
    unit: str | None, units: pd.DataFrame, row: Mapping[str, Any], act: Act
) -> Iterable[tuple[str, dict[str, object]]]:
    if unit is None or unit not in units.index:
        yield "unknown_unit", {"unit": row.get("unit_id"), "source": row["source_id"]}
        return
    yield from stage_faults(unit, plain(units.at[unit, "supervision"]), act, flow().acts[act.act])
    if act.stage == STREET and (act.from_level is not None or act.to_level is not None):
        yield "basic_level", {"from_level": act.from_level, "to_level": act.to_level}


def _act(number: int, row: Mapping[str, Any]) -> Act:
    import pandas as pd

    return Act(
        row["review_id"], number, row["act"], row["stage"], pd.Timestamp(row["at"]), row["from_level"],
        row["to_level"], row["reason"],
    )  # fmt: skip


def plain(value: Any) -> Any:
    """Return a value, None for every kind of null."""
    import pandas as pd

    return None if value is pd.NA or value is pd.NaT or value != value else value


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dictionaries with None for every kind of null and for blank text."""
    columns = {}
    for name in frame.columns:
        plain = frame[name].astype(object)
        columns[str(name)] = plain.where(frame[name].notna() & (plain != ""), None).tolist()
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
