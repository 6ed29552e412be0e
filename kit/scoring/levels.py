"""From scores to a level: matrix, cuts or table, then the overrides in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.standard.cells import decided, row_condition
from kit.standard.standard import Standard
from kit.standard.terms import (
    UNKNOWN,
    Case,
    Compare,
    Function,
    Known,
    Not,
    Notes,
    Ref,
    Term,
    every,
    number,
    text,
    when,
)

if TYPE_CHECKING:
    from kit.scoring.program import Program


def base_level(standard: Standard, program: Program) -> Term:
    """Return the level that matrix, cuts or table give, by its place on the scale; added to the programme."""
    level = standard.document.level
    if level.scores_only:
        return program.assign("level:base", UNKNOWN)
    rank = {name: number(position) for position, name in enumerate(standard.scale.names)}
    if level.matrix is not None:
        assert standard.matrix is not None
        likelihood, severity = Ref(f"score:{level.matrix.likelihood}"), Ref(f"score:{level.matrix.severity}")
        cells = []
        for row, on_row in zip(standard.matrix.likelihood, standard.matrix.levels, strict=True):
            at_row = Compare("==", likelihood, number(row))
            inside = tuple(
                (Compare("==", severity, number(column)), rank[name])
                for column, name in zip(standard.matrix.severity, on_row, strict=True)
            )
            cells.append((at_row, Case(inside, UNKNOWN)))
        base: Term = Case(tuple(cells), UNKNOWN)
    elif level.table is not None:
        table, names = level.table, standard.names
        values = [names.parse(source) for source in table.inputs]
        categories = [names.categories(source) for source in table.inputs]
        base = decided(
            table.hit,
            [row_condition(row.when, values, categories) for row in table.rows],
            [float(standard.scale.names.index(row.level)) for row in table.rows],
            UNKNOWN if table.otherwise == "none" else rank[table.otherwise],
            high=standard.scale.worst == "last",
        )
    else:
        assert level.cuts is not None
        value = standard.names.parse(level.cuts.of, "number")
        below = [
            (Compare("<", value, number(cut)), rank[name])
            for cut, name in zip(level.cuts.at, level.cuts.levels, strict=False)
        ]
        base = Case(((Not(Known(value)), UNKNOWN), *below), rank[level.cuts.levels[-1]])
    if level.only_when is not None:
        condition = standard.names.parse(level.only_when.formula, "boolean")
        base = Case(((condition, base), (Not(condition), rank[level.only_when.otherwise])), UNKNOWN)
    return program.assign("level:base", base)


def after_overrides(standard: Standard, program: Program, level: Term) -> Term:
    """Return the level after each override in its order; which fired and which decided are added to the programme."""
    order = standard.scale.names
    worst = standard.scale.worst_level
    deciding: Term = text(None)
    fired: list[tuple[Term, str]] = []
    for override in standard.document.overrides:
        target = number(order.index(override.target))
        condition = program.assign(f"fires:{override.id}", standard.names.parse(override.when, "boolean"))
        reached: Term
        result: Term
        if override.at_least is not None:
            reached, result = Compare(">=", level, target), Function("max", (level, target))
        elif override.at_most is not None:
            reached, result = Compare("<=", level, target), Function("min", (level, target))
        else:
            reached, result = Compare("==", level, target), when(Known(level), target, UNKNOWN)
        # The worst level stands even where the rest is unknown: nothing could raise it further. Any other
        # level may not be given to a row whose own level is unknown, or missing data would make it mild.
        # A limit on the other side (at most the worst) demands nothing and may not raise.
        raises = override.set is not None or (override.at_least is not None) == (standard.scale.worst == "last")
        if override.target == worst and raises:
            result = target
        after = program.assign(
            f"level:after:{override.id}",  # apart from level:base and level:final
            Case(((condition, result), (Not(condition), level), (reached, level)), UNKNOWN),
        )
        changed = every(condition, Known(after), Not(every(Known(level), Compare("==", level, after))))
        deciding = Case(((changed, text(override.id)),), deciding)
        fired.append((condition, override.id))
        level = after
    program.assign("override:deciding", deciding)
    program.assign("override:fired", Notes(tuple(fired)) if fired else text(None))
    return level


def level_notes(standard: Standard) -> list[tuple[Term, str]]:
    """Return why there may be no level although all scores are known."""
    matrix, table = standard.document.level.matrix, standard.document.level.table
    if table is not None:
        known = (Known(standard.names.parse(source)) for source in table.inputs)
        return [(every(*known, Not(Known(Ref("level:base")))), "not_in_table:level")]
    if matrix is None:
        return []
    scores = [Ref(f"score:{matrix.likelihood}"), Ref(f"score:{matrix.severity}")]
    condition = every(*(Known(score) for score in scores), Not(Known(Ref("level:base"))))
    return [(condition, f"not_on_matrix:{matrix.likelihood},{matrix.severity}")]
