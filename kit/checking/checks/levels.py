"""Levels that nothing produces, cuts of the level that decide nothing, levels without control measures."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from kit.checking.bounds import dead_bands
from kit.checking.findings import Finding, shown
from kit.checking.registry import Context


def produced(context: Context) -> set[str]:
    """Return the levels that matrix, cuts, table, `only_when` or an override can give by what is written."""
    level, standard = context.document.level, context.standard
    found = {override.target for override in context.document.overrides}
    if level.matrix is not None and standard.matrix is not None:
        likelihood, severity = (context.reach.node(getattr(level.matrix, axis)) for axis in ("likelihood", "severity"))
        for at_row, row in zip(standard.matrix.likelihood, standard.matrix.levels, strict=True):
            for at_column, name in zip(standard.matrix.severity, row, strict=True):
                if likelihood.may_be(at_row) and severity.may_be(at_column):
                    found.add(name)
    if level.cuts is not None:
        term = standard.names.parse(level.cuts.of, "number")
        dead = {position for position, _ in dead_bands(level.cuts.at, context.reach.number(term), False)}
        found |= {name for position, name in enumerate(level.cuts.levels) if position not in dead}
    if level.table is not None:
        found |= {row.level for row in level.table.rows} | ({level.table.otherwise} - {"none"})
    if level.only_when is not None:
        found.add(level.only_when.otherwise)
    return found


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the level section and the controls."""
    scale, level = context.standard.scale, context.document.level
    if level.scores_only:
        return
    there = produced(context)
    for name in scale.names:
        zh = scale.levels[name].label.zh
        if name not in there:
            yield context.find(
                "warning",
                f"等级“{zh}”没有任何规则能得出",
                f"no rule gives the level {name}",
                ("level",),
                remedy_zh="核对矩阵、分界和直接判定，或换用没有这一级的等级表",
            )
        elif context.document.controls and name not in context.document.controls:
            yield context.find(
                "warning",
                f"等级“{zh}”没有分级管控要求",
                f"the level {name} has no controls",
                ("controls",),
                remedy_zh="在controls中写明管控层级、复核周期和措施",
            )
    if not context.document.controls:
        yield context.find(
            "note",
            "没有写分级管控要求（controls）",
            "there are no controls",
            remedy_zh="逐级写明管控层级、复核周期和措施",
        )
    if level.only_when is not None:
        truths = context.reach.truths(context.standard.names.parse(level.only_when.formula, "boolean"))
        if len(truths) == 1:
            yield context.find(
                "error",
                f"only_when的条件在取值范围内总是{shown(next(iter(truths)))}",
                f"the condition of only_when is always {shown(next(iter(truths)))}",
                ("level", "only_when", "formula"),
                remedy_zh="改正条件，或去掉only_when",
            )
    if level.cuts is None:
        return
    reach = context.reach.number(context.standard.names.parse(level.cuts.of, "number"))
    for position, _ in dead_bands(level.cuts.at, reach, False):
        name = level.cuts.levels[position]
        yield context.find(
            "error",
            f"等级“{scale.levels[name].label.zh}”这一档永远取不到，{level.cuts.of}在{shown(reach.low)}至"
            f"{shown(reach.high)}之间",
            f"no value of {level.cuts.of} falls into the band of {name}",
            ("level", "cuts", "at"),
            remedy_zh="把分界移到取值范围之内",
        )
    ranks = [scale.names.index(name) for name in level.cuts.levels]
    for position, (one, other) in enumerate(itertools.pairwise(ranks)):
        if one == other:
            yield context.find(
                "warning",
                f"分界{shown(level.cuts.at[position])}两侧是同一等级，这个分界不起作用",
                f"both sides of the cut {shown(level.cuts.at[position])} give the same level",
                ("level", "cuts", "levels", position + 1),
                counter_example={level.cuts.of: level.cuts.at[position]},
                remedy_zh="合并两档",
            )
    steps = [other - one for one, other in itertools.pairwise(ranks) if other != one]
    if steps and not (min(steps) > 0 or max(steps) < 0):
        yield context.find(
            "error",
            "分界两侧的等级先升后降或先降后升",
            "the levels of the cuts turn",
            ("level", "cuts", "levels"),
            counter_example={level.cuts.of: level.cuts.at[0]},
            remedy_zh="按等级高低排列levels",
        )
