"""What the rules of a standard say, as sentences: an indicator, a branch, an override, a level."""

from __future__ import annotations

from kit.reports.blocks import Block, Cell, Inline, Item, Items, Note, Paragraph, Run, Runs, Table, runs
from kit.reports.standard_text.draft import Draft, cell, head, joined, own_place, provenance_words, share_words
from kit.reports.standard_text.indicators import LISTED, normalise_words
from kit.reports.standard_text.phrases import option, phrase, said, say
from kit.scoring.wording import plain_number, words
from kit.standard.document import Override
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.deduct import Deduct
from kit.standard.nodes.map import Map
from kit.standard.nodes.means import GeneralisedMean
from kit.standard.nodes.normalise import Normalise
from kit.standard.nodes.points import Points
from kit.standard.prose import owner_clause
from kit.standard.tree import MissingValue, Node, Rounding


def node_blocks(draft: Draft, path: str) -> list[Block]:
    """Return what a node says: how it is scored, when it applies, what a missing value does, and its note."""
    node = draft.standard.nodes[path]
    pieces: list[Inline] = [*(_branch(draft, path, node) if node.kind.is_branch else _leaf(draft, path, node))]
    if node.applies_when is not None:
        pieces += say("scores.applies", condition=words(draft.standard, node.applies_when))
    if isinstance(node.missing, MissingValue):
        pieces += say("scores.missing.value", value=plain_number(node.missing.value))
    elif node.missing != "error":
        pieces += say(f"scores.missing.{node.missing}")
    if node.enough is not None:
        if node.enough.count is not None:
            pieces += say("scores.enough.count", count=str(node.enough.count))
        else:
            pieces += say("scores.enough.share", share=plain_number(node.enough.share or 0))
    if node.round is not None:
        pieces.append(Run(rounding_words("结果", node.round)))
    blocks: list[Block] = [Paragraph(tuple(pieces))]
    note = (node.note.zh.rstrip("。") + "。" if node.note else "") + provenance_words(node.provenance)
    if note:
        blocks.append(Note(runs(note)))
    return blocks


def _leaf(draft: Draft, path: str, node: Node) -> Runs:
    kind = node.kind
    label = draft.label(path)
    share = share_words(node)
    reference = draft.to(f"node:{path}")
    if isinstance(kind, Deduct):
        full = plain_number(node.full or 0)
        return (*say("scores.deduct", label=label, full=full, table=reference), Run("。"))
    if isinstance(kind, Normalise):
        text = say("scores.normalise", label=label, formula=reference, read="")
        return (*text, Run(f"{share}。{normalise_words(kind)}"))
    if kind.key == "formula":
        return (*say("scores.formula", label=label, formula=reference), Run(f"{share}。"))
    read = ""
    if isinstance(kind, Bands | Map):
        source = words(draft.standard, kind.of).removesuffix("为是")
        read = "" if source == label else said("scores.read", of=source)
    return (*say(f"scores.{kind.key}", label=label, table=reference, read=read), Run(f"{share}。"))


def _branch(draft: Draft, path: str, node: Node) -> Runs:
    kind = node.kind
    key = kind.key
    more = {}
    if isinstance(kind, Points) and kind.scale_to is not None:
        key, more = "points_scaled", {"scale": plain_number(kind.scale_to)}
    if isinstance(kind, GeneralisedMean):
        more = {"power": plain_number(kind.power)}
    return say(f"scores.{key}", label=draft.label(path), items=_items(draft, path, node),
               formula=draft.to(f"node:{path}"), share=share_words(node), **more)  # fmt: skip


