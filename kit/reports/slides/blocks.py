"""What stands on a slide, and how high it is: no slide may overflow its box.

Heights are estimated from the width of the text, a little on the safe side, because the page is made without a browser.
All sizes are pixels of a slide of 1280 x 720.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 1280, 720
BODY_WIDTH, BODY_HEIGHT = 1168, 588
GAP = 10
# Latin letters are narrower than this on average; capitals and digits are about as wide.
_LATIN, _SAFE = 0.6, 1.04
_LINE = 1.42
_PAD_X, _PAD_Y = 20, 13
_SIZES = {"lead": 22, "plain": 20, "note": 16, "head": 21, "under": 16}


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is set in `size`: a Chinese character is as wide as it is high.

    Examples
    --------
    >>> text_width("车龄", 20)
    41.6
    """
    return sum(1.0 if ord(letter) > 0xFF else _LATIN for letter in text) * size * _SAFE


def text_lines(text: str, width: float, size: float) -> int:
    """Return in how many lines a text is set at most; a line feed begins a new one.

    Examples
    --------
    >>> text_lines("平均车龄", 45, 20), text_lines("a\\nb", 500, 20), text_lines("", 500, 20)
    (2, 2, 1)
    """
    # A line may end a character early, because of punctuation or of a word that is not broken.
    room = max(width - size, size)
    return sum(max(1, math.ceil(text_width(part, size) / (width if text_width(part, size) <= width else room)))
               for part in text.split("\n"))  # fmt: skip


def text_height(text: str, width: float, size: float) -> float:
    """Return about how high a text is set."""
    return text_lines(text, width, size) * size * _LINE


