"""Charts of the reports: matplotlib figures with the font and the level colours of the kit.

No pyplot: a figure keeps no state, so one report cannot leak into the next. Every class is told by mark and name in the
legend and by its number on the bar, not by colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit.maps.fonts import use_font
from kit.maps.levels import STYLES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1c2b3a"
MUTED = "#66737f"
BAR = "#34618f"
GRID = "#dfe4e9"
WIDTH = 7.4
_COUNTED = ("major", "considerable", "general", "low", "insufficient")


def _figure(height: float) -> tuple[Figure, Axes]:
    import matplotlib
    from matplotlib.figure import Figure

    # The font has to be in force when texts are made, and the rest is set on the axes themselves.
    matplotlib.rcParams.update(use_font())
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#aeb8c2")
    axes.tick_params(length=0, colors=INK, labelsize=9)
    axes.set_axisbelow(True)
    return figure, axes


def _whole_ticks(axis: Any) -> None:
    """Put ticks at whole numbers: half a risk source is no risk source."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=8, integer=True))


def _legend(axes: Axes, keys: tuple[str, ...]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=STYLES[key].fill, edgecolor=STYLES[key].edge, hatch="////" if key == "insufficient" else None,
              label=f"{STYLES[key].mark}{STYLES[key].name}")
        for key in keys
    ]  # fmt: skip
    axes.legend(
        handles=handles, ncols=len(keys), loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=9,
        handlelength=1.1, columnspacing=1.4, borderaxespad=0.2,
    )  # fmt: skip


def level_bars(table: pd.DataFrame, limit: int = 12) -> Figure | None:
    """Return stacked bars of confirmed risk sources by class, one bar a row of a levels table.

    Parameters
    ----------
    table : as `kit.inventory.tables.levels` gives it: key first, columns 重大 … 数据不足, last row 合计 (not drawn).
    limit : at most this many rows, those with the most risk sources; the others are added up in 其他.

    Returns
    -------
    Figure or None
        None when nothing is confirmed.
    """
    body = table.iloc[:-1]
    names = [STYLES[key].name for key in _COUNTED]
    body = body.assign(_all=body[names].sum(axis=1)).sort_values("_all", ascending=False, kind="stable")
    body = body[body["_all"] > 0]
    if body.empty:
        return None
    labels = [str(label) for label in body.iloc[:, 0]]
    counts: list[Any] = list(body[names].to_numpy())
    if len(labels) > limit:
        rest = sum(counts[limit - 1 :])
        labels = [*labels[: limit - 1], f"其他{len(labels) - limit + 1}项"]
        counts = [*counts[: limit - 1], rest]
    figure, axes = _figure(0.75 + 0.36 * len(labels))
    left = [0] * len(labels)
    whole = max(sum(row) for row in counts)
    for place, key in enumerate(_COUNTED):
        style = STYLES[key]
        values = [int(row[place]) for row in counts]
        bars = axes.barh(
            labels, values, left=left, height=0.62, color=style.fill, edgecolor=style.edge, linewidth=0.6,
            hatch="////" if key == "insufficient" else None,
        )  # fmt: skip
        for bar, value in zip(bars, values, strict=True):
            if value / whole > 0.035:
                axes.text(
                    bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2, str(value), ha="center",
                    va="center", fontsize=8, color=style.ink,
                    bbox={"facecolor": style.fill, "edgecolor": "none", "pad": 0.6} if key == "insufficient" else None,
                )  # fmt: skip
        left = [start + value for start, value in zip(left, values, strict=True)]
    for place, total in enumerate(left):
        axes.text(total + whole * 0.008, place, f"合计{total}", va="center", fontsize=8, color=MUTED)
    axes.set_xlim(0, whole * 1.1)
    _whole_ticks(axes.xaxis)
    axes.invert_yaxis()
    axes.xaxis.grid(True, color=GRID)
    axes.set_xlabel("已审定风险源（个）", fontsize=9, color=MUTED)
    _legend(axes, _COUNTED)
    return figure


def bars(
    labels: list[str], values: list[float], *, axis: str, decimals: int = 0, limit: float | None = None
) -> Figure | None:
    """Return plain horizontal bars with the value at the end of each; None without values.

    Parameters
    ----------
    axis : title of the value axis with its unit.
    limit : end of the axis, for example 100 for per cent.
    """
    if not labels:
        return None
    figure, axes = _figure(0.6 + 0.32 * len(labels))
    end = limit or max(max(values), 1)
    axes.barh(labels, values, height=0.6, color=BAR)
    for place, value in enumerate(values):
        axes.text(value + end * 0.008, place, f"{value:.{decimals}f}", va="center", fontsize=8.5, color=INK)
    axes.set_xlim(0, end * 1.07)
    if limit is None:
        _whole_ticks(axes.xaxis)
    else:
        axes.set_xticks([limit * step / 5 for step in range(6)])
    axes.invert_yaxis()
    axes.xaxis.grid(True, color=GRID)
    axes.set_xlabel(axis, fontsize=9, color=MUTED)
    return figure


