"""The tables of the data quality report, from what `kit assess` stored: ``from kit.quality import tables``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.quality.registry import families, table_title
from kit.registers.assessed import read_assessed
from kit.registers.codes_list import code_names
from kit.standard.yaml_io import read_yaml

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = {
    "units": ("unit_id", "district"),
    "quality_checks": (
        "table", "check_id", "title_zh", "column", "state", "n_checked", "n_failed", "severity", "detail_zh", "family",
    ),
    "quality_rows": ("table", "check_id", "key", "unit_id", "district", "row", "column", "value", "severity"),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What the checks of a period found, as the report counts it.

    Attributes
    ----------
    checks, rows : as `kit.quality.QualityResult` has them.
    units : the units of the period, for shares by area.
    meta : the period's `meta.json`.
    """

    checks: pd.DataFrame
    rows: pd.DataFrame
    units: pd.DataFrame
    meta: dict[str, Any]


@cache
def words() -> dict[str, Any]:
    """Return the words of the tables."""
    return dict(read_yaml(Path(__file__).with_name("tables.yaml"))[0])


def load_period(folder: str | Path) -> Found:
    """Return what the checks of a period found, from the folder that `kit assess` wrote.

    Raises
    ------
    ProblemsError
        Naming every file and column that is missing.
    """
    frames, meta = read_assessed(folder, _NEEDED, ("quality_checks", "state", words()["states"]))
    return Found(frames["quality_checks"], frames["quality_rows"], frames["units"], meta)


def register_name(table: str) -> str:
    """Return what readers call a table, surveys by their sector.

    Examples
    --------
    >>> register_name("units"), register_name("survey_unit/taxi")
    ('生产经营单位台账', '出租汽车调查表')
    """
    if "/" in table and table.startswith("survey"):
        sector = table.partition("/")[2]
        return str(words()["survey"]).format(sector=code_names("sectors").get(sector, sector).split("（")[0])
    return str(words()["tables"].get(table) or table_title(table))


def _states(checks: pd.DataFrame, by: pd.Series, name: str) -> pd.DataFrame:
    """Return one row for each value of `by`: checks by state, errors and warnings found, with a total row."""
    import pandas as pd

    states = words()["states"]
    counts = pd.crosstab(by, checks["state"]).reindex(columns=list(states), fill_value=0).rename(columns=states)
    counts.insert(0, "检查项", counts.sum(axis=1))
    for severity, label in words()["severities"].items():
        own = checks["n_failed"].where(checks["severity"] == severity, 0)
        counts[f"{label}（条）"] = own.groupby(by).sum().astype("int64")
    table = counts.reindex(list(dict.fromkeys(by))).rename_axis(index=name, columns=None).reset_index()
    total: dict[str, Any] = {column: table[column].sum() for column in table.columns[1:]}
    return pd.concat([table, pd.DataFrame([{name: words()["total"], **total}])], ignore_index=True)


def by_family(found: Found) -> pd.DataFrame:
    """Return 类别, 检查项, 通过, 未通过, 无法检查, 错误（条）, 提示（条）, in the order of the families."""
    names = families()
    order = {family: at for at, family in enumerate(names)}
    checks = found.checks.sort_values("family", key=lambda values: values.map(order), kind="stable")
    return _states(checks, checks["family"].map(names), "类别")


def by_register(found: Found) -> pd.DataFrame:
    """Return 登记表, 检查项, 通过, 未通过, 无法检查, 错误（条）, 提示（条）, those with most errors first."""
    checks = found.checks
    worst = checks["n_failed"].groupby(checks["table"]).sum().sort_values(ascending=False)
    order = {table: at for at, table in enumerate(worst.index)}
    checks = checks.sort_values("table", key=lambda values: values.map(order), kind="stable")
    return _states(checks, checks["table"].map(register_name), "登记表")


def by_area(found: Found) -> pd.DataFrame:
    """Return 区, 单位（家）, 有问题的单位（家）, their share, 错误（条）, 提示（条）.

    Findings that belong to no area have a row of their own.
    """
    import pandas as pd

    names = code_names("districts")
    blank = words()["blank"]
    unit_area = found.units["district"].map(names).fillna(blank)
    row_area = found.rows["district"].map(names).fillna(blank)
    table = pd.DataFrame(index=[*names.values(), blank])
    table["单位（家）"] = unit_area.value_counts()
    known = found.rows["unit_id"].isin(found.units["unit_id"])
    table["有问题的单位（家）"] = found.rows[known].groupby(row_area[known])["unit_id"].nunique()
    for severity, label in words()["severities"].items():
        table[f"{label}（条）"] = row_area[found.rows["severity"] == severity].value_counts()
    table = table.fillna(0).astype("int64")
    table = table[(table != 0).any(axis=1)].rename_axis("区").reset_index()
    total: dict[str, Any] = {column: table[column].sum() for column in table.columns[1:]}
    every = pd.concat([table, pd.DataFrame([{"区": words()["total"], **total}])], ignore_index=True)
    # Printed as the share of the two columns before, x/y where there are few units.
    every.insert(
        3, "有问题单位占比（%）", 100.0 * every["有问题的单位（家）"] / every["单位（家）"].where(lambda n: n > 0)
    )
    return every


