"""Reports and portal opened in headless Chromium with the network cut."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kit.maps.fonts import font_path

pytestmark = pytest.mark.browser
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Seen:
    """What a page asked for and complained about."""

    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    folder = tmp_path_factory.mktemp("fonts")
    # A machine without a Chinese font gets the kit's own for this process.
    config = folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        "<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir>"
        f"<dir>{font_path().parent}</dir><cachedir>{folder}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    with sync_api.sync_playwright() as play:
        try:
            page_maker = play.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"],
                env={**os.environ, "FONTCONFIG_FILE": str(config)},
            )  # fmt: skip
        except sync_api.Error as error:
            pytest.skip(f"no Chromium could be started: {str(error).splitlines()[0]}")
        yield page_maker
        page_maker.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 1000})

    def opener(path: Path) -> tuple[Any, Seen]:
        seen = Seen()
        page = context.new_page()

        def route(handler: Any) -> None:
            url = handler.request.url
            if url.startswith(("file:", "data:", "about:")):
                handler.continue_()
            else:
                seen.outside.append(url)
                handler.abort()

        page.route("**/*", route)
        page.on(
            "request", lambda r: None if r.url.startswith(("file:", "data:", "about:")) else seen.outside.append(r.url)
        )
        page.on("console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.goto(path.as_uri())
        return page, seen

    yield opener
    context.close()


def _boxes(page: Any) -> list[str]:
    """Return the characters of the page that the browser draws as the box of a missing glyph."""
    return page.evaluate(
        """() => {
        const text = new Set(document.body.innerText.replace(/\\s/g, ''));
        const family = getComputedStyle(document.body).fontFamily;
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 40;
        const pen = canvas.getContext('2d', {willReadFrequently: true});
        const draw = (c) => {
          pen.clearRect(0, 0, 40, 40); pen.font = '26px ' + family; pen.fillText(c, 4, 30);
          return pen.getImageData(0, 0, 40, 40).data.join();
        };
        const box = [draw(String.fromCodePoint(0x10FFFF)), draw('\\u{10FFFD}'), draw('\\u0378')];
        return [...text].filter(c => box.includes(draw(c)));
        }"""
    )


def test_the_report_shows_its_map_without_a_network(rendered: Path, open_page: Any) -> None:
    page, seen = open_page(rendered / "district_assessment" / "110105_朝阳区.html")
    page.locator("iframe.kit-map").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe.kit-map")
    frame.locator(".kit-legend").wait_for()
    frame.locator(".kit-cluster, .kit-point").first.wait_for()
    assert frame.locator("path.leaflet-interactive, .leaflet-overlay-pane path").count() >= 16
    inner = page.frames[1]
    state = inner.evaluate(
        "() => { const m = KIT.map; return [m.getSize().x, m.getZoom(), m.getCenter().lat, m.getCenter().lng]; }"
    )
    assert state[0] > 500 and 9 <= state[1] <= 13
    assert 39.8 < state[2] < 40.1 and 116.3 < state[3] < 116.7
    drawn = inner.evaluate(
        "() => { let n = 0; document.querySelectorAll('.kit-cluster span').forEach(e => n += +e.textContent);"
        " return n + document.querySelectorAll('.kit-point').length; }"
    )
    told = inner.evaluate("() => KIT.levels.reduce((n, level) => n + level.n, 0)")
    assert drawn == told > 20
    assert frame.locator(".leaflet-control-scale-line").count() == 1 and frame.locator(".kit-north").count() == 1
    assert seen.outside == [] and seen.complaints == []


def test_the_legend_filters_by_class(rendered: Path, open_page: Any) -> None:
    page, _ = open_page(rendered / "district_assessment" / "110105_朝阳区.html")
    frame = page.frame_locator("iframe.kit-map")
    frame.locator(".kit-legend").wait_for()
    for tick in frame.locator(".kit-legend input").all()[1:]:
        tick.uncheck()
    page.wait_for_timeout(500)
    count = "() => { let n = 0; document.querySelectorAll('.kit-cluster span').forEach(e => n += +e.textContent);" \
        " return n + document.querySelectorAll('.kit-point').length; }"  # fmt: skip
    assert page.frames[1].evaluate(count) == page.frames[1].evaluate("() => KIT.levels[0].n")


def test_no_name_from_data_runs(rendered: Path, open_page: Any) -> None:
    for name in ("district_assessment/110101_东城区.html", "district_capability/110101_东城区.html", "index.html"):
        page, seen = open_page(rendered / name)
        page.wait_for_timeout(300)
        assert page.evaluate("() => window.__hit") is None
        for frame in page.frames[1:]:
            frame.evaluate(
                "() => KIT.cluster.getLayers().forEach(l => l.getPopup().setLatLng(l.getLatLng()).openOn(KIT.map))"
            )
            assert "示例单位" in frame.inner_text(".kit-popup") or "window.__hit" in frame.inner_text(".kit-popup")
            assert frame.evaluate("() => window.__hit") is None
            assert "window.__hit=1" in frame.evaluate("() => JSON.stringify(KIT.units)")
        assert seen.complaints == []


@pytest.mark.parametrize(
    "name",
    ["index.html", "district_assessment/110105_朝阳区.html", "district_capability/110115403_北京经济技术开发区.html"],
)
def test_no_character_is_a_box(rendered: Path, open_page: Any, name: str) -> None:
    page, _ = open_page(rendered / name)
    assert _boxes(page) == []


def test_the_box_test_sees_boxes(rendered: Path, open_page: Any) -> None:
    page, _ = open_page(rendered / "index.html")
    page.evaluate("() => { document.querySelector('h1').textContent = '\\u{10FFFF}'; }")
    assert _boxes(page) == ["\U0010ffff"]


def test_the_portal_shows_both_maps_and_every_area(rendered: Path, open_page: Any) -> None:
    page, seen = open_page(rendered / "index.html")
    assert page.locator("#city path.leaflet-interactive").count() == 16
    assert page.locator("#core path.leaflet-interactive").count() == 16
    assert page.locator("#city .bda").count() == 1
    assert page.locator("#city [role=link]").count() == 17
    assert page.locator("#t-areas tbody tr").count() == 17
    assert seen.outside == [] and seen.complaints == []


def test_click_and_keyboard_lead_to_the_report(rendered: Path, open_page: Any) -> None:
    page, _ = open_page(rendered / "index.html")
    page.locator('#core [aria-label^="朝阳区"]').click()
    page.wait_for_url("**/district_assessment/110105_*")
    page, _ = open_page(rendered / "index.html")
    page.locator('#city [aria-label^="北京经济技术开发区"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/district_assessment/110115403_*")
    page.locator("a.home").click()
    page.wait_for_url("**/index.html")


def test_search_filters_rows_and_leaves_the_total(rendered: Path, open_page: Any) -> None:
    page, _ = open_page(rendered / "index.html")
    majors = page.locator("#t-majors tbody tr").count()
    page.fill("#q", "朝阳")
    assert page.locator("#t-areas tbody tr:visible").count() == 1
    assert 0 < page.locator("#t-majors tbody tr:visible").count() < majors
    assert page.locator("#t-areas tfoot tr:visible").count() == 1
    page.fill("#q", "没有这个词")
    assert page.locator("table.searchable tbody tr:visible").count() == 0
    assert "找到0行" in page.inner_text("#found")
    page.fill("#q", "")
    assert page.locator("#t-areas tbody tr:visible").count() == 17


def test_the_table_of_areas_sorts_by_share(rendered: Path, open_page: Any) -> None:
    page, _ = open_page(rendered / "index.html")
    page.locator("#t-areas th", has_text="重大和较大占比").click()
    shares = [float(text.rstrip("%")) for text in page.locator("#t-areas tbody td:nth-child(10)").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)


def test_nothing_is_cut_off_at_the_side(rendered: Path, open_page: Any) -> None:
    for name in ("index.html", "district_assessment/110105_朝阳区.html"):
        page, _ = open_page(rendered / name)
        for width in (1440, 1024, 420):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0, (name, width)
