"""What happens inside the transaction of a submission or of review records."""

# Names in the queries are the kit's own or quoted; values are parameters.
# ruff: noqa: S608

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import did_you_mean
from kit.inventory.flow import flow
from kit.inventory.review_records import BasicActs, basic_results
from kit.inventory.store_tables import one, quoted, read, write
from kit.inventory.store_texts import Finding, StoreError, StoreRefused
from kit.inventory.submission import HELD_COLUMNS, KNOWN, Checked, apply_acts, check
from kit.registers.schema import load_schema

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

    Connection = duckdb.DuckDBPyConnection

FORMAT = 1
REVIEWS = "reviews"
NOBODY = 0
"""Number of no submission. Records taken between two quarters have none, and a null would leave them out."""
_TYPES = {"date": "TIMESTAMP_MS", "number": "DOUBLE", "integer": "DOUBLE", "boolean": "BOOLEAN"}


@dataclass(frozen=True)
class Replaced:
    """The submission that a new one takes the place of."""

    number: int


# -- the file -------------------------------------------------------------------------------------------


def listed(names: Iterable[str]) -> str:
    """Return columns as a query names them."""
    return ", ".join(quoted(name) for name in names)


def act_columns() -> list[str]:
    """Return the columns of the register of review acts."""
    return list(load_schema(REVIEWS).fields)


def make(connection: Connection, path: Path) -> None:
    """Make the inventory's own tables in a new file; refuse a database that is something else."""
    (there,) = one(connection, "SELECT count(*) FROM duckdb_tables()")
    if there:
        known_format(connection, path)
        return
    acts = ", ".join(
        f"{quoted(name)} {_TYPES.get(spec.type, 'VARCHAR')}" for name, spec in load_schema(REVIEWS).fields.items()
    )
    held = ", ".join(f"{quoted(name)} VARCHAR" for name in HELD_COLUMNS)
    connection.execute(
        f"""
        BEGIN;
        CREATE TABLE about (key VARCHAR PRIMARY KEY, value VARCHAR);
        CREATE TABLE submissions (number INTEGER PRIMARY KEY, period VARCHAR, submitted_at TIMESTAMP_MS,
            submitted_by VARCHAR, kit VARCHAR, made BOOLEAN, opening BOOLEAN, replaced_by INTEGER, tables VARCHAR,
            fingerprint VARCHAR);
        CREATE TABLE {REVIEWS} (number BIGINT, {acts}, period VARCHAR, submission INTEGER,
            recorded_at TIMESTAMP_MS, recorded_by VARCHAR);
        CREATE TABLE held (number INTEGER, place INTEGER, {held});
        CREATE VIEW counted AS SELECT * FROM submissions WHERE replaced_by IS NULL;
        INSERT INTO about VALUES ('kind', 'risk inventory'), ('format', '{FORMAT}');
        COMMIT;
        """
    )


def known_format(connection: Connection, path: Path) -> None:
    """Refuse a database that is no inventory, or one of a newer kit."""
    import duckdb

    try:
        about = dict(connection.execute("SELECT key, value FROM about").fetchall())
    except duckdb.Error:
        about = {}
    if about.get("kind") != "risk inventory":
        # A first submission that was killed leaves a database with nothing in it.
        (there,) = one(connection, "SELECT count(*) FROM duckdb_tables()")
        raise StoreError("other_database", path=path) if there else StoreError("empty")
    if int(about["format"]) > FORMAT:
        raise StoreError("newer", path=path, found=about["format"], known=FORMAT)


def periods_of(connection: Connection) -> list[str]:
    """Return the quarters, in order."""
    return [name for (name,) in connection.execute("SELECT period FROM counted ORDER BY period").fetchall()]


def period_named(connection: Connection, period: str | None) -> str:
    """Return the quarter, the last when none is named."""
    there = periods_of(connection)
    if not there:
        raise StoreError("empty")
    if period is None:
        return there[-1]
    if period not in there:
        raise StoreError("no_period", period=period, hint=did_you_mean(period, there, allowed="there are"))
    return period


