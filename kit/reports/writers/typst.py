"""A document of blocks as PDF, set by typst with the font that ships with the kit.

Nothing is fetched and no font of the machine is used, so the same document gives the same pages everywhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kit.errors import Problem, ProblemsError
from kit.maps.fonts import font_path
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
    book_lines,
)
from kit.reports.formula_tree import (
    Cases,
    Fence,
    Figure,
    Fraction,
    Index,
    Over,
    Part,
    Power,
    Root,
    Row,
    Sign,
    Symbol,
    Words,
    all_parts,
)

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "document.typ"
# Signs that typst's own mathematics font has; they stand in formulas and between numbers.
_MATHS_FONT = set("−∑∏√×÷≤≥≠=+|…αβγλ¬∅⁰¹²³₁₂⁻")
_LAYOUT = set("\n\t\u200b\u2060")


def pdf_bytes(book: Book) -> bytes:
    """Return the document as PDF.

    Raises
    ------
    ProblemsError
        When the font lacks a character of the document; all of them, with the line in which each stands.

    Examples
    --------
    >>> pdf_bytes(Book("标题", "a", Cover("", "", "标题"), ()))[:5]
    b'%PDF-'
    """
    import typst

    missing = missing_glyphs(book)
    if missing:
        problems = [Problem(f"'{letter}' (U+{ord(letter):04X}) in “{line[:40]}”") for letter, line in missing.items()]
        raise ProblemsError(
            problems,
            f"{book.name}: the font of the PDF lacks {len(problems)} characters; write them otherwise, or cut the font "
            "again with the text file (kit/assets/fonts/subset.py)",
        )
    with tempfile.TemporaryDirectory(prefix="kit-typst-") as folder:
        root = Path(folder)
        source = typst_source(book, root)
        (root / "main.typ").write_text(source, encoding="utf-8")
        made = typst.compile(
            str(root / "main.typ"),
            root=str(root),
            font_paths=[str(font_path().parent)],
            ignore_system_fonts=True,
            # An empty folder of packages: an import could find nothing, here or elsewhere.
            package_path=str(root / "packages"),
            package_cache_path=str(root / "packages"),
        )
    assert isinstance(made, bytes)
    return made


@cache
def _characters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font_path())).get_charmap())


def missing_glyphs(book: Book) -> dict[str, str]:
    """Return the characters that neither font has, each with a line in which it stands."""
    found: dict[str, str] = {}
    for line in (book.header, book.mark, *book_lines(book)):
        for letter in line:
            if ord(letter) not in _characters() and letter not in _MATHS_FONT and letter not in _LAYOUT:
                found.setdefault(letter, line)
    for block in book.blocks:
        for part in all_parts(block.tree) if isinstance(block, Display) else ():
            if isinstance(part, Words):
                found |= {letter: part.text for letter in part.text
                          if ord(letter) not in _characters() and letter not in _MATHS_FONT}  # fmt: skip
    return found


def typst_source(book: Book, folder: Path) -> str:
    """Return the document as typst markup; pictures are written into `folder`.

    Every text is a string literal, so nothing in it can be markup.
    """
    lines = [TEMPLATE.read_text(encoding="utf-8")]
    author = f", author: {_string(book.meta['author'])}" if book.meta.get("author") else ""
    keywords = f", keywords: ({_string(book.meta['keywords'])},)" if book.meta.get("keywords") else ""
    lines.append(f"#set document(title: {_string(book.title)}{author}{keywords})")
    lines.append(f"#show: house.with(header: {_string(book.header)}, mark: {_string(book.mark)})")
    lines.append(_cover(book.cover))
    pictures: list[bytes] = []
    for block in book.blocks:
        lines.append(_block(block, pictures))
    for place, data in enumerate(pictures):
        (folder / f"picture{place}.png").write_bytes(data)
    return "\n".join(lines)


def _string(text: str) -> str:
    cleaned = "".join(" " if ord(letter) < 32 else letter for letter in text)
    return '"' + cleaned.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _cover(cover: Cover) -> str:
    facts = "".join(f"({_string(label)}, {_string(value)})," for label, value in cover.facts)
    return (
        f"#cover(series: {_string(cover.series)}, number: {_string(cover.number)}, title: {_string(cover.title)}, "
        f"subtitle: {_string(cover.subtitle)}, status: {_string(cover.status)}, mark: {_string(cover.mark)}, "
        f"mark-text: {_string(cover.mark_text)}, facts: ({facts}))"
    )


def _block(block: Block, pictures: list[bytes]) -> str:
    match block:
        case Heading():
            annex = f", annex: {_string(block.annex)}" if block.annex else ""
            centred = ", centred: true" if block.centred else ""
            listed = "" if block.listed else ", listed: false"
            return (
                f"#section({block.level}, {_string(block.number)}, {_string(block.text)}{annex}{centred}{listed})"
                + _label(block.anchor)
            )
        case Paragraph():
            number = f", number: {_string(block.number)}" if block.number else ""
            return f'#para("{block.style}"{number})[{inline(block.runs)}]' + _label(block.anchor)
        case Items():
            entries = []
            for item in block.items:
                below = "".join(f"[{inline(one)}]," for one in item.below)
                entries.append(f"({_string(item.mark)}, [{inline(item.runs)}], ({below}))")
            return f"#entries(({','.join(entries)},))"
        case Note():
            return f"#remark({_string(block.label)})[{inline(block.runs)}]"
        case Display():
            return f"#display($ {typst_math(block.tree)} $, {_string(block.number)})" + _label(block.anchor)
        case Table():
            return _table(block)
        case Picture():
            pictures.append(block.data)
            return (
                f'#picture("picture{len(pictures) - 1}.png", {block.width}mm, {_string(block.alt)}, '
                f"{_string(block.label)}, {_string(block.caption)})"
            )
        case Contents():
            return f"#contents({_string(block.title)}, {block.depth})"
        case PageBreak():
            return "#begin-body()" if block.body else "#pagebreak(weak: true)"
    raise TypeError(f"the PDF has no way to write {type(block).__name__}")


def _label(anchor: str) -> str:
    return f" #label({_string(anchor)})" if anchor else ""


def inline(pieces: Sequence[Inline]) -> str:
    """Return runs as typst markup."""
    made = []
    for piece in pieces:
        if isinstance(piece, Maths):
            made.append(f"${typst_math(piece.tree)}$")
            continue
        text = f"#{_string(piece.text)}"
        if piece.mark:
            text = f"#dot({_string(piece.mark)})" + text
        if piece.bold:
            text = f"#strong[{text}]"
        if piece.anchor:
            text = f"#link(label({_string(piece.anchor)}))[{text}]"
        # A call directly after a string must not swallow what follows as its arguments.
        made.append(text + ";")
    return "".join(made)


def _table(table: Table) -> str:
    columns = ", ".join(f"{width:g}fr" for width in table.widths)
    head = ", ".join(_cell(cell) for row in table.head for cell in row)
    body = ", ".join(_cell(cell) for row in table.body for cell in row)
    header = f"table.header({head})," if head else ""
    note = f", note: [{inline(table.note)}]" if table.note else ""
    # Table labels sit on the caption, which never leaves its table.
    anchor = f", anchor: {_string(table.anchor)}" if table.anchor else ""
    return (
        f"#grid-table({_string(table.label)}, {_string(table.caption)}{note}{anchor}, whole: {str(table.whole).lower()}, "
        f"table(columns: ({columns},), {header} {body}))"
    )


def _cell(cell: Cell) -> str:
    marks = [run.mark for run in cell.runs if not isinstance(run, Maths) and run.mark]
    colour = cell.colour or (f"{marks[0]}40" if marks else "")
    spans = [f"rowspan: {cell.rows}"] if cell.rows > 1 else []
    spans += [f"colspan: {cell.columns}"] if cell.columns > 1 else []
    fill = f"rgb({_string(colour)})" if colour else 'rgb("#eef1f4")' if cell.head else ""
    spans += [f"fill: {fill}"] if fill else []
    content = inline(cell.runs)
    if cell.head:
        content = f"#strong[{content}]"
    return f"table.cell(align: {cell.align} + horizon, breakable: false, {', '.join(spans)})[{content}]"


def typst_math(tree: Part) -> str:
    """Return a formula as typst mathematics.

    Examples
    --------
    >>> typst_math(Fraction(Symbol("a"), Figure("2")))
    'frac(a, 2)'
    """
    match tree:
        case Words(text):
            return _string(text)
        case Figure(text):
            return text if text.replace(".", "", 1).isdigit() else _string(text)
        case Symbol(text):
            return text if len(text) == 1 and text.isalpha() else _string(text)
        case Sign(text):
            return {"−": "-", "×": "times", ",": "\\,", "，": '"，"', "=": "=", "+": "+"}.get(text, _string(text))
        case Row(of):
            return " ".join(typst_math(part) for part in of)
        case Fraction(over, under):
            return f"frac({typst_math(over)}, {typst_math(under)})"
        case Power(base, exponent):
            return f"attach({typst_math(base)}, t: {typst_math(exponent)})"
        case Index(base, below):
            return f"attach({typst_math(base)}, b: {typst_math(below)})"
        case Root(of):
            return f"sqrt({typst_math(of)})"
        case Fence(of, left, right):
            return f"lr({_fence(left)} {typst_math(of)} {_fence(right)})"
        case Over(sign, of, low, high):
            large = "sum" if sign == "∑" else "product"
            if low is not None and high is not None:
                return f"limits({large})_({typst_math(low)})^({typst_math(high)}) {typst_math(of)}"
            return f"{large} {typst_math(of)}"
        case Cases(rows):
            lines = ", ".join(f'{typst_math(value)} quad & {typst_math(condition)}' for value, condition in rows)
            return f"cases({lines})"
    raise TypeError(f"typst has no way to write {type(tree).__name__}")


def _fence(sign: str) -> str:
    return {"(": "\\(", ")": "\\)", "|": "bar.v"}.get(sign, _string(sign))
