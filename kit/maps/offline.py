"""Put every script, style and picture that a folium page asks for inside the page.

The table `offline.yaml` names each address once: shipped with the kit, left out because nothing uses it, or refused.
An address that is in none of them is an error, so a page never loses a part silently.
"""

from __future__ import annotations

import base64
import html as entities
import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from ruamel.yaml import YAML

from kit.errors import KitError, Problem, ProblemsError, cut, did_you_mean
from kit.paths import package_assets
from kit.standard.fields import Model

TABLE = Path(__file__).with_name("offline.yaml")
NOTE = "Make this Notebook Trusted to load map: File -> Trust Notebook"

_SCRIPT = re.compile(r"<script\b[^>]*?\bsrc\s*=\s*([\"'])(?P<url>[^\"']*)\1[^>]*>\s*</script\s*>", re.IGNORECASE)
_STYLE = re.compile(r"<link\b[^>]*?>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*([\"'])(?P<url>[^\"']*)\1", re.IGNORECASE)
_SRCDOC = re.compile(r"\bsrcdoc\s*=\s*([\"'])(?P<page>.*?)\1", re.IGNORECASE | re.DOTALL)
_TRUST = re.compile(r"<span[^>]*>\s*" + re.escape(NOTE) + r"\s*</span>")
_CSS_URL = re.compile(r"url\(\s*([\"']?)(?P<url>[^\"')]+)\1\s*\)")
# What a browser fetches by itself; <a href> is not among them, a reader has to follow it.
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object|link|input|track|image|use)\b[^>]*?"
    r"\b(?:src|href|data|poster|srcset)\s*=\s*[\"']?\s*(?P<url>(?:https?:)?//[^\"'\s>]+)",
    re.IGNORECASE,
)
_STYLE_BLOCK = re.compile(r"<style\b[^>]*>(?P<css>.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_SCRIPT_BLOCK = re.compile(r"(<script\b[^>]*>)(.*?)(</script\s*>)", re.IGNORECASE | re.DOTALL)
_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif", ".woff2": "font/woff2"}


class OfflineTable(Model):
    """What becomes of each external address.

    Attributes
    ----------
    vendored : address -> file under `kit/assets`, put inside the page.
    dropped : address -> why nothing is lost without it.
    refused : address -> what to use instead.
    """

    format: Literal[1]
    vendored: dict[str, str]
    dropped: dict[str, str]
    refused: dict[str, str] = Field(default_factory=dict)

    @property
    def known(self) -> list[str]:
        """Every address in the table."""
        return [*self.vendored, *self.dropped, *self.refused]


@cache
def table() -> OfflineTable:
    """Return the table of external addresses that ships with the kit."""
    return OfflineTable.model_validate(YAML(typ="safe").load(TABLE.read_text(encoding="utf-8")))


def _data_uri(path: Path) -> str:
    kind = _TYPES.get(path.suffix)
    if kind is None:
        raise KitError(f"{path.name}: no media type known for {path.suffix}; allowed: {', '.join(_TYPES)}")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


@cache
def asset_script(name: str) -> str:
    """Return a vendored script as text that may stand inside `<script>`; its source map line is taken out."""
    text = (package_assets() / name).read_text(encoding="utf-8")
    text = re.sub(r"//# sourceMappingURL=\S+\s*", "", text)
    return re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE)


@cache
def asset_style(name: str) -> str:
    """Return a vendored style sheet as text, with the pictures it names put inside."""
    path = package_assets() / name

    def picture(found: re.Match[str]) -> str:
        url = found["url"]
        return found[0] if url.startswith(("#", "data:")) else f"url({_data_uri(path.parent / url)})"

    return _CSS_URL.sub(picture, path.read_text(encoding="utf-8"))


def _replace(url: str, problems: list[Problem]) -> str | None:
    """Return the element that stands in for `url`, or None after adding a problem."""
    known = table()
    if url in known.vendored:
        name = known.vendored[url]
        if name.endswith(".js"):
            return f"<script>{asset_script(name)}</script>"
        return f"<style>{asset_style(name)}</style>"
    if url in known.dropped:
        return ""
    if url in known.refused:
        problems.append(Problem(f"{cut(url, 120)} cannot be used without a network: {known.refused[url]}"))
    else:
        problems.append(
            Problem(
                f"external address {cut(url, 120)} is not in {TABLE.name}; ship the file in kit/assets and name it "
                f"there, or say there why it can be left out ({did_you_mean(url, known.known)})"
            )
        )
    return None


def _inline(page: str, problems: list[Problem]) -> str:
    def script(found: re.Match[str]) -> str:
        new = _replace(found["url"], problems)
        return found[0] if new is None else new

    def style(found: re.Match[str]) -> str:
        link = found[0]
        href = _HREF.search(link)
        if href is None or href["url"].startswith("data:"):
            return link
        new = _replace(href["url"], problems)
        return link if new is None else new

    def inner(found: re.Match[str]) -> str:
        return f'srcdoc="{entities.escape(_inline(entities.unescape(found["page"]), problems), quote=True)}"'

    # Pages inside the page are set aside first, so that what was just put inside them is not read again.
    parts: list[str] = []

    def aside(found: re.Match[str]) -> str:
        parts.append(inner(found))
        return f"\0{len(parts) - 1}\0"

    page = _TRUST.sub("", page.replace("\0", "\ufffd"))
    page = _SRCDOC.sub(aside, page)
    before = len(problems)
    page = _STYLE.sub(style, _SCRIPT.sub(script, page))
    if len(problems) == before:
        _refuse_the_rest(page, problems)
    return re.sub("\0(\\d+)\0", lambda found: parts[int(found[1])], page)


def _refuse_the_rest(page: str, problems: list[Problem]) -> None:
    """Add a problem for every other thing the browser would fetch: pictures, frames, style imports."""
    styles = "\n".join(found["css"] for found in _STYLE_BLOCK.finditer(page))
    # The text of a script is not HTML: a string in it that looks like an element is not fetched.
    markup = _SCRIPT_BLOCK.sub(r"\1\3", page)
    urls = [found["url"] for found in _FETCHED.finditer(markup)]
    urls += [found["url"] for found in _CSS_URL.finditer(styles) if re.match(r"(https?:)?//", found["url"].strip())]
    urls += re.findall(r"@import\s+[\"']((?:https?:)?//[^\"']+)", styles)
    for url in dict.fromkeys(urls):
        _replace(url, problems)
        if url in table().vendored:
            problems.append(Problem(f"{cut(url, 120)} is used in a way that cannot be put inside the page"))


def inline(page: str) -> str:
    """Return the HTML `page` with every external script and style put inside, pages in `srcdoc` too.

    Parameters
    ----------
    page : HTML as folium or nbconvert wrote it.

    Returns
    -------
    str
        The same page; nothing in it is fetched from anywhere. folium's line about trusting the notebook is gone.

    Raises
    ------
    ProblemsError
        Naming every address that is not in the table `offline.yaml`, the nearest that is, and what to do.

    Examples
    --------
    >>> inline('<script src="https://code.jquery.com/jquery-3.7.1.min.js"></script><p>x</p>')
    '<p>x</p>'
    """
    problems: list[Problem] = []
    done = _inline(page, problems)
    if problems:
        unique = list(dict.fromkeys(problems))
        raise ProblemsError(unique, f"the page asks for {len(unique)} address(es) outside; it would not work offline")
    return done
