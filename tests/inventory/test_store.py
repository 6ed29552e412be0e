"""The inventory's file: quarters whole or not at all, history, records, two writers, a process really killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from kit.errors import KitError
from kit.inventory.store import Store
from kit.inventory.store_lock import holder_file
from kit.inventory.store_texts import StoreError, StoreRefused
from tests.inventory.store_quarters import Acts, assessed, confirmed, quarter, source, unit

ROOT = Path(__file__).parents[2]
same = pd.testing.assert_frame_equal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "inventory.duckdb", wait=0.2)


def first() -> dict[str, pd.DataFrame]:
    """Return a quarter with records for everything it says."""
    acts = Acts().add("D1", "sector_accept", "general").add("D1", "confirm")
    acts.add("M1", "sector_accept", "major").add("M1", "reassess", "major").add("M1", "confirm")
    return quarter(
        [confirmed("D1"), confirmed("M1", "major", public_impact=True), source("D2"), assessed("D3", "low")], acts
    )


def second() -> dict[str, pd.DataFrame]:
    """Return the quarter after: D1 raised, D2 gone, D4 new."""
    acts = Acts("2019-11-01", "W").add("D1", "sector_accept", "major", from_level="general").add("D1", "confirm")
    raised = confirmed("D1", "major", updated_at=pd.Timestamp("2019-11-01"))
    same_as_before = confirmed("M1", "major", public_impact=True)
    return quarter([raised, same_as_before, assessed("D3", "low"), source("D4")], acts)


def rules(error: pytest.ExceptionInfo[StoreRefused]) -> list[str]:
    return [one.rule for one in error.value.findings]


# -- whole quarters -------------------------------------------------------------------------------------


def test_what_is_submitted_comes_back(store: Store) -> None:
    assert store.periods() == []
    given = first() | {"survey_unit/taxi": pd.DataFrame({"unit_id": ["D01"], "fleet_size": [60.0], "energy": ["ev"]})}
    done = store.submit("2019Q3", given, by="某区", made=True)
    assert (done.number, done.acts, len(done.held)) == (1, 5, 0) and done.rows["risk_sources"] == 4
    back = store.quarter("2019Q3")
    assert set(back) == {"units", "risk_sources", "reviews", "survey_unit/taxi"}
    for name, frame in given.items():
        same(back[name], frame.astype(back[name].dtypes.to_dict()))
        assert back[name].dtypes.to_dict() == frame.dtypes.to_dict(), name
    same(store.table("survey_unit/taxi"), given["survey_unit/taxi"])
    about = store.submissions().iloc[0]
    assert (about["period"], about["submitted_by"], bool(about["made"]), bool(about["counts"])) == (
        "2019Q3", "某区", True, True,
    )  # fmt: skip


def test_the_file_is_plain_duckdb(store: Store) -> None:
    """A researcher asks with SQL, by the name of the quarter."""
    store.submit("2019Q3", first())
    with duckdb.connect(str(store.path), read_only=True) as connection:
        levels = connection.execute(
            'SELECT reviewed_level, count(*) FROM "2019Q3".risk_sources GROUP BY ALL ORDER BY ALL'
        ).fetchall()
    assert levels == [("general", 1), ("major", 1), (None, 2)]


def test_an_empty_quarter_keeps_its_columns(store: Store) -> None:
    nothing = {name: frame.iloc[:0] for name, frame in first().items()}
    store.submit("2019Q3", nothing)
    back = store.quarter()
    assert {name: len(frame) for name, frame in back.items()} == {"units": 0, "risk_sources": 0, "reviews": 0}
    assert list(back["risk_sources"].columns) == list(nothing["risk_sources"].columns)


def test_text_stays_text(store: Store) -> None:
    odd = ["'; DROP TABLE units; --", "=1+1", '<b>"示例"</b>', "\x00\n", "𠮷"]
    given = quarter([source(f"D{at}", name=name) for at, name in enumerate(odd)])
    store.submit("2019Q3", given)
    assert store.table("risk_sources")["name"].tolist() == odd
    with pytest.raises(StoreError, match="no risk source"):
        store.history("' OR 1=1 --")


def test_refused_leaves_no_trace(store: Store) -> None:
    store.submit("2019Q3", first())
    wrong = second()
    wrong["risk_sources"].loc[0, "reviewed_level"] = "low"
    before = {name: frame.copy() for name, frame in store.quarter().items()}
    with pytest.raises(StoreRefused) as error:
        store.submit("2019Q4", wrong)
    assert rules(error) == ["level_without_record"]
    assert store.periods() == ["2019Q3"] and len(store.submissions()) == 1
    for name, frame in store.quarter().items():
        same(frame, before[name])


def test_structure_is_told_at_once(store: Store) -> None:
    given = first()
    doubled = pd.concat([given["risk_sources"], given["risk_sources"].iloc[:2]], ignore_index=True)
    doubled.loc[2, "source_id"] = None
    given["risk_sources"] = doubled.drop(columns="self_level")
    given["units"] = given["units"].assign(Name="x", mixed=["a", 1])
    given["../etc"] = given["units"]
    with pytest.raises(StoreRefused) as error:
        store.submit("2019Q3", given)
    assert sorted(rules(error)) == [
        "bad_columns", "bad_name", "key_twice", "key_twice", "mixed_column", "no_column", "no_key",
    ]  # fmt: skip
    told = error.value.text("zh")
    assert "risk_sources:5: D1: source_id D1在第1行和第5行重复；请只留一行" in told
    assert told.startswith("2019Q3未提交：发现7处问题，没有改动任何数据")
    assert not store.path.exists() or store.periods() == []
    with pytest.raises(StoreRefused, match="the table risk_sources is missing"):
        store.submit("2019Q3", {"units": first()["units"]})


def test_quarters_come_in_order(store: Store) -> None:
    store.submit("2019Q3", first())
    with pytest.raises(KitError, match="'2019Q5' is no quarter"):
        store.submit("2019Q5", second())
    with pytest.raises(StoreError, match=r"2019Q3 is in the inventory already with these very data \(submission 1"):
        store.submit("2019Q3", first())
    with pytest.raises(StoreError, match="to put this one in its place say replace"):
        store.submit("2019Q3", second())
    store.submit("2019Q4", second())
    with pytest.raises(StoreError, match="2019Q3 cannot be put in: 2019Q4 is in the inventory"):
        store.submit("2019Q3", first(), replace=True)
    with pytest.raises(StoreError, match="only into an empty inventory; it has 2019Q3, 2019Q4"):
        store.submit("2020Q1", second(), opening=True)
    with pytest.raises(StoreError, match="no quarter '2019Q2' in the inventory; there are: 2019Q3, 2019Q4"):
        store.quarter("2019Q2")
    with pytest.raises(StoreError, match=r"2019Q4 has no table 'unit'; .*did you mean units"):
        store.table("unit")


def test_a_replaced_quarter_stays_in_the_file(store: Store) -> None:
    store.submit("2019Q3", first())
    store.submit("2019Q4", second())
    again = second()
    again["risk_sources"] = again["risk_sources"].assign(owner="另一人")
    again["reviews"].loc[0, "reason"] = "理由补录"  # its first hand-in is replaced with the quarter
    done = store.submit("2019Q4", again, replace=True)
    assert (done.number, done.acts) == (3, 2)
    assert set(store.table("risk_sources")["owner"]) == {"另一人"}
    listed = store.submissions()
    assert listed["counts"].tolist() == [True, False, True]
    assert listed.loc[1, "replaced_by"] == 3
    assert store.history("D1").acts["reason"].dropna().tolist() == ["理由补录"]
    with duckdb.connect(str(store.path), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT owner FROM s0002.risk_sources").fetchall() == [("某",)]
        assert connection.execute("SELECT count(*) FROM s0002.reviews").fetchall() == [(2,)]


# -- history and records --------------------------------------------------------------------------------


def test_history_of_a_source(store: Store) -> None:
    store.submit("2019Q3", first())
    store.submit("2019Q4", second())
    found = store.history("D1")
    assert found.quarters["period"].tolist() == ["2019Q3", "2019Q4"]
    assert found.quarters["self_level"].tolist() == ["general", "major"]
    assert found.quarters["reviewed_level"].tolist() == ["general", "major"]
    assert found.quarters["recorded"].tolist() == [True, True]
    assert found.acts["act"].tolist() == ["sector_accept", "confirm"] * 2
    assert found.acts["period"].tolist() == ["2019Q3"] * 2 + ["2019Q4"] * 2
    assert found.missing == ()
    assert store.history("D2").missing == ("2019Q4",)
    with pytest.raises(StoreError) as error:
        store.history("D9")
    assert error.value.text("zh").startswith("清单库中没有风险源“D9”；最接近的是D")


def test_records_between_quarters(store: Store) -> None:
    store.submit("2019Q3", first())
    acts = Acts("2019-10-05", "X").add("D2", "self_assess", "low").add("D2", "sector_accept", "low")
    acts.add("D3", "sector_return", reason="资料不全")
    assert store.review(acts.frame(), by="区交通局") == 3
    now = store.table("risk_sources").set_index("source_id")
    assert now.loc["D2", ["review_state", "self_level", "reviewed_level"]].tolist() == ["sector_reviewed", "low", "low"]
    assert now.loc["D3", "review_state"] == "returned" and pd.isna(now.loc["D3", "reviewed_level"])
    assert now.index.tolist() == ["D1", "M1", "D2", "D3"], "the rows stand where they stood"
    assert store.review(acts.frame()) == 0, "the same records once more change nothing"
    acts.rows[1]["to_level"] = "major"
    with pytest.raises(StoreRefused) as error:
        store.review(acts.frame())
    assert rules(error) == ["altered"] and "(to_level)" in str(error.value)
    with pytest.raises(StoreError, match="3 review record"):
        store.submit("2019Q3", second(), replace=True)
    assert store.history("D2").acts["recorded_by"].tolist() == ["区交通局"] * 2


def test_records_are_taken_all_or_none(store: Store) -> None:
    store.submit("2019Q3", first())
    acts = Acts("2019-10-05").add("D3", "sector_accept", "low").add("D2", "confirm").add("M1", "reassess", "low")
    acts.rows[2]["stage"] = "district_department"
    for at, row in enumerate(acts.rows):
        row["review_id"] = f"X{at}xx"
    with pytest.raises(StoreRefused) as error:
        store.review(acts.frame())
    assert [(one.row, one.rule) for one in error.value.findings] == [
        (2, "not_possible"), (3, "wrong_stage"), (3, "lowered"),
    ]  # fmt: skip
    assert store.table("risk_sources")["review_state"].tolist()[3] == "self_assessed"
    assert len(store.quarter()["reviews"]) == 5


def test_a_street_accepts_basic_information(store: Store) -> None:
    units = [unit("D01", basic_review="pending"), unit("M01")]
    store.submit("2019Q3", quarter([assessed("D1")], units=units))
    early = Acts("2019-10-01", "E").add("D1", "sector_accept", "general")
    with pytest.raises(StoreRefused) as error:
        store.review(early.frame())
    assert rules(error) == ["not_basic"]
    acts = Acts("2019-10-01", "F").add(None, "basic_accept", unit_id="D01").add("D1", "sector_accept", "general")
    assert store.review(acts.frame()) == 2
    assert store.table("units").set_index("unit_id").loc["D01", "basic_review"] == "accepted"
    assert store.history("D1").acts["act"].tolist() == ["basic_accept", "sector_accept"]


def test_status_and_waiting_for_reassessment(store: Store) -> None:
    opening = quarter(
        [
            confirmed("D1"), confirmed("M1", public_impact=True),
            confirmed("D2", review_state="sector_reviewed", public_impact=True),
            confirmed("D3", review_state="sector_reviewed"),
        ]
    )  # fmt: skip
    store.submit("2019Q3", opening, opening=True)
    assert store.to_reassess()["source_id"].tolist() == ["D2"]
    acts = Acts("2019-10-01").add("D2", "reassess", "general").add("D2", "confirm")
    store.review(acts.frame())
    assert store.to_reassess().empty
    status = store.status().set_index(["track", "review_state"])
    assert status.loc[("district", "confirmed"), ["n", "n_without_record"]].tolist() == [2, 1]
    assert status.loc[("municipal_soe", "confirmed"), ["n", "n_public_impact", "n_without_record"]].tolist() == [
        1,
        1,
        1,
    ]
    assert status["n"].sum() == 4


def test_what_no_record_supports_is_held_back(store: Store) -> None:
    store.submit("2019Q3", first())
    given = second()
    given["risk_sources"].loc[given["risk_sources"]["source_id"] == "D3", ["review_state", "reviewed_level"]] = [
        "confirmed", "low",
    ]  # fmt: skip
    done = store.submit("2019Q4", given, hold=True)
    shown = ["key", "rule", "claimed_state", "claimed_level", "kept_state", "kept_level"]
    assert done.held[shown].fillna("").values.tolist() == [
        ["D3", "state_without_record", "confirmed", "low", "self_assessed", ""]
    ]  # fmt: skip
    now = store.table("risk_sources").set_index("source_id")
    assert now.loc["D3", "review_state"] == "self_assessed" and pd.isna(now.loc["D3", "reviewed_level"])
    assert now.loc["D1", "reviewed_level"] == "major"
    same(store.held(), done.held)


# -- files that are something else ----------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"no database at all" * 300, b"PK\x03\x04"])
def test_other_files_are_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.duckdb"
    path.write_bytes(content)
    for call in (lambda: Store(path).submit("2019Q3", first()), lambda: Store(path).quarter()):
        with pytest.raises(StoreError, match="is no risk inventory"):
            call()
    assert path.read_bytes() == content


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE accounts AS SELECT 1 AS a")
    for call in (lambda: Store(path).submit("2019Q3", first()), lambda: Store(path).quarter()):
        with pytest.raises(StoreError, match="is no risk inventory of this kit but another database"):
            call()
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("accounts",)]


def test_a_newer_format_is_refused(store: Store) -> None:
    store.submit("2019Q3", first())
    with duckdb.connect(str(store.path)) as connection:
        connection.execute("UPDATE about SET value = '99' WHERE key = 'format'")
    with pytest.raises(StoreError, match="newer kit"):
        store.periods()


# -- other processes ------------------------------------------------------------------------------------

CHILD = """
    import sys
    from kit.inventory import store_writing
    from kit.inventory.store import Store
    from tests.inventory.test_store import first, second

    stop_after = sys.argv[2]
    real = store_writing.write

    def write(connection, schema, name, table):
        real(connection, schema, name, table)
        print(name, flush=True)
        if name == stop_after:
            sys.stdin.readline()

    store_writing.write = write
    period, tables = ("2019Q3", first()) if sys.argv[3:] else ("2019Q4", second())
    Store(sys.argv[1]).submit(period, tables, by="另一科室")
    print("done", flush=True)
