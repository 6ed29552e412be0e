"""From scores to a level and what follows: matrix, cuts or table, overrides, controls, risk sources, references."""

from __future__ import annotations

from collections.abc import Iterator

from kit.reports.slides.basics import Part
from kit.reports.slides.blocks import Block, Chip, Matrix, Table, Text
from kit.reports.slides.words import (
    accident_names,
    band_words,
    common_labels,
    effect_words,
    in_words,
    level_chip,
    name_of,
    named,
    provenance_words,
    section_titles,
    table_cells,
    text,
)
from kit.scoring.rows import band_rows, unit_of
from kit.scoring.wording import plain_number
from kit.standard.document import CutsLevel, TableLevel
from kit.standard.document import Matrix as RiskMatrix
from kit.standard.standard import Standard

MEASURES = ("engineering", "technical", "management", "emergency")


def level(standard: Standard) -> Iterator[Part]:
    """Yield the slides that say how scores become a level, and what the levels are called."""
    told, rule = text()["level"], standard.document.level
    before: list[Block] = []
    if rule.clause is not None:
        before.append(Text(told["clause"].format(clause=rule.clause), "under"))
    if rule.only_when is not None:
        name = standard.scale.levels[rule.only_when.otherwise].label.zh
        before.append(
            Text(told["only_when"].format(condition=in_words(standard, rule.only_when.formula), level=name), "lead")
        )
    if rule.matrix is not None and standard.matrix is not None:
        names = {axis: name_of(standard, getattr(rule.matrix, axis)) for axis in ("likelihood", "severity")}
        after = _source(standard.matrix)
        yield (
            "level",
            told["matrix_title"],
            [*before, Text(told["matrix_lead"].format(**names), "lead"), matrix(standard), *after],
        )
    elif rule.cuts is not None:
        yield "level", told["cuts_title"], [*before, *_cuts(standard, rule.cuts)]
    elif rule.table is not None:
        yield "level", told["table_title"], [*before, _table(standard, rule.table)]
    elif rule.scores_only:
        names_zh = "、".join(name_of(standard, name) for name in standard.document.scores)
        yield "level", told["scores_only_title"], [Text(told["scores_only"].format(names=names_zh), "plain")]
        return
    rows = tuple(
        (level_chip(standard, name), entry.colour_zh or "—", entry.note or "—")
        for name, entry in reversed(standard.scale.levels.items())
    )
    scale = standard.scale
    notes: list[Block] = []
    if scale.source:
        notes.append(Text(_source_words(scale.source, scale.provenance), "note"))
    notes += _rollup(standard)
    yield "level", told["levels_title"], [Table(tuple(told["levels_heads"]), (3, 1.4, 8), rows, 20), *notes]


def _rollup(standard: Standard) -> list[Block]:
    """Return how the level of a unit follows from its risk sources."""
    told, rollup = text()["level"], standard.document.rollup
    if standard.document.object != "risk_source":
        return []
    said = told["rollup"][rollup.how]
    if rollup.weight is not None:
        said += told["rollup_weight"].format(name=name_of(standard, rollup.weight))
    if rollup.clause is not None:
        said += told["clause"].format(clause=rollup.clause)
    return [Text(told["rollup_title"], "head"), Text(said, "plain"), Text(told["rollup_missing"][rollup.how], "plain")]


def _source(shared: RiskMatrix) -> list[Block]:
    return [Text(_source_words(shared.source, shared.provenance), "note")] if shared.source else []


def _source_words(source: str, provenance: str | None) -> str:
    told = text()["level"]
    if provenance is None:
        return told["source_plain"].format(source=source)
    return told["source"].format(source=source, provenance=provenance_words(provenance))


def matrix(standard: Standard, at: tuple[float, float] | None = None, row_height: float | None = None) -> Matrix:
    """Return the risk matrix of a standard; `at` marks the cell of a likelihood and a severity."""
    shared, rule = standard.matrix, standard.document.level.matrix
    assert shared is not None and rule is not None
    rows = [
        (plain_number(likelihood), tuple(level_chip(standard, name) for name in names))
        for likelihood, names in zip(shared.likelihood, shared.levels, strict=True)
    ]
    marked = None
    if at is not None and at[0] in shared.likelihood and at[1] in shared.severity:
        marked = (len(rows) - 1 - shared.likelihood.index(at[0]), shared.severity.index(at[1]))
    fits = 400 / (len(rows) + 1)
    return Matrix(
        name_of(standard, rule.likelihood),
        name_of(standard, rule.severity),
        tuple(map(plain_number, shared.severity)),
        tuple(reversed(rows)),
        marked,
        row_height or min(66.0, fits),
    )


