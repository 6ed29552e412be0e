"""Required emergency resources by level, reach of an accident, typical scenarios, as clauses of a standard's document."""

from __future__ import annotations

from kit.reports.blocks import Block, Item, Items, Paragraph, Table, runs
from kit.reports.standard_text.draft import Draft, cell, head
from kit.reports.standard_text.phrases import option, phrase, said, say
from kit.scoring.wording import plain_number, words
from kit.standard.response import Resource


def resource_blocks(draft: Draft) -> list[Block]:
    """Return the table of required resources, worst level first; nothing where the standard requires none."""
    resources = draft.standard.document.resources
    if not resources:
        return []
    label, anchor = draft.table("resources", "")
    levels = _worst_first(draft, [name for resource in resources for name in resource.at_least])
    heads = list(phrase("resources.head"))
    names = [draft.standard.scale.levels[name].label.zh for name in levels]
    body = tuple(_resource(draft, resource, levels) for resource in resources)
    widths = (1.3, 2.6, *([0.65] * len(levels)), 0.9, 2.1, 0.8)
    columns = (*heads[:2], *names, *heads[2:])
    table = Table(widths, (head(*columns),), body, phrase("resources.caption"), label, anchor)
    blocks: list[Block] = [Paragraph(say("resources.text", table=draft.to("resources"))), table]
    if any(resource.per is not None for resource in resources):
        blocks.append(Paragraph(runs(phrase("resources.note"))))
    return blocks


def _resource(draft: Draft, resource: Resource, levels: list[str]) -> tuple:
    name = said("resources.name", name=resource.name.zh, unit=resource.unit)
    if resource.per is not None:
        name += said("resources.per", per=words(draft.standard, resource.per))
    kinds = phrase("resources.kinds")
    return (
        cell(kinds[resource.kind], align="center"),
        cell(name),
        *(cell(plain_number(resource.at_least.get(level, 0.0)), align="center") for level in levels),
        cell(plain_number(resource.minutes), align="center"),
        cell(resource.basis or phrase("resources.no_basis")),
        cell(option("resources.provenance", resource.provenance or "illustrative") or ""),
    )


def scenario_blocks(draft: Draft) -> list[Block]:
    """Return reach and exposed places, then each typical course with what is done first; scenes are made up and say so."""
    document = draft.standard.document
    blocks: list[Block] = []
    impact = document.impact
    if impact is not None:
        levels = _worst_first(draft, list(impact.radius_m))
        radii = "、".join(
            said("impact.radius", level=draft.standard.scale.levels[name].label.zh, radius=plain_number(impact.radius_m[name]))
            for name in levels
        )
        targets = said("impact.targets", targets="、".join(impact.targets)) if impact.targets else ""
        source = option("impact.provenance", impact.provenance or "illustrative") or ""
        blocks.append(Paragraph(runs(said("impact.text", radii=radii) + targets + source)))
    names = {item.id: item.name_zh for item in draft.standard.checklist}
    if document.scenarios:
        blocks.append(Paragraph(runs(phrase("scenarios.lead"))))
    for place, scenario in enumerate(document.scenarios, start=1):
        items = "、".join(names[item] for item in scenario.items)
        blocks.append(Paragraph(runs(said("scenarios.title", number=str(place), title=scenario.title.zh, items=items))))
        blocks.append(Paragraph(runs(said("scenarios.course", course=scenario.course.zh.rstrip("。")))))
        blocks.append(Paragraph(runs(phrase("scenarios.actions"))))
        steps = tuple(Item(f"{number})", runs(text)) for number, text in enumerate(scenario.first_actions, start=1))
        blocks.append(Items(steps))
    return blocks


def _worst_first(draft: Draft, used: list[str]) -> list[str]:
    names = [name for name in draft.standard.scale.names if name in used]
    return names[::-1] if draft.standard.scale.worst == "last" else names
