"""Maps: district outlines, level styles, folium and static maps, and HTML files that work without a network."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "areas": "kit.maps.boundaries",
        "districts": "kit.maps.boundaries",
        "district_map": "kit.maps.folium_map",
        "static_map": "kit.maps.static",
        "inline": "kit.maps.offline",
        "overlap_areas": "kit.maps.overlap",
        "STYLES": "kit.maps.levels",
        "font_path": "kit.maps.fonts",
        "use_font": "kit.maps.fonts",
    },
)
