"""Levels of risk sources rolled up to units, streets, districts or sectors. 数据不足 never becomes a low risk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Literal

import narwhals.stable.v2 as nw

from kit.errors import KitError, did_you_mean
from kit.scoring.engine import scaled_9
from kit.standard.document import Scale
from kit.standard.standard import Standard

How = Literal["highest", "share_weighted", "count"]
HOWS = ("highest", "share_weighted", "count")
INSUFFICIENT = "insufficient"
# What a register writes for "no level": confirmed but not scored, not yet confirmed. A null says the same.
NO_LEVEL = (INSUFFICIENT, "pending")
RANK, WEIGHT = "rollup:rank", "rollup:weight"


def rollup(
    frame: Any,
    by: str | Sequence[str],
    how: How = "highest",
    *,
    scale: Scale | None = None,
    level: str = "level",
    weight: str | None = None,
) -> Any:
    """Return one row for each group of `by` with its level and the count of each level.

    Parameters
    ----------
    frame : a pandas, Polars, Arrow or DuckDB frame with a column of levels (`level`). Null, `insufficient` and
        `pending` are rows without a level.
    by : column or columns of the groups.
    how : `highest` gives the worst level of the group; `share_weighted` the mean place on the scale, by `weight`,
        rounded half up; `count` counts only.
    scale : the levels and which end is the worst; `risk` of `standards/common` by default.
    weight : column of weights from 0 (headcount, exposed people); without it all rows count alike. A row without a
        weight counts as one without a level.

    Returns
    -------
    A frame of the type given, without order: the columns of `by`, `n` (rows), `n_<level>` for each level of the scale,
    `n_insufficient` (rows without a level), and but for `count`

    - `level`: a level of the scale or `insufficient`;
    - `at_least`: true where rows without a level could make it worse.

    Under `highest` a group whose known rows all have the mildest level is `insufficient` as soon as one row has none:
    that one may be anything. Under `share_weighted` the level stands only if it would be the same with the mildest and
    with the worst level for every row without one, and every row has a weight; otherwise it is `insufficient`.

    Raises
    ------
    KitError
        When a column is not there, a level is none of the scale, or a weight is below 0 or no number.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": ["A", "A", "B"], "level": ["low", "major", None]})   # doctest: +SKIP
    >>> rollup(table, "unit")[["unit", "n", "level"]].values.tolist()                      # doctest: +SKIP
    [['A', 2, 'major'], ['B', 1, 'insufficient']]
    """
    groups = [by] if isinstance(by, str) else list(by)
    if how not in HOWS:
        raise KitError(f"no way '{how}' to roll up; {did_you_mean(how, HOWS)}")
    if not groups:
        raise KitError("by names no column; give at least one, for example by='unit_id'")
    chosen = scale or _risk()
    native = nw.from_native(frame)
    schema = dict(native.collect_schema())
    for name in [*groups, level, *([weight] if weight else [])]:
        if name not in schema:
            raise KitError(f"the table has no column '{name}'; {did_you_mean(name, list(schema), allowed='there are')}")
    native = native.select(
        *[nw.col(name) for name in dict.fromkeys(groups)],
        nw.col(level).cast(nw.String).alias(RANK),
        (nw.col(weight) if weight else nw.lit(1.0)).cast(nw.Float64).alias(WEIGHT)
        if not weight or schema[weight].is_numeric() or schema[weight] == nw.Unknown
        else _no_number(weight, schema[weight]),
    )
    _refuse(native, chosen, level, weight)
    return _rolled(native, groups, how, chosen).to_native()


def unit_levels(standard: Standard, scored: Any, by: str | Sequence[str] = "unit_id", *, level: str = "level") -> Any:
    """Return the level of each unit as the standard's `rollup:` declares it; see `rollup` for the columns.

    Parameters
    ----------
    scored : risk sources with their level, and the field the standard weighs by, where it does.

    Examples
    --------
    >>> unit_levels(taxi, taxi.score(sources))[["unit_id", "level"]]                   # doctest: +SKIP
    """
    declared = standard.document.rollup
    return rollup(scored, by, declared.how, scale=standard.scale, level=level, weight=declared.weight)


def _risk() -> Scale:
    from kit.standard.loader import read_scales

    return read_scales()["risk"]


def _no_number(weight: str, dtype: Any) -> Any:
    raise KitError(f"the weight '{weight}' holds {dtype}, not numbers; read it as numbers first")


def _refuse(frame: Any, scale: Scale, level: str, weight: str | None) -> None:
    allowed = [*scale.names, *NO_LEVEL]
    known = nw.col(RANK).is_null() | nw.col(RANK).is_in(allowed)
    odd = _column(frame.filter(~known).select(RANK).unique(), RANK)
    if odd:
        shown = ", ".join(f"'{value}'" for value in sorted(odd)[:5])
        raise KitError(
            f"the column '{level}' holds {shown}, no level of the scale {scale.label.zh}; "
            f"{did_you_mean(sorted(odd)[0], allowed)}"
        )
    if weight is not None:
        low = _column(frame.filter(nw.col(WEIGHT) < nw.lit(0.0)).select(WEIGHT).head(1), WEIGHT)
        if low:
            raise KitError(f"the weight '{weight}' is {low[0]:g} in some row; weights are numbers from 0")


def _column(frame: Any, name: str) -> list[Any]:
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    found: list[Any] = eager.get_column(name).to_list()
    return found


def _rolled(frame: Any, groups: list[str], how: How, scale: Scale) -> Any:
    order = scale.names if scale.worst == "last" else scale.names[::-1]  # from the mildest to the worst
    worst = float(len(order) - 1)
    rank = nw.lit(None, dtype=nw.Float64)
    for at, name in enumerate(order):
        rank = nw.when(nw.col(RANK) == nw.lit(name)).then(nw.lit(float(at))).otherwise(rank)
    frame = frame.with_columns(rank.alias("rollup:place"))
    place, weight = nw.col("rollup:place"), nw.col(WEIGHT)
    no_weight = weight.is_null() | ~weight.is_finite()
    one, nought = nw.lit(1.0), nw.lit(0.0)
    frame = frame.with_columns(
        **{
            f"rollup:is:{name}": nw.when(place == nw.lit(float(at))).then(one).otherwise(nought)
            for at, name in enumerate(order)
        },
        **{
            "rollup:unknown": nw.when(place.is_null()).then(one).otherwise(nought),
            "rollup:unweighted": nw.when(no_weight).then(one).otherwise(nought),
            "rollup:sum": nw.when(~place.is_null() & ~no_weight).then(weight * place).otherwise(nought),
            "rollup:all": nw.when(~no_weight).then(weight).otherwise(nought),
            "rollup:high": nw.when(~no_weight)
            .then(weight * nw.when(place.is_null()).then(nw.lit(worst)).otherwise(place))
            .otherwise(nought),
        },
    )
    sums = ["unknown", "unweighted", "sum", "all", "high", *(f"is:{name}" for name in order)]
    grouped = frame.group_by(groups).agg(
        *[nw.col(f"rollup:{name}").sum() for name in sums], place.max().alias("rollup:highest"), nw.len().alias("n")
    )
    counts = [nw.col(f"rollup:is:{name}").cast(nw.Int64).alias(f"n_{name}") for name in scale.names]
    head = [*[nw.col(name) for name in groups], nw.col("n").cast(nw.Int64), *counts]
    unknown = nw.col("rollup:unknown")
    head.append(unknown.cast(nw.Int64).alias("n_insufficient"))
    if how == "count":
        return grouped.select(*head)
    if how == "highest":
        # A mildest level may not stand beside a row that could be anything.
        mild = (nw.col("rollup:highest") == nought) & (unknown > nought)
        decided = nw.when(~mild).then(nw.col("rollup:highest"))
        at_least = (unknown > nought) & (
            nw.col("rollup:highest").is_null() | (nw.col("rollup:highest") < nw.lit(worst))
        )
    else:
        low, high = _mean("rollup:sum", "rollup:all"), _mean("rollup:high", "rollup:all")
        sure = (low == high) & (nw.col("rollup:unweighted") == nought)
        decided = nw.when(sure).then(low)
        at_least = ~sure | low.is_null()
    return grouped.with_columns(decided.alias("rollup:decided")).select(
        *head,
        _named(order).alias("level"),
        nw.when(at_least).then(nw.lit(True)).otherwise(nw.lit(False)).alias("at_least"),
    )


def _mean(top: str, bottom: str) -> nw.Expr:
    """Return the mean place, rounded to 9 decimals and then half up to a whole place."""
    share = nw.col(top) / nw.when(nw.col(bottom) > nw.lit(0.0)).then(nw.col(bottom))
    return ((scaled_9(share) / nw.lit(1e9)) + nw.lit(0.5)).floor()


def _named(order: list[str]) -> nw.Expr:
    pairs = reversed(list(enumerate(order)))
    return reduce(
        lambda rest, pair: (
            nw.when(nw.col("rollup:decided") == nw.lit(float(pair[0]))).then(nw.lit(pair[1])).otherwise(rest)
        ),
        pairs,
        nw.lit(INSUFFICIENT),
    )
