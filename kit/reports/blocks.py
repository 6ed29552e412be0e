"""A printed document as plain blocks, before it is known whether it becomes a web page, a Word file or a PDF.

Reports fill these blocks; `kit.reports.writers` turns them into files. A block says what a thing is (a heading, the
caption of a table), never how it looks: that is for the writers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kit.reports.formula_tree import Part, plain

# A table of at most this many lines is never cut by the end of a page.
SHORT_TABLE = 20
# Chinese characters in a line of a table as wide as the text.
LINE = 48

Align = Literal["left", "center", "right"]
Style = Literal["body", "plain", "center", "term", "small", "article"]


@dataclass(frozen=True)
class Run:
    """A piece of text.

    Attributes
    ----------
    anchor : the place inside the document to which the text leads.
    mark : a level of a scale, shown with its colour beside the text; `#RRGGBB`.
    """

    text: str
    bold: bool = False
    anchor: str | None = None
    mark: str | None = None


@dataclass(frozen=True)
class Maths:
    """A formula inside a line."""

    tree: Part


Inline = Run | Maths
Runs = tuple[Inline, ...]


def runs(*pieces: str | Inline) -> Runs:
    """Return pieces of text as runs; plain texts become plain runs.

    Examples
    --------
    >>> runs("按", Run("表B.2", anchor="table-B.2"), "计分。")[1].anchor
    'table-B.2'
    """
    return tuple(Run(piece) if isinstance(piece, str) else piece for piece in pieces if piece != "")


class Block:
    """Base of all blocks."""


@dataclass(frozen=True)
class Heading(Block):
    """A heading of level 1 to 4; `number` is 5.2 or 附录A.

    Attributes
    ----------
    annex : the kind of an annex in brackets (规范性), which then stands in the middle of its own page.
    listed : whether the table of contents names it.
    """

    level: int
    text: str
    number: str = ""
    anchor: str = ""
    annex: str = ""
    listed: bool = True
    centred: bool = False


@dataclass(frozen=True)
class Paragraph(Block):
    """A paragraph.

    Attributes
    ----------
    style : `body` has its first line set in, `plain` not; `article` begins with its number (`number`), as a clause
        without a title does.
    """

    runs: Runs
    style: Style = "body"
    number: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Item:
    """One entry of a list: its mark (a), —), its text, and paragraphs below it."""

    mark: str
    runs: Runs
    below: tuple[Runs, ...] = ()


@dataclass(frozen=True)
class Items(Block):
    """A list."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Note(Block):
    """A note (注) or example, set small."""

    runs: Runs
    label: str = "注："


@dataclass(frozen=True)
class Display(Block):
    """A formula on a line of its own, with its number at the right."""

    tree: Part
    number: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell; those that a neighbour covers are not given.

    Attributes
    ----------
    colour : background, `#RRGGBB`.
    """

    runs: Runs = ()
    rows: int = 1
    columns: int = 1
    align: Align = "left"
    head: bool = False
    colour: str | None = None


@dataclass(frozen=True)
class Table(Block):
    """A table.

    Attributes
    ----------
    widths : shares of the columns.
    head : rows of titles, repeated on every page.
    body : rows of cells.
    label, caption : 表B.1 and its title, above the table.
    note : below the table.
    """

    widths: tuple[float, ...]
    head: tuple[tuple[Cell, ...], ...]
    body: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    label: str = ""
    anchor: str = ""
    note: Runs = ()

    @property
    def whole(self) -> bool:
        """Whether the table is short enough to be kept on one page, by the lines its texts will need."""
        return sum(self._lines(row) for row in self.body) <= SHORT_TABLE

    def _lines(self, row: tuple[Cell, ...]) -> int:
        """Return how many lines a row needs; a cell over several rows counts for none of them alone."""
        line = LINE / sum(self.widths)
        column = len(self.widths) - sum(cell.columns for cell in row)
        most = 1
        for cell in row:
            room = line * sum(self.widths[column : column + cell.columns]) - 1
            width = sum(1.0 if ord(letter) > 0x2E80 else 0.55 for letter in inline_text(cell.runs))
            if cell.rows == 1:
                most = max(most, math.ceil(width / max(room, 1)))
            column += cell.columns
        return most


@dataclass(frozen=True)
class Picture(Block):
    """A PNG picture with its caption below; `width` in millimetres."""

    data: bytes
    alt: str
    label: str = ""
    caption: str = ""
    width: float = 150.0


@dataclass(frozen=True)
class Contents(Block):
    """The table of contents, of headings down to a level."""

    title: str
    depth: int = 2


@dataclass(frozen=True)
class PageBreak(Block):
    """A new page; `body` begins the numbered pages of the text itself."""

    body: bool = False


@dataclass(frozen=True)
class Cover:
    """The first page.

    Attributes
    ----------
    series : what kind of document it is, above the line.
    number : number or identifier, at the right.
    mark : in a frame, what a reader must know before anything else (示意性标准); none when empty.
    facts : lines at the foot: label and value.
    """

    series: str
    number: str
    title: str
    subtitle: str = ""
    status: str = ""
    mark: str = ""
    mark_text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    issuer: str = ""


@dataclass(frozen=True)
class Book:
    """A whole document.

    Attributes
    ----------
    header : printed at the top of every page but the cover.
    mark : printed in the header, and faintly across the page where the format can.
    name : name of the file without suffix.
    """

    title: str
    name: str
    cover: Cover
    blocks: tuple[Block, ...]
    header: str = ""
    mark: str = ""
    language: str = "zh-CN"
    meta: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return all words of the document, a line for each block or cell."""
        return "\n".join(book_lines(self))


def inline_text(pieces: Sequence[Inline]) -> str:
    """Return the words of runs."""
    return "".join(piece.text if isinstance(piece, Run) else plain(piece.tree) for piece in pieces)


def book_lines(book: Book) -> Iterator[str]:
    """Yield the words of a document, a line for each block or cell."""
    cover = book.cover
    yield from (cover.series, cover.number, cover.title, cover.subtitle, cover.status, cover.mark, cover.mark_text)
    yield from (f"{label}：{value}" for label, value in cover.facts)
    for block in book.blocks:
        yield from block_lines(block)


def block_lines(block: Block) -> Iterator[str]:
    """Yield the words of a block, a line for each paragraph, entry or cell."""
    match block:
        case Heading():
            yield f"{block.number} {block.text} {block.annex}".strip()
        case Paragraph():
            yield f"{block.number} {inline_text(block.runs)}".strip()
        case Items():
            for item in block.items:
                yield f"{item.mark} {inline_text(item.runs)}"
                yield from (inline_text(below) for below in item.below)
        case Note():
            yield block.label + inline_text(block.runs)
        case Display():
            yield f"{plain(block.tree)} {block.number}".strip()
        case Table():
            yield f"{block.label} {block.caption}".strip()
            for line in (*block.head, *block.body):
                yield from (inline_text(cell.runs) for cell in line)
            if block.note:
                yield inline_text(block.note)
        case Picture():
            yield f"{block.label} {block.caption}".strip()
        case Contents():
            yield block.title