def _cuts(standard: Standard, cuts: CutsLevel) -> Iterator[Block]:
    told = text()["level"]
    unit, whole = unit_of(standard, cuts.of), standard.fields.get(cuts.of.strip())
    yield Text(told["cuts_lead"].format(name=in_words(standard, cuts.of)), "lead")
    rows: list[tuple[str | Chip, ...]] = [
        (band_words(row, unit, whole), level_chip(standard, name))
        for row, name in zip(band_rows(cuts.at, [None] * len(cuts.levels)), cuts.levels, strict=True)
    ]
    yield Table((f"{in_words(standard, cuts.of)}", told["cuts_heads"][1]), (1, 1), tuple(reversed(rows)), 22)


def _table(standard: Standard, table: TableLevel) -> Table:
    told = text()["level"]
    rows: list[tuple[str | Chip, ...]] = []
    for row in table.rows:
        asked = table_cells(standard, table.inputs, row.when)
        asked += f"\n{row.note.zh}" if row.note else ""
        rows.append((asked, level_chip(standard, row.level)))
    other = told["no_level"] if table.otherwise == "none" else level_chip(standard, table.otherwise)
    rows.append((text()["indicator"]["otherwise"], other))
    return Table(tuple(told["table_heads"]), (4, 1), tuple(rows), 20)


def overrides(standard: Standard) -> Iterator[Part]:
    """Yield the slides of the overrides: clause, reason, condition, level, basis, and whether the basis came later."""
    told, found = text()["overrides"], standard.document.overrides
    if not found:
        return
    rows: list[tuple[str | Chip, ...]] = []
    for override in found:
        chip = level_chip(standard, override.target)
        basis = told["no_basis"]
        if override.basis and override.provenance:
            basis = told["basis"].format(basis=override.basis, provenance=provenance_words(override.provenance))
        elif override.basis:
            basis = override.basis
        basis += told["later"] if override.later else ""
        condition = told["condition"].format(condition=in_words(standard, override.when))
        shown = Chip(effect_words(standard, override), chip.fill, chip.ink)
        rows.append((override.clause, f"{override.reason.zh}\n{condition}", shown, basis))
    blocks: list[Block] = [Text(told["lead"], "lead")]
    blocks.append(Table(tuple(told["heads"]), (0.8, 4.6, 1.8, 5), tuple(rows)))
    if any(override.later for override in found):
        blocks.append(Text(told["later_note"], "note"))
    yield "overrides", text()["sections"]["overrides"], blocks


def controls(standard: Standard) -> Iterator[Part]:
    """Yield the slides of the controls by level, the worst first."""
    told, found = text()["controls"], standard.document.controls
    if not found:
        return
    owners = common_labels("control_levels.yaml")
    names = standard.scale.names if standard.scale.worst == "first" else standard.scale.names[::-1]
    rows: list[tuple[str | Chip, ...]] = []
    for name in names:
        if name not in found:
            continue
        control = found[name]
        measures = [
            told["measure"].format(kind=told["kinds"][kind], text="；".join(getattr(control, kind)))
            for kind in MEASURES
            if getattr(control, kind)
        ]
        rows.append(
            (
                level_chip(standard, name),
                named(control.owner, owners),
                told["days"].format(days=control.review_days),
                "\n".join(measures) or "—",
            )
        )
    table = Table(tuple(told["heads"]), (1.9, 2.4, 1.4, 8), tuple(rows))
    yield "controls", text()["sections"]["controls"], [Text(told["lead"], "lead"), table]


def checklist(standard: Standard) -> Iterator[Part]:
    """Yield the slides of the suggestion list of risk sources."""
    told = text()["checklist"]
    if not standard.checklist:
        return
    accidents = accident_names()
    rows = [
        (
            f"{item.name_zh}\n{item.where_zh}",
            "\n".join(
                part
                for part in (
                    accidents.get(item.accident_class, item.accident_class),
                    told["factor"].format(factor=item.hazard_factor) if item.hazard_factor else "",
                )
                if part
            ),
            item.consequence_zh,
            "；".join(item.controls),
        )
        for item in standard.checklist
    ]
    table = Table(tuple(told["heads"]), (3.5, 1.6, 2.8, 4.6), tuple(rows))
    title = section_titles(standard)["checklist"]
    heads = [Text(told["lead"], "lead")] if title == text()["sections"]["checklist"] else []
    yield "checklist", title, [*heads, table]


def references(standard: Standard) -> Iterator[Part]:
    """Yield the slides of the documents the standard rests on, and whether their text was seen."""
    told, found = text()["references"], standard.document.references
    if not found:
        return
    rows = tuple(
        (entry.id, entry.title, told["checked" if entry.checked else "unchecked"], entry.note or "—") for entry in found
    )
    table = Table(tuple(told["heads"]), (3, 3.8, 2.4, 3.7), rows)
    yield "references", text()["sections"]["references"], [table]
