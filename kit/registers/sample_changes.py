"""Changes of rows that plant a defect over columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kit.registers.coordinates import convert_coordinates

if TYPE_CHECKING:
    import pandas as pd


def several(*changes: Callable[[pd.DataFrame, Any], None]) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that makes several."""

    def change(frame: pd.DataFrame, mask: Any) -> None:
        for one in changes:
            one(frame, mask)

    return change


def same(column: str, source: str) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that copies one column into another."""

    def change(frame: pd.DataFrame, mask: Any) -> None:
        frame.loc[mask, column] = frame.loc[mask, source]

    return change


def mapped(column: str, source: str, to: Mapping[str, str]) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that sets a column by another."""

    def change(frame: pd.DataFrame, mask: Any) -> None:
        frame.loc[mask, column] = frame.loc[mask, source].map(to)

    return change


def positions(frame: pd.DataFrame, key: str) -> dict[str, Any]:
    """Return the first row's index of each key."""
    return dict(zip(reversed(frame[key].tolist()), reversed(frame.index.tolist()), strict=True))


def other_track(frame: pd.DataFrame, kept: int, doubled: int) -> None:
    """Give a row the other track than the row has that its code comes from."""
    frame.loc[doubled, "supervision"] = (
        "district" if frame.loc[kept, "supervision"] == "municipal_soe" else "municipal_soe"
    )


def only_district(names: Mapping[str, str]) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that leaves only city and district of an address."""

    def change(frame: pd.DataFrame, mask: Any) -> None:
        frame.loc[mask, "address"] = "北京市" + frame.loc[mask, "district"].map(names)

    return change


def without_city(frame: pd.DataFrame, mask: Any) -> None:
    """Write the city of an address without 市."""
    frame.loc[mask, "address"] = frame.loc[mask, "address"].str.replace("^北京市", "北京", regex=True)


def other_district(names: Mapping[str, str]) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that writes the next district into an address."""
    codes = [code for code in names if len(code) == 6]
    after = {code: codes[(at + 1) % len(codes)] for at, code in enumerate(codes)}

    def change(frame: pd.DataFrame, mask: Any) -> None:
        frame.loc[mask, "address"] = [
            address.replace(names[code], names[after[code]], 1)
            for address, code in zip(frame.loc[mask, "address"], frame.loc[mask, "district"], strict=True)
        ]

    return change


def shift_points(frame: pd.DataFrame, mask: Any) -> None:
    """Put points where they would be in GCJ-02."""
    lon, lat = convert_coordinates(
        frame.loc[mask, "lon"].to_numpy(), frame.loc[mask, "lat"].to_numpy(), "wgs84", "gcj02"
    )
    frame.loc[mask, "lon"], frame.loc[mask, "lat"] = lon.round(5), lat.round(5)


def old_version(frame: pd.DataFrame, mask: Any) -> None:
    """Name an older version of the standard."""
    frame.loc[mask, "standard"] = frame.loc[mask, "standard"].str.split("@").str[0] + "@0.0.1"
