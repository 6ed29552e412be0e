"""The risk inventory (安全风险清单库): one DuckDB file with every quarter, the history of each source, each review.

A quarter is submitted whole or not at all, in one transaction: who kills the program finds the last whole snapshot.
Every submission is a schema of its own (`s0001`), and the schema called like a quarter (`2019Q4`) shows the one that
counts, so that ``SELECT * FROM "2019Q4".risk_sources`` is all a researcher needs.
"""

# Names in the queries are the kit's own or quoted; values are parameters.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import did_you_mean
from kit.inventory import store_writing as inside
from kit.inventory.store_lock import connected, user, writing
from kit.inventory.store_tables import as_arrow, digest, quoted, read
from kit.inventory.store_texts import StoreError, StoreRefused
from kit.inventory.store_writing import REVIEWS
from kit.inventory.submission import HELD_COLUMNS, structure
from kit.periods import quarter_start

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


@dataclass(frozen=True)
class Submitted:
    """What a submission put into the inventory.

    Attributes
    ----------
    number : of the submission, from 1.
    rows : rows of each table.
    acts : review records that are new to the inventory.
    held : claims that were not taken because no record supports them: what was claimed, what was kept, the reason.
        Empty unless the submission was made with `hold`.
    """

    period: str
    number: int
    rows: dict[str, int]
    acts: int
    held: pd.DataFrame


@dataclass(frozen=True)
class History:
    """What became of a risk source.

    Attributes
    ----------
    quarters : one row a quarter in which the source is in the inventory: period, unit_id, name, standard,
        review_state, self_level, reviewed_level, public_impact, updated_at, and `recorded`: whether a review record
        gives the reviewed level (it was taken over at the opening otherwise); null without a level.
    acts : its review records, and those of its unit's basic information, in the order of time.
    missing : quarters since its first in which the source was not reported (closed, or forgotten).
    made : whether a quarter of it is made data (示例数据).
    """

    source_id: str
    quarters: pd.DataFrame
    acts: pd.DataFrame
    missing: tuple[str, ...]
    made: bool


