"""Annex B: collected values, derived values, indicators, how they are put together, levels, lookup tables."""

from __future__ import annotations

import math

from kit.reports.blocks import Block, Cell, Heading, Note, Paragraph, Run, Table, runs
from kit.reports.standard_text.draft import Draft, cell, head
from kit.reports.standard_text.formulas import LETTERS, SERIES, fold_blocks, formula_blocks, total_blocks
from kit.reports.standard_text.indicators import (
    LISTED,
    decision_table,
    groups,
    indicator_table,
    interval,
    node_decision_table,
    normalise_blocks,
    tree_order,
)
from kit.reports.standard_text.phrases import phrase, said, say
from kit.scoring.rows import band_rows
from kit.scoring.wording import plain_number, printed_unit, words
from kit.standard.fields import FieldSpec
from kit.standard.nodes.formula import Formula
from kit.standard.nodes.normalise import Normalise
from kit.standard.nodes.table import Table as DecisionTable


def annex_b(draft: Draft) -> list[Block]:
    """Return annex B; gives every table and formula its number."""
    blocks: list[Block] = []
    section = 0
    document = draft.standard.document
    for name in document.tables:  # lookup tables stand last, but totals refer to them
        draft.labels[f"lookup:{name}"] = ""
    parts = [
        ("fields", _fields(draft)),
        ("derived", _derived(draft)),
    ]
    lookups_first = _plan_lookups(draft)
    parts += [("children", _children(draft)), ("indicators", _indicators(draft))]
    parts += [("composites", _composites(draft)), ("level", _level(draft))]
    parts.append(("lookups", _lookups(draft, lookups_first)))
    for key, made in parts:
        if not made:
            continue
        section += 1
        number = f"{SERIES}.{section}"
        blocks.append(Heading(2, phrase(f"tables.{key}"), number, f"c-{number}"))
        blocks += made
    return blocks


# -- collected values --------------------------------------------------------------------------------


def _fields(draft: Draft) -> list[Block]:
    label, anchor = draft.table("fields", SERIES)
    table = _field_table(draft, draft.standard.document.fields, phrase("fields.caption"), label, anchor)
    return [table]


def _field_table(draft: Draft, fields: dict[str, FieldSpec], caption: str, label: str, anchor: str) -> Table:
    body = []
    for spec in fields.values():
        body.append((
            cell(spec.label.zh),
            cell(phrase("fields.types")[spec.type], align="center"),
            cell(printed_unit(spec.unit) or phrase("fields.no"), align="center"),
            Cell(_allowed(draft, spec)),
            cell(phrase("fields.yes" if spec.required else "fields.no"), align="center"),
            cell(spec.how.zh if spec.how else ""),
        ))  # fmt: skip
    return Table((2.6, 0.9, 1.0, 2.6, 0.8, 3.6), (head(*phrase("fields.head")),), tuple(body), caption, label, anchor,
                 runs(phrase("fields.note")))  # fmt: skip


def _allowed(draft: Draft, spec: FieldSpec) -> tuple[Run, ...]:
    if spec.range is not None:
        return (Run(f"{plain_number(spec.range[0])}～{plain_number(spec.range[1])}"),)
    if spec.values:
        return (Run("；".join(spec.values.values())),)
    if spec.type == "boolean":
        return (Run(phrase("fields.truths")),)
    if spec.lookup and draft.labels.get(f"lookup:{spec.lookup}"):
        return tuple(run for run in say("fields.lookup", table=draft.to(f"lookup:{spec.lookup}")) if isinstance(run, Run))
    return (Run(phrase("fields.no")),)


def _derived(draft: Draft) -> list[Block]:
    blocks: list[Block] = []
    for name, term in draft.standard.derived_terms.items():
        key = f"derived:{name}"
        made = formula_blocks(draft, key, draft.label(name), term)
        blocks.append(Paragraph(say("fields.derived_of", label=draft.label(name), unit=draft.in_unit(name),
                                    formula=draft.to(key))))  # fmt: skip
        blocks += made
    return blocks


