"""What a report notebook speaks to: headings, sentences, tables, charts and the map, in the order of its cells.

The words are in `text/<kind>.yaml`; the notebook decides what comes where; the figures come from the rooms that count.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean
from kit.reports.display import NONE, escape, is_missing, mark_svg, percent, picture_html, png, table_html
from kit.standard.yaml_io import read_yaml

if TYPE_CHECKING:
    import folium
    import pandas as pd
    from matplotlib.figure import Figure

TEXTS = Path(__file__).with_name("text")
_QUARTERS = {"1": "一", "2": "二", "3": "三", "4": "四"}
_DIGITS = "零一二三四五六七八九十"


def chinese_number(number: int) -> str:
    """Return 1 to 99 in Chinese, for headings.

    Examples
    --------
    >>> chinese_number(12), chinese_number(20)
    ('十二', '二十')
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")


def period_text(period: str) -> str:
    """Return a period for a reader.

    Examples
    --------
    >>> period_text("2019Q4")
    '2019年第四季度'
    """
    found = re.fullmatch(r"(\d{4})Q([1-4])", period)
    return f"{found[1]}年第{_QUARTERS[found[2]]}季度" if found else period


def date_text(date: str) -> str:
    """Return an ISO date for a reader.

    Examples
    --------
    >>> date_text("2019-12-31")
    '2019年12月31日'
    """
    year, month, day = date.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


@cache
def load_text(kind: str) -> dict[str, Any]:
    """Return headings, sentences and captions of a kind.

    Raises
    ------
    KitError
        When there is no text file for the kind; names the nearest.
    """
    path = TEXTS / f"{kind}.yaml"
    if not path.is_file():
        raise KitError(
            f"no report text for kind '{kind}'; {did_you_mean(kind, [file.stem for file in TEXTS.glob('*.yaml')])}"
        )
    return read_yaml(path)[0]


