"""What a quarter claims, held against the review records: every breach is found before anything is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kit.errors import did_you_mean
from kit.inventory.flow import BEFORE_REVIEW, Act, Standing, Subject, file, flow, walk
from kit.inventory.review_records import BasicActs, basic_results, joined, plain, plain_rows, read_acts
from kit.inventory.store_texts import Finding, labels, word
from kit.registers.schema import load_schema

if TYPE_CHECKING:
    import pandas as pd

    Frames = Mapping[str, pd.DataFrame]

MEASURES = ("measures_engineering", "measures_technical", "measures_management")
NEEDED = {
    "units": ("unit_id", "supervision", "basic_review"),
    "risk_sources": ("source_id", "unit_id", "public_impact", "self_level", "reviewed_level", "review_state"),
    "reviews": ("review_id", "source_id", "stage", "act", "reviewer", "at", "from_level", "to_level", "reason"),
}
KEYS = {"units": "unit_id", "risk_sources": "source_id", "reviews": "review_id"}
KNOWN = ("review_state", "self_level", "reviewed_level", "public_impact", "updated_at", *MEASURES)
"""Columns of the last snapshot that the next one is held against."""
HELD_COLUMNS = (
    "table", "key", "source_id", "rule", "claimed_state", "claimed_level", "kept_state", "kept_level",
    "reason_zh", "reason_en",
)  # fmt: skip


@dataclass
class Checked:
    """A quarter after the check.

    Attributes
    ----------
    sources : the risk sources as they are to be stored: what breaks a rule has the state and the level that the
        records support.
    acts : the review records that were taken, columns of the register.
    findings : everything that is wrong.
    held : what was claimed and what was kept instead; one row for each finding about a risk source or a record.
    """

    sources: pd.DataFrame
    acts: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)

    def add(self, findings: Sequence[Finding]) -> None:
        """Add findings that were made elsewhere, and put all in the order of the tables."""
        self.findings += findings
        self.held += [_held(one, None, None, None, None, None) for one in findings]
        self.findings.sort(key=lambda one: (one.table, one.row or 0))


def structure(tables: Frames) -> list[Finding]:
    """Return what no submission can be stored with: tables, columns and keys that are missing or doubled."""
    found: list[Finding] = []
    given = ", ".join(sorted(tables)) or "–"
    for table, columns in NEEDED.items():
        if table not in tables:
            if table != "reviews":
                found.append(Finding("no_table", table, None, None, {"table": table, "given": given}))
            continue
        frame = tables[table]
        missing = [column for column in columns if column not in frame.columns]
        found += [Finding("no_column", table, None, None, {"table": table, "column": name}) for name in missing]
        if KEYS[table] not in missing:
            found += _key_faults(frame, table, KEYS[table])
    return found


def _key_faults(frame: pd.DataFrame, table: str, column: str) -> Iterable[Finding]:
    keys = frame[column].reset_index(drop=True)
    for at in keys.index[keys.isna()]:
        yield Finding("no_key", table, int(at) + 1, None, {"column": column})
    twice = keys[keys.notna() & keys.duplicated()]
    if len(twice):
        first = {key: at for at, key in reversed(list(enumerate(keys)))}
        for at, key in twice.items():
            values = {"column": column, "value": key, "first": first[key] + 1, "row": int(str(at)) + 1}
            yield Finding("key_twice", table, int(str(at)) + 1, str(key), values)


def check(
    tables: Frames,
    known: pd.DataFrame,
    last_acts: Mapping[str, Any],
    *,
    basic_acts: Mapping[str, BasicActs] | None = None,
    settled: Collection[str] = (),
    opening: bool = False,
    hold: bool = False,
) -> Checked:
    """Return a quarter as it may be stored, and everything in it that breaks the flow.

    Parameters
    ----------
    tables : `units`, `risk_sources` and, where there are new ones, `reviews`, without the faults of `structure`.
    known : the last row of each source in the inventory: index `source_id`, columns `KNOWN` and `last_level`.
    last_acts : time of the last record of each source.
    basic_acts : time and result of the street's records on each unit that the inventory has already.
    settled : numbers of the records that the inventory has already; they are not judged again.
    opening : sources without records are taken over in the state they have.
    hold : a wrong record is left out, and a state or level that the records do not support is not taken.
    """
    sources = tables["risk_sources"].reset_index(drop=True)
    units = tables["units"].drop_duplicates("unit_id").set_index("unit_id")
    reviews = tables.get("reviews")
    by_source, kept, findings = read_acts(reviews, sources, units, settled)
    done = Checked(sources.copy(), reviews.iloc[:0] if reviews is not None else _no_acts(), findings)
    done.held += [_held(one, None, None, None, None, None) for one in findings]
    busy = _to_look_at(sources, known, by_source, opening=opening)
    states, levels = done.sources["review_state"].tolist(), done.sources["reviewed_level"].tolist()
    rows = plain_rows(sources.loc[busy, [*_there(sources), "source_id", "unit_id"]])
    before = known.loc[known.index.isin(sources.loc[busy, "source_id"])]
    earlier = dict(zip(before.index, plain_rows(before), strict=True))
    basics = dict(zip(units.index, plain_rows(units[["supervision", "basic_review"]]), strict=True))
    for unit, results in joined(basic_acts or {}, basic_results(reviews, sources, units)).items():
        if unit in basics:
            basics[unit]["basic_acts"] = results
    for at, row in zip(busy, rows, strict=True):
        source = row["source_id"]
        acts = by_source.get(source, [])
        given = (at + 1, row, earlier.get(source), basics.get(row["unit_id"], {}), acts, last_acts.get(source))
        # What follows a wrong act is judged as though it had been right, so that each mistake is told once; what is
        # kept in the end follows from the right ones alone.
        judged = _judge(*given, opening=opening, go_on=True)
        found = judged.findings
        if found and hold:
            judged = _judge(*given, opening=opening, go_on=False)
            states[at], levels[at] = judged.state, judged.level
        kept.update(act.row - 1 for act in judged.taken)
        done.findings += found
        claimed = (row["review_state"], row["reviewed_level"])
        done.held += [_held(one, source, *claimed, judged.state, judged.level) for one in found]
    done.sources["review_state"] = _texts(states, done.sources)
    done.sources["reviewed_level"] = _texts(levels, done.sources)
    if reviews is not None:
        done.acts = reviews.reset_index(drop=True).iloc[sorted(kept)]
    done.findings.sort(key=lambda one: (one.table, one.row or 0))
    return done


def apply_acts(
    tables: Frames,
    known: pd.DataFrame,
    last_acts: Mapping[str, Any],
    *,
    basic_acts: Mapping[str, BasicActs] | None = None,
    settled: Collection[str] = (),
) -> Checked:
    """Return where the risk sources stand after the records of `reviews`, taken between two quarters.

    `tables` has the last quarter's `units` and `risk_sources`; what the register says now is where the walk begins.
    """
    sources = tables["risk_sources"].reset_index(drop=True)
    units = tables["units"].drop_duplicates("unit_id").set_index("unit_id")
    by_source, _, findings = read_acts(tables["reviews"], sources, units, settled, claims=False)
    new = tables["reviews"].reset_index(drop=True)
    new = new[~new["review_id"].isin(list(settled))]
    done = Checked(sources.copy(), new, findings)
    basics = dict(zip(units.index, plain_rows(units[["supervision", "basic_review"]]), strict=True))
    for unit, results in joined(basic_acts or {}, basic_results(new, sources, units)).items():
        if unit in basics:
            basics[unit]["basic_acts"] = results
    columns: dict[str, list[Any]] = {
        name: sources[name].tolist() for name in ("review_state", "self_level", "reviewed_level")
    }
    touched = sources.index[sources["source_id"].isin(by_source)]
    before = known.loc[known.index.isin(by_source)]
    earlier = dict(zip(before.index, plain_rows(before), strict=True))
    for at, row in zip(touched, plain_rows(sources.loc[touched]), strict=True):
        source = row["source_id"]
        subject = _subject(row, None, basics.get(row["unit_id"], {}), new=False)
        standing = _standing(earlier.get(source), last_acts.get(source))
        standing, _, wrong = walk(subject, standing, by_source[source], go_on=True)
        done.findings += wrong
        columns["review_state"][at] = standing.state
        columns["self_level"][at] = standing.self_level if standing.filed else row["self_level"]
        columns["reviewed_level"][at] = standing.level
    for name, values in columns.items():
        done.sources[name] = _texts(values, done.sources)
    done.findings.sort(key=lambda one: (one.table, one.row or 0))
    return done


# -- one risk source ------------------------------------------------------------------------------------


@dataclass
class _Judged:
    state: str
    level: str | None
    taken: list[Act]
    findings: list[Finding]


def _judge(
    number: int,
    row: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    unit: Mapping[str, Any],
    acts: Sequence[Act],
    last_at: Any,
    *,
    opening: bool,
    go_on: bool,
) -> _Judged:
    subject = _subject(row, earlier, unit, new=earlier is None)
    standing = _standing(earlier, last_at)
    if opening and not acts:
        standing = _taken_over(row)
    standing, taken, wrong = walk(subject, standing, acts, go_on=go_on)

    def finding(rule: str, **values: object) -> None:
        wrong.append(Finding(rule, "risk_sources", number, row["source_id"], values))

    claimed = row["review_state"]
    if claimed not in labels("state"):
        finding("unknown_state", state=claimed, hint=did_you_mean(str(claimed), labels("state")))
        claimed = standing.state
    if row["reviewed_level"] is not None and row["reviewed_level"] not in labels("level"):
        finding("unknown_level", level=row["reviewed_level"], hint=did_you_mean(row["reviewed_level"], labels("level")))
        return _Judged(standing.state, standing.level, taken, wrong)
    recorded = [act.to_level for act in acts if act.act == "self_assess" and act.to_level is not None]
    if recorded and recorded[-1] != subject.self_level:
        finding("other_self", recorded=word("level", recorded[-1]), level=word("level", subject.self_level))
    if earlier is not None and not standing.filed and claimed == standing.state not in BEFORE_REVIEW:
        if earlier["self_level"] != subject.self_level:
            levels = {"before": word("level", earlier["self_level"]), "level": word("level", subject.self_level)}
            finding("self_changed", **levels, state=word("state", standing.state))
            standing = file(standing, subject.self_level)
            return _Judged(standing.state, standing.level, taken, wrong)
        flipped = subject.public_impact and not _impact(earlier["public_impact"])
        if claimed == "confirmed" and flipped and not standing.reassessed:
            finding("impact_changed")
            return _Judged("sector_reviewed", standing.level, taken, wrong)
    # The unit's own assessment needs no record: it is the row itself.
    own = claimed == "self_assessed" or (claimed != "draft" and standing.state == flow().start)
    if claimed != standing.state and own and subject.self_level is not None:
        standing = file(standing, subject.self_level)
    if claimed != "draft" and subject.self_level is None:
        finding("no_self_level", state=word("state", claimed))
        standing = replace(standing, state=flow().start) if claimed == "self_assessed" else standing
    if claimed != standing.state and (claimed != "self_assessed" or subject.self_level is not None):
        missing = flow().missing(standing.state, claimed, public_impact=subject.public_impact)
        finding(
            "state_without_record",
            claimed=word("state", claimed), state=word("state", standing.state), missing=word("act", *missing),
        )  # fmt: skip
    given = row["reviewed_level"]
    if given != standing.level:
        if standing.state in BEFORE_REVIEW:
            # A state that no record supports is told already; its level goes with it.
            if claimed == standing.state:
                finding("level_too_early", state=word("state", standing.state), claimed=word("level", given))
        else:
            finding("level_without_record", claimed=word("level", given), level=word("level", standing.level))
    return _Judged(standing.state, standing.level, taken, wrong)


def _subject(
    row: Mapping[str, Any], earlier: Mapping[str, Any] | None, unit: Mapping[str, Any], *, new: bool
) -> Subject:
    measures = earlier is not None and any(row.get(name) != earlier.get(name) for name in MEASURES if name in row)
    changed = new or (
        earlier is not None
        and (row.get("updated_at") != earlier.get("updated_at") or row["self_level"] != earlier["self_level"])
    )
    return Subject(
        source_id=row["source_id"],
        unit_id=row["unit_id"],
        supervision=unit.get("supervision"),
        basic_review=unit.get("basic_review"),
        basic_acts=unit.get("basic_acts", ()),
        public_impact=_impact(row["public_impact"]),
        self_level=row["self_level"] if row["self_level"] in labels("level") else None,
        filing_changed=changed,
        measures_changed=measures,
    )


def _impact(value: Any) -> bool:
    """Return whether a source counts as having public impact: also where nobody said, since that is no all-clear."""
    return plain(value) is None or bool(value)


def _standing(earlier: Mapping[str, Any] | None, last_at: Any) -> Standing:
    if earlier is None:
        return Standing(state=flow().start)
    return Standing(
        earlier["review_state"], earlier["self_level"], earlier["reviewed_level"], earlier["last_level"], last_at
    )


def _taken_over(row: Mapping[str, Any]) -> Standing:
    """Return the standing that a register has when it is taken over; a level before any review is not taken over."""
    state = row["review_state"] if row["review_state"] in labels("state") else flow().start
    level = None if state in BEFORE_REVIEW else row["reviewed_level"]
    return Standing(state, row["self_level"], level, level, filed=True)


def _to_look_at(sources: pd.DataFrame, known: pd.DataFrame, acts: Mapping[str, Any], *, opening: bool) -> list[int]:
    """Return the rows that have to be judged one by one; the others stand where they stood, which most do."""
    state, level, own = sources["review_state"], sources["reviewed_level"], sources["self_level"]
    rated = own.isin(list(labels("level")))
    early = state.isin(BEFORE_REVIEW)
    fresh = early & level.isna() & ((state == "draft") | rated) & (state != "returned")
    if opening:
        fresh |= state.isin(list(labels("state"))) & ((state == "draft") | rated) & (level.isna() | ~early)
        fresh &= level.isna() | level.isin(list(labels("level")))
    before = known.reindex(sources["source_id"])
    same = sources["source_id"].isin(known.index)
    for name in ("review_state", "reviewed_level", "self_level"):
        a, b = sources[name].to_numpy(dtype=object), before[name].to_numpy(dtype=object)
        same &= (a == b) | (sources[name].isna().to_numpy() & before[name].isna().to_numpy())
    flipped = sources["public_impact"].map(_impact).to_numpy(dtype=bool)
    flipped &= ~before["public_impact"].map(_impact).to_numpy(dtype=bool)
    same &= ~(flipped & (state == "confirmed"))
    quiet = (same | (fresh & ~sources["source_id"].isin(known.index))) & ~sources["source_id"].isin(acts)
    return [int(at) for at in sources.index[~quiet.to_numpy(dtype=bool)]]


def _held(
    one: Finding, source: str | None, claimed_state: Any, claimed_level: Any, state: str | None, level: str | None
) -> dict[str, Any]:
    values = (
        one.table, one.key, source, one.rule, claimed_state, claimed_level, state, level,
        one.text("zh"), one.text("en"),
    )  # fmt: skip
    return dict(zip(HELD_COLUMNS, values, strict=True))


# -- frames ---------------------------------------------------------------------------------------------


def _there(sources: pd.DataFrame) -> list[str]:
    return [name for name in KNOWN if name in sources.columns]


def _texts(values: Sequence[Any], frame: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return pd.Series(values, index=frame.index, dtype="str")


def _no_acts() -> pd.DataFrame:
    import pandas as pd

    kinds = {"date": "datetime64[ms]"}
    fields = load_schema("reviews").fields
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(spec.type, "str")) for name, spec in fields.items()})


__all__ = ["HELD_COLUMNS", "KNOWN", "Checked", "apply_acts", "check", "structure"]