def _children(draft: Draft) -> list[Block]:
    blocks: list[Block] = []
    for name, child in draft.standard.document.children.items():
        label, anchor = draft.table(f"child:{name}", SERIES)
        title = child.label.zh if child.label else name
        blocks.append(Paragraph(say("fields.children", label=title, table=draft.to(f"child:{name}"))))
        caption = said("fields.children_caption", label=title)
        blocks.append(_field_table(draft, child.fields, caption, label, anchor))
        for total in child.totals:
            made = total_blocks(draft, name, total)
            blocks.append(Paragraph(say("fields.total_of", label=draft.label(total), unit=draft.in_unit(total),
                                        formula=draft.to(f"total:{total}"))))  # fmt: skip
            blocks += made
    return blocks


# -- indicators and what is made of them -------------------------------------------------------------


def _indicators(draft: Draft) -> list[Block]:
    blocks: list[Block] = [indicator_table(draft, branch, paths) for branch, paths in groups(draft)]
    for path in tree_order(draft):
        kind = draft.standard.nodes[path].kind
        if isinstance(kind, DecisionTable):
            blocks.append(node_decision_table(draft, path, kind))
    return blocks


def _composites(draft: Draft) -> list[Block]:
    blocks: list[Block] = []
    for path in tree_order(draft):
        node = draft.standard.nodes[path]
        kind = node.kind
        if isinstance(kind, Formula):
            term = draft.standard.names.parse(kind.root)
            blocks += formula_blocks(draft, f"node:{path}", draft.label(path), term)
        elif isinstance(kind, Normalise):
            blocks += normalise_blocks(draft, path, kind)
        elif kind.is_branch:
            blocks += fold_blocks(draft, path, node)
            own = {name: child for name, child in node.below().items() if not isinstance(child.kind, LISTED)}
            if own and any(child.weight is not None or child.full is not None for child in own.values()):
                blocks.append(_weights(draft, path))
    return blocks


def _weights(draft: Draft, path: str) -> Table:
    """Return the table of weights of a branch whose nodes are not in a table of indicators."""
    below = draft.standard.nodes[path].below()
    label, anchor = draft.table(f"weights:{path}", SERIES)
    titles = list(phrase("scores.weights.head"))
    full = all(child.weight is None for child in below.values())
    if full:
        titles[2] = phrase("scores.full_head")
    body = []
    for name, child in below.items():
        share = child.full if full else child.weight
        body.append((
            cell(draft.to_clause(child.clause) if child.clause else "", align="center"),
            cell(draft.label(f"{path}.{name}")),
            cell("" if share is None else plain_number(share), align="center"),
        ))  # fmt: skip
    caption = said("scores.weights.caption", label=draft.label(path), share=titles[2])
    return Table((1.4, 5.0, 1.6), (head(*titles),), tuple(body), caption, label, anchor)


# -- levels ------------------------------------------------------------------------------------------


def _level(draft: Draft) -> list[Block]:
    level = draft.standard.document.level
    blocks: list[Block] = []
    if level.matrix is not None:
        blocks.append(_matrix(draft))
        matrix = draft.standard.matrix
        if matrix is not None and matrix.source:
            blocks.append(Note(say("level.source", source=matrix.source)))
    elif level.cuts is not None:
        label, anchor = draft.table("level", SERIES)
        rows = band_rows(level.cuts.at, [None] * len(level.cuts.levels))
        body = tuple(
            (cell(interval(row.lower, row.upper), align="center"), draft.level_cell(name))
            for row, name in zip(rows, level.cuts.levels, strict=True)
        )
        of = words(draft.standard, level.cuts.of) + draft.in_unit(level.cuts.of)
        titles = [title.replace("{of}", of) for title in phrase("level.cuts_head")]
        blocks.append(Table((1, 1), (head(*titles),), body, said("level.cuts_caption", scale=draft.scale), label, anchor,
                            runs(phrase("scores.note"))))  # fmt: skip
    elif level.table is not None:
        table = level.table
        rows_of_table = [(row.when, draft.level_cell(row.level), row.note.zh if row.note else "") for row in table.rows]
        none = table.otherwise == "none"
        last = cell(phrase("scores.no_score"), align="center") if none else draft.level_cell(table.otherwise)
        blocks.append(decision_table(draft, "level", said("scores.decision.caption", label=draft.scale), table.inputs,
                                     rows_of_table, last, phrase("scores.level"), table.hit))  # fmt: skip
    return blocks


