"""Reports and portal opened in headless Chromium with the network cut."""

from __future__ import annotations

import os
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
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


OVERFULL = """() => { const found = [];
  const slides = document.querySelectorAll('.slides section');
  slides.forEach((slide, place) => {
    if (window.Reveal) Reveal.slide(place);
    const inner = '.body, .front, header, td, th, .bands > div, .facts > div, .indicator, p, li';
    const boxes = [slide, ...slide.querySelectorAll(inner)];
    for (const box of boxes) {
      if (box.clientWidth === 0) { found.push([place + 1, box.className, 'not shown']); break; }
      const more = [box.scrollHeight - box.clientHeight, box.scrollWidth - box.clientWidth];
      if (Math.max(...more) > 1) found.push([place + 1, box.tagName + '.' + box.className, ...more]);
    }
    const body = slide.querySelector('.body');
    if (body && body.lastElementChild.getBoundingClientRect().bottom > body.getBoundingClientRect().bottom + 1)
      found.push([place + 1, 'last block cut']);
  });
  return found; }"""
SLIDES = ["taxi", "catering", "hazardous_chemicals", "gb18218", "emergency_capability", "hdi", "lec_construction"]


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kit.reports.training_slides import write_slides
    from tests.reports.test_training_slides import standard

    folder = tmp_path_factory.mktemp("decks")
    for name in SLIDES:
        write_slides(standard(name), folder).rename(folder / f"{name}.html")
    return folder


@pytest.mark.parametrize("name", SLIDES)
def test_no_slide_overflows_and_nothing_is_asked_for(decks: Path, open_page: Any, name: str) -> None:
    page, seen = open_page(decks / f"{name}.html")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    assert page.evaluate("() => [Reveal.getSlides()[0].offsetWidth, Reveal.getSlides()[0].offsetHeight]") == [1280, 720]
    assert page.evaluate(OVERFULL) == []
    assert seen.outside == [] and seen.complaints == []


def test_the_overflow_test_sees_an_overfull_slide(decks: Path, open_page: Any) -> None:
    page, _ = open_page(decks / "taxi.html")
    page.evaluate("() => { document.querySelectorAll('.slides td')[3].style.height = '900px'; }")
    assert page.evaluate(OVERFULL) != []


def test_the_answer_shows_on_demand(decks: Path, open_page: Any) -> None:
    page, _ = open_page(decks / "taxi.html")
    place = page.evaluate("() => Reveal.getSlides().findIndex(slide => slide.querySelector('.fragment'))")
    page.evaluate(f"() => Reveal.slide({place})")
    answer = page.locator("section.present .fragment")
    assert answer.evaluate("e => getComputedStyle(e).visibility") == "hidden"
    page.keyboard.press("ArrowRight")
    assert answer.evaluate("e => getComputedStyle(e).visibility") == "visible"
    assert page.evaluate("() => Reveal.getIndices().h") == place


def test_no_word_of_a_standard_runs(tmp_path: Path, open_page: Any) -> None:
    from kit.reports.training_slides import write_slides
    from tests.reports.test_training_slides import hostile

    page, seen = open_page(write_slides(hostile(tmp_path), tmp_path))
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    assert page.evaluate("() => window.__hit") is None
    assert page.evaluate("() => document.body.textContent.includes('<script>window.__hit=1</script>')")
    assert page.evaluate(OVERFULL) == []
    assert seen.outside == [] and seen.complaints == []


def test_no_character_of_the_slides_is_a_box(decks: Path, open_page: Any) -> None:
    for name in ("gb18218", "taxi"):
        page, _ = open_page(decks / f"{name}.html")
        page.evaluate(
            "() => document.body.append(...[...document.querySelectorAll('.slides section')].map(s => s.textContent))"
        )
        assert _boxes(page) == []


@pytest.mark.parametrize("query", ["?print-pdf", ""])
def test_the_slides_print_one_on_a_page_with_the_answers(
    decks: Path, open_page: Any, tmp_path: Path, query: str
) -> None:
    page, seen = open_page(decks / "taxi.html")
    page.goto((decks / "taxi.html").as_uri() + query)
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    page.wait_for_timeout(300)
    data = page.pdf(prefer_css_page_size=True, print_background=True)
    slides = page.evaluate("() => document.querySelectorAll('.slides section').length")
    text = data + b"".join(_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL))
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", text)) == slides
    page.emulate_media(media="print")
    cut = (
        "() => [...document.querySelectorAll('.slides .body')].filter("
        "e => e.scrollHeight > e.clientHeight + 1 || "
        "e.getBoundingClientRect().left - e.closest('section').getBoundingClientRect().left !== 56).length"
    )
    assert page.evaluate(cut) == 0
    seen_answers = "() => [...document.querySelectorAll('.slides .fragment')].map(e => getComputedStyle(e).visibility)"
    assert set(page.evaluate(seen_answers)) == {"visible"}
    assert seen.outside == []


def _inflated(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def test_the_slides_are_read_without_scripts(decks: Path, browser: Any) -> None:
    context = browser.new_context(offline=True, java_script_enabled=False, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto((decks / "taxi.html").as_uri())
    count = page.locator(".slides section").count()
    boxes = [page.locator(".slides section").nth(place).bounding_box() for place in range(count)]
    assert all(box is not None and box["height"] >= 720 for box in boxes)
    tops = [box["y"] for box in boxes if box is not None]
    assert all(after - before >= 720 for before, after in pairwise(tops))
    assert page.locator(".slides .fragment").first.is_visible()
    context.close()