def _items(draft: Draft, path: str, node: Node) -> Runs:
    """Return the nodes below: 5.2.1至5.2.4各项 where each has its clause there, else label, clause and weight."""
    below = list(node.below().items())
    clauses = [child.clause or "" for _, child in below]
    own = [own_place(clause) for clause in clauses]
    listed = all(isinstance(child.kind, LISTED) for _, child in below)
    prefix = (node.clause or "") + "."
    inside = all(place and clause == place and clause.startswith(prefix) for place, clause in zip(own, clauses, strict=True))
    if inside and (listed or len(below) > 3) and len(below) > 1 and node.clause:
        return say("scores.items_range", first=draft.to_clause(clauses[0]), last=draft.to_clause(clauses[-1]))
    parts: list[Runs] = []
    for (name, child), clause in zip(below, clauses, strict=True):
        label = draft.label(f"{path}.{name}")
        weight = share_words(child)
        if clause:
            parts.append(say("scores.item", label=label, clause=draft.to_clause(clause), weight=weight))
        else:
            parts.append(say("scores.item_plain", label=label, weight=f"（{weight[1:]}）" if weight else ""))
    return joined(parts, "、")


def rounding_words(label: str, rounding: Rounding) -> str:
    """Return a declared rounding as a sentence."""
    whole = phrase("rounding.whole") if rounding.digits == 0 else ""
    mode = phrase("rounding.modes")[rounding.mode]
    return said("rounding.node", label=label, mode=mode, digits=str(rounding.digits), whole=whole)


# -- overrides ---------------------------------------------------------------------------------------


def override_blocks(draft: Draft, overrides: list[Override], *, foreign: bool = False) -> list[Block]:
    """Return the overrides of one clause as a list, in the order in which they apply."""
    items = []
    for place, override in enumerate(overrides):
        letter = override.clause.removeprefix(owner_clause(override.clause)) or _letter(place)
        text = said("level.override", reason=override.reason.zh, condition=words(draft.standard, override.when),
                    effect=effect_words(draft, override))  # fmt: skip
        if foreign:
            text = f"（{override.clause}）{text}"
        below: list[Runs] = []
        basis = said("level.basis", basis=override.basis.rstrip("。") + "。") if override.basis else ""
        basis += phrase("level.later") if override.later else ""
        origin = (option("level.provenance", override.provenance) or "") if override.provenance else ""
        # Many a basis says already that it was written from memory.
        basis += "" if override.provenance == "memory" and "凭记忆" in basis else origin
        if basis:
            below.append(runs(basis))
        items.append(Item(f"{letter})", runs(text), tuple(below)))
    return [Paragraph(runs(phrase("level.overrides"))), Items(tuple(items))]


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else f"{chr(ord('a') + place // 26 - 1)}{chr(ord('a') + place % 26)}"


def effect_words(draft: Draft, override: Override) -> str:
    """Return what an override demands; a limit that only one level meets is that level."""
    scale = draft.standard.scale
    ends = {"at_least": scale.names[-1], "at_most": scale.names[0]}
    kind = "at_least" if override.at_least else "at_most" if override.at_most else "set"
    exact = kind == "set" or override.target == ends[kind]
    return said(f"level.effect.{'exact' if exact else kind}", level=draft.level(override.target))


# -- the level ---------------------------------------------------------------------------------------


