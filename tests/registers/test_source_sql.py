"""Registers read from databases: from a real PostgreSQL, and from SQLite where that says as much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from kit.errors import KitError, ProblemsError
from kit.registers import load_schema, read_into, read_register, read_table
from kit.standard.fields import FieldSpec
from tests.registers import postgres as server

PLACE = ("餐饮", "区属及其他单位", "海淀区", "万寿路街道")
UNITS = [
    ("U001", "示例店一<b>", *PLACE, "示例路1号", "116.30000000", 39.9, "WGS-84", 12),
    ("U002", "示例店二", *PLACE, "示例路2号", "116.40624000", 39.9084, "gcj02", 7),
    (None, "示例店三", *PLACE, "示例路3号", "116.3", 39.9, "WGS-84", 3),
]


def _fill(engine: sqlalchemy.Engine, schema: str | None = None) -> None:
    """Make the register of units as a department keeps it: Chinese headings, exact decimals, real dates."""
    table = sqlalchemy.Table(
        "单位台账", sqlalchemy.MetaData(schema=schema),
        sqlalchemy.Column("no", sqlalchemy.Integer, primary_key=True),
        *(sqlalchemy.Column(name, sqlalchemy.Text) for name in
          ("单位编号", "单位名称", "行业", "监管层级", "区", "街道（乡镇）", "地址")),
        sqlalchemy.Column("经度", sqlalchemy.Numeric(12, 8)),
        sqlalchemy.Column("纬度", sqlalchemy.Float),
        sqlalchemy.Column("坐标系", sqlalchemy.Text),
        sqlalchemy.Column("从业人数", sqlalchemy.Integer),
        sqlalchemy.Column("登记日期", sqlalchemy.Date),
        sqlalchemy.Column("基本信息审核", sqlalchemy.Text),
    )  # fmt: skip
    with engine.begin() as connection:
        if schema:
            connection.execute(sqlalchemy.schema.CreateSchema(schema))
        table.create(connection)
        names = [column.name for column in table.columns]
        for number, row in enumerate(UNITS, start=1):
            values = (number, *row, pd.Timestamp("2018-01-01").date(), "通过")
            connection.execute(table.insert().values(dict(zip(names, values, strict=True))))
        connection.execute(sqlalchemy.text("CREATE TABLE other (a INTEGER)"))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    try:
        server.binaries()
        server._as_server()
    except server.NoPostgresError as missing:
        pytest.skip(str(missing))
    with server.cluster() as (host, port):
        address = sqlalchemy.URL.create("postgresql+pg8000", server.USER, server.PASSWORD, host, port, "postgres")
        engine = sqlalchemy.create_engine(address)
        _fill(engine, "safety")
        with engine.begin() as connection:
            connection.execute(
                sqlalchemy.text('CREATE VIEW "台账视图" AS SELECT * FROM safety."单位台账" WHERE no < 3')
            )
            connection.execute(
                sqlalchemy.text(
                    "CREATE TABLE many AS SELECT 'U' || n AS unit_id, n::numeric AS age, n % 2 = 0 AS even, "
                    "timestamptz '2019-10-01 08:00+08' AS seen FROM generate_series(1, 50000) n"
                )
            )
        engine.dispose()
        yield address.render_as_string(hide_password=False)


def test_a_register_from_postgresql(url: str) -> None:
    read = read_register(url, "units", sheet="safety.单位台账")
    assert (read.n_read, len(read.frame), read.n_rejected) == (3, 2, 1)
    frame = read.frame
    assert frame["unit_id"].tolist() == ["U001", "U002"]
    assert frame["name"].tolist() == ["示例店一<b>", "示例店二"]
    assert frame["district"].tolist() == ["110108"] * 2
    assert frame["registered_at"].tolist() == [pd.Timestamp("2018-01-01")] * 2
    assert frame.dtypes["lon"] == "float64"
    # The second point came in GCJ-02, about 0.006 degrees too far east.
    assert read.converted == {"gcj02": 1}
    assert frame["lon"].round(3).tolist() == [116.3, 116.4]
    assert "单位编号" in read.rejects.loc[0, "reason"]
    assert read.rejects.loc[0, "单位名称"] == "示例店三"
    assert read.extra == ["no"]


def test_a_view_and_the_usual_driver_name(url: str) -> None:
    plain = url.replace("postgresql+pg8000://", "postgresql://")
    assert read_register(plain, "units", sheet="台账视图").n_read == 2


def test_a_long_table_comes_in_batches(url: str, tmp_path: Path) -> None:
    fields = {
        name: FieldSpec.model_validate({"label": {"zh": name}, "type": kind})
        for name, kind in {"unit_id": "text", "age": "number", "even": "boolean", "seen": "date"}.items()
    }
    read = read_table(url, fields, key="unit_id", sheet="many")
    assert read.n_read == len(read.frame) == 50_000
    assert read.frame["age"].sum() == 50_000 * 50_001 / 2
    assert read.frame["even"].sum() == 25_000
    assert set(read.frame["seen"]) == {pd.Timestamp("2019-10-01")}
    out = tmp_path / "units.parquet"
    summary = read_into(url, "units", out, sheet="safety.单位台账", rows=1)
    assert (summary.n_read, summary.n_accepted, summary.n_rejected) == (3, 2, 1)
    assert pd.read_parquet(out)["unit_id"].tolist() == ["U001", "U002"]


def test_what_postgresql_refuses_is_told_without_the_password(url: str) -> None:
    wrong = sqlalchemy.make_url(url).set(password="no-such-secret").render_as_string(hide_password=False)
    nowhere = sqlalchemy.make_url(url).set(port=1).render_as_string(hide_password=False)
    for address, secret in ((wrong, "no-such-secret"), (nowhere, "示例")):
        with pytest.raises(KitError) as caught:
            read_register(address, "units", sheet="many")
        told = str(caught.value) + caught.value.text("zh")
        assert "refused or could not be reached" in str(caught.value)
        assert secret not in told
        assert "127.0.0.1" in told
    with pytest.raises(ProblemsError, match="required column 'district'"):
        read_register(url, "units", sheet="many")
    with pytest.raises(KitError, match=r"no table or view 'mny'.*did you mean many"):
        read_register(url, "units", sheet="mny")


# -- what needs no server ---------------------------------------------------------------------------


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'units.db'}"
    engine = sqlalchemy.create_engine(address)
    _fill(engine)
    engine.dispose()
    return address


def test_another_database(sqlite: str) -> None:
    read = read_register(sqlite, "units", sheet="单位台账")
    assert (read.n_read, len(read.frame), read.n_rejected) == (3, 2, 1)
    assert read.sheet == "单位台账"


def test_the_table_must_be_named_where_there_are_several(sqlite: str) -> None:
    with pytest.raises(KitError, match="name one of the tables with sheet; there are: other, 单位台账"):
        read_register(sqlite, "units")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nosuchdb://a:b@host/x", "not an address of a database"),
        ("mysql+pymysql://a:secret@host/x", "driver 'pymysql' is not installed"),
        ("postgresql://a:sec@ret@host/x", "write an @ in the password as %40"),
        ("postgresql://a:secret/ret@ho@host/x", "write an @ in the password as %40"),
        ("sqlite:///no/such.db", "file not found"),
        ("postgresql+pg8000://a:secret/ret@host:port/x", "not an address of a database"),
    ],
)
def test_addresses_that_cannot_be_used(address: str, words: str) -> None:
    with pytest.raises(KitError, match=words) as caught:
        read_table(address, load_schema("units").fields)
    assert "secret" not in str(caught.value)
    assert "ret@h" not in str(caught.value)
    assert not Path("no").exists()