class Store:
    """The risk inventory in one file.

    Nothing is held open between calls: each opens the file, does its work and closes it. Readers wait a while for a
    writer; a second writer is told at once who holds the file.

    Parameters
    ----------
    path : the DuckDB file; `submit` makes it.
    wait : seconds that reading waits for a writer.

    Examples
    --------
    >>> store = Store("inventory.duckdb")                                    # doctest: +SKIP
    >>> store.submit("2019Q3", tables, by="市安委会办公室", opening=True)      # doctest: +SKIP
    >>> store.history("R000001").quarters                                    # doctest: +SKIP
    """

    def __init__(self, path: str | Path, *, wait: float = 30.0) -> None:
        self.path = Path(path)
        self.wait = wait

    # -- reading ------------------------------------------------------------------------------------

    def periods(self) -> list[str]:
        """Return the quarters in the inventory, in order; none when there is no file yet."""
        if not self.path.exists():
            return []
        try:
            with self._reading() as connection:
                return inside.periods_of(connection)
        except StoreError as error:
            if error.rule == "empty":
                return []
            raise

    def quarter(self, period: str | None = None) -> dict[str, pd.DataFrame]:
        """Return the tables of a quarter, the last when not given; `reviews` are all records up to it.

        States and levels of risk sources include what was reviewed since the quarter was submitted.

        Raises
        ------
        StoreError
            When the inventory does not have the quarter; with those that it has.
        """
        with self._reading() as connection:
            name = inside.period_named(connection, period)
            tables = {
                table: read(connection, f"SELECT * FROM {quoted(name, table)}")
                for table in inside.tables_of(connection, name)
            }
            acts = f"SELECT {inside.listed(inside.act_columns())} FROM {REVIEWS} WHERE period <= ? ORDER BY number"
            tables[REVIEWS] = read(connection, acts, [name])
        return tables

    def table(self, name: str, period: str | None = None) -> pd.DataFrame:
        """Return one table of a quarter, the last when not given."""
        if name == REVIEWS:
            return self.quarter(period)[REVIEWS]
        with self._reading() as connection:
            chosen = inside.period_named(connection, period)
            there = inside.tables_of(connection, chosen)
            if name not in there:
                raise StoreError("no_table_stored", period=chosen, table=name, hint=did_you_mean(name, there))
            return read(connection, f"SELECT * FROM {quoted(chosen, name)}")

    def history(self, source_id: str) -> History:
        """Return what became of a risk source: each quarter's state and levels, and each act of review.

        Raises
        ------
        StoreError
            When no quarter has the source; with the nearest name.
        """
        import pandas as pd

        with self._reading() as connection:
            periods = inside.periods_of(connection)
            if not periods:
                raise StoreError("empty")
            shown = (
                "unit_id",
                "name",
                "standard",
                "review_state",
                "self_level",
                "reviewed_level",
                "public_impact",
                "updated_at",
            )
            parts = []
            for period in periods:
                there = inside.columns_of(connection, period, "risk_sources")
                chosen = ", ".join(["source_id", *(name for name in shown if name in there)])
                query = f"SELECT {chosen} FROM {quoted(period, 'risk_sources')} WHERE source_id = ?"
                found = read(connection, query, [source_id])
                found.insert(0, "period", period)
                parts.append(found)
            quarters = pd.concat(parts, ignore_index=True)
            if quarters.empty:
                last = quoted(periods[-1], "risk_sources")
                query = f"SELECT source_id FROM {last} ORDER BY levenshtein(source_id, ?) LIMIT 1"
                close = connection.execute(query, [source_id]).fetchall()
                raise StoreError("no_source", source=source_id, near=close[0][0] if close else None)
            marks = dict(connection.execute("SELECT period, made FROM counted").fetchall())
            units = quarters["unit_id"].dropna().unique().tolist()
            acts = read(
                connection,
                f"SELECT * FROM {REVIEWS} WHERE source_id = ? OR (source_id IS NULL AND unit_id IN "
                f'(SELECT unnest(?::VARCHAR[]))) ORDER BY "at", number',
                [source_id, units],
            )
        rated = acts[acts["to_level"].notna() & (acts["act"] != "self_assess") & (acts["source_id"] == source_id)]
        first = rated["period"].min() if len(rated) else None
        recorded = pd.Series([first is not None and name >= first for name in quarters["period"]], dtype="boolean")
        quarters["recorded"] = recorded.where(quarters["reviewed_level"].notna())
        since = periods[periods.index(quarters["period"].iloc[0]) :]
        missing = tuple(period for period in since if period not in set(quarters["period"]))
        made = any(marks[period] for period in quarters["period"])
        return History(source_id, quarters.drop(columns="source_id"), acts, missing, made)

    def submissions(self) -> pd.DataFrame:
        """Return every submission: number, period, when and by whom, made, opening, counts, and the rows of each table.

        `counts` tells the submission that stands for its quarter from those that were replaced; they stay in the file.
        """
        if not self.path.exists():
            raise StoreError("not_there", path=self.path)
        with self._reading() as connection:
            return read(
                connection,
                "SELECT number, period, submitted_at, submitted_by, kit, made, opening, replaced_by IS NULL AS counts, "
                "replaced_by, tables, fingerprint FROM submissions ORDER BY number",
            )

    def status(self, period: str | None = None) -> pd.DataFrame:
        """Return how many risk sources of a quarter are in each state: track, review_state, n, n_public_impact,
        n_without_record (levels taken over at the opening, no record supports them).
        """
        with self._reading() as connection:
            name = inside.period_named(connection, period)
            return read(
                connection,
                f"""
                SELECT u.supervision AS track, s.review_state, count(*) AS n,
                       count(*) FILTER (s.public_impact) AS n_public_impact,
                       count(*) FILTER (s.reviewed_level IS NOT NULL AND r.source_id IS NULL) AS n_without_record
                FROM {quoted(name, "risk_sources")} s
                LEFT JOIN (SELECT unit_id, any_value(supervision) AS supervision FROM {quoted(name, "units")}
                           GROUP BY unit_id) u USING (unit_id)
                LEFT JOIN (SELECT DISTINCT source_id FROM {REVIEWS}
                           WHERE to_level IS NOT NULL AND act <> 'self_assess') r
                       ON r.source_id = s.source_id
                GROUP BY ALL ORDER BY ALL
                """,
            )

    def held(self, period: str | None = None) -> pd.DataFrame:
        """Return the claims of a quarter that were not taken, because no record supports them."""
        with self._reading() as connection:
            name = inside.period_named(connection, period)
            columns = inside.listed(HELD_COLUMNS)
            return read(
                connection,
                f"SELECT {columns} FROM held JOIN counted USING (number) WHERE period = ? ORDER BY place",
                [name],
            )

    def to_reassess(self, period: str | None = None) -> pd.DataFrame:
        """Return the sources with public impact that were reviewed and wait for their re-assessment.

        A source for which nobody said whether it has public impact waits too.
        """
        with self._reading() as connection:
            name = inside.period_named(connection, period)
            return read(
                connection,
                f"SELECT * FROM {quoted(name, 'risk_sources')} WHERE review_state = 'sector_reviewed' "
                "AND public_impact IS DISTINCT FROM false",
            )

    # -- writing ------------------------------------------------------------------------------------

    def submit(
        self,
        period: str,
        tables: Mapping[str, pd.DataFrame],
        *,
        by: str = "",
        made: bool = False,
        opening: bool = False,
        hold: bool = False,
        replace: bool = False,
    ) -> Submitted:
        """Put a quarter into the inventory, whole or not at all.

        States and reviewed levels have to follow from the quarter before and the quarter's review records.

        Parameters
        ----------
        period : for example 2019Q4; quarters come in order.
        tables : registers by name; `units` and `risk_sources` at least, `reviews` with the acts since the last time
            (acts that are in the inventory already are known again by their `review_id`).
        by : who submits.
        made : whether the data are made (示例数据); every output of the inventory then says so.
        opening : the first quarter only: states are taken over where there are no records.
        hold : a claim that no record supports is not taken, the rest is: the source stays where the records leave it,
            and the claim is listed (`Submitted.held`). Otherwise such a claim refuses the submission.
        replace : put it in the place of the last quarter, which stays in the file as replaced.

        Raises
        ------
        StoreRefused
            With every row that breaks the flow; nothing was changed.
        StoreError
            When another process is writing (with who it is), or the quarter is not the next.
        """
        import pandas as pd

        quarter_start(period)
        tables = _with_times(tables)
        frames, faults = as_arrow(tables)
        faults = [*structure(tables), *faults]
        if faults:
            raise StoreRefused(faults, "refused", period=period)
        mark = digest(frames)
        with self._writing(f"submit {period}") as connection:
            old = inside.may_submit(connection, period, mark, opening=opening, replace=replace)
            number, done = inside.submit(
                connection, period, tables, frames, mark, old, by=by or user(), made=made, opening=opening, hold=hold
            )
        held = pd.DataFrame(done.held, columns=list(HELD_COLUMNS)).astype("str")
        return Submitted(period, number, {name: len(table) for name, table in tables.items()}, len(done.acts), held)

    def review(self, reviews: pd.DataFrame, *, by: str = "") -> int:
        """Take review records between two quarters, all of them or none; return how many are new.

        They apply to the last quarter: its risk sources get the states and levels that follow.

        Parameters
        ----------
        reviews : columns of the register `reviews`; records that are in the inventory already are left out.

        Raises
        ------
        StoreRefused
            With every record that the flow does not allow; nothing was changed.
        """
        faults = [one for one in structure({REVIEWS: reviews}) if one.table == REVIEWS]
        if faults:
            raise StoreRefused(faults, "review_refused")
        if not self.path.exists():
            raise StoreError("not_there", path=self.path)
        with self._writing("review") as connection:
            return inside.review(connection, _with_times({REVIEWS: reviews})[REVIEWS], by or user())

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.path.exists():
            raise StoreError("not_there", path=self.path)
        with connected(self.path, read_only=True, wait=self.wait) as connection:
            inside.known_format(connection, self.path)
            yield connection

    @contextmanager
    def _writing(self, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection in a transaction that is kept when the block ends well, and undone otherwise."""
        with writing(self.path, doing), connected(self.path, read_only=False, wait=min(self.wait, 5.0)) as connection:
            inside.make(connection, self.path)
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise


def _with_times(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Return the tables with the times of the review records as times, of Beijing where they name a zone."""
    import pandas as pd

    reviews = tables.get(REVIEWS)
    if reviews is None or "at" not in reviews.columns:
        return tables
    at = pd.to_datetime(reviews["at"], errors="coerce")
    if getattr(at.dt, "tz", None) is not None:
        at = at.dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    return {**tables, REVIEWS: reviews.assign(at=at.astype("datetime64[ms]")).reset_index(drop=True)}
