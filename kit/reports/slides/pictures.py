"""Pictures of a standard as SVG: the way from the form to the control of the risk, and the score tree with weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kit.reports.display import escape
from kit.reports.slides.blocks import BODY_HEIGHT, BODY_WIDTH, Picture, text_width
from kit.reports.slides.words import in_words, kind_words, name_of, text, weight_words
from kit.scoring.wording import plain_number
from kit.standard.nodes.formula import Formula
from kit.standard.nodes.points import Points
from kit.standard.standard import Standard
from kit.standard.terms import references
from kit.standard.tree import Node

_INK, _MUTED, _LINE, _ACCENT = "#1C2B3A", "#46535F", "#7C8B99", "#1F3A5F"
# A picture with more lines than this is hard to read from the back of a room.
MOST_LEAVES = 12
# A group of items is drawn as one box where the whole tree would need more than two pictures.
MOST_PICTURES = 2


def svg_lines(words: str, width: float, size: float, most: int) -> list[str]:
    """Return the words in at most `most` lines of `width`; what is left out is marked with an ellipsis.

    Examples
    --------
    >>> svg_lines("平均车龄和里程", 64, 20, 2)
    ['平均车', '龄和…']
    """
    lines: list[str] = []
    first, _, rest = words.partition("\n")
    while first:
        place = len(first)
        while place > 1 and text_width(first[:place], size) > width:
            place -= 1
        # A line ends behind a mark where there is one near, and none begins with one.
        near = max(first.rfind(mark, place - 4, place - 1) for mark in "、，；")
        if place < len(first) and near > 0:
            place = near + 1
        while 1 < place < len(first) and first[place] in "、，。；：）”":
            place -= 1
        lines.append(first[:place])
        first = first[place:].lstrip()
        if not first:
            first, _, rest = rest.partition("\n")
        if len(lines) == most and first:
            lines[-1] = lines[-1][:-1] + "…"
            break
    return lines


def _words(
    x: float, y: float, said: str, size: int, *, colour: str = _INK, bold: bool = False, middle: bool = True
) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{anchor}{weight}>{escape(said)}</text>'
    )  # fmt: skip


def _svg(height: float, inner: Sequence[str], label: str) -> Picture:
    markup = (
        f'<svg viewBox="0 0 {BODY_WIDTH} {height:.0f}" width="{BODY_WIDTH}" height="{height:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(inner)}</svg>'
    )
    return Picture(markup, height)


def flow_picture(steps: Sequence[tuple[str, str]], label: str) -> Picture:
    """Return boxes in a row with arrows between: heading and note of each step."""
    gap = 26
    width = (BODY_WIDTH - gap * (len(steps) - 1)) / len(steps)
    heads = [svg_lines(head, width - 12, 20, 3) for head, _ in steps]
    notes = [svg_lines(note, width - 14, 16, 5) for _, note in steps]
    height = 30 + max(map(len, heads)) * 26 + max(map(len, notes)) * 22 + 14
    parts = []
    for place, (head, note) in enumerate(zip(heads, notes, strict=True)):
        left = place * (width + gap)
        parts.append(
            f'<rect x="{left + 1:.1f}" y="1" width="{width - 2:.1f}" height="{height - 2:.0f}" rx="6" '
            f'fill="#F3F6F9" stroke="{_ACCENT}" stroke-width="1.5"/>'
        )
        centre = left + width / 2
        parts += [_words(centre, 34 + line * 26, said, 20, colour=_ACCENT, bold=True) for line, said in enumerate(head)]
        top = 34 + max(map(len, heads)) * 26 + 4
        parts += [_words(centre, top + line * 22, said, 16, colour=_MUTED) for line, said in enumerate(note)]
        if place:
            x, y = left - gap, height / 2
            parts.append(
                f'<path d="M{x + 3:.1f} {y:.1f}h{gap - 12}m-7 -6l8 6l-8 6" fill="none" stroke="{_ACCENT}" '
                'stroke-width="2"/>'
            )
    return _svg(height, parts, label)


@dataclass
class Branch:
    """A box of the tree."""

    title: str
    note: str
    weight: str
    below: list[Branch]

    @property
    def leaves(self) -> int:
        return sum(branch.leaves for branch in self.below) or 1

    @property
    def depth(self) -> int:
        return 1 + max((branch.depth for branch in self.below), default=0)


def branches(standard: Standard) -> list[Branch]:
    """Return the score tree as boxes; groups of items become one box where the whole would be too much.

    A score that the formula of another one reads stands below that one.
    """
    roots = standard.document.scores
    used = {
        name: [other for other in roots if f"score:{other}" in _read(standard, node)] for name, node in roots.items()
    }
    lower = {other for others in used.values() for other in others}

    def whole(name: str, grouped: bool) -> Branch:
        made = _branch(standard, name, roots[name], grouped=grouped)
        made.below = made.below + [whole(other, grouped) for other in used[name]]
        return made

    made = [whole(name, False) for name in roots if name not in lower]
    if sum(branch.leaves for branch in made) > MOST_LEAVES * MOST_PICTURES:
        made = [whole(name, True) for name in roots if name not in lower]
    return made


def _read(standard: Standard, node: Node) -> set[str]:
    """Return the names that the formulas of a node and of those below it read."""
    found = {name for _, source, _ in node.kind.formulas() for name in references(standard.names.parse(source))}
    return found.union(*(_read(standard, child) for child in node.below().values()))


def _branch(standard: Standard, path: str, node: Node, *, grouped: bool = False) -> Branch:
    told = text()["tree"]
    below = node.below()
    note = kind_words(node)
    if isinstance(node.kind, Formula):
        note = in_words(standard, node.kind.root)
    flat = grouped and bool(below) and not any(child.below() for child in below.values())
    if flat:
        if isinstance(node.kind, Points):
            full = sum(child.full or 0 for child in below.values())
            note = told["grouped"].format(n=len(below), full=plain_number(full))
        else:
            note = f"{note}，{told['grouped_plain'].format(n=len(below))}"
    children = []
    if not flat:
        children = [_branch(standard, f"{path}.{name}", child, grouped=grouped) for name, child in below.items()]
    title = f"{node.clause} {name_of(standard, path)}" if node.clause else name_of(standard, path)
    return Branch(title, note, weight_words(node), children)


def _pruned(branch: Branch, first: int, last: int) -> Branch | None:
    """Return the branch with only the leaves from `first` on and before `last`, counted from its own first."""
    if not branch.below:
        return branch if first <= 0 < last else None
    kept, place = [], 0
    for child in branch.below:
        found = _pruned(child, first - place, last - place)
        kept += [found] if found else []
        place += child.leaves
    return Branch(branch.title, branch.note, branch.weight, kept) if kept else None


def tree_pictures(standard: Standard, height: float = BODY_HEIGHT - 48) -> list[Picture]:
    """Return the score tree in as many pictures as it needs, roots at the left, indicators at the right."""
    roots = branches(standard)
    total = sum(root.leaves for root in roots)
    pages = -(-total // MOST_LEAVES)
    each = -(-total // pages)
    pictures = []
    for page in range(pages):
        kept, place = [], 0
        for root in roots:
            found = _pruned(root, page * each - place, (page + 1) * each - place)
            kept += [found] if found else []
            place += root.leaves
        pictures.append(_tree_picture(kept, height))
    return pictures


def _tree_picture(roots: Sequence[Branch], height: float) -> Picture:
    leaves = sum(root.leaves for root in roots)
    depth = max(root.depth for root in roots)
    row = min(64.0, height / leaves)
    step = min(BODY_WIDTH / depth, 480 if depth > 1 else 760)
    # Boxes are narrower than their column: the lines between need room.
    width = step - 46 if depth > 1 else step - 10
    indent = (BODY_WIDTH - step * depth + (46 if depth > 1 else 10)) / 2
    parts: list[str] = []

    def draw(branch: Branch, level: int, top: float) -> float:
        """Draw the branch with its first leaf at `top`; return the middle of its box."""
        x = indent + level * step
        place, middles = top, []
        for child in branch.below:
            middles.append(draw(child, level + 1, place))
            place += child.leaves * row
        middle = (middles[0] + middles[-1]) / 2 if middles else top + row / 2
        for other in middles:
            right = x + width
            parts.append(
                f'<path d="M{right:.1f} {middle:.1f}h18V{other:.1f}h28" fill="none" stroke="{_LINE}" '
                'stroke-width="1.5"/>'
            )
        parts.extend(_box(branch, x, middle, width, min(row - 6, 58)))
        return middle

    top = 0.0
    for root in roots:
        draw(root, 0, top)
        top += root.leaves * row
    return _svg(leaves * row, parts, text()["sections"]["tree"])


def _box(branch: Branch, x: float, middle: float, width: float, height: float) -> list[str]:
    fill = "#EAF0F5" if branch.below else "#FFFFFF"
    parts = [
        f'<rect x="{x:.1f}" y="{middle - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" '
        f'fill="{fill}" stroke="{_ACCENT}" stroke-width="1.2"/>'
    ]
    note = "　".join(part for part in (branch.weight, branch.note) if part)
    if height >= 45:
        (title,) = svg_lines(branch.title, width - 16, 18, 1)
        (below,) = svg_lines(note, width - 12, 16, 1)
        parts.append(_words(x + width / 2, middle - 3, title, 18, bold=True))
        parts.append(_words(x + width / 2, middle + 17, below, 16, colour=_MUTED))
        return parts
    # A low box has room for one line: the weight at the right is never cut, the title may be.
    taken = text_width(note, 16) + 12
    (title,) = svg_lines(branch.title, max(width - taken - 16, 40), 17, 1)
    parts.append(_words(x + 9, middle + 6, title, 17, bold=True, middle=False))
    parts.append(
        f'<text x="{x + width - 8:.1f}" y="{middle + 6:.1f}" font-size="16" fill="{_MUTED}" text-anchor="end">'
        f"{escape(note)}</text>"
    )
    return parts
