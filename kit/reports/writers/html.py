"""A document of blocks as one web page: text, styles and formulas (MathML) inside, nothing fetched from outside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from kit.reports.blocks import (
    Block,
    Book,
    Cell,
    Contents,
    Cover,
    Display,
    Heading,
    Inline,
    Items,
    Maths,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Table,
)
from kit.reports.display import escape
from kit.reports.writers.mathml import mathml

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def html_page(book: Book) -> str:
    """Return the document as a whole HTML page.

    Every text is escaped; the page allows no script and loads nothing.

    Examples
    --------
    >>> html_page(Book("标题", "a", Cover("", "", "标题"), ()))[:15]
    '<!DOCTYPE html>'
    """
    css = (TEMPLATES / "document.css").read_text(encoding="utf-8")
    header = escape(book.header) + (f"　{escape(book.mark)}" if book.mark else "")
    content = header.replace("\\", "\\\\").replace('"', '\\"')
    running = f'@page {{ @top-center {{ content: "{content}"; }} }}'
    banner = (
        f'<div class="banner" role="note"><b>{escape(book.mark)}</b><span>{escape(book.cover.mark_text)}</span></div>'
        if book.mark
        else ""
    )
    body = "\n".join(_block(block, book) for block in book.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(book.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; '
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'\">\n"
        f"<title>{escape(book.title)}</title>\n<style>{css}\n{running}</style>\n</head>\n"
        f'<body class="{"marked" if book.mark else ""}">\n{banner}\n{_side(book)}\n'
        f'<main class="sheet">\n{cover_html(book.cover)}\n{body}\n</main>\n</body>\n</html>\n'
    )


def cover_html(cover: Cover) -> str:
    """Return the first page."""
    facts = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in cover.facts)
    mark = (
        f'<div class="covermark"><b>{escape(cover.mark)}</b><span>{escape(cover.mark_text)}</span></div>'
        if cover.mark
        else ""
    )
    subtitle = f'<p class="english">{escape(cover.subtitle)}</p>' if cover.subtitle else ""
    return (
        f'<section class="cover"><div class="coverhead"><span>{escape(cover.series)}</span>'
        f"<span>{escape(cover.number)}</span></div>"
        f'<div class="covertitle"><h1>{escape(cover.title)}</h1>{subtitle}<p class="status">{escape(cover.status)}</p></div>'
        f'{mark}<dl class="facts">{facts}</dl></section>'
    )


def _listed(book: Book, depth: int) -> list[Heading]:
    return [block for block in book.blocks if isinstance(block, Heading) and block.listed and block.level <= depth]


def _side(book: Book) -> str:
    contents = next((block for block in book.blocks if isinstance(block, Contents)), None)
    if contents is None:
        return ""
    links = "".join(
        f'<a href="#{escape(one.anchor)}">{escape(_heading_text(one))}</a>' for one in _listed(book, 1) if one.anchor
    )
    return f'<nav class="toc" aria-label="{escape(contents.title)}"><b>{escape(contents.title)}</b>{links}</nav>'


def _heading_text(heading: Heading) -> str:
    if heading.annex:
        return f"{heading.number}（{heading.annex}）{heading.text}"
    return f"{heading.number} {heading.text}".strip()


def _block(block: Block, book: Book) -> str:
    match block:
        case Heading():
            return _heading(block)
        case Paragraph():
            return _paragraph(block)
        case Items():
            return _items(block)
        case Note():
            return f'<p class="note"><b>{escape(block.label)}</b>{inline_html(block.runs)}</p>'
        case Display():
            return _display(block)
        case Table():
            return table_html(block)
        case Picture():
            return _picture(block)
        case Contents():
            return _contents(block, book)
        case PageBreak():
            return '<div class="pagebreak"></div>'
    raise TypeError(f"the web page has no way to write {type(block).__name__}")


def _heading(block: Heading) -> str:
    level = min(block.level + 1, 6)
    name = f' id="{escape(block.anchor)}"' if block.anchor else ""
    if block.annex:
        return (
            f'<h{level}{name} class="annex"><span>{escape(block.number)}</span><span>（{escape(block.annex)}）</span>'
            f"<span>{escape(block.text)}</span></h{level}>"
        )
    style = ' class="front"' if block.centred else ""
    number = f'<span class="number">{escape(block.number)}</span>' if block.number else ""
    return f"<h{level}{name}{style}>{number}{escape(block.text)}</h{level}>"


def _paragraph(block: Paragraph) -> str:
    name = f' id="{escape(block.anchor)}"' if block.anchor else ""
    number = f'<span class="number">{escape(block.number)}</span>' if block.number else ""
    return f'<p class="{block.style}"{name}>{number}{inline_html(block.runs)}</p>'


def _items(block: Items) -> str:
    entries = []
    for item in block.items:
        below = "".join(f"<p>{inline_html(one)}</p>" for one in item.below)
        mark = f'<span class="mark">{escape(item.mark)}</span>' if item.mark else ""
        entries.append(f'<li>{mark}<div class="itemtext"><p>{inline_html(item.runs)}</p>{below}</div></li>')
    return f'<ul class="items">{"".join(entries)}</ul>'


def _display(block: Display) -> str:
    name = f' id="{escape(block.anchor)}"' if block.anchor else ""
    number = f'<span class="formulanumber">{escape(block.number)}</span>' if block.number else ""
    return f'<div class="formula"{name}><span></span>{mathml(block.tree, display=True)}{number}</div>'


def inline_html(pieces: Sequence[Inline]) -> str:
    """Return runs as HTML."""
    made = []
    for piece in pieces:
        if isinstance(piece, Maths):
            made.append(mathml(piece.tree))
            continue
        text = escape(piece.text)
        if piece.mark:
            text = f'<span class="dot" style="background:{escape(piece.mark)}"></span>{text}'
        if piece.bold:
            text = f"<b>{text}</b>"
        if piece.anchor:
            text = f'<a href="#{escape(piece.anchor)}">{text}</a>'
        made.append(text)
    return "".join(made)


def table_html(table: Table) -> str:
    """Return a table with its caption above and its note below."""
    total = sum(table.widths)
    columns = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in table.widths)
    head = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in table.head)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in table.body)
    name = f' id="{escape(table.anchor)}"' if table.anchor else ""
    caption = ""
    if table.caption:
        label = f"<b>{escape(table.label)}</b>　" if table.label else ""
        caption = f'<div class="caption">{label}{escape(table.caption)}</div>'
    note = f'<div class="tablenote">注：{inline_html(table.note)}</div>' if table.note else ""
    return (
        f'<div class="tablebox{" whole" if table.whole else ""}"{name}>{caption}<div class="scroll"><table><colgroup>{columns}</colgroup>'
        f"{f'<thead>{head}</thead>' if head else ''}<tbody>{body}</tbody></table></div>{note}</div>"
    )


def _cell(cell: Cell) -> str:
    tag = "th" if cell.head else "td"
    spans = (f' rowspan="{cell.rows}"' if cell.rows > 1 else "") + (f' colspan="{cell.columns}"' if cell.columns > 1 else "")
    marks = [run.mark for run in cell.runs if not isinstance(run, Maths) and run.mark]
    colour = cell.colour or (marks[0] + "40" if marks else "")
    style = f' style="background:{escape(colour)}"' if colour else ""
    return f'<{tag}{spans} class="{cell.align}"{style}>{inline_html(cell.runs)}</{tag}>'


def _picture(block: Picture) -> str:
    source = base64.b64encode(block.data).decode("ascii")
    caption = f"<figcaption><b>{escape(block.label)}</b>　{escape(block.caption)}</figcaption>" if block.caption else ""
    return f'<figure><img alt="{escape(block.alt)}" src="data:image/png;base64,{source}">{caption}</figure>'


def _contents(block: Contents, book: Book) -> str:
    lines = "".join(
        f'<li class="l{one.level}"><a href="#{escape(one.anchor)}">{escape(_heading_text(one))}</a></li>'
        for one in _listed(book, block.depth)
        if one.anchor
    )
    return f'<section class="contents"><h2 class="front">{escape(block.title)}</h2><ul>{lines}</ul></section>'
