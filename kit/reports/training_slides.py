"""Training slides of a standard (宣贯培训课件): one offline HTML file, its numbers those of the text."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kit.checking.cases import run_cases
from kit.files import write_text
from kit.paths import project_root
from kit.reports.engine import FINISHED
from kit.reports.page import TEMPLATES, environment
from kit.reports.slides import basics, decisions, exercises
from kit.reports.slides.blocks import Bullets, Facts, Table, Text
from kit.reports.slides.layout import Slide, flow
from kit.reports.slides.words import section_titles, text
from kit.standard.standard import Standard


@dataclass(frozen=True)
class Deck:
    """Training slides as they were made.

    Attributes
    ----------
    title : heading of the page; page : the whole HTML file; slides : how many there are.
    """

    title: str
    page: str
    slides: int

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the slides for a notebook: in a frame to look at, and as the finished file of the report."""
        frame = f'<iframe style="width:100%;aspect-ratio:16/9;border:0" srcdoc="{html.escape(self.page)}"></iframe>'
        finished = base64.b64encode(self.page.encode("utf-8")).decode("ascii")
        return {
            "text/html": frame,
            "text/plain": f"{self.title}: {self.slides} slides",
            f"{FINISHED}html": finished,
        }


def slides_of(standard: Standard) -> list[Slide]:
    """Return the slides of a standard in their order, none fuller than its box and no section empty.

    Examples
    --------
    >>> slides_of(taxi)[0].title                                             # doctest: +SKIP
    '出租汽车行业安全风险评估标准'
    """
    told = text()
    slides = [
        slide
        for section, title, blocks in _parts(standard)
        for slide in flow(section, title, blocks, told["continued"])
    ]
    first: dict[str, int] = {}
    for place, slide in enumerate(slides, start=3):
        first.setdefault(slide.section, place)
    lines = [f"{section_titles(standard)[key]}　{told['page'].format(page=page)}" for key, page in first.items()]
    contents = Bullets(tuple(lines), size=20)
    cover = Slide("cover", standard.title, (Facts(tuple(basics.cover_facts(standard)), columns=1, size=20),), "cover")
    return [cover, *flow("contents", told["sections"]["contents"], [contents], told["continued"]), *slides]


def _parts(standard: Standard) -> Iterator[basics.Part]:
    cases = run_cases(standard)
    chosen = exercises.chosen(standard, cases)
    yield from basics.what(standard)
    yield from basics.collect(standard, exercises.lookups_used(standard, chosen))
    yield from basics.tree(standard)
    yield from basics.indicators(standard)
    yield from basics.rounding(standard)
    yield from decisions.level(standard)
    yield from decisions.overrides(standard)
    yield from decisions.controls(standard)
    yield from decisions.checklist(standard)
    yield from exercises.exercises(standard, chosen)
    yield from exercises.mistakes(standard, cases)
    yield from decisions.references(standard)
    yield _last(standard)


def _last(standard: Standard) -> basics.Part:
    told, names = text()["last"], text()["last"]["facts"]
    facts = [
        (names["file"], _place(standard.path)),
        (names["label"], standard.label),
        (names["status"], text()["status"][standard.document.status]),
        (names["fingerprint"], standard.fingerprint),
        (names["kit"], version("kit")),
    ]
    rows = tuple((entry["do"], entry["command"].format(id=standard.id)) for entry in told["how"])
    return (
        "last",
        text()["sections"]["last"],
        [
            Text(told["lead"], "lead"),
            Facts(tuple(facts), columns=1, size=18),
            Text(told["how_head"], "head"),
            Table(("", ""), (1, 1), rows, style="plain"),
        ],
    )


def _place(path: Path) -> str:
    """Return where the text stands, seen from the project; the folder and name alone elsewhere."""
    try:
        return path.resolve().relative_to(project_root()).as_posix()
    except ValueError:
        return f"{path.parent.name}/{path.name}"


def training_slides(standard: Standard) -> Deck:
    """Return the training slides of a standard as one HTML page that needs no network.

    The slides follow the standard: fields, score tree, indicators, level, overrides, controls, risk sources, worked
    cases that come out as they should, mistakes, references. A part the standard does not have has no slide.

    Raises
    ------
    ProblemsError
        When `cases.yaml` cannot be read, or something on the page would be fetched from outside.

    Examples
    --------
    >>> training_slides(taxi).page.startswith("<!DOCTYPE html>")              # doctest: +SKIP
    True
    """
    from markupsafe import Markup

    from kit.maps.offline import asset_script, asset_style, inline
    from kit.reports.display import escape

    slides = slides_of(standard)
    deltas = getattr(standard, "deltas", ())
    base = f"{standard.id}@{standard.version}"
    page = (
        environment()
        .get_template("slides.html.j2")
        .render(
            title=standard.title,
            label=standard.label,
            told=text(),
            sections=section_titles(standard),
            slides=slides,
            illustrative=standard.illustrative,
            variant=text()["variant"].format(base=base, n=len(deltas)) if deltas else "",
            show=lambda words: Markup("<br>").join(Markup(escape(part)) for part in str(words).split("\n")),  # noqa: S704
            reveal_css=asset_style("reveal/reveal.css"),
            css=(TEMPLATES / "slides.css").read_text(encoding="utf-8"),
            reveal_js=asset_script("reveal/reveal.js"),
        )
    )
    return Deck(standard.title, inline(page), len(slides))


def file_name(standard: Standard) -> str:
    """Return the name of the file of the slides, for example ``taxi_0.1.0_培训课件.html``."""
    return re.sub(r"[^\w.-]+", "_", f"{standard.label}_培训课件") + ".html"


def write_slides(standard: Standard, folder: str | Path) -> Path:
    """Write the training slides of a standard into `folder`, whole or not at all, and return the path."""
    return write_text(Path(folder) / file_name(standard), training_slides(standard).page)
