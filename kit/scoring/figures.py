"""Figures over a whole table: what relative nodes of a standard measure by, as numbers that can be written down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kit.errors import KitError
from kit.scoring.apply import results_of
from kit.scoring.nodes.normalise import measured
from kit.scoring.program import build_program
from kit.scoring.statistics import deviation, mean
from kit.standard.nodes.normalise import MOST_AMONG, Normalise
from kit.standard.standard import Standard
from kit.standard.terms import Aggregate, Term


def fixed_figures(
    standard: Standard, frame: pd.DataFrame, *, children: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Return for each relative node, by its path, its method as it must be written to mean the same without `frame`.

    Parameters
    ----------
    standard : a standard with `normalise` nodes that look at the whole table.
    frame : the rows whose least and greatest value, mean, deviation or places are kept.
    children : frames of child rows by name, where the standard has them.

    Returns
    -------
    Path to what stands under the method's key: `min_max` with `goalposts`, `z_score` with `about`, `percentile_rank`
    and `rank` with `among`. Written into the text they give the rows of `frame` the scores they had.

    Raises
    ------
    KitError
        When the frame has too few different values, or too many to write down.

    Examples
    --------
    >>> fixed_figures(index, pd.DataFrame({"income": [1.0, 3.0]}))            # doctest: +SKIP
    {'wealth': {'outside': 'clamp', 'goalposts': [1.0, 3.0]}}
    """
    relative = {
        path: node.kind
        for path, node in standard.nodes.items()
        if isinstance(node.kind, Normalise) and node.kind.relative
    }
    if not relative:
        return {}
    program = build_program(standard, items=False)
    steps: dict[str, str] = {}
    for path, kind in relative.items():
        value = measured(kind, standard.names)
        for name, term in _wanted(kind, value).items():
            steps[f"{path}|{name}"] = program.assign(f"whole:{path}:{name}", term).name
    found = results_of(standard, frame, program, steps, children)
    return {path: _written(path, kind, found) for path, kind in relative.items()}


def _wanted(kind: Normalise, value: Term) -> dict[str, Term]:
    if kind.min_max is not None:
        return {"low": Aggregate("min", value), "high": Aggregate("max", value)}
    if kind.z_score is not None:
        return {"mean": mean(value), "deviation": deviation(value, sample=kind.z_score.deviation == "sample")}
    return {"value": value}


def _written(path: str, kind: Normalise, found: pd.DataFrame) -> dict[str, Any]:
    """Return the method's block with its figures; goalposts and places in the field's own unit, also under `log`."""
    how = getattr(kind, kind.method)
    block: dict[str, Any] = how.model_dump(mode="python", by_alias=True, exclude_unset=True)
    mine = [name for name in map(str, found.columns) if name.rpartition("|")[0] == path]
    columns = {name.rpartition("|")[2]: found[name].dropna() for name in mine}
    if any(values.empty for values in columns.values()):
        raise KitError(
            f"the data has no value for {path}, so nothing can be frozen; give data with this field filled in"
        )

    def raw(value: float) -> float:
        return math.exp(value) if kind.log else value

    if kind.min_max is not None:
        low, high = float(columns["low"].iloc[0]), float(columns["high"].iloc[0])
        if not low < high:
            raise KitError(f"all values of {path} in the data are {raw(low):g}; goalposts need two different values")
        return block | {"goalposts": [raw(low), raw(high)]}
    if kind.z_score is not None:
        about, spread = float(columns["mean"].iloc[0]), float(columns["deviation"].iloc[0])
        if not spread > 0:
            raise KitError(f"all values of {path} in the data are alike; a z-score needs two different values")
        return block | {"about": [about, spread]}
    values = sorted(float(value) for value in columns["value"])
    if not 2 <= len(values) <= MOST_AMONG:
        raise KitError(
            f"{path}: {len(values):,} values would have to be written down, allowed are 2 to {MOST_AMONG:,}. "
            "Give the data of fewer units, or use goalposts or bands"
        )
    return block | {"among": [raw(value) for value in values]}