def tables_of(connection: Connection, period: str) -> list[str]:
    """Return the names of a quarter's tables."""
    (names,) = one(connection, "SELECT tables FROM counted WHERE period = ?", [period])
    return sorted(json.loads(names))


def columns_of(connection: Connection, schema: str, table: str) -> list[str]:
    """Return the columns of a table or view."""
    found = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
        [schema, table],
    ).fetchall()
    return [name for (name,) in found]


# -- what is known before -------------------------------------------------------------------------------


def may_submit(connection: Connection, period: str, mark: str, *, opening: bool, replace: bool) -> Replaced | None:
    """Return the submission that `period` replaces, None where it is new; raise where it cannot be put in."""
    there = periods_of(connection)
    if there and period < there[-1]:
        raise StoreError("not_last", period=period, last=there[-1])
    if opening and [name for name in there if name != period]:
        raise StoreError("opening_late", periods=", ".join(there))
    if period not in there:
        return None
    query = "SELECT number, submitted_at, fingerprint FROM counted WHERE period = ?"
    number, at, fingerprint = one(connection, query, [period])
    when = at.isoformat(sep=" ", timespec="minutes")
    if not replace:
        rule = "same_already" if fingerprint == mark else "there_already"
        raise StoreError(rule, period=period, number=number, at=when)
    query = f"SELECT count(*) FROM {REVIEWS} WHERE period = ? AND submission IS NULL"
    (since,) = one(connection, query, [period])
    if since:
        raise StoreError("reviewed_since", period=period, count=since)
    return Replaced(number)


def known_sources(connection: Connection, before: str | None, skip: int | None = None) -> pd.DataFrame:
    """Return the last row of each source in the quarters before `before` (all, when None), index `source_id`.

    Columns are `KNOWN` and `last_level`, the last reviewed level there was. Records of the submission `skip` do not
    count.
    """
    periods = [name for name in periods_of(connection) if before is None or name < before]
    parts = []
    for name in periods:
        there = columns_of(connection, name, "risk_sources")
        chosen = ", ".join(column if column in there else f"NULL AS {column}" for column in KNOWN)
        parts.append(f"SELECT '{name}' AS period, source_id, {chosen} FROM {quoted(name, 'risk_sources')}")
    if not parts:
        import pandas as pd

        empty = pd.DataFrame({name: pd.Series(dtype="object") for name in (*KNOWN, "last_level")})
        return empty.set_index(pd.Index([], name="source_id", dtype="str"))
    frame = read(
        connection,
        f"""
        WITH every AS ({" UNION ALL BY NAME ".join(parts)}),
        recorded AS (SELECT source_id, max_by(to_level, number) AS level FROM {REVIEWS}
                     WHERE to_level IS NOT NULL AND act <> 'self_assess' AND submission IS DISTINCT FROM ?
                     GROUP BY source_id),
        rated AS (SELECT source_id, max_by(reviewed_level, period) AS level FROM every
                  WHERE reviewed_level IS NOT NULL GROUP BY source_id),
        newest AS (SELECT * FROM every QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY period DESC) = 1)
        SELECT newest.source_id, {", ".join(KNOWN)}, coalesce(recorded.level, rated.level) AS last_level
        FROM newest LEFT JOIN recorded USING (source_id) LEFT JOIN rated USING (source_id)
        """,
        [skip or NOBODY],
    )
    return frame.set_index("source_id")


def last_acts(connection: Connection, skip: int | None = None) -> dict[str, Any]:
    """Return the time of each source's last record, those of the submission `skip` aside."""
    import pandas as pd

    found = connection.execute(
        f'SELECT source_id, max("at") FROM {REVIEWS} WHERE source_id IS NOT NULL AND submission IS DISTINCT FROM ? '
        "GROUP BY source_id",
        [skip or NOBODY],
    ).fetchall()
    return {source: pd.Timestamp(at) for source, at in found}


