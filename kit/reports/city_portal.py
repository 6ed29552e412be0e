"""The city portal `index.html`: electronic map, figures of the 17 areas, sectors, major list, links to reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.files import write_text
from kit.reports.display import NONE, is_missing, mask_name, percent

if TYPE_CHECKING:
    import pandas as pd

# From few to many serious risk sources; the share itself is written on the map, so nothing hangs on colour alone.
RAMP = ("#FFF5E0", "#FDD8A0", "#FBAE6B", "#E8693F", "#B3261E")
CORE = ("110101", "110102", "110105", "110106", "110107", "110108")
# Where a name stands when it cannot stand at the seat of the district (WGS-84 degrees).
LABEL_AT = {
    "110109": (115.80, 39.99), "110111": (115.85, 39.72), "110116": (116.60, 40.65), "110115": (116.41, 39.64),
    "110112": (116.76, 39.87), "110114": (116.20, 40.22), "110118": (116.99, 40.53), "110105": (116.49, 39.96),
    "110108": (116.23, 40.03), "110106": (116.29, 39.855), "110101": (116.42, 39.945), "110102": (116.352, 39.893),
}  # fmt: skip


def breaks(shares: list[float]) -> list[float]:
    """Return the limits between the colours: every 2, 5, 10 or 20 points, at most five colours.

    Equal steps and not equal numbers of areas: two areas that hardly differ must not look far apart.

    Examples
    --------
    >>> breaks([19.0, 23.8]), breaks([3.0, 24.0])
    ([20.0, 22.0], [5.0, 10.0, 15.0, 20.0])
    """
    known = [share for share in shares if not is_missing(share)]
    if not known:
        return []
    low, high = min(known), max(known)
    for step in (2, 5, 10, 20):
        limits = [limit for limit in range(step, 100, step) if low < limit <= high]
        if len(limits) < len(RAMP):
            break
    return [float(limit) for limit in limits]


def colours(limits: list[float]) -> list[str]:
    """Return one colour for each class; few classes take the middle of the ramp, so that they do not shout."""
    places = {1: [2], 2: [1, 3], 3: [1, 2, 3], 4: [0, 1, 2, 3]}.get(len(limits) + 1, list(range(len(RAMP))))
    return [RAMP[place] for place in places]


def colour_class(share: float, limits: list[float]) -> int | None:
    """Return the place of `share` among the colours, None when it is not known."""
    # By the figure that is printed: 19.96 stands on the map as 20.0 % and must not be coloured as below 20 %.
    return None if is_missing(share) else sum(round(share, 1) >= limit for limit in limits)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _links(one_per: str, out: Path, parameters: dict[str, str]) -> list[dict[str, str | None]]:
    """Return title and address of the reports of one area, or of the city; no address for one that was not made."""
    from kit.reports.catalogue import file_stem, kinds

    links = []
    for kind in kinds().values():
        if kind.one_per == one_per:
            address = f"{kind.id}/{file_stem(kind, parameters)}.html"
            links.append({"title": kind.title.zh, "href": address if (out / address).is_file() else None})
    return links


def _area_rows(summary: pd.DataFrame, capability: pd.DataFrame, out: Path, period: str) -> list[dict[str, Any]]:
    from kit.maps.boundaries import areas

    by_code = {row["code"]: row for row in _records(capability)}
    known = areas()
    rows = []
    for row in _records(summary):
        code = row["code"]
        links = _links("area", out, {"period": period, "area": code}) if code in known else []
        ability = by_code.get(code, {})
        high = row["major"] + row["considerable"]
        rows.append(
            {
                **row,
                "links": links,
                "share_zh": percent(high, row["confirmed"]),
                "mean_s": ability.get("mean_s"),
                "mean_zh": NONE if is_missing(ability.get("mean_s")) else f"{ability['mean_s']:.1f}",
                "assessed": int(ability.get("assessed", 0)),
            }
        )
    return rows


def _total_row(rows: list[dict[str, Any]], mean: float) -> dict[str, Any]:
    names = ("major", "considerable", "general", "low", "insufficient", "pending", "confirmed", "total", "assessed")
    total: dict[str, Any] = {name: sum(row[name] for row in rows) for name in names}
    total["share_zh"] = percent(total["major"] + total["considerable"], total["confirmed"])
    total["mean_zh"] = NONE if is_missing(mean) else f"{mean:.1f}"
    return total


def _map_data(rows: list[dict[str, Any]], limits: list[float]) -> dict[str, Any]:
    """Return what the script of the page draws: outlines, and for each area colour, place of the name and link."""
    from kit.maps.boundaries import areas, outline_features

    known = areas()
    drawn = []
    for row in rows:
        if row["code"] not in known:
            continue
        area = known[row["code"]]
        lon, lat = LABEL_AT.get(area.code, (area.lon, area.lat))
        drawn.append(
            {
                "code": area.code, "name": area.name, "lon": area.lon, "lat": area.lat, "label": [lon, lat],
                "outline": area.has_outline,
                "core": area.code in CORE, "colour": colour_class(row["high_share"], limits), "share": row["share_zh"],
                "major": row["major"], "considerable": row["considerable"], "confirmed": row["confirmed"],
                "insufficient": row["insufficient"], "pending": row["pending"], "mean": row["mean_zh"],
                "href": next((link["href"] for link in row["links"] if link["href"]), None),
            }
        )  # fmt: skip
    return {"areas": drawn, "ramp": colours(limits), "outlines": outline_features(decimals=4)}


def _legend(limits: list[float]) -> list[dict[str, str]]:
    edges = [None, *limits, None]
    legend = []
    for place in range(len(limits) + 1):
        low, high = edges[place], edges[place + 1]
        text = f"{low:g}%及以上" if high is None else f"低于{high:g}%" if low is None else f"{low:g}%～{high:g}%"
        legend.append({"colour": colours(limits)[place], "text": text})
    return legend if limits else []


def _major_rows(majors: pd.DataFrame, districts: list[str]) -> list[dict[str, str]]:
    rows = []
    for row, district in zip(_records(majors), districts, strict=True):
        told = {name: NONE if is_missing(value) else str(value) for name, value in row.items()}
        told["区（地区）"] = district
        if told["责任人"] not in (NONE, "未填写"):
            told["责任人"] = mask_name(told["责任人"])
        rows.append(told)
    return rows


def portal(period: str, *, out: str | Path | None = None, data_dir: str | Path | None = None) -> Path:
    """Write the city portal `index.html` and return its path.

    It works from a folder or a memory stick, without a network: map scripts and data are inside. It links to every
    report
    that lies in `out` at that moment, so it is written after the batch.

    Parameters
    ----------
    period : quarter, for example ``2019Q4``.
    out : folder of the period's reports; ``reports/<period>`` of the project by default.
    data_dir : folder of the assessed data; ``<out>/data`` by default.

    Raises
    ------
    KitError, ProblemsError
        When assessed data is missing, damaged, or of another period.
    """
    from kit.emergency import tables as emergency
    from kit.inventory import tables as inventory
    from kit.maps.boundaries import areas
    from kit.maps.levels import STYLES, mark_svg
    from kit.maps.offline import asset_script, asset_style, inline
    from kit.paths import project_root
    from kit.reports.document import date_text, period_text
    from kit.reports.page import TEMPLATES, environment

    folder = Path(out) if out is not None else project_root() / "reports" / period
    data_folder = Path(data_dir) if data_dir is not None else folder / "data"
    data, ability = inventory.load_period(data_folder), emergency.load_period(data_folder)
    if data.period != period:
        raise KitError(f"{data_folder} has the data of {data.period}, not of {period}; give the folder of {period}")
    rows = _area_rows(inventory.area_summary(data), emergency.area_summary(ability), folder, period)
    limits = breaks([row["high_share"] for row in rows if row["code"] in areas()])
    mean = float(ability.scored["s"].mean()) if len(ability.scored) else float("nan")
    majors = inventory.major_list(data)
    district = data.sources.drop_duplicates("source_id").set_index("source_id")["district_zh"]
    sectors = inventory.levels(data, "sector")
    # Inside <script>: `<` must not end it, and U+2028 ends a line in old engines.
    told = json.dumps(_map_data(rows, limits), ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    page = (
        environment()
        .get_template("portal.html.j2")
        .render(
            meta=data.meta,
            period_zh=period_text(period),
            snapshot_zh=date_text(data.meta["snapshot"]),
            rows=rows,
            total=_total_row(rows, mean),
            sectors=sectors.to_dict("records"),
            majors=_major_rows(majors, [str(district.get(key, NONE)) for key in majors["编号"]]),
            legend=_legend(limits),
            styles=STYLES,
            marks={key: mark_svg(key, 13) for key in STYLES},
            illustrative=[item for item in data.meta["standards"] if item["provenance"] == "illustrative"],
            n_units=len(data.units),
            city_links=[link for link in _links("city", folder, {"period": period}) if link["href"]],
            data=told,
            css=(TEMPLATES / "report.css").read_text(encoding="utf-8") + (TEMPLATES / "portal.css").read_text("utf-8"),
            leaflet_css=asset_style("leaflet/leaflet.css"),
            leaflet_js=asset_script("leaflet/leaflet.js"),
            js=(TEMPLATES / "portal.js").read_text(encoding="utf-8"),
        )
    )
    return write_text(folder / "index.html", inline(page))
