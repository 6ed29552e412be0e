"""The web page of a report: nbconvert's body without code, in the kit's own page, with nothing left outside."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import Any

from kit.maps.offline import inline

TEMPLATES = Path(__file__).with_name("templates")
_HEADING = re.compile(r'<h2 id="(?P<id>s\d+)">(?P<text>.*?)</h2>')
_TITLE = re.compile(r"<h1>(?P<text>.*?)</h1>")


@cache
def exporter() -> Any:
    """Return nbconvert's exporter; one for the whole process, since compiling its templates takes half of the time."""
    from nbconvert.exporters import HTMLExporter, TemplateExporter

    class Plain(HTMLExporter):
        """HTMLExporter reads its finished page again only to add alternative texts, which our pictures already have."""

        def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> Any:
            self.register_filter("highlight_code", lambda source, **_: source)
            return TemplateExporter.from_notebook_node(self, nb, resources, **kwargs)

    return Plain(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        anchor_link_text=" ",
    )


@cache
def environment() -> Any:
    """Return the Jinja environment of the kit's own pages; text is escaped unless a template says otherwise."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip


def warm() -> None:
    """Load and compile everything that rendering a page needs, before the first one."""
    exporter().from_notebook_node(_empty())
    environment().get_template("page.html.j2")


def _without_noise(notebook: Any) -> Any:
    """Return the notebook without what libraries wrote to standard error, and without cells that show nothing.

    Warnings are for the author of the notebook, not for the reader of the report.
    """
    import copy

    quiet = copy.copy(notebook)
    quiet.cells = [copy.copy(cell) for cell in notebook.cells]
    for cell in quiet.cells:
        if cell.cell_type == "code":
            cell.outputs = [item for item in cell.outputs if item.get("name") != "stderr"]
    quiet.cells = [cell for cell in quiet.cells if cell.cell_type != "code" or cell.outputs]
    return quiet


def _empty() -> Any:
    import nbformat

    return nbformat.v4.new_notebook()


def page_html(notebook: Any, *, meta: dict[str, Any], kind_zh: str, portal: str = "../index.html") -> str:
    """Return the whole page of an executed notebook.

    Parameters
    ----------
    notebook : the executed notebook node.
    meta : the period's `meta.json`; says whether the data is made and whether standards are illustrative.
    kind_zh : name of the report kind.
    portal : relative link to the portal.

    Raises
    ------
    ProblemsError
        When something on the page would be fetched from outside.
    """
    body = exporter().from_notebook_node(_without_noise(notebook))[0]
    title = _TITLE.search(body)
    contents = [{"id": found["id"], "text": html.unescape(found["text"])} for found in _HEADING.finditer(body)]
    page = (
        environment()
        .get_template("page.html.j2")
        .render(
            title=html.unescape(title["text"]) if title else kind_zh,
            kind=kind_zh,
            body=body,
            contents=contents,
            meta=meta,
            illustrative=[item for item in meta["standards"] if item["provenance"] == "illustrative"],
            css=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
            portal=portal,
        )
    )
    return inline(page)
