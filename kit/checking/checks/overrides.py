"""Overrides that never fire, always fire, change nothing, or stand behind an earlier one that does the same."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.checks.levels import produced
from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.terms import Term


def check(context: Context) -> Iterator[Finding]:
    """Yield what can be told of overrides and conditions from what is written; the proofs go further."""
    standard = context.standard
    order = standard.scale.names
    earlier: list[tuple[Term, str, str | None, str | None, str | None]] = []
    for position, override in enumerate(context.document.overrides):
        place = ("overrides", position)
        zh = override.reason.zh
        term = standard.names.parse(override.when, "boolean")
        truths = context.reach.truths(term)
        if len(truths) == 1:
            always = True in truths
            yield context.find(
                "error",
                f"直接判定“{zh}”的条件在取值范围内{'总是' if always else '永远不'}成立：{override.when}",
                f"the condition of the override {override.id} is always {shown(always)} within the declared ranges",
                (*place, "when"),
                clause=override.clause,
                remedy_zh="改正条件或字段的range",
            )
        if override.at_least == order[0] or override.at_most == order[-1]:
            key = "at_least" if override.at_least else "at_most"
            yield context.find(
                "error",
                f"直接判定“{zh}”{'至少' if override.at_least else '至多'}为"
                f"“{standard.scale.levels[override.target].label.zh}”，任何等级本来如此，不起作用",
                f"{key}: {override.target} changes no level",
                (*place, key),
                clause=override.clause,
                remedy_zh="改正目标等级",
            )
        for other, name, least, most, fixed in earlier:
            if other == term and (least, most, fixed) == (override.at_least, override.at_most, override.set):
                yield context.find(
                    "warning",
                    f"直接判定“{zh}”与前面的{name}条件和结果都相同",
                    f"the override {override.id} repeats {name}",
                    place,
                    clause=override.clause,
                    remedy_zh="去掉其中一条",
                )
        earlier.append((term, override.id, override.at_least, override.at_most, override.set))
    yield from _conditions(context)
    yield from _moot(context)


def _conditions(context: Context) -> Iterator[Finding]:
    for path, address, node in context.tree:
        if node.applies_when is None:
            continue
        truths = context.reach.truths(context.standard.names.parse(node.applies_when, "boolean"))
        if len(truths) == 1:
            always = True in truths
            yield context.find(
                "warning" if always else "error",
                f"“{context.name_of(path)}”{'总是' if always else '永远不'}适用：{node.applies_when}",
                f"applies_when is always {shown(always)}",
                (*address, "applies_when"),
                clause=node.clause,
                remedy_zh="改正条件，或去掉applies_when" if always else "改正条件，或去掉这个节点",
            )


def _moot(context: Context) -> Iterator[Finding]:
    """Yield floors that every level of the matrix or cuts already reaches, and caps none exceeds."""
    bare = context.document.model_copy(update={"overrides": []})
    without = Context(context.standard, context.check)
    without.document = bare
    ranks = [context.standard.scale.names.index(name) for name in produced(without)]
    if not ranks:
        return
    for position, override in enumerate(context.document.overrides):
        target = context.standard.scale.names.index(override.target)
        idle = (override.at_least is not None and target <= min(ranks)) or (
            override.at_most is not None and target >= max(ranks)
        )
        # At the worst level an override still decides rows whose own level is unknown; at the ends it was told above.
        if idle and target not in (0, len(context.standard.scale.names) - 1):
            yield context.find(
                "warning",
                f"直接判定“{override.reason.zh}”不起作用：矩阵或分界本来就不会超出“"
                f"{context.standard.scale.levels[override.target].label.zh}”",
                f"the override {override.id} changes nothing: no level lies beyond {override.target}",
                ("overrides", position),
                clause=override.clause,
                remedy_zh="改正目标等级，或去掉这一条",
            )