def basic_acts(connection: Connection, skip: int | None = None) -> dict[str, BasicActs]:
    """Return time and result of the street's records on each unit, those of the submission `skip` aside."""
    names = [name for name, rule in flow().acts.items() if rule.unit]
    places = ", ".join("?" for _ in names)
    acts = read(
        connection,
        f"SELECT {listed(act_columns())} FROM {REVIEWS} WHERE act IN ({places}) AND submission IS DISTINCT FROM ?",
        [*names, skip or NOBODY],
    )
    if acts.empty:
        return {}
    parts = [f"SELECT source_id, unit_id FROM {quoted(name, 'risk_sources')}" for name in periods_of(connection)]
    query = f"SELECT source_id, any_value(unit_id) AS unit_id FROM ({' UNION ALL '.join(parts)}) GROUP BY source_id"
    named = acts["unit_id"].isna().any()
    sources = read(connection, query) if named else acts.iloc[:0][["source_id", "unit_id"]]
    return basic_results(acts, sources, None)


def _settled(connection: Connection, reviews: pd.DataFrame, skip: int | None = None) -> tuple[set[str], list[Finding]]:
    """Return the records that the inventory has already, and those it has with other contents."""
    names = [name for name in act_columns() if name in reviews.columns]
    known = read(
        connection, f"SELECT {listed(names)} FROM {REVIEWS} WHERE submission IS DISTINCT FROM ?", [skip or NOBODY]
    ).set_index("review_id")
    if known.empty:
        return set(), []
    given = reviews.reset_index(drop=True)
    again = given[given["review_id"].isin(known.index)]
    stored = known.loc[again["review_id"]].set_axis(again.index)
    other: dict[int, list[str]] = {}
    for name in names[1:]:
        one, two = (frame[name].astype(object).where(frame[name].notna(), "") for frame in (again, stored))
        for at in again.index[(one != two).to_numpy(dtype=bool)]:
            other.setdefault(int(at), []).append(name)
    findings = [
        Finding("altered", REVIEWS, at + 1, key, {"review": key, "columns": ", ".join(other[at])})
        for at, key in zip(sorted(other), again.loc[sorted(other), "review_id"], strict=True)
    ]
    return set(again["review_id"]), findings


# -- a submission ---------------------------------------------------------------------------------------


def submit(
    connection: Connection,
    period: str,
    tables: Mapping[str, pd.DataFrame],
    frames: Mapping[str, pa.Table],
    mark: str,
    old: Replaced | None,
    *,
    by: str,
    made: bool,
    opening: bool,
    hold: bool,
) -> tuple[int, Checked]:
    """Check a quarter and store it; return its number and what the check found."""
    import pyarrow as pa

    skip = old.number if old else None
    settled, altered = _settled(connection, tables[REVIEWS], skip) if REVIEWS in tables else (set(), [])
    done = check(
        tables, known_sources(connection, period, skip), last_acts(connection, skip),
        basic_acts=basic_acts(connection, skip), settled=settled, opening=opening, hold=hold,
    )  # fmt: skip
    done.add(altered)
    if done.findings and not hold:
        raise StoreRefused(done.findings, "refused", period=period)
    (last,) = one(connection, "SELECT coalesce(max(number), 0) FROM submissions")
    number = last + 1
    if old is not None:
        connection.execute("UPDATE submissions SET replaced_by = ? WHERE number = ?", [number, old.number])
        # What the replaced quarter handed in stays in its own schema.
        connection.execute(f"DELETE FROM {REVIEWS} WHERE submission = ?", [old.number])
        connection.execute(f"DROP SCHEMA {quoted(period)} CASCADE")
    schema = f"s{number:04d}"
    connection.execute(f"CREATE SCHEMA {quoted(schema)}")
    connection.execute(f"CREATE SCHEMA {quoted(period)}")
    stored = dict(frames)
    for column in ("review_state", "reviewed_level"):
        sources = stored["risk_sources"]
        kept = pa.array(done.sources[column], from_pandas=True).cast(pa.string())
        stored["risk_sources"] = sources.set_column(sources.column_names.index(column), column, kept)
    for name, table in stored.items():
        write(connection, schema, name, table)
        connection.execute(f"CREATE VIEW {quoted(period, name)} AS SELECT * FROM {quoted(schema, name)}")
    rows = json.dumps({name: table.num_rows for name, table in stored.items()}, ensure_ascii=False)
    connection.execute(
        "INSERT INTO submissions VALUES (?, ?, now()::TIMESTAMP, ?, ?, ?, ?, NULL, ?, ?)",
        [number, period, by, version("kit"), made, opening, rows, mark],
    )
    _append_acts(connection, done.acts, period, number, by)
    _append_held(connection, number, done)
    return number, done