def failed(found: Found, limit: int = 60) -> pd.DataFrame:
    """Return the checks that failed: 登记表, 检查项, 允许的内容, 性质, 不符合（条）, 检查（条）, 比例, errors first."""
    checks = found.checks[found.checks["state"] == "failed"]
    allowed = found.rows.drop_duplicates(["table", "check_id"]).set_index(["table", "check_id"])["allowed_zh"]
    checks = checks.assign(
        allowed=[allowed.get(pair, "") for pair in zip(checks["table"], checks["check_id"], strict=True)]
    )
    checks = checks.sort_values(["severity", "n_failed"], ascending=[True, False], kind="stable").head(limit)
    return _named(checks, {"title_zh": "检查项", "allowed": "允许的内容"}).assign(
        **{
            "性质": checks["severity"].map(words()["severities"]).to_numpy(),
            "不符合（条）": checks["n_failed"].to_numpy(),
            "检查（条）": checks["n_checked"].to_numpy(),
        }
    )


def not_checked(found: Found) -> pd.DataFrame:
    """Return the checks that could not be made: 登记表, 检查项, 原因."""
    checks = found.checks[found.checks["state"] == "not_checked"]
    return _named(checks, {"title_zh": "检查项", "detail_zh": "原因"})


def _named(checks: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    told = {"登记表": checks["table"].map(register_name)} | {name: checks[key] for key, name in columns.items()}
    return pd.DataFrame(told).reset_index(drop=True)


def examples(found: Found, limit: int = 3) -> pd.DataFrame:
    """Return the first rows of each failed check, errors first: 登记表, 检查项, 编号, 行, 内容.

    Personal columns are not shown.
    """
    from kit.registers.schema import load_schema, schema_names

    personal = {
        (table, column)
        for table in schema_names()
        for column, spec in load_schema(table).fields.items()
        if spec.personal
    }
    rows = found.rows.sort_values("severity", kind="stable").groupby(["table", "check_id"], sort=False).head(limit)
    shown = [
        "（个人信息不显示）" if (table, column) in personal and value else value
        for table, column, value in zip(rows["table"], rows["column"], rows["value"], strict=True)
    ]
    rows = rows.assign(shown=shown)
    return _named(rows, {"title_zh": "检查项", "key": "编号", "row": "行", "shown": "内容"})


def numbers(found: Found) -> dict[str, Any]:
    """Return the figures of the report's sentences by name."""
    checks, rows = found.checks, found.rows
    states = checks["state"].value_counts()
    counts = {f"n_{state}": int(states.get(state, 0)) for state in words()["states"]}
    worst = rows["title_zh"].value_counts().head(3).index.tolist()
    areas = rows["district"].map(code_names("districts")).value_counts()
    return {
        **counts,
        "n_checks": len(checks),
        "n_rows": len(rows),
        "n_errors": int((rows["severity"] == "error").sum()),
        "n_warnings": int((rows["severity"] == "warning").sum()),
        "n_units": found.units["unit_id"].nunique(),
        "n_units_found": rows.loc[rows["unit_id"].isin(found.units["unit_id"]), "unit_id"].nunique(),
        "n_tables": checks["table"].nunique(),
        "n_families": checks["family"].nunique(),
        "worst": "；".join(worst),
        "worst_area": str(areas.index[0]) if len(areas) else "",
        "n_worst_area": int(areas.iloc[0]) if len(areas) else 0,
        "rows_rejected": int(found.meta.get("rejected_rows") or 0),
    }


def reconciliation(found: Found) -> pd.DataFrame:
    """Return whether the parts add up to the whole: 核对项, 合计, 分项之和, 差额."""
    import pandas as pd

    checks, rows = found.checks, found.rows
    total = words()["total"]
    lines = []
    for name, table in (("按类别", by_family(found)), ("按登记表", by_register(found)), ("按区", by_area(found))):
        part = table[table.iloc[:, 0] != total]
        whole = len(rows)
        counted = int(sum(part[f"{label}（条）"].sum() for label in words()["severities"].values()))
        lines.append((f"不符合记录（{name}）", whole, counted, whole - counted))
    listed = int(checks["n_failed"].sum())
    lines.append(("不符合记录（逐项检查之和）", len(rows), listed, len(rows) - listed))
    return pd.DataFrame(lines, columns=["核对项", "合计", "分项之和", "差额"])