def level_blocks(draft: Draft) -> list[Block]:
    """Return how scores become a level, and the table of the levels."""
    level = draft.standard.document.level
    scale = draft.standard.scale
    if level.scores_only:
        return [Paragraph(runs(phrase("level.scores_only")))]
    pieces: list[Inline] = []
    if level.matrix is not None:
        pieces += say("level.matrix", likelihood=draft.label(level.matrix.likelihood), table=draft.to("level"),
                      severity=draft.label(level.matrix.severity), scale=draft.scale)  # fmt: skip
    elif level.cuts is not None:
        pieces += say("level.cuts", scale=draft.scale, of=words(draft.standard, level.cuts.of), table=draft.to("level"))
    else:
        pieces += say("level.table", scale=draft.scale, table=draft.to("level"))
    if level.only_when is not None:
        pieces += say("level.only_when", condition=words(draft.standard, level.only_when.formula),
                      level=draft.level(level.only_when.otherwise))  # fmt: skip
    label, anchor = draft.table("scale", "")
    names = scale.names
    intro = say("level.scale", scale=draft.scale, count=str(len(names)), table=draft.to("scale"),
                first=draft.level(names[0]), last=draft.level(names[-1]))  # fmt: skip
    body = []
    for name in names:
        one = scale.levels[name]
        body.append((draft.level_cell(name), cell(one.colour_zh or "", align="center"), cell(one.note or "")))
    table = Table((1.6, 1.0, 4.0), (head(*phrase("level.scale_head")),), tuple(body),
                  said("level.scale_caption", scale=draft.scale), label, anchor)  # fmt: skip
    blocks: list[Block] = [Paragraph(tuple(pieces)), Paragraph(intro), table]
    if scale.source:
        blocks.append(Note(say("level.source", source=scale.source)))
    return blocks


def rollup_blocks(draft: Draft) -> list[Block]:
    """Return how the sources of a unit make its level; nothing where a row is no risk source."""
    document = draft.standard.document
    if document.object != "risk_source" or document.level.scores_only:
        return []
    rollup = document.rollup
    if rollup.how == "highest":
        return [Paragraph(runs(phrase("level.rollup.highest")))]
    weight = said("level.rollup.weight", weight=draft.label(rollup.weight)) if rollup.weight else phrase("level.rollup.alike")
    return [Paragraph(say("level.rollup.share_weighted", weight=weight))]


# -- controls, missing data, rounding ----------------------------------------------------------------


def control_blocks(draft: Draft) -> list[Block]:
    """Return the table of controls by level, the worst first; nothing where the standard has none."""
    controls = draft.standard.document.controls
    if not controls:
        return []
    label, anchor = draft.table("controls", "")
    names = [name for name in draft.standard.scale.names if name in controls]
    if draft.standard.scale.worst == "last":
        names.reverse()
    body = []
    for name in names:
        control = controls[name]
        owners = "、".join(draft.levels_of_control.get(owner, owner) for owner in control.owner)
        lines = [(title, getattr(control, kind)) for kind, title in phrase("controls.kinds").items()
                 if getattr(control, kind)] or [("", [])]  # fmt: skip
        count = len(lines)
        first = (
            _tall(draft.level_cell(name).runs, count),
            cell(owners, rows=count, align="center"),
            cell(said("controls.days", days=str(control.review_days)), rows=count, align="center"),
        )
        for place, (title, measures) in enumerate(lines):
            line = (cell(title, align="center"), cell("；".join(measures)))
            body.append((*first, *line) if place == 0 else line)
    table = Table((1.2, 2.0, 1.1, 0.9, 6.0), (head(*phrase("controls.head")),), tuple(body), phrase("controls.caption"),
                  label, anchor)  # fmt: skip
    return [Paragraph(say("controls.text", table=draft.to("controls"))), table]


def _tall(content: Runs, count: int) -> Cell:
    return cell(*content, rows=count, align="center")


def missing_blocks(draft: Draft) -> list[Block]:
    """Return what missing and wrong data do."""
    texts = list(phrase("missing.texts"))
    if not draft.standard.document.overrides:
        texts = texts[:2]
    if draft.standard.document.children:
        texts.append(phrase("missing.children"))
    marks = [f"{_letter(place)})" for place in range(len(texts))]
    return [Items(tuple(Item(mark, runs(text)) for mark, text in zip(marks, texts, strict=True)))]


def rounding_blocks(draft: Draft) -> list[Block]:
    """Return every declared rounding, and the one that all comparisons have."""
    texts = [phrase("rounding.compare")]
    for path, node in draft.standard.nodes.items():
        if node.round is not None:
            texts.append(rounding_words(draft.label(path), node.round))
    texts.append(phrase("rounding.none"))
    return [Paragraph(runs("".join(texts)))]
