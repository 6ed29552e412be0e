"""Nothing of a map may come from outside, and no part of it may get lost silently."""

from __future__ import annotations

import hashlib
import html
import re

import folium
import pytest
from folium.plugins import FastMarkerCluster

from kit.errors import ProblemsError
from kit.maps.offline import inline, table
from kit.paths import package_assets


def _folium_page() -> str:
    canvas = folium.Map(tiles=None, maxZoom=18)
    FastMarkerCluster([[39.9, 116.4]]).add_to(canvas)
    folium.LayerControl().add_to(canvas)
    return str(canvas.get_root().render())


def _links(page: str) -> list[str]:
    return re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="(https?://[^"]+)"', page)


def test_every_link_that_folium_writes_is_in_the_table() -> None:
    links = _links(_folium_page())
    assert len(links) == 13
    assert set(links) <= set(table().known)


def test_the_table_names_no_link_that_folium_does_not_write() -> None:
    assert set(table().vendored) | set(table().dropped) == set(_links(_folium_page()))


def test_a_folium_page_has_nothing_outside_after_inlining() -> None:
    page = inline(_folium_page())
    assert _links(page) == []
    assert "L.markerClusterGroup=" in page or "MarkerClusterGroup" in page
    assert "sourceMappingURL" not in page
    assert "url(images/" not in page and "data:image/png;base64," in page


def test_a_page_inside_srcdoc_is_inlined_too() -> None:
    frame = f'<iframe srcdoc="{html.escape(_folium_page())}"></iframe>'
    page = inline(f"<p>a</p>{frame}<p>b</p>")
    inner = html.unescape(re.search(r'srcdoc="(.*?)"', page, re.DOTALL)[1])  # type: ignore[index]
    assert _links(inner) == [] and "Leaflet 1.9.3" in inner
    assert page.startswith("<p>a</p><iframe") and page.endswith("</iframe><p>b</p>")


def test_the_line_about_trusting_the_notebook_is_gone() -> None:
    assert "Notebook Trusted" in folium.Map(tiles=None)._repr_html_()
    assert "Notebook Trusted" not in inline(folium.Map(tiles=None)._repr_html_())


@pytest.mark.parametrize(
    "part",
    [
        '<script src="https://example.org/x.js"></script>',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<img src="https://example.org/x.png">',
        "<img src=//example.org/x.png>",
        '<iframe src="http://example.org/"></iframe>',
        "<style>body { background: url(https://example.org/x.png) }</style>",
        '<style>@import "https://example.org/x.css";</style>',
        '<iframe srcdoc="&lt;script src=&quot;https://example.org/x.js&quot;&gt;&lt;/script&gt;"></iframe>',
        '<script src="https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.js"></script>',
    ],
)
def test_an_unknown_address_is_an_error_that_says_what_to_do(part: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        inline(f"<html><body>{part}</body></html>")
    assert "not in offline.yaml" in str(caught.value)


def test_the_nearest_known_address_is_named() -> None:
    with pytest.raises(ProblemsError, match=r"did you mean https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js"):
        inline('<script src="https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.js"></script>')


def test_d3_is_refused_with_the_way_out() -> None:
    with pytest.raises(ProblemsError, match="a legend of your own"):
        inline('<script src="https://cdnjs.cloudflare.com/ajax/libs/d3/3.5.5/d3.min.js"></script>')


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://example.org">x</a>',
        '<p>&lt;img src="https://example.org/x.png"&gt;</p>',
        "<script>var x = '<img src=\"https://example.org/x.png\">';</script>",
        '<img src="data:image/png;base64,AAAA">',
    ],
)
def test_what_no_browser_fetches_is_left_as_it_is(text: str) -> None:
    assert inline(text) == text


def test_the_readme_tells_the_true_fingerprint_of_every_asset() -> None:
    told = re.findall(r"^([0-9a-f]{64})  (\S+)$", (package_assets() / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {name for _, name in told} >= {"leaflet/leaflet.js", "fonts/NotoSansSC-GB2312.otf"}
    for digest, name in told:
        assert hashlib.sha256((package_assets() / name).read_bytes()).hexdigest() == digest, name
