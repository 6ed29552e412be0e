"""Blocks on slides: as many slides as they need, none fuller than its box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kit.reports.slides.blocks import BODY_HEIGHT, GAP, Block, Bullets, Facts, Table, Text, text_width


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes
    ----------
    section : key of the section it belongs to; `title` : its heading.
    style : `cover` for the first.
    """

    section: str
    title: str
    blocks: tuple[Block, ...] = field(default=())
    style: str = ""

    @property
    def heading(self) -> str:
        """Heading as it is set: two lines at most."""
        return self.title if len(self.title) <= 80 else self.title[:79] + "…"

    @property
    def long(self) -> bool:
        """Whether the heading needs smaller letters."""
        return text_width(self.heading, 31) > 850


def flow(section: str, title: str, blocks: Sequence[Block], continued: str) -> Iterator[Slide]:
    """Yield as many slides as the blocks need, none fuller than its box.

    Letters are set larger where that needs no more slides, and the slides are filled alike.

    Parameters
    ----------
    continued : heading where there are several slides, with `{title}`, `{page}` and `{pages}`.
    """
    pages = _filled(blocks, BODY_HEIGHT)
    for more in (6, 4, 2):
        larger = _filled([_larger(block, more) for block in blocks], BODY_HEIGHT)
        if len(larger) <= len(pages):
            pages, blocks = larger, [_larger(block, more) for block in blocks]
            break
    if len(pages) > 1:
        for limit in range(BODY_HEIGHT - 20, BODY_HEIGHT // 3, -20):
            even = _filled(blocks, limit)
            if len(even) > len(pages) or any(_used(page) > BODY_HEIGHT for page in even):
                break
            pages = even
    for place, page in enumerate(pages, start=1):
        shown = title if len(pages) == 1 else continued.format(title=title, page=place, pages=len(pages))
        yield Slide(section, shown, tuple(page))


def _used(page: Sequence[Block]) -> float:
    return sum(block.height for block in page) + GAP * (len(page) - 1)


def _larger(block: Block, more: int) -> Block:
    """Return the block set in larger letters, as far as it is made of lines and they stay below 26 pixels."""
    if isinstance(block, Table | Facts | Bullets):
        return replace(block, size=max(block.size, min(block.size + more, 26)))
    return block


def _filled(blocks: Sequence[Block], limit: float) -> list[list[Block]]:
    """Return the blocks on pages of at most `limit` in height, as long as they can be divided so."""
    pages: list[list[Block]] = [[]]
    space = float(limit)
    queue = list(blocks)
    while queue:
        block = queue.pop(0)
        if block.height <= space and not (pages[-1] and _lonely(block, queue, space)):
            pages[-1].append(block)
            space -= block.height + GAP
            continue
        parts = None if _heads(block) else block.split(space)
        if parts is not None and parts[0].height <= space:
            pages[-1].append(parts[0])
            queue.insert(0, parts[1])
        elif pages[-1]:
            queue.insert(0, block)
        else:
            # Nothing can be divided any more: one line of text is lower than a slide, so this is a picture.
            pages[-1].append(block)
        pages.append([])
        space = float(limit)
    return [page for page in pages if page]


def _heads(block: Block) -> bool:
    return isinstance(block, Text) and block.style in ("lead", "head", "under")


def _lonely(block: Block, queue: Sequence[Block], space: float) -> bool:
    """Whether a heading would stand at the foot of a slide with nothing of what it heads."""
    if not _heads(block) or not queue:
        return False
    left = space - block.height - GAP
    if _heads(queue[0]):
        return queue[0].height > left or _lonely(queue[0], queue[1:], left)
    return queue[0].height > left and queue[0].split(left) is None