class _Words(string.Formatter):
    """Fills `{name}` and `{share:part/whole}`; an unknown name is an error that names the nearest."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        # Plain names only: no attributes, no indexing.
        if field_name == "share":
            return _Share(kwargs), field_name
        if field_name not in kwargs:
            raise KitError(
                f"the report text uses {{{field_name}}}, which no figure has; {did_you_mean(field_name, kwargs)}"
            )
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return NONE if is_missing(value) else str(format(value, format_spec))


class _Share:
    def __init__(self, numbers: Mapping[str, Any]) -> None:
        self.numbers = numbers

    def __format__(self, spec: str) -> str:
        part, _, whole = spec.partition("/")
        for name in (part, whole):
            if name not in self.numbers:
                raise KitError(f"the report text uses share:{spec}; {did_you_mean(name, self.numbers)}")
        return percent(float(self.numbers[part]), float(self.numbers[whole]))


class Document:
    """One report being written.

    Parameters
    ----------
    kind : name of the text file, for example ``district_assessment``.
    numbers : figures for the sentences, by name.
    meta : the period's `meta.json`: standards, snapshot, whether the data is made.

    Notes
    -----
    Each method shows its part in the notebook and returns nothing; the `…_html` methods return the HTML for tests.
    """

    def __init__(self, kind: str, numbers: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
        self.kind = kind
        self.text = load_text(kind)
        self.meta = dict(meta)
        self.numbers: dict[str, Any] = {
            **numbers,
            "period_zh": period_text(meta["period"]),
            "previous": 1 if meta.get("previous_period") else 0,
            "previous_zh": period_text(meta.get("previous_period") or ""),
            "snapshot_zh": date_text(meta["snapshot"]),
            "illustrative": sum(item.get("provenance") == "illustrative" for item in meta["standards"]),
        }
        self._sections = self._tables = self._figures = 0

    def say(self, template: str) -> str:
        """Return a sentence with its figures filled in (plain text, not yet escaped)."""
        return _Words().vformat(template, (), self.numbers)

    # -- parts as HTML ------------------------------------------------------------------------------------------

    def title_html(self) -> str:
        """Return the title block with the key figures."""
        meta = self.meta
        facts = [
            ("报告期", self.numbers["period_zh"]),
            ("数据截止", self.numbers["snapshot_zh"]),
            ("工具包版本", str(meta["kit_version"])),
        ]
        if meta.get("made"):
            facts.append(("数据性质", "示例数据"))
        told = "".join(f"<span><b>{escape(name)}</b>{escape(value)}</span>" for name, value in facts)
        cards = "".join(self._card(card) for card in self.text.get("cards", ()))
        return (
            f'<header class="title"><h1>{escape(self.say(self.text["title"]))}</h1>'
            f'<p class="sub">{escape(self.say(self.text["subtitle"]))}</p><p class="facts">{told}</p></header>'
            f'<div class="cards">{cards}</div>'
        )

    def _card(self, card: Mapping[str, str]) -> str:
        level = card.get("level", "")
        mark = mark_svg(level, 13) if level else ""
        return (
            f'<div class="card {escape(level)}"><div class="k">{mark}{escape(card["label"])}</div>'
            f'<div class="v">{escape(self.say(card["value"]))}<small>{escape(card.get("unit", ""))}</small></div>'
            f'<div class="s">{escape(self.say(card["note"]))}</div></div>'
        )

    def _section(self, name: str) -> dict[str, Any]:
        sections = self.text["sections"]
        if name not in sections:
            raise KitError(f"{self.kind} has no section '{name}'; {did_you_mean(name, sections)}")
        return sections[name]

    def has(self, name: str) -> bool:
        """Return whether the section has anything to say: its `none_when` figure is above 0."""
        key = self._section(name).get("none_when")
        return key is None or bool(self.numbers[key])

    def section_html(self, name: str) -> str:
        """Return heading and sentences of a section; its `none` sentence when there is nothing to say."""
        told = self._section(name)
        self._sections += 1
        heading = f"{chinese_number(self._sections)}、{told['heading']}"
        parts = [f'<h2 id="s{self._sections}">{escape(heading)}</h2>']
        if not self.has(name):
            return parts[0] + f'<p class="none">{escape(self.say(told["none"]))}</p>'
        for item in told["paragraphs"]:
            rule = {"text": item} if isinstance(item, str) else item
            if ("when" in rule and not self.numbers.get(rule["when"])) or self.numbers.get(rule.get("unless", "")):
                continue
            parts.append(f"<p>{escape(self.say(rule['text']))}</p>")
        return "".join(parts)

    def table_html(self, name: str, frame: pd.DataFrame) -> str:
        """Return a table with its number, caption and denominator."""
        tables = self.text["tables"]
        if name not in tables:
            raise KitError(f"{self.kind} has no table '{name}'; {did_you_mean(name, tables)}")
        spec = tables[name]
        self._tables += 1
        note = self.say(spec.get("note", ""))
        whole = self.numbers[spec["limit"]] if "limit" in spec else len(frame)
        if whole > len(frame) > 0:
            note += f"共{whole}条，列出前{len(frame)}条。"
        return table_html(
            frame,
            label=f"表{self._tables}",
            caption=self.say(spec["caption"]),
            denominator=self.say(spec["denominator"]),
            note=note,
            empty=self.say(spec.get("empty", "无记录")),
            spec=spec,
            numbers=self.numbers,
        )

    def _caption(self, name: str) -> tuple[str, str, dict[str, str]]:
        figures = self.text["figures"]
        if name not in figures:
            raise KitError(f"{self.kind} has no figure '{name}'; {did_you_mean(name, figures)}")
        self._figures += 1
        return f"图{self._figures}", self.say(figures[name]["caption"]), figures[name]

    def figure_html(self, name: str, figure: Figure | None, alt: str = "") -> str:
        """Return a chart with its number and caption; its `empty` sentence when there is nothing to draw."""
        label, caption, told = self._caption(name)
        if figure is None:
            none = f'<p class="none">{escape(told["empty"])}。</p>'
            return f"<figure>{none}<figcaption>{label}　{escape(caption)}</figcaption></figure>"
        return picture_html(png(figure), label=label, caption=caption, alt=f"{caption}：{alt}" if alt else caption)

    def map_html(self, name: str, canvas: folium.Map, picture: bytes | None, height: int = 560) -> str:
        """Return the electronic map; `picture` stands in for it on paper and where scripts are off."""
        from kit.maps.folium_map import frame_html

        label, caption, _ = self._caption(name)
        still = ""
        if picture is not None:
            source = base64.b64encode(picture).decode("ascii")
            still = f'<img class="print-only" alt="{escape(caption)}" src="data:image/png;base64,{source}">'
        frame = frame_html(canvas, height=height, title=caption)
        return (
            f'<figure class="map"><div class="screen-only">{frame}</div>{still}'
            f"<figcaption><b>{label}</b>　{escape(caption)}</figcaption></figure>"
        )

    def standards(self, *objects: str) -> pd.DataFrame:
        """Return the standards used: 标准, 编号和版本, 状态, 性质, 指纹 (first 12 characters).

        With `objects` (risk_source, unit, installation, area), only those that assess such objects.
        """
        import pandas as pd

        states = {"draft": "草案", "trial": "试用", "published": "发布", "withdrawn": "废止"}
        kinds = {"illustrative": "示意", "official": "正式", "adapted": "改编", "found": "有出处"}
        rows = [
            (
                item["title_zh"],
                f"{item['id']}@{item['version']}",
                states.get(item["status"], item["status"]),
                kinds.get(item["provenance"], item["provenance"]),
                str(item["fingerprint"])[:12],
            )
            for item in self.meta["standards"]
            if not objects or item["object"] in objects
        ]
        return pd.DataFrame(rows, columns=["标准", "编号和版本", "状态", "性质", "指纹"])

    # -- parts shown in the notebook ----------------------------------------------------------------------------

    def title(self) -> None:
        """Show the title block."""
        _show(self.title_html())

    def section(self, name: str) -> None:
        """Show heading and sentences of a section."""
        _show(self.section_html(name))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Show a table."""
        _show(self.table_html(name, frame))

    def figure(self, name: str, figure: Figure | None, alt: str = "") -> None:
        """Show a chart."""
        _show(self.figure_html(name, figure, alt))

    def map(self, name: str, canvas: folium.Map, picture: bytes | None = None) -> None:
        """Show the electronic map; the output also has a picture for formats that cannot hold a web page."""
        _show(self.map_html(name, canvas, picture), picture)


def _show(html: str, picture: bytes | None = None) -> None:
    from IPython.display import display

    bundle = {"text/html": html, "text/plain": re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[:2000])).strip()[:200]}
    if picture is not None:
        bundle["image/png"] = base64.b64encode(picture).decode("ascii")
    display(bundle, raw=True)