def cut_text(text: str, width: float, size: float, lines: int) -> list[str]:
    """Return the text in pieces of at most `lines` lines each, cut behind punctuation where there is some."""
    pieces: list[str] = []
    rest = text
    while text_lines(rest, width, size) > lines:
        low, high = 1, len(rest)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if text_lines(rest[:middle], width, size) <= lines else (low, middle)
        best = max((rest.rfind(mark, low // 2, low) for mark in "。；，;, "), default=-1)
        place = best + 1 if best > 0 else low
        pieces.append(rest[:place])
        rest = rest[place:]
    return [*pieces, rest]


@dataclass(frozen=True)
class Chip:
    """A level: its name on its colour. Colour never stands alone."""

    text: str
    fill: str
    ink: str


Cell = str | Chip


class Block:
    """Part of a slide; `template` names the macro that sets it."""

    template = ""

    @property
    def height(self) -> float:
        """Height in pixels."""
        raise NotImplementedError

    def split(self, space: float) -> tuple[Block, Block] | None:
        """Return what fits into `space`, and the rest; None when the block cannot be divided so."""
        return None


@dataclass(frozen=True)
class Text(Block):
    """A sentence; `style` is lead, plain, note, head, or under (the line under a head)."""

    text: str
    style: str = "plain"
    template = "text"

    @property
    def height(self) -> float:
        size = _SIZES[self.style]
        return text_height(self.text, BODY_WIDTH, size) + 2

    def split(self, space: float) -> tuple[Block, Block] | None:
        size = _SIZES[self.style]
        lines = int((space - 2) / (size * _LINE))
        if lines < 3 or lines >= text_lines(self.text, BODY_WIDTH, size):
            return None
        first, *others = cut_text(self.text, BODY_WIDTH, size, lines)
        return replace(self, text=first), replace(self, text="".join(others))


@dataclass(frozen=True)
class Bullets(Block):
    """Sentences one below the other."""

    items: tuple[str, ...]
    size: int = 20
    template = "bullets"

    def _height(self, item: str) -> float:
        return text_height(item, BODY_WIDTH - 34, self.size) + 8

    @property
    def height(self) -> float:
        return sum(map(self._height, self.items))

    def split(self, space: float) -> tuple[Block, Block] | None:
        lines = max(1, int((BODY_HEIGHT - 8) / (self.size * _LINE)) - 1)
        items = [piece for item in self.items for piece in cut_text(item, BODY_WIDTH - 34, self.size, lines)]
        count = _fitting(map(self._height, items), space)
        if not count or count >= len(items):
            return None
        return replace(self, items=tuple(items[:count])), replace(self, items=tuple(items[count:]))


@dataclass(frozen=True)
class Facts(Block):
    """Names with values, in columns."""

    items: tuple[tuple[str, str], ...]
    columns: int = 2
    size: int = 18
    template = "facts"

    @property
    def _width(self) -> float:
        return (BODY_WIDTH - (self.columns - 1) * 18) / self.columns - 24

    def _rows(self) -> list[tuple[tuple[str, str], ...]]:
        return [self.items[place : place + self.columns] for place in range(0, len(self.items), self.columns)]

    def _row(self, row: Iterable[tuple[str, str]]) -> float:
        return max(text_height(f"{name}：{value}", self._width, self.size) for name, value in row) + 13

    @property
    def height(self) -> float:
        return sum(map(self._row, self._rows()))

    def split(self, space: float) -> tuple[Block, Block] | None:
        whole = replace(self, items=tuple(self._whole_items()))
        count = _fitting(map(whole._row, whole._rows()), space) * self.columns
        if not count or count >= len(whole.items):
            return None
        return replace(self, items=whole.items[:count]), replace(self, items=whole.items[count:])

    def _whole_items(self) -> Iterator[tuple[str, str]]:
        """Yield the items, those higher than a slide cut into several."""
        for name, value in self.items:
            if self._row([(name, value)]) <= BODY_HEIGHT:
                yield name, value
                continue
            taken = text_lines(f"{name}：", self._width, self.size)
            lines = int((BODY_HEIGHT - 13) / (self.size * _LINE)) - taken - 1
            yield from ((name, piece) for piece in cut_text(value, self._width, self.size, max(lines, 1)))


@dataclass(frozen=True)
class Table(Block):
    """A table; `widths` are shares of the body's width. Rows stay whole unless one alone is higher than a slide."""

    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    size: int = 18
    style: str = ""
    template = "table"

    @property
    def pad(self) -> int:
        """What a row is higher than its text."""
        return 7 if self.style == "dense" else _PAD_Y

    @property
    def pixels(self) -> list[float]:
        """Widths of the columns."""
        return [BODY_WIDTH * width / sum(self.widths) for width in self.widths]

    @property
    def _head(self) -> float:
        return max(text_height(head, width - _PAD_X, self.size) for head, width in
                   zip(self.heads, self.pixels, strict=True)) + self.pad  # fmt: skip

    def _row(self, row: Sequence[Cell]) -> float:
        heights = [
            text_height(cell, width - _PAD_X, self.size)
            if isinstance(cell, str)
            else text_height(cell.text, width - _PAD_X - 22, self.size) + 6
            for cell, width in zip(row, self.pixels, strict=True)
        ]
        return max(heights) + self.pad

    @property
    def height(self) -> float:
        return self._head + sum(map(self._row, self.rows)) + 4

    def _whole_rows(self) -> list[tuple[Cell, ...]]:
        """Return the rows, those higher than a slide cut into several."""
        most = int((BODY_HEIGHT - self._head - self.pad - 8) / (self.size * _LINE))
        rows: list[tuple[Cell, ...]] = []
        for row in self.rows:
            if self._row(row) + self._head + 4 <= BODY_HEIGHT:
                rows.append(row)
                continue
            columns: list[list[Cell]] = [
                list(cut_text(cell, width - _PAD_X, self.size, most)) if isinstance(cell, str) else [cell]
                for cell, width in zip(row, self.pixels, strict=True)
            ]
            deepest = max(map(len, columns))
            rows += list(zip(*[[*column, *[""] * (deepest - len(column))] for column in columns], strict=True))
        return rows

    def split(self, space: float) -> tuple[Block, Block] | None:
        rows = self._whole_rows()
        count = _fitting(map(self._row, rows), space - self._head - 4)
        if not count or count >= len(rows):
            return None
        return replace(self, rows=tuple(rows[:count])), replace(self, rows=tuple(rows[count:]))


@dataclass(frozen=True)
class Picture(Block):
    """An SVG of the kit's own making, safe as it is; `tall` is its height."""

    svg: str
    tall: float
    template = "picture"

    @property
    def height(self) -> float:
        return self.tall


@dataclass(frozen=True)
class Matrix(Block):
    """A risk matrix: rows from the highest likelihood down; `at` marks a cell."""

    row_title: str
    column_title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Chip, ...]], ...]
    at: tuple[int, int] | None = None
    row_height: float = 60
    template = "matrix"

    @property
    def height(self) -> float:
        return self.row_height * (len(self.rows) + 1) + 34


