"""Annex B, the indicators: what each value scores, a table for each group of the tree."""

from __future__ import annotations

from collections.abc import Sequence

from kit.reports.blocks import Block, Cell, Display, Inline, Run, Runs, Table, runs
from kit.reports.formula_tree import Fence, Figure, Fraction, Part, Sign, Words, equation, row
from kit.reports.standard_text.draft import Draft, cell, head
from kit.reports.standard_text.formulas import SERIES, name_part
from kit.reports.standard_text.phrases import phrase, said
from kit.scoring.rows import rows_of
from kit.scoring.wording import plain_number, value_words, words
from kit.standard.cells import Cell as Asked
from kit.standard.cells import is_any, number_limits
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.deduct import Deduct, Deduction
from kit.standard.nodes.map import Map
from kit.standard.nodes.normalise import Normalise
from kit.standard.nodes.table import Table as DecisionTable
from kit.standard.tree import Node

LISTED = (Bands, Map, Deduct)


def groups(draft: Draft) -> list[tuple[str, list[str]]]:
    """Return the groups of listed indicators: the path of their branch (empty for none), and theirs, in file order."""
    found: dict[str, list[str]] = {}
    for path in tree_order(draft):
        if isinstance(draft.standard.nodes[path].kind, LISTED):
            found.setdefault(path.rpartition(".")[0], []).append(path)
    return list(found.items())


def tree_order(draft: Draft) -> list[str]:
    """Return the paths of all nodes, parents before children, in the order of the file."""
    made: list[str] = []

    def visit(path: str, node: Node) -> None:
        made.append(path)
        for name, child in node.below().items():
            visit(f"{path}.{name}", child)

    for name, node in draft.standard.document.scores.items():
        visit(name, node)
    return made


def indicator_table(draft: Draft, branch: str, paths: Sequence[str]) -> Table:
    """Return the table of a group: clause, indicator, weight or full points, values and what they score."""
    for path in paths:
        draft.labels[f"node:{path}"] = ""
    label, anchor = draft.table(f"group:{branch}", SERIES)
    nodes = [draft.standard.nodes[path] for path in paths]
    for path in paths:
        draft.labels[f"node:{path}"] = label
    share = ""
    if any(node.weight is not None for node in nodes):
        share = phrase("scores.weight_head")
    elif any(node.full is not None for node in nodes):
        share = phrase("scores.full_head")
    body: list[tuple[Cell, ...]] = []
    for path, node in zip(paths, nodes, strict=True):
        lines = _lines(draft, node)
        given = node.weight if node.weight is not None else node.full
        first = [
            cell(draft.to_clause(node.clause) if node.clause else "", rows=len(lines), align="center"),
            Cell(_indicator(draft, path, node), rows=len(lines)),
        ]
        if share:
            first.append(cell(plain_number(given) if given is not None else "", rows=len(lines), align="center"))
        for place, (asked, score) in enumerate(lines):
            line = (cell(asked), cell(score, align="center"))
            body.append((*first, *line) if place == 0 else line)
    titles = [title.replace("{share}", share) for title in phrase("scores.head" if share else "scores.head_plain")]
    has_bands = any(isinstance(node.kind, Bands) for node in nodes)
    caption = said("scores.caption", label=draft.label(branch or paths[0]))
    widths = (1.1, 3.3, 0.9, 4.2, 1.3) if share else (1.1, 3.6, 4.6, 1.3)
    return Table(widths, (head(*titles),), tuple(body), caption, label, anchor,
                 runs(phrase("scores.note")) if has_bands else ())  # fmt: skip


def _indicator(draft: Draft, path: str, node: Node) -> Runs:
    """Return the indicator's label, and below it what it is read from where that has another name."""
    label = draft.label(path)
    pieces: list[Inline] = [Run(label)]
    kind = node.kind
    if isinstance(kind, Bands | Map):
        read = words(draft.standard, kind.of).removesuffix("为是")
        unit = draft.in_unit(kind.of)
        if read == label:
            pieces.append(Run(unit))
        else:
            pieces.append(Run(said("scores.read", of=read + (f"，{draft.unit(kind.of)}" if unit else ""))))
    return tuple(piece for piece in pieces if not isinstance(piece, Run) or piece.text)


