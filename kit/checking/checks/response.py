"""Controls and required resources that shrink as the risk grows, unknown classes, items without a scenario."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.errors import did_you_mean
from kit.standard.common_parts import common_list, common_order

KINDS = {"team": "TEAM", "expert": "EXPERT", "equipment": "EQUIP", "supply": "SUPPLY", "other": "OTHER"}


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with controls, required resources, reach and scenarios."""
    if context.document.level.scores_only:
        return
    names = context.standard.scale.names
    worse = names if context.standard.scale.worst == "last" else names[::-1]
    yield from _controls(context, worse)
    yield from _resources(context, worse)
    if context.document.impact is not None:
        yield from _grows(context, worse, context.document.impact.radius_m, ("impact", "radius_m"), "影响半径", "m")
    if context.document.scenarios:
        told = {item for scenario in context.document.scenarios for item in scenario.items}
        idle = [item for item in context.standard.checklist if item.id not in told]
        if idle:
            yield context.find(
                "note",
                f"没有典型情景的清单项：{'、'.join(item.name_zh for item in idle)}",
                f"checklist items without a scenario: {', '.join(item.id for item in idle)}",
                ("scenarios",),
                remedy_zh="在scenarios的items中写上适用的清单项，或补写情景",
            )


def _controls(context: Context, worse: list[str]) -> Iterator[Finding]:
    known = common_order("control_levels")
    given = {name: context.document.controls[name] for name in worse if name in context.document.controls}
    for name, control in given.items():
        for owner in control.owner:
            if known and owner not in known:
                yield context.find(
                    "error",
                    f"管控层级“{owner}”不在standards/common/control_levels.yaml中",
                    f"no control level '{owner}'; {did_you_mean(owner, known)}",
                    ("controls", name, "owner"),
                    remedy_zh="用其中的名称",
                )
    label = context.standard.scale.levels
    for (low, one), (high, other) in itertools.pairwise(given.items()):
        pair = f"“{label[high].label.zh}”的{{}}比“{label[low].label.zh}”的{{}}"
        if known and _top(other.owner, known) > _top(one.owner, known):
            yield context.find(
                "error",
                pair.format("管控层级", "低"),
                f"{high} is controlled at a lower level than {low}",
                ("controls", high, "owner"),
                remedy_zh="等级越高，管控层级不应越低",
            )
        if other.review_days > one.review_days:
            yield context.find(
                "error",
                pair.format("复核周期", "长"),
                f"{high} is reviewed less often than {low}",
                ("controls", high, "review_days"),
                counter_example={low: one.review_days, high: other.review_days},
                remedy_zh="等级越高，复核周期不应越长",
            )


def _top(owners: list[str], known: Mapping[str, int]) -> int:
    return min((known[owner] for owner in owners if owner in known), default=max(known.values()) + 1)


def _resources(context: Context, worse: list[str]) -> Iterator[Finding]:
    classes = {row["code"]: row["type"] for row in common_list("resource_classes")}
    seen: set[str] = set()
    for position, resource in enumerate(context.document.resources):
        place = ("resources", position)
        if resource.name.zh in seen:
            yield context.find(
                "error",
                f"应急资源“{resource.name.zh}”列了两次",
                f"the resource {resource.name.zh} stands twice",
                (*place, "name"),
                remedy_zh="合并，或把名称写清楚",
            )
        seen.add(resource.name.zh)
        kind = classes.get(resource.category)
        if classes and kind is None:
            yield context.find(
                "error",
                f"应急资源“{resource.name.zh}”的小类“{resource.category}”不在代码表中",
                f"no resource class '{resource.category}'; {did_you_mean(resource.category, classes)}",
                (*place, "class"),
                remedy_zh="用standards/common/resource_classes.csv中的代码",
            )
        elif kind is not None and kind != KINDS[resource.kind]:
            yield context.find(
                "error",
                f"应急资源“{resource.name.zh}”的类型{resource.kind}与小类{resource.category}不符",
                f"the class {resource.category} belongs to {kind}, not to {resource.kind}",
                (*place, "kind"),
                remedy_zh="改正类型或小类",
            )
        yield from _grows(context, worse, resource.at_least, (*place, "at_least"), resource.name.zh, resource.unit)


def _grows(
    context: Context, worse: list[str], amounts: Mapping[str, float], place: tuple[object, ...], what: str, unit: str
) -> Iterator[Finding]:
    label = context.standard.scale.levels
    for low, high in itertools.pairwise(worse):
        if amounts.get(high, 0.0) < amounts.get(low, 0.0):
            yield context.find(
                "error",
                f"“{what}”：“{label[high].label.zh}”的要求（{shown(amounts.get(high, 0.0))}{unit}）少于"
                f"“{label[low].label.zh}”（{shown(amounts[low])}{unit}）",
                f"{what}: {high} needs less than {low}",
                place,
                counter_example={low: amounts[low], high: amounts.get(high, 0.0)},
                remedy_zh="等级越高，要求不应越少；没有写的等级视为0",
            )
