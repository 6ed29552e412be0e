"""Annex A (suggestion list of risk sources) and annex C (worked examples)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from kit.checking.cases import CaseResult
from kit.reports.blocks import Block, Cell, Heading, Inline, Note, Paragraph, Run, Table, runs
from kit.reports.standard_text.draft import Draft, cell, head
from kit.reports.standard_text.phrases import phrase, said, say
from kit.registers.codes_list import code_names
from kit.scoring.reasons import reason_text
from kit.scoring.wording import label_of, plain_number, printed_unit, value_words
from kit.standard.fields import FieldSpec

# From so many values on, an example that mostly repeats an earlier one shows only what differs.
MANY = 20
# Up to so many values stand in a sentence instead of a table.
FEW = 3
_ALIGNS = ("left", "center", "left", "center")


def annex_a(draft: Draft) -> list[Block]:
    """Return the suggestion list of risk sources, and the collected values that matter for each entry."""
    checklist = draft.standard.checklist
    label, anchor = draft.table("checklist", "A")
    names = code_names("accident_classes")
    fields_label, fields_anchor = draft.table("checklist fields", "A")
    body = []
    wanted = []
    for item in checklist:
        number = item.id.removeprefix(f"{draft.standard.id}_")
        body.append((
            cell(number, align="center"), cell(item.name_zh), cell(item.where_zh),
            cell(names.get(item.accident_class, item.accident_class) or phrase("fields.no"), align="center"),
            cell(item.hazard_factor, align="center"), cell(item.consequence_zh), cell("；".join(item.controls)),
        ))  # fmt: skip
        read = "、".join(draft.label(name) for name in item.fields) or phrase("checklist.all")
        wanted.append((cell(number, align="center"), cell(item.name_zh), cell(read)))
    return [
        Paragraph(say("checklist.text", table=draft.to("checklist"), fields=draft.to("checklist fields"))),
        Table((0.8, 1.8, 2.0, 1.2, 0.9, 2.1, 4.2), (head(*phrase("checklist.head")),), tuple(body),
              phrase("checklist.caption"), label, anchor),
        Table((0.8, 2.4, 6.8), (head(*phrase("checklist.fields_head")),), tuple(wanted),
              phrase("checklist.fields_caption"), fields_label, fields_anchor),
    ]  # fmt: skip


# -- worked examples ---------------------------------------------------------------------------------


def annex_c(draft: Draft, results: Sequence[CaseResult]) -> list[Block]:
    """Return the worked examples: input, arithmetic by hand, and what the standard gives."""
    if not results:
        return [Paragraph(runs(phrase("examples.none")))]
    blocks: list[Block] = [Paragraph(runs(phrase("examples.lead")))]
    for place, result in enumerate(results, start=1):
        number = f"C.{place}"
        blocks.append(Heading(2, result.case.name, number, f"c-{number}", listed=False))
        blocks += _case(draft, result, number, results[: place - 1])
    return blocks


def _case(draft: Draft, result: CaseResult, number: str, earlier: Sequence[CaseResult]) -> list[Block]:
    case = result.case
    blocks: list[Block] = []
    if case.story:
        blocks.append(Paragraph(say("examples.story", story=case.story)))
    if case.item:
        item = next((item for item in draft.standard.checklist if item.id == case.item), None)
        blocks.append(Paragraph(say("examples.item", item=item.name_zh if item else case.item)))
    given = dict(case.input)
    base = _base(given, earlier)
    if base is not None:
        place, differing = base
        given = differing
        key = "examples.same" if differing else "examples.same_all"
        blocks.append(Paragraph(say(key, other=Run(f"C.{place}", anchor=f"c-C.{place}"))))
    if 0 < len(given) <= FEW:
        listed = "；".join("".join(pair) for pair in _pairs(draft, given))
        blocks.append(Paragraph(say("examples.inputs", values=listed)))
    elif given:
        blocks.append(_inputs(draft, given, number))
    for child, rows in case.children.items():
        if rows:
            blocks.append(_child_rows(draft, child, rows, number))
    if case.why:
        blocks.append(Paragraph(say("examples.why", why=case.why.rstrip("。"))))
    if case.source:
        blocks.append(Paragraph(say("examples.source", source=case.source)))
    blocks += _outcome(draft, result)
    return blocks


def _base(given: Mapping[str, Any], earlier: Sequence[CaseResult]) -> tuple[int, dict[str, Any]] | None:
    """Return the number of the first example and what differs from it, where that is much less than all values."""
    if len(given) < MANY or not earlier:
        return None
    first = earlier[0].case.input
    if set(first) - set(given):
        return None
    differing = {name: value for name, value in given.items() if name not in first or not _same(first[name], value)}
    return (1, differing) if len(differing) < 0.7 * len(given) else None


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _pairs(draft: Draft, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(draft.label(name), value_words(draft.standard, name, _plain(value))) for name, value in given.items()]


def _inputs(draft: Draft, given: Mapping[str, Any], number: str) -> Table:
    label, anchor = draft.table(f"case:{number}", "C")
    pairs = _pairs(draft, given)
    half = (len(pairs) + 1) // 2
    body = []
    for place in range(half):
        right = pairs[half + place] if half + place < len(pairs) else ("", "")
        body.append(tuple(cell(text, align=align) for text, align in zip((*pairs[place], *right), _ALIGNS, strict=True)))
    caption = said("examples.inputs_caption", number=number)
    heads = head(*phrase("examples.inputs_head"))
    return Table((3.4, 1.6, 3.4, 1.6), (heads,), tuple(body), caption, label, anchor)


def _child_rows(draft: Draft, child: str, rows: Sequence[Mapping[str, Any]], number: str) -> Table:
    declared = draft.standard.document.children[child]
    label, anchor = draft.table(f"case:{number}:{child}", "C")
    names = [name for name in declared.fields if any(name in row for row in rows)]
    units = {name: printed_unit(declared.fields[name].unit) for name in names}
    titles = [declared.fields[name].label.zh + (f"（{units[name]}）" if units[name] else "") for name in names]
    body: list[tuple[Cell, ...]] = [
        tuple(cell(_child_value(declared.fields[name], row.get(name)), align="center") for name in names) for row in rows
    ]
    caption = said("examples.children_caption", number=number, child=declared.label.zh if declared.label else child)
    return Table(tuple(1.0 for _ in names), (head(*titles),), tuple(body), caption, label, anchor)


def _child_value(spec: FieldSpec, value: Any) -> str:
    if value is None:
        return "未填报"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return plain_number(float(value))
    return (spec.values or {}).get(str(value), str(value))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _outcome(draft: Draft, result: CaseResult) -> list[Block]:
    case, outcome = result.case, result.outcome
    blocks: list[Block] = []
    if outcome["level"] is None and (outcome["reason"] or not draft.standard.document.level.scores_only):
        reason = reason_text(draft.standard, outcome["reason"])
        blocks.append(Paragraph(say("examples.refused", reason=reason)))
        if not result.passed:
            blocks.append(Note(say("examples.wrong", differences="；".join(result.differences))))
        return blocks
    parts: list[str] = []
    for name in outcome:
        wanted = case.expect.get(name)
        value = outcome[name]
        if name not in case.expect or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        # What was written down and holds is printed as it was written; what does not hold as it came.
        shown = float(wanted) if result.passed and isinstance(wanted, int | float) else float(value)
        parts.append(said("examples.value", label=_result_label(draft, name), value=plain_number(shown)))
    pieces: list[Inline] = [Run("；".join(parts))]
    if outcome["level"] is not None:
        pieces += [Run("；" if parts else ""), *say("examples.level", scale=draft.scale, level=draft.level(outcome["level"]))]
    tail = ""
    override = next((one for one in draft.standard.document.overrides if one.id == outcome["override"]), None)
    if override is not None:
        tail = "，" + said("examples.override", clause=override.clause, reason=override.reason.zh)
        before = outcome["level_before_overrides"]
        if before is not None and before != outcome["level"]:
            tail += "，" + said("examples.before", level=draft.level(before))
    blocks.append(Paragraph(say("examples.result", results=(*pieces, Run(tail)))))
    if not result.passed:
        blocks.append(Note(say("examples.wrong", differences="；".join(result.differences))))
    return blocks


def _result_label(draft: Draft, name: str) -> str:
    for suffix, words in (("__got", "实得分"), ("__full", "满分")):
        if name.endswith(suffix):
            return label_of(draft.standard, name.removesuffix(suffix)) + words
    return draft.label(name)
