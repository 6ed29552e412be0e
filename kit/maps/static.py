"""The same map as a picture: for paper, for documents, and where scripts are off."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from kit.maps.boundaries import BDA, BDA_NEIGHBOURS, areas, find_area, outlines
from kit.maps.folium_map import TEXT, bounds, placed
from kit.maps.fonts import use_font
from kit.maps.levels import STYLES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WIDTH = 7.2
# Less serious classes first, so that the serious ones are drawn over them.
_ORDER = ("pending", "insufficient", "low", "general", "considerable", "major")


def _draw_outlines(axes: Axes, focus: set[str]) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    paths, faces = [], []
    for code, shape in outlines().items():
        for part in getattr(shape, "geoms", [shape]):
            rings = [part.exterior, *part.interiors]
            paths.append(Path.make_compound_path(*(Path(list(ring.coords), closed=True) for ring in rings)))
            faces.append("#fffdf6" if code in focus else "#e6ebf0")
    axes.add_collection(PathCollection(paths, facecolors=faces, edgecolors="#93a3b2", linewidths=0.7, zorder=1))


def _fit(box: tuple[float, float, float, float], ratio: float) -> tuple[float, float, float, float]:
    """Return the box widened around its middle until width / height is `ratio` (both in degrees)."""
    west, south, east, north = box
    width, height = max(east - west, (north - south) * ratio), max(north - south, (east - west) / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _round_length(kilometres: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at most `kilometres`."""
    power = 10.0 ** math.floor(math.log10(kilometres))
    return next(power * step for step in (5, 2, 1) if power * step <= kilometres)


def _draw_scale(axes: Axes, box: tuple[float, float, float, float]) -> None:
    west, south, east, north = box
    per_degree = 111.32 * math.cos(math.radians((south + north) / 2))
    length = _round_length((east - west) * per_degree * 0.22)
    x, y = west + (east - west) * 0.04, south + (north - south) * 0.045
    axes.plot([x, x + length / per_degree], [y, y], color="#1c2b3a", linewidth=2.2, solid_capstyle="butt", zorder=9)
    axes.text(x, y + (north - south) * 0.014, f"{length:g} km", fontsize=8, zorder=9)
    arrow: dict[str, Any] = {"facecolor": "#1f3a5f", "edgecolor": "none", "width": 3, "headwidth": 9, "headlength": 9}
    axes.annotate(
        "N", xy=(0.05, 0.965), xytext=(0.05, 0.87), xycoords="axes fraction", textcoords="axes fraction", ha="center",
        fontsize=10, arrowprops=arrow, zorder=9,
    )  # fmt: skip


def static_map(sources: pd.DataFrame, area: str, *, dpi: int = 110) -> bytes:
    """Return the map of one reporting area as PNG bytes: outlines, points by class, legend, scale, north, note.

    Parameters
    ----------
    sources : as for `district_map`; rows without coordinates are counted in the note.
    area : code or name of the area.
    dpi : dots per inch; the picture is 7.2 inches wide.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    matplotlib.rcParams.update(use_font())
    chosen = find_area(area)
    drawn = placed(sources)
    (south, west), (north, east) = bounds(chosen, drawn)
    margin = 0.04 * max(east - west, north - south)
    box = (west - margin, south - margin, east + margin, north + margin)
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    height = min(7.5, max(3.4, WIDTH * (box[3] - box[1]) * stretch / (box[2] - box[0])))
    # The axes fill their frame, so the box is widened to the frame's shape; one degree of latitude is `stretch` longer.
    box = _fit(box, WIDTH * 0.99 / (height - 0.005 * (height + 0.55)) * stretch)
    figure = Figure(figsize=(WIDTH, height + 0.55))
    axes = figure.add_axes((0.005, 0.55 / (height + 0.55), 0.99, height / (height + 0.55) - 0.005))
    axes.set_facecolor("#f2f5f8")
    _draw_outlines(axes, {chosen.code} if chosen.has_outline else set(BDA_NEIGHBOURS))
    for place, key in enumerate(_ORDER):
        style, part = STYLES[key], drawn[drawn["level"] == key]
        axes.scatter(
            part["lon"], part["lat"], s=17, marker=style.marker, c=style.fill, edgecolors=style.edge, linewidths=0.6,
            zorder=3 + place, label=f"{style.name} {int((sources['level'] == key).sum())}",
        )  # fmt: skip
    for other in areas().values():
        inside = box[0] < other.lon < box[2] and box[1] < other.lat < box[3]
        if inside and (other.code != BDA or chosen.code == BDA):
            bold = other.code == chosen.code
            axes.text(
                other.lon, other.lat, other.name, ha="center", va="center", fontsize=11 if bold else 8, zorder=2,
                color="#14324f" if bold else "#5d6b78",
            )  # fmt: skip
    axes.set_xlim(box[0], box[2])
    axes.set_ylim(box[1], box[3])
    axes.set_xticks([])
    axes.set_yticks([])
    _draw_scale(axes, box)
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles[::-1], names[::-1], loc="lower center", ncols=6, fontsize=8.5, frameon=False, handletextpad=0.2,
        columnspacing=1.3, bbox_to_anchor=(0.5, 0.22 / (height + 0.55)),
    )  # fmt: skip
    note = TEXT["boundary"] if chosen.has_outline else TEXT["no_outline"] + TEXT["boundary"]
    if len(sources) > len(drawn):
        note += TEXT["unplaced"].format(n=len(sources) - len(drawn))
    figure.text(0.5, 0.05 / (height + 0.55), note, ha="center", fontsize=7.5, color="#55606b")
    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()