def _matrix(draft: Draft) -> Table:
    level, matrix = draft.standard.document.level.matrix, draft.standard.matrix
    assert level is not None and matrix is not None
    label, anchor = draft.table("level", SERIES)
    likelihood, severity = draft.label(level.likelihood), draft.label(level.severity)
    top = (
        Cell(runs(likelihood), rows=2, head=True, align="center"),
        Cell(runs(severity), columns=len(matrix.severity), head=True, align="center"),
    )
    second = tuple(Cell(runs(plain_number(value)), head=True, align="center") for value in matrix.severity)
    body = []
    for value, names in zip(matrix.likelihood, matrix.levels, strict=True):
        cells = [draft.level_cell(name) for name in names]
        body.append((Cell(runs(plain_number(value)), head=True, align="center"), *cells))
    widths = (1.2, *(1.4 for _ in matrix.severity))
    return Table(widths, (top, second), tuple(body), phrase("level.matrix_caption"), label, anchor)


# -- lookup tables -----------------------------------------------------------------------------------


def _plan_lookups(draft: Draft) -> dict[str, str]:
    """Return the names of lookup tables by what they are called before they have a number: 表B.n of the last section.

    Totals stand before the tables they read, so the numbers are reckoned beforehand from what comes between.
    """
    document = draft.standard.document
    between = len(document.children) + len(groups(draft)) + (not document.level.scores_only)
    order = tree_order(draft)
    for path in order:
        node = draft.standard.nodes[path]
        between += isinstance(node.kind, DecisionTable)
        own = [child for child in node.below().values() if not isinstance(child.kind, LISTED)]
        between += bool(own) and any(child.weight is not None or child.full is not None for child in own)
    first = draft.counts.get(f"table {SERIES}", 0) + between
    planned = {}
    for place, name in enumerate(document.tables, start=1):
        planned[name] = f"{phrase('tables.table')}{SERIES}.{first + place}"
        draft.labels[f"lookup:{name}"] = planned[name]
    return planned


def _lookups(draft: Draft, planned: dict[str, str]) -> list[Block]:
    blocks: list[Block] = []
    for name, declared in draft.standard.document.tables.items():
        label, anchor = draft.table(f"lookup:{name}", SERIES)
        if label != planned[name]:
            raise AssertionError(f"the lookup table {name} was announced as {planned[name]} and became {label}")
        frame = draft.standard.lookups[name]
        extra = _names_beside(draft, name)
        titles = [_key_label(draft, name), *([phrase("tables.name")] if extra else [])]
        for column, spec in declared.values.items():
            unit = printed_unit(spec.unit)
            titles.append(LETTERS.get(column, column) + (f"（{unit}）" if unit else ""))
        body = []
        for key in frame.index:
            line = [cell(str(key)), *([cell(extra.get(str(key), ""))] if extra else [])]
            for column in declared.values:
                value = frame.at[key, column]
                empty = isinstance(value, float) and math.isnan(value)
                shown = "" if empty else plain_number(float(value)) if isinstance(value, int | float) else str(value)
                line.append(cell(shown, align="center"))
            body.append(tuple(line))
        widths = (2.0, *([5.0] if extra else []), *(1.4 for _ in declared.values))
        caption = declared.label.zh if declared.label else name
        blocks.append(Table(widths, (head(*titles),), tuple(body), caption, label, anchor,
                            runs(phrase("tables.lookup_text"))))  # fmt: skip
    return blocks


def _key_label(draft: Draft, table: str) -> str:
    """Return how the key of a lookup table is called: as the collected value that holds it."""
    document = draft.standard.document
    registers = [document.fields, *(child.fields for child in document.children.values())]
    found = (spec.label.zh for fields in registers for spec in fields.values() if spec.lookup == table)
    return next(found, document.tables[table].key)


def _names_beside(draft: Draft, table: str) -> dict[str, str]:
    """Return the Chinese names of the keys, where the CSV file has a column `name_zh` beside the declared ones."""
    import csv

    declared = draft.standard.document.tables[table]
    file = draft.standard.path.parent / declared.file
    if not file.exists():
        return {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return {row[declared.key].strip(): row["name_zh"].strip() for row in csv.DictReader(stream) if row.get("name_zh")}