def accident_bars(table: pd.DataFrame, limit: int = 10) -> Figure | None:
    """Return bars of confirmed risk sources by accident class, from a levels table by accident."""
    body = table.iloc[:-1].sort_values("合计", ascending=False, kind="stable")
    body = body[body["合计"] > 0].head(limit)
    return bars(
        [str(name) for name in body.iloc[:, 0]], [float(value) for value in body["合计"]], axis="已审定风险源（个）"
    )


def change_bars(table: pd.DataFrame) -> Figure | None:
    """Return previous and present quarter side by side, class by class; None in the first period."""
    if table.empty:
        return None
    from matplotlib.patches import Patch

    body = table.iloc[:-1]
    figure, axes = _figure(2.7)
    places = range(len(body))
    old, new = list(body["上季度"]), list(body["本季度"])
    top = max([*old, *new, 1])
    for place, key in zip(places, STYLES, strict=True):
        style = STYLES[key]
        axes.bar(place - 0.2, old[place], width=0.36, color="#ffffff", edgecolor=style.edge, linewidth=1.1)
        axes.bar(
            place + 0.2, new[place], width=0.36, color=style.fill, edgecolor=style.edge, linewidth=1.1,
            hatch={"insufficient": "////", "pending": "...."}.get(key),
        )  # fmt: skip
        for shift, value in ((-0.2, old[place]), (0.2, new[place])):
            axes.text(place + shift, value + top * 0.015, str(value), ha="center", fontsize=8, color=INK)
    axes.set_xticks(list(places), [f"{style.mark}{style.name}" for style in STYLES.values()])
    axes.set_ylim(0, top * 1.22)
    _whole_ticks(axes.yaxis)
    axes.yaxis.grid(True, color=GRID)
    axes.set_ylabel("风险源（个）", fontsize=9, color=MUTED)
    handles = [
        Patch(facecolor="#fff", edgecolor=INK, label="上季度（空心）"),
        Patch(facecolor="#8a97a3", label="本季度（实心）"),
    ]
    axes.legend(handles=handles, loc="upper right", frameon=False, fontsize=9, ncols=2)
    return figure


def score_histogram(scores: pd.Series, cuts: tuple[float, ...] = (600, 750, 900)) -> Figure | None:
    """Return how many units have which score S (0 to 1000, bars of 50), with the limits of the grades.

    Parameters
    ----------
    scores : S of the units that have one; nulls are left out.
    cuts : lower limits of 中, 良, 优.
    """
    values = scores.dropna()
    if values.empty:
        return None
    figure, axes = _figure(2.7)
    low = min(400, int(values.min() // 50 * 50))
    edges = list(range(low, 1001, 50))
    heights: Any
    patches: Any
    heights, _, patches = axes.hist(values.clip(upper=999.999), bins=edges, color=BAR, edgecolor="#fff", rwidth=0.96)
    top = max(float(max(heights)), 1.0)
    for height, patch in zip(heights, patches, strict=True):
        if height:
            axes.text(patch.get_x() + 25, height + top * 0.015, f"{int(height)}", ha="center", fontsize=8, color=INK)
    names = ("差", "中", "良", "优")
    limits = [low, *cuts, 1000]
    for place, name in enumerate(names):
        start, end = max(limits[place], low), limits[place + 1]
        axes.text((start + end) / 2, top * 1.2, name, ha="center", fontsize=10, color=INK)
        if place:
            axes.axvline(limits[place], color="#B25A00", linewidth=1, linestyle=(0, (4, 3)))
    axes.set_ylim(0, top * 1.32)
    _whole_ticks(axes.yaxis)
    axes.set_xlim(low, 1000)
    axes.set_xticks(list(range(low, 1001, 100)))
    axes.yaxis.grid(True, color=GRID)
    axes.set_xlabel("得分S（虚线为等次界限）", fontsize=9, color=MUTED)
    axes.set_ylabel("单位（家）", fontsize=9, color=MUTED)
    return figure


def group_bars(table: pd.DataFrame) -> Figure | None:
    """Return the rate of points got by group of items, weakest first, from `kit.emergency.tables.groups`."""
    body = table.iloc[:-1]
    names, rates = [str(name) for name in body["项目组"]], [float(rate) for rate in body["得分率（%）"]]
    return bars(names, rates, axis="得分率（%）", decimals=1, limit=100)


def alt_text(table: pd.DataFrame, value: str, limit: int = 6) -> str:
    """Return the first rows of a table in words, for readers who cannot see the chart: “甲12，乙9”."""
    rows: list[Any] = list(zip(table.iloc[:, 0], table[value], strict=True))[:limit]
    return "，".join(f"{name}{number:g}" if isinstance(number, float) else f"{name}{number}" for name, number in rows)


__all__ = [
    "accident_bars", "alt_text", "bars", "change_bars", "group_bars", "level_bars", "score_histogram",
]  # fmt: skip
