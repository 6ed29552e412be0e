"""Hot spots: where serious risk lies closer together than chance would put it, at a known rate of false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit.errors import KitError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def hot_spots(
    units: pd.DataFrame, *, resolution: int = 8, rings: int = 1, at_least: int = 5, rate: float = 0.05
) -> pd.DataFrame:
    """Return the H3 cells with the number of serious units around each, the number expected, and what the test says.

    The statistic is that of Getis and Ord (1992, Gi* with the neighbourhood's own cell) for the mark "the unit has a
    serious source": the number of marked units in a cell and the `rings` around it. Its p value is exact, not from the
    normal curve, which gives false alarms where few units lie: if the marks are shuffled over the same places, the
    number is hypergeometric. Units are shuffled among those with as many risk sources only (a unit with ten sources has
    a serious one sooner than a unit with one), so the number is a sum of hypergeometric ones, whose distribution is
    computed; it is the permutation test with every permutation counted, so no random numbers are drawn. p values are
    two-sided (twice the smaller tail) and adjusted by Benjamini and Hochberg (1995).

    Parameters
    ----------
    units : one row for each unit: `lon`, `lat` (WGS-84 degrees), `serious` (bool), `size` (number of risk sources).
        Units whose mark is not known do not belong here: they are neither serious nor not.
    resolution : of the cells, 0 to 15; 8 has edges of about 530 m, 9 of 200 m.
    rings : of neighbouring cells, 0 or more.
    at_least : cells with fewer units around them are not tested.
    rate : the false discovery rate: of the cells named, the expected share that is chance. Where all is chance, it is
        the share of runs that name anything.

    Returns
    -------
    DataFrame
        `cell, lon, lat` (its centre), `n_tested, n_serious, expected, z, p, q, spot` (`hot`, `cold` or null), sorted by
        `cell`; empty where no cell has enough units. Rows of `units` may stand in any order.

    Raises
    ------
    KitError
        When a coordinate is null or impossible, or a parameter is outside its range.

    Examples
    --------
    >>> import pandas as pd
    >>> here = [(116.40, 39.90, True, 1)] * 12
    >>> there = [(116.10 + 0.02 * i, 40.20, False, 1) for i in range(40)]
    >>> found = hot_spots(pd.DataFrame(here + there, columns=["lon", "lat", "serious", "size"]))
    >>> found[["n_tested", "n_serious", "spot"]].to_numpy().tolist()
    [[12, 12, 'hot']]
    """
    import numpy as np
    import pandas as pd
    from scipy.stats import false_discovery_control

    _check(units, resolution, rings, at_least, rate)
    columns = ["cell", "lon", "lat", "n_tested", "n_serious", "expected", "z", "p", "q", "spot"]
    if units.empty:
        return pd.DataFrame(columns=columns)
    cell = cells_of(units["lon"], units["lat"], resolution)
    names, where = np.unique(cell, return_inverse=True)
    sizes, stratum = np.unique(units["size"].to_numpy("int64"), return_inverse=True)
    marked = units["serious"].to_numpy(bool)
    around = _around(names, rings)
    shape = (len(names), len(sizes))
    number = around @ _counts(where, stratum, shape)
    serious = around @ _counts(where[marked], stratum[marked], shape)
    tested = np.flatnonzero(number.sum(axis=1) >= at_least)
    if not len(tested):
        return pd.DataFrame(columns=columns)
    number, serious = number[tested], serious[tested]
    everywhere = np.bincount(stratum, minlength=len(sizes))
    marks = np.bincount(stratum[marked], minlength=len(sizes))
    expected, deviation = _moments(number, everywhere, marks)
    count = serious.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(deviation > 0, (count - expected) / deviation, 0.0)
    p = _two_sided(number, count, everywhere, marks)
    q = false_discovery_control(p, method="bh")
    lat, lon = _centres(names[tested])
    spot = pd.Series(np.where(count > expected, "hot", "cold")).where(q <= rate)
    return pd.DataFrame(
        {
            "cell": names[tested], "lon": lon, "lat": lat, "n_tested": number.sum(axis=1), "n_serious": count,
            "expected": expected, "z": z, "p": p, "q": q, "spot": spot.astype("str"),
        }
    )  # fmt: skip


def cells_of(lon: pd.Series, lat: pd.Series, resolution: int) -> np.ndarray[Any, Any]:
    """Return the H3 cell of each point, as text; each place is looked up once."""
    import h3
    import numpy as np

    points = np.column_stack([lat.to_numpy("float64"), lon.to_numpy("float64")])
    places, which = np.unique(points, axis=0, return_inverse=True)
    found = np.array([h3.latlng_to_cell(y, x, resolution) for y, x in places.tolist()], dtype="U15")
    return found[which.reshape(-1)]


def joined(cells: list[str]) -> list[int]:
    """Return for each cell the number of its patch: cells that touch are one patch, numbered by their first cell."""
    import h3

    left = set(cells)
    patch: dict[str, int] = {}
    for start in sorted(left):
        if start in patch:
            continue
        number, todo = len(set(patch.values())), [start]
        while todo:
            cell = todo.pop()
            if cell in patch or cell not in left:
                continue
            patch[cell] = number
            todo.extend(h3.grid_disk(cell, 1))
    return [patch[cell] for cell in cells]


def _centres(cells: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    import h3
    import numpy as np

    pairs = np.array([h3.cell_to_latlng(cell) for cell in cells], dtype="float64").reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _check(units: pd.DataFrame, resolution: int, rings: int, at_least: int, rate: float) -> None:
    wrong = []
    absent = [name for name in ("lon", "lat", "serious", "size") if name not in units.columns]
    if absent:
        wrong.append(f"the units have no column {', '.join(absent)}; needed are lon, lat, serious, size")
    elif not (units["lon"].between(-180, 180) & units["lat"].between(-90, 90)).all():
        wrong.append("a coordinate is null or no degree; leave units without a place out")
    if not 0 <= resolution <= 15:
        wrong.append(f"resolution {resolution} is not allowed; give 0 to 15, for example 8")
    if rings < 0:
        wrong.append(f"rings {rings} is not allowed; give 0 or more, for example 1")
    if at_least < 1:
        wrong.append(f"at_least {at_least} is not allowed; give 1 or more, for example 5")
    if not 0 < rate < 1:
        wrong.append(f"rate {rate:g} is not allowed; give a number between 0 and 1, for example 0.05")
    if wrong:
        raise KitError("; ".join(wrong))


def _around(cells: np.ndarray[Any, Any], rings: int) -> Any:
    """Return the matrix that sums over a cell and the rings around it."""
    import h3
    import numpy as np
    from scipy.sparse import csr_array

    place = {cell: number for number, cell in enumerate(cells.tolist())}
    disks = [[place[near] for near in h3.grid_disk(cell, rings) if near in place] for cell in place]
    ends = np.cumsum([0, *map(len, disks)])
    near = np.concatenate([np.array(disk, dtype="int64") for disk in disks])
    return csr_array((np.ones(len(near), dtype="int64"), near, ends), shape=(len(cells), len(cells)))


def _counts(row: Any, column: Any, shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)


def _moments(number: Any, everywhere: Any, marks: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return mean and standard deviation of the number of marked units around each cell when marks are shuffled."""
    import numpy as np

    share = marks / everywhere
    spread = number * share * (1 - share) * (everywhere - number) / np.maximum(everywhere - 1, 1)
    return number @ share, np.sqrt(spread.sum(axis=1))


def _two_sided(number: Any, count: Any, everywhere: Any, marks: Any) -> np.ndarray[Any, Any]:
    """Return the exact two-sided p value of each cell; cells with the same numbers are computed once."""
    import numpy as np
    from scipy.special import gammaln

    log_factorial = gammaln(np.arange(int(everywhere.max()) + 1) + 1.0)

    def chances(drawn: int, total: int, marked: int) -> tuple[int, Any]:
        """Return the least number of marks and the probability of it and each one more."""
        k = np.arange(max(0, drawn + marked - total), min(drawn, marked) + 1)
        f = log_factorial
        logs = (
            f[marked] - f[k] - f[marked - k] + f[total - marked] - f[drawn - k] - f[total - marked - drawn + k]
            - (f[total] - f[drawn] - f[total - drawn])
        )  # fmt: skip
        return int(k[0]), np.exp(logs)

    rows, back = np.unique(np.column_stack([number, count]), axis=0, return_inverse=True)
    found = np.empty(len(rows))
    for at, (*drawn, seen) in enumerate(rows.tolist()):
        least, pmf = 0, np.ones(1)
        for n, total, marked in zip(drawn, everywhere.tolist(), marks.tolist(), strict=True):
            if n:
                start, part = chances(n, total, marked)
                least, pmf = least + start, np.convolve(pmf, part)
        seen -= least
        found[at] = min(1.0, 2 * pmf[seen:].sum(), 2 * pmf[: seen + 1].sum())
    return found[back.reshape(-1)]