@dataclass(frozen=True)
class Band:
    """One value of an indicator with its score; `shade` 0 to 1 by the place of the score among the others."""

    text: str
    score: str
    shade: float


@dataclass(frozen=True)
class Indicator(Block):
    """How one indicator gets its score."""

    label: str
    facts: str
    reads: str = ""
    bands: tuple[Band, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    template = "indicator"

    LEFT, RIGHT = 290, BODY_WIDTH - 290 - 24 - 20

    @property
    def _left(self) -> float:
        return text_height(self.label, self.LEFT, 20) + (text_height(self.facts, self.LEFT, 16) if self.facts else 0)

    @property
    def _top(self) -> float:
        """Height of what stands above the lines at the right."""
        height = text_height(self.reads, self.RIGHT, 16) if self.reads else 0.0
        if self.bands:
            width = self.RIGHT / len(self.bands) - 14
            height += max(text_height(band.text, width, 17) for band in self.bands) + 24.2 + 13
        return height

    def _line(self, line: str) -> float:
        return text_height(line, self.RIGHT, 18) + 4

    def _note(self, note: str) -> float:
        return text_height(note, self.RIGHT, 16) + 3

    @property
    def height(self) -> float:
        right = self._top + sum(map(self._line, self.lines)) + sum(map(self._note, self.notes))
        return max(self._left, right) + 18

    def split(self, space: float) -> tuple[Block, Block] | None:
        if self.height <= BODY_HEIGHT or max(self._left, self._top) + 18 > space:
            return None
        # Too much for any slide: what does not fit goes on with the same label on the next.
        most = int((BODY_HEIGHT / 2) / (18 * _LINE))
        lines = [piece for line in self.lines for piece in cut_text(line, self.RIGHT, 18, most)]
        notes = [piece for note in self.notes for piece in cut_text(note, self.RIGHT, 16, most)]
        room = space - 18 - self._top
        fit = _fitting(map(self._line, lines), room)
        room -= sum(map(self._line, lines[:fit]))
        others = _fitting(map(self._note, notes), room) if fit == len(lines) else 0
        if not (self.bands or fit or others) or (fit == len(lines) and others == len(notes)):
            return None
        first = replace(self, lines=tuple(lines[:fit]), notes=tuple(notes[:others]))
        return first, replace(self, reads="", bands=(), lines=tuple(lines[fit:]), notes=tuple(notes[others:]))


@dataclass(frozen=True)
class Answer(Block):
    """What is shown only when the reader asks for it."""

    title: str
    chip: Chip
    text: str
    template = "answer"

    @property
    def height(self) -> float:
        return max(48.0, text_height(self.text, BODY_WIDTH - 420, 19) + 22)


def _fitting(heights: Iterable[float], space: float) -> int:
    """Return how many of the heights fit one below the other into `space`."""
    count, used = 0, 0.0
    for height in heights:
        used += height
        if used > space + 0.01:
            break
        count += 1
    return count