def _lines(draft: Draft, node: Node) -> list[tuple[str, str]]:
    kind = node.kind
    if isinstance(kind, Deduct):
        return [(_deduction(draft, entry), said("scores.deducted", points=plain_number(entry.points)))
                for entry in kind.root]  # fmt: skip
    rows = rows_of(draft.standard, node)
    if isinstance(kind, Bands):
        return [(interval(one.lower, one.upper), plain_number(one.score or 0)) for one in rows]
    return [(one.text_zh, plain_number(one.score or 0)) for one in rows]


def _deduction(draft: Draft, entry: Deduction) -> str:
    if entry.when is not None:
        return words(draft.standard, entry.when)
    counted = words(draft.standard, entry.each or "")
    return said("scores.each", label=counted, unit=draft.unit(entry.each or "") or "个")


def interval(lower: float | None, upper: float | None) -> str:
    """Return a band as an inequality of x, the lower end belonging to it.

    Examples
    --------
    >>> interval(None, 2), interval(2, 4), interval(8, None)
    ('x＜2', '2≤x＜4', 'x≥8')
    """
    if lower is None:
        return f"x＜{plain_number(upper or 0)}"
    if upper is None:
        return f"x≥{plain_number(lower)}"
    return f"{plain_number(lower)}≤x＜{plain_number(upper)}"


# -- decision tables ---------------------------------------------------------------------------------


def decision_table(
    draft: Draft,
    key: str,
    caption: str,
    inputs: Sequence[str],
    rows: Sequence[tuple[Sequence[Asked], Cell, str]],
    last: Cell | None,
    result: str,
    hit: str,
) -> Table:
    """Return a decision table: a column for each input, then the result; `rows` are cells, result and note."""
    label, anchor = draft.table(key, SERIES)
    titles = [words(draft.standard, source).removesuffix("为是") + draft.in_unit(source) for source in inputs]
    noted = any(note for _, _, note in rows)
    body = []
    for cells, given, note in rows:
        asked = [cell(cell_words(draft, source, one), align="center") for source, one in zip(inputs, cells, strict=True)]
        body.append((*asked, given, *([cell(note)] if noted else [])))
    if last is not None:
        body.append((cell(phrase("scores.otherwise"), columns=len(inputs), align="center"), last,
                     *([Cell()] if noted else [])))  # fmt: skip
    widths = (*(2.0 for _ in inputs), 1.4, *([2.4] if noted else []))
    heads = head(*titles, result, *([phrase("level.scale_head")[2]] if noted else []))
    return Table(widths, (heads,), tuple(body), caption, label, anchor, runs(phrase(f"scores.decision.{hit}")))


def cell_words(draft: Draft, source: str, asked: Asked) -> str:
    """Return what a cell of a decision table asks for: 不限, 是, a category, or an inequality of x."""
    if is_any(asked):
        return str(phrase("scores.any"))
    if isinstance(asked, list):
        return "、".join(cell_words(draft, source, one) for one in asked)
    spec = draft.standard.fields.get(source.strip())
    if isinstance(asked, bool) or (spec is not None and spec.values):
        return value_words(draft.standard, source.strip(), asked)
    low, high, low_in, high_in = number_limits(asked)
    if low == high:
        return plain_number(low)
    left = "" if low == float("-inf") else f"{plain_number(low)}{'≤' if low_in else '＜'}"
    if high == float("inf"):
        return f"x{'≥' if low_in else '＞'}{plain_number(low)}"
    return f"{left}x{'≤' if high_in else '＜'}{plain_number(high)}"