def _append_acts(connection: Connection, acts: pd.DataFrame, period: str, submission: int | None, by: str) -> None:
    if acts.empty:
        return
    (last,) = one(connection, f"SELECT coalesce(max(number), 0) FROM {REVIEWS}")
    names = act_columns()
    frame = acts.reindex(columns=names).sort_values("at", kind="stable").reset_index(drop=True)
    frame.insert(0, "number", range(last + 1, last + 1 + len(frame)))
    connection.register("incoming", _plain(frame))
    chosen = listed(["number", *names])
    connection.execute(
        f"INSERT INTO {REVIEWS} ({chosen}, period, submission, recorded_at, recorded_by) "
        f"SELECT {chosen}, ?, ?, now()::TIMESTAMP, ? FROM incoming ORDER BY number",
        [period, submission, by],
    )
    connection.unregister("incoming")


def _append_held(connection: Connection, number: int, done: Checked) -> None:
    if not done.held:
        return
    import pandas as pd

    frame = pd.DataFrame(done.held, columns=list(HELD_COLUMNS)).astype("str")
    frame.insert(0, "number", number)
    frame.insert(1, "place", range(1, len(frame) + 1))
    connection.register("incoming", _plain(frame))
    connection.execute("INSERT INTO held SELECT * FROM incoming")
    connection.unregister("incoming")


def _plain(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


# -- records between two quarters -----------------------------------------------------------------------


def review(connection: Connection, reviews: pd.DataFrame, by: str) -> int:
    """Check review records against the last quarter and take them; return how many were new."""
    period = period_named(connection, None)
    (number,) = one(connection, "SELECT number FROM counted WHERE period = ?", [period])
    schema = f"s{number:04d}"
    settled, altered = _settled(connection, reviews)
    tables = {name: read(connection, f"SELECT * FROM {quoted(schema, name)}") for name in ("units", "risk_sources")}
    done = apply_acts(
        {**tables, REVIEWS: reviews}, known_sources(connection, None), last_acts(connection),
        basic_acts=basic_acts(connection), settled=settled,
    )  # fmt: skip
    done.add(altered)
    if done.findings:
        raise StoreRefused(done.findings, "review_refused")
    changed = done.sources.loc[
        done.sources["source_id"].isin(done.acts["source_id"]),
        ["source_id", "review_state", "self_level", "reviewed_level"],
    ]
    connection.register("incoming", _plain(changed))
    connection.execute(
        f"UPDATE {quoted(schema, 'risk_sources')} AS s SET review_state = i.review_state, self_level = i.self_level, "
        "reviewed_level = i.reviewed_level FROM incoming i WHERE s.source_id = i.source_id"
    )
    connection.unregister("incoming")
    units = tables["units"].drop_duplicates("unit_id").set_index("unit_id")
    for unit, results in basic_results(done.acts, tables["risk_sources"], units).items():
        connection.execute(
            f"UPDATE {quoted(schema, 'units')} SET basic_review = ? WHERE unit_id = ?", [results[-1][1], unit]
        )
    _append_acts(connection, done.acts, period, None, by)
    return len(done.acts)