"""


def child(path: Path, stop_after: str, *more: str) -> subprocess.Popen[str]:
    """Return a process in the middle of a submission: the table `stop_after` is written, and it waits for a line."""
    running = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), stop_after, *more],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert running.stdout is not None
    for line in running.stdout:
        if line.strip() == stop_after:
            return running
    raise AssertionError(f"the child ended early: {running.wait()}")


@pytest.mark.parametrize("stop_after", ["units", "risk_sources", "reviews"])
def test_a_killed_submission_leaves_the_last_whole_quarter(store: Store, stop_after: str) -> None:
    store.submit("2019Q3", first())
    before = store.quarter()
    running = child(store.path, stop_after)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    running.communicate()
    assert holder_file(store.path).exists(), "the killed process could not clean up"
    assert store.periods() == ["2019Q3"]
    after = store.quarter()
    assert set(after) == set(before)
    for name, frame in before.items():
        same(after[name], frame)
    store.submit("2019Q4", second())
    assert store.periods() == ["2019Q3", "2019Q4"] and not holder_file(store.path).exists()


def test_killed_before_anything_was_in(store: Store) -> None:
    """Of a first submission that was killed nothing is left, and the next one goes in."""
    running = child(store.path, "risk_sources", "the first")
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert store.path.exists() and store.periods() == []
    with pytest.raises(StoreError, match="the inventory has no quarter yet"):
        store.quarter()
    duckdb.connect(str(store.path.with_name("nothing.duckdb"))).close()
    nothing = Store(store.path.with_name("nothing.duckdb"))
    assert nothing.periods() == []
    for one in (store, nothing):
        one.submit("2019Q3", first())
        assert one.periods() == ["2019Q3"]


@pytest.mark.slow
def test_killed_at_any_moment(store: Store, tmp_path: Path) -> None:
    """However the moment falls, the file has one whole quarter or two."""
    store.submit("2019Q3", first())
    seen = set()
    for delay in (0.0, 0.005, 0.01, 0.02, 0.04, 0.08, 3.0):
        copy = tmp_path / f"copy{delay}.duckdb"
        copy.write_bytes(store.path.read_bytes())
        running = child(copy, "units")
        assert running.stdin is not None
        running.stdin.write("\n")
        running.stdin.flush()
        time.sleep(delay)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        found = Store(copy, wait=2.0)
        periods = found.periods()
        seen.add(tuple(periods))
        assert periods in (["2019Q3"], ["2019Q3", "2019Q4"])
        whole = second() if len(periods) == 2 else first()
        for name in ("units", "risk_sources"):
            same(found.table(name), whole[name])
        assert len(found.table("reviews")) == (7 if len(periods) == 2 else 5)
    assert seen == {("2019Q3",), ("2019Q3", "2019Q4")}


def test_the_second_writer_is_told_who_holds_the_file(store: Store) -> None:
    store.submit("2019Q3", first())
    running = child(store.path, "risk_sources")
    try:
        with pytest.raises(StoreError) as error:
            store.submit("2019Q4", first())
        assert error.value.rule == "busy"
        told = error.value.values
        assert (told["pid"], told["host"], told["doing"]) == (running.pid, socket.gethostname(), "submit 2019Q4")
        since = pd.Timestamp(str(told["since"]))
        assert pd.Timedelta(0) <= pd.Timestamp.now(tz=since.tz) - since < pd.Timedelta(minutes=2)
        assert f"进程{running.pid}" in error.value.text("zh") and "本次没有改动任何数据" in error.value.text("zh")
        with pytest.raises(StoreError, match=f"process {running.pid} on"):
            store.review(Acts("2019-10-01").add("D3", "sector_accept", "low").frame())
        with pytest.raises(StoreError, match=f"process {running.pid} on"):
            store.quarter()
        out, _ = running.communicate("\n", timeout=60)
        assert "done" in out
    finally:
        running.kill()
        running.wait()
    # Nothing of either is lost: the first's quarter is in, and the second goes on from it.
    assert store.periods() == ["2019Q3", "2019Q4"]
    assert store.submissions()["submitted_by"].tolist()[1] == "另一科室"
    with pytest.raises(StoreError, match="2019Q4 is in the inventory already"):
        store.submit("2019Q4", first())
    acts = Acts("2020-01-05", "Y").add("D3", "sector_accept", "low").add("D3", "confirm")
    assert store.review(acts.frame()) == 2


def test_a_reader_waits_for_the_writer(store: Store) -> None:
    store.submit("2019Q3", first())
    running = child(store.path, "risk_sources")
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()
    assert Store(store.path, wait=30.0).periods() == ["2019Q3", "2019Q4"]
    running.communicate()


def test_a_writer_among_readers(store: Store) -> None:
    """Another program that has the file open is named by its process."""
    store.submit("2019Q3", first())
    script = f"import duckdb, sys; c = duckdb.connect({str(store.path)!r}, read_only=True); "
    script += "print('open', flush=True); sys.stdin.readline()"
    running = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None and running.stdout.readline().strip() == "open"
        with pytest.raises(StoreError) as error:
            store.submit("2019Q4", second())
        assert error.value.rule == "opened_elsewhere" and error.value.values["pid"] == running.pid
    finally:
        running.communicate("\n")
    store.submit("2019Q4", second())


def test_an_old_note_is_no_holder(store: Store) -> None:
    store.submit("2019Q3", first())
    note: dict[str, Any] = {"pid": 1, "host": "x", "user": "y", "since": "2019-01-01", "doing": "submit"}
    holder_file(store.path).write_text(json.dumps(note), encoding="utf-8")
    store.submit("2019Q4", second())
    assert not holder_file(store.path).exists()


def test_the_writer_cleans_up_after_an_error(store: Store, tmp_path: Path) -> None:
    wrong = second()
    wrong["risk_sources"] = wrong["risk_sources"].assign(review_state="confirmed")
    with pytest.raises(StoreRefused):
        store.submit("2019Q3", wrong)
    left: Callable[[], list[str]] = lambda: sorted(entry.name for entry in tmp_path.iterdir())  # noqa: E731
    assert "inventory.duckdb.holder.json" not in left()
    store.submit("2019Q3", first())
    assert store.periods() == ["2019Q3"]


def test_many_at_once(store: Store) -> None:
    """Of several that submit one quarter together one gets in, and each other is told why it did not."""
    from concurrent.futures import ThreadPoolExecutor

    store.submit("2019Q3", first())

    def attempt(who: str) -> str:
        try:
            Store(store.path).submit("2019Q4", second(), by=who)
        except StoreError as error:
            return error.rule
        return "done"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, [f"科室{at}" for at in range(6)]))
    assert outcomes.count("done") == 1 and set(outcomes) <= {"done", "busy", "busy_unknown", "same_already"}
    assert store.periods() == ["2019Q3", "2019Q4"] and len(store.submissions()) == 2