def node_decision_table(draft: Draft, path: str, kind: DecisionTable) -> Table:
    """Return the decision table of an indicator."""
    rows = [(row.when, cell(plain_number(row.score), align="center"), row.note.zh if row.note else "")
            for row in kind.rows]  # fmt: skip
    none = phrase("scores.no_score") if kind.otherwise == "none" else plain_number(float(kind.otherwise))
    caption = said("scores.decision.caption", label=draft.label(path))
    return decision_table(draft, f"node:{path}", caption, kind.inputs, rows, cell(none, align="center"),
                          phrase("scores.score"), kind.hit)  # fmt: skip


# -- normalised values -------------------------------------------------------------------------------


def normalise_blocks(draft: Draft, path: str, kind: Normalise) -> list[Block]:
    """Return the formula of a normalised value."""
    number, anchor = draft.formula(f"node:{path}", SERIES)
    value = _normalised(draft, kind)
    if kind.to is not None:
        low, high = (Figure(plain_number(end)) for end in kind.to)
        value = row(low, "+", Fence(row(high, "−", low)), "×", value)
    return [Display(equation(name_part(draft.label(path)), value), number, anchor)]


def _normalised(draft: Draft, kind: Normalise) -> Part:
    x: Part = Words(words(draft.standard, kind.of))

    def scaled(part: Part) -> Part:
        return row(Words("ln"), Fence(part)) if kind.log else part

    down = kind.direction == "down"
    if kind.min_max is not None or kind.distance_to_target is not None:
        if kind.distance_to_target is not None:
            ends = [kind.distance_to_target.start, kind.distance_to_target.target]
        else:
            assert kind.min_max is not None
            ends = list(kind.min_max.goalposts or ())
        figures: list[Part] = [Figure(plain_number(end)) for end in ends]
        low, high = figures or [Words("最小值"), Words("最大值")]
        top = row(scaled(high), "−", scaled(x)) if down else row(scaled(x), "−", scaled(low))
        return Fraction(top, row(scaled(high), "−", scaled(low)))
    if kind.z_score is not None:
        about = kind.z_score.about
        mean, spread = (Figure(plain_number(end)) for end in about) if about else (Words("平均值"), Words("标准差"))
        score = Fraction(row(scaled(x), "−", scaled(mean) if about is None else mean), spread)
        return row("−", score) if down else score
    what = "名次" if kind.rank is not None else "百分位"
    return row(Words(f"{words(draft.standard, kind.of)}的{what}"), *([Sign("（自高到低）")] if down else []))


def normalise_words(kind: Normalise) -> str:
    """Return how a value is normalised, as sentences."""
    key = kind.method
    if kind.min_max is not None and kind.min_max.goalposts is not None:
        key = "goalposts"
    among = getattr(kind.percentile_rank or kind.rank, "among", None)
    if among is not None:
        key = "rank_among" if kind.rank is not None else "percentile_among"
    parts = [phrase(f"scores.normalised.{key}")]
    if among is not None:
        parts.append(said("scores.normalised.among", values="、".join(plain_number(value) for value in among)))
    if kind.percentile_rank is not None:
        parts.append(phrase("scores.normalised.definition")[kind.percentile_rank.definition])
    if kind.rank is not None:
        parts.append(phrase("scores.normalised.ties")[kind.rank.ties])
    if kind.z_score is not None and kind.z_score.about is None:
        parts.append(phrase("scores.normalised.deviation")[kind.z_score.deviation])
    if kind.log:
        parts.append(phrase("scores.normalised.log"))
    if kind.direction == "down" and kind.rank is None:
        parts.append(phrase("scores.normalised.down"))
    outside = (kind.min_max or kind.distance_to_target)
    if outside is not None and outside.outside == "clamp":
        parts.append(phrase("scores.normalised.clamp"))
    if kind.to is not None:
        parts.append(said("scores.normalised.to", low=plain_number(kind.to[0]), high=plain_number(kind.to[1])) + "。")
    if kind.relative:
        parts.append(phrase("scores.normalised.relative"))
    return "".join(parts)
