"""The yearly deliverables (年度成果) as a checklist: what each department and area has by the plan's day.

Lists, plans and drills are counted from the registers. Maps, reports and minutes are known only from the register
`deliverables`; without it they are unknown, which is neither there nor missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kit.errors import KitError, Problem, ProblemsError, did_you_mean
from kit.inventory.assessment import BEIJING, DEGREES
from kit.inventory.progress import Tables, texts, with_place
from kit.registers.codes_list import code_names
from kit.registers.schema import load_schema
from kit.standard.common_parts import common_labels
from kit.standard.loader import read_scales
from kit.standard.sectors import plan

CITY = "city"


@dataclass(frozen=True)
class _Owner:
    kind: str
    id: str
    label: str
    sources: pd.DataFrame
    documents: pd.DataFrame | None


@dataclass(frozen=True)
class _Found:
    """What is there of one item: its state, counts where there are any, words."""

    state: str
    note: str = ""
    have: int | None = None
    need: int | None = None


def due_day(year: int) -> dt.date:
    """Return the day by which the plan wants the deliverables of a year.

    Examples
    --------
    >>> due_day(2019).isoformat()
    '2019-11-30'
    """
    yearly = plan()["yearly"]["due"]
    return dt.date(year, int(yearly["month"]), int(yearly["day"]))


def checklist(tables: Tables, year: int, on: dt.date) -> pd.DataFrame:
    """Return the yearly deliverables of the city, each department and each area, with what is there on a day.

    Parameters
    ----------
    tables : `units`, `risk_sources`, and as far as there are any `plans`, `drills`, `panels`, `deliverables`.
    year : the year of the deliverables.
    on : the day asked for; what was done later does not count.

    Returns
    -------
    Frame with `owner_kind`, `owner` (`city`, key of a department, code of an area), `item`, `state`, `have`, `need`
    (null where nothing is counted), `due`, `overdue` (the day is past and the item is not all there), `handed_in_at`,
    `note_zh`, and the words of owner, item and state. States: `there`, `late` (all there, but after the day), `part`,
    `missing`, `none_needed` (no major source, and none that could still become one), `unknown`.

    Raises
    ------
    ProblemsError
        With every row of `deliverables` whose owner or item is none: its document would be counted nowhere.

    Examples
    --------
    >>> checklist(quarter.tables, 2019, dt.date(2019, 12, 31))                                   # doctest: +SKIP
    """
    words = texts()
    due = due_day(year)
    documents = _documents(tables, year, on)
    rows = []
    for owner in _owners(tables, documents, on):
        for item, spec in words["items"].items():
            found = _find(item, spec["from"], owner, tables, due, on)
            handed_in = _handed_in(owner, item)
            rows.append(
                {
                    "owner_kind": owner.kind, "owner_kind_zh": words["owner_kinds"][owner.kind], "owner": owner.id,
                    "owner_zh": owner.label, "item": item, "item_zh": _label(spec), "state": found.state,
                    "state_zh": words["checklist_states"][found.state], "have": found.have, "need": found.need,
                    "due": due, "overdue": on > due and found.state in ("part", "missing"),
                    "handed_in_at": handed_in, "note_zh": found.note,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows).astype({"have": "Int64", "need": "Int64"})
    frame["handed_in_at"] = pd.to_datetime(frame["handed_in_at"])
    frame["overdue_zh"] = [words["overdue_yes"] if late else "" for late in frame["overdue"]]
    return frame


def overview(found: pd.DataFrame) -> pd.DataFrame:
    """Return a checklist with one row for each owner and one column for each item, its state in words.

    Parameters
    ----------
    found : what `checklist` gave.
    """
    heads = texts()["checklist"]
    wide = found.pivot(index="owner", columns="item_zh", values="state_zh")
    wide = wide.loc[found["owner"].unique(), found["item_zh"].unique()].reset_index(drop=True)
    owners = found.drop_duplicates("owner")["owner_zh"].tolist()
    wide.insert(0, heads["owner_zh"], owners)
    return wide.rename_axis(columns=None)


def _label(spec: Mapping[str, str]) -> str:
    return spec["label"].format(experts=plan()["yearly"]["experts"])


def _documents(tables: Tables, year: int, on: dt.date) -> pd.DataFrame | None:
    """Return the documents handed in for the year until the day; None without the register."""
    given = tables.get("deliverables")
    if given is None:
        return None
    items = dict(load_schema("deliverables").fields["item"].values or {})
    owners = [CITY, *common_labels("departments"), *code_names("districts")]
    problems = []
    for row in given.to_dict("records"):
        for column, allowed in (("owner", owners), ("item", list(items))):
            value = str(row[column])
            if value not in allowed:
                hint = did_you_mean(value, allowed)
                problems.append(
                    Problem(f"{column} '{value}' is unknown; {hint}", "deliverables", key=str(row["deliverable_id"]))
                )
    if problems:
        raise ProblemsError(problems)
    days = pd.to_datetime(given["handed_in_at"])
    chosen = given[(given["year"] == year) & (days <= pd.Timestamp(on))].copy()
    chosen["handed_in_at"] = pd.to_datetime(chosen["handed_in_at"])
    return chosen


def _owners(tables: Tables, documents: pd.DataFrame | None, on: dt.date) -> list[_Owner]:
    sources = with_place(tables)
    worst = read_scales()["risk"].worst_level
    sources["confirmed"] = sources["review_state"].eq("confirmed").fillna(False).astype(bool)
    sources["confirmed"] &= sources["reviewed_level"].notna()
    sources["major"] = sources["confirmed"] & sources["reviewed_level"].eq(worst).fillna(False).astype(bool)
    sources["self_major"] = ~sources["confirmed"] & sources["self_level"].eq(worst).fillna(False).astype(bool)
    sources = sources[~(sources["unit_closed_at"] <= pd.Timestamp(on))]

    def owner(kind: str, key: str, label: str, mine: pd.DataFrame) -> _Owner:
        return _Owner(kind, key, label, mine, None if documents is None else documents[documents["owner"] == key])

    found = [owner(CITY, CITY, texts()["city"], sources)]
    for kind, labels in (("department", common_labels("departments")), ("district", code_names("districts"))):
        found += [owner(kind, key, label, sources[sources[kind] == key]) for key, label in labels.items()]
    return found


def _find(item: str, where: str, owner: _Owner, tables: Tables, due: dt.date, on: dt.date) -> _Found:
    if where == "sources":
        return _list(owner)
    if where in ("plans", "drills"):
        return _per_source(where, owner, tables.get(where), due, on)
    if where == "panels":
        return _panel(owner, tables.get("panels"), due, on)
    if where == "document":
        return _document(item, owner, due)
    raise KitError(f"progress.yaml: item '{item}' comes from '{where}', which is not known")


def _numbers(owner: _Owner) -> dict[str, int]:
    sources = owner.sources
    return {
        "major": int(sources["major"].sum()),
        "pending": int((~sources["confirmed"]).sum()),
        "self_major": int(sources["self_major"].sum()),
    }


def _list(owner: _Owner) -> _Found:
    """Return whether the list of major sources can be final: all sources are confirmed."""
    words, numbers = texts()["notes"], _numbers(owner)
    if owner.sources.empty:
        return _Found("unknown", words["no_sources"])
    if numbers["pending"]:
        return _Found("part", words["pending"].format(**numbers), numbers["major"], None)
    if not numbers["major"]:
        return _Found("none_needed", words["no_major"], 0, 0)
    return _Found("there", words["listed"].format(**numbers), numbers["major"], numbers["major"])


def _per_source(name: str, owner: _Owner, table: pd.DataFrame | None, due: dt.date, on: dt.date) -> _Found:
    """Return how many major sources have a plan (approved by the day) or a drill (in the year)."""
    words, numbers = texts()["notes"], _numbers(owner)
    if owner.sources.empty:
        return _Found("unknown", words["no_sources"])
    if not numbers["major"]:
        if numbers["pending"]:
            return _Found("unknown", words["maybe"].format(**numbers))
        return _Found("none_needed", words["no_major"], 0, 0)
    if table is None:
        return _Found(
            "unknown", words["no_register"].format(register=texts()["registers"][name]), None, numbers["major"]
        )
    days = pd.to_datetime(table["approved_at" if name == "plans" else "drilled_at"])
    first = pd.Timestamp(due.year, 1, 1) if name == "drills" else pd.Timestamp.min
    last = min(pd.Timestamp(on), pd.Timestamp(due.year, 12, 31))
    mine = table["source_id"].isin(owner.sources.loc[owner.sources["major"], "source_id"]) & (days >= first)
    have = set(table.loc[mine & (days <= last), "source_id"])
    in_time = set(table.loc[mine & (days <= min(last, pd.Timestamp(due))), "source_id"])
    need, late = numbers["major"], len(have - in_time)
    note = words["counted"].format(have=len(have), need=need)
    if late:
        note += "；" + words["in_time"].format(late=late)
    if numbers["pending"]:
        note += words["more"].format(**numbers)
    state = "missing" if not have else "part" if len(have) < need else "late" if late else "there"
    return _Found(state, note, len(have), need)


def _document(item: str, owner: _Owner, due: dt.date) -> _Found:
    """Return whether a document was handed in."""
    words, numbers = texts()["notes"], _numbers(owner)
    note = ""
    if item == "major_map" and numbers["major"]:
        placed = owner.sources["major"] & _placed(owner.sources)
        note = words["placed"].format(placed=int(placed.sum()), **numbers)
    if owner.documents is None:
        missing = words["no_register"].format(register=texts()["registers"]["deliverables"])
        return _Found("unknown", "；".join(filter(None, (missing, note))))
    day = _handed_in(owner, item)
    if day is None:
        return _Found("missing", note)
    return _Found("there" if day <= pd.Timestamp(due) else "late", note)


def _placed(sources: pd.DataFrame) -> pd.Series[Any]:
    west, south, east, north = BEIJING
    inside = sources["lon"].between(west, east) & sources["lat"].between(south, north)
    return inside & sources["crs"].isin(DEGREES)


def _handed_in(owner: _Owner, item: str) -> pd.Timestamp | None:
    """Return the day on which a document was first handed in."""
    if owner.documents is None:
        return None
    day = owner.documents.loc[owner.documents["item"] == item, "handed_in_at"].min()
    return None if pd.isna(day) else pd.Timestamp(day)


def _panel(owner: _Owner, panels: pd.DataFrame | None, due: dt.date, on: dt.date) -> _Found:
    """Return whether experts reviewed the documents: enough of them, signed, and not refused by half of them."""
    words = texts()["notes"]
    need = int(plan()["yearly"]["experts"])
    for name, given in (("deliverables", owner.documents), ("panels", panels)):
        if given is None:
            return _Found("unknown", words["no_register"].format(register=texts()["registers"][name]), None, need)
    assert owner.documents is not None and panels is not None
    if owner.documents.empty:
        return _Found("missing", "", 0, need)
    reviewed = owner.documents[~owner.documents["item"].isin(["major_map", "minutes"])]
    linked = reviewed["panel_id"].fillna("").astype("str") != ""
    if not linked.any():
        return _Found("unknown", words["no_panel"], None, need)
    seats = panels[panels["expert_id"].notna()].assign(held_at=pd.to_datetime(panels["held_at"]))
    seats = seats[seats["held_at"] <= pd.Timestamp(on)]
    seats["signed"] = seats["signed"].eq(True).fillna(False).astype(bool)
    # Each document needs a review of its own or a common one: the weakest of them counts.
    counted = [_seats(seats[seats["panel_id"] == panel]) for panel in sorted(set(reviewed.loc[linked, "panel_id"]))]
    weakest = min(counted, key=lambda panel: (panel["signed"] - 2 * panel["refused"], panel["signed"], panel["seats"]))
    note = words["seats"].format(**weakest)
    if not linked.all():
        note += "；" + words["unreviewed"].format(n=int((~linked).sum()))
    fewest = min(panel["signed"] for panel in counted)
    if not any(panel["signed"] for panel in counted):
        return _Found("missing", note, 0, need)
    if fewest < need or any(2 * panel["refused"] >= panel["signed"] for panel in counted) or not linked.all():
        return _Found("part", note, fewest, need)
    held = seats.loc[seats["panel_id"].isin(reviewed["panel_id"]) & seats["signed"], "held_at"].max()
    return _Found("late" if held > pd.Timestamp(due) else "there", note, fewest, need)


def _seats(panel: pd.DataFrame) -> dict[str, int]:
    signed = panel[panel["signed"]]
    refused = signed[signed["verdict"].eq("refused").fillna(False).astype(bool)]
    return {
        "seats": int(panel["expert_id"].nunique()),
        "signed": int(signed["expert_id"].nunique()),
        "refused": int(refused["expert_id"].nunique()),
    }
