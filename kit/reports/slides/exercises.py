"""Worked cases as questions with their answers, and the mistakes made when a form is filled in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from kit.checking.cases import Case, CaseResult, case_tables
from kit.reports.slides.basics import Part, rounding_words
from kit.reports.slides.decisions import matrix
from kit.reports.slides.blocks import Answer, Block, Chip, Facts, Table, Text
from kit.reports.slides.words import (
    band_of_node,
    band_words,
    in_words,
    level_chip,
    name_of,
    range_words,
    text,
    total_numbers,
)
from kit.scoring.explaining import explain
from kit.scoring.explanation import Explanation, NodeExplanation
from kit.scoring.reasons import reason_text
from kit.scoring.rows import unit_of
from kit.scoring.wording import plain_number, printed_unit, value_words
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.deduct import Deduct
from kit.standard.nodes.points import Points
from kit.standard.standard import Standard

MOST = 4
# With more fields than this the form of a case is shown only where it costs points.
MANY_FIELDS = 20
MANY_NODES = 18
# A story of a few words leans on the case before it.
SHORT_STORY = 8


def chosen(standard: Standard, results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return up to four worked cases that come out as they should: two by the score, one override, one without level.

    Cases with a story come first: they can be told in a room.
    """
    found = [result for result in results if result.passed]
    found.sort(key=lambda result: result.case.story is None and result.case.source is None)
    order = standard.scale.names if standard.scale.worst == "last" else standard.scale.names[::-1]
    plain = [result for result in found if result.outcome["level"] is not None and result.outcome["override"] is None]
    plain = [result for result in plain if result.outcome["level"] == result.outcome["level_before_overrides"]]
    several = [result for result in plain if any(result.case.children.values())] or plain
    picked: list[CaseResult] = []
    if several:
        # The first in the file is mostly the plainest; the worst level of the rest goes beside it.
        first = several[0]
        others = [result for result in several if result.outcome["level"] != first.outcome["level"]]
        others.sort(key=lambda result: -order.index(result.outcome["level"]))
        picked = [first, *_shortest(standard, results, others)[:1]]
    by_override = [result for result in found if result.outcome["override"] is not None]
    by_override = _shortest(standard, results, by_override)
    picked += by_override[:1]
    refused = [result for result in found if result.case.error is not None]
    refused.sort(key=lambda result: result.case.error is None or result.case.error.kind != "missing")
    picked += refused[:1]
    return picked[:MOST]


def _shortest(standard: Standard, results: Sequence[CaseResult], found: list[CaseResult]) -> list[CaseResult]:
    """Return cases of a long form, those first that differ least from what the cases mostly have."""
    if len(standard.fields) <= MANY_FIELDS:
        return found
    mostly = {
        name: Counter(repr(result.case.input.get(name)) for result in results).most_common(1)[0][0]
        for name in standard.fields
    }
    return sorted(
        found, key=lambda result: sum(repr(result.case.input.get(name)) != usual for name, usual in mostly.items())
    )


def lookups_used(standard: Standard, results: Sequence[CaseResult]) -> dict[str, list[str]]:
    """Return the keys of each lookup table that the cases use."""
    used: dict[str, list[str]] = {}
    for result in results:
        for child, rows in result.case.children.items():
            for name, spec in standard.document.children[child].fields.items():
                if spec.lookup:
                    used.setdefault(spec.lookup, []).extend(str(row[name]) for row in rows if row.get(name) is not None)
        for name, spec in standard.fields.items():
            if spec.lookup and result.case.input.get(name) is not None:
                used.setdefault(spec.lookup, []).append(str(result.case.input[name]))
    return used


def exercises(standard: Standard, results: Sequence[CaseResult]) -> Iterator[Part]:
    """Yield for each case the question, with the answer hidden, and the steps of the answer."""
    told = text()["exercises"]
    for place, result in enumerate(results, start=1):
        frame, children = case_tables(standard, [result.case])
        found = explain(standard, frame, 0, children=children or None, changes=False)
        yield "exercises", told["question"].format(n=place), _question(standard, result.case, found)
        yield (
            "exercises",
            told["solution"].format(n=place, name=result.case.name),
            _solution(standard, result.case, found),
        )


def _question(standard: Standard, case: Case, found: Explanation) -> list[Block]:
    told = text()["exercises"]
    blocks: list[Block] = []
    if case.story and len(case.story) >= SHORT_STORY:
        blocks.append(Text(case.story, "lead"))
    if found.item_zh:
        blocks.append(Text(told["item"].format(item=found.item_zh), "plain"))
    given = [(entry.label_zh, entry.text_zh) for entry in found.inputs if entry.kind == "field"]
    losing = _losing(standard, found) if len(given) > MANY_FIELDS else None
    rest = ""
    if losing is not None:
        names, full = losing
        given = [
            (entry.label_zh, entry.text_zh) for entry in found.inputs if entry.kind == "field" and entry.name in names
        ]
        rest = told["rest"].format(n=full)
    if given:
        long = max(len(f"{name}{value}") for name, value in given)
        blocks.append(Facts(tuple(given), columns=2 if long > 20 or len(given) < 9 else 3, size=18))
    for child, declared in standard.document.children.items():
        rows = case.children.get(child, [])
        if rows:
            heads = tuple(spec.label.zh for spec in declared.fields.values())
            cells = tuple(
                tuple(
                    value_words(standard, "", row.get(name))
                    + ("" if row.get(name) is None or isinstance(row.get(name), str) else printed_unit(spec.unit))
                    for name, spec in declared.fields.items()
                )
                for row in rows
            )
            blocks.append(Table(heads, (1,) * len(heads), cells))
    if rest:
        blocks.append(Text(rest, "note"))
    blocks.append(Answer(told["ask"], level_chip(standard, found.level), _short_answer(standard, found)))
    return blocks


def _losing(standard: Standard, found: Explanation) -> tuple[set[str], int] | None:
    """Return the fields read by items that do not have full marks, and how many items do; None without points."""
    leaves = [node for root in found.scores for node in _leaves(root)]
    if not leaves or any(node.full is None for node in leaves):
        return None
    names: set[str] = set()
    full = 0
    for node in leaves:
        if node.applies and node.value is not None and node.value == node.full:
            full += 1
            continue
        document = standard.nodes[node.path]
        sources = [source for _, source, _ in document.kind.formulas()]
        # An item that does not apply is told by the field that says so.
        if node.applies is False and document.applies_when is not None:
            sources = [document.applies_when]
        for source in sources:
            names |= standard.names_of(standard.names.parse(source))
    for override in standard.document.overrides:
        if any(entry.id == override.id and entry.fired for entry in found.overrides):
            names |= standard.names_of(standard.names.parse(override.when))
    return names, full


def _leaves(node: NodeExplanation) -> Iterator[NodeExplanation]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _leaves(child)


def _short_answer(standard: Standard, found: Explanation) -> str:
    told = text()["exercises"]
    if found.level is None:
        return told["reason"].format(reason=found.reason_zh)
    decided = next((entry for entry in found.overrides if entry.decided), None)
    if decided is not None:
        return told["override"].format(clause=decided.clause, reason=decided.reason_zh, effect=decided.effect_zh)
    return _level_words(standard, found)


def _level_words(standard: Standard, found: Explanation) -> str:
    told, rule, step = text()["exercises"], standard.document.level, found.level_step
    level = step.level_zh or told["no_level"]
    if (
        step.method == "matrix"
        and rule.matrix is not None
        and step.likelihood is not None
        and step.severity is not None
    ):
        return told["matrix"].format(
            likelihood_name=name_of(standard, rule.matrix.likelihood), likelihood=plain_number(step.likelihood),
            severity_name=name_of(standard, rule.matrix.severity), severity=plain_number(step.severity), level=level,
        )  # fmt: skip
    if step.method == "cuts" and rule.cuts is not None and step.row is not None:
        unit = unit_of(standard, rule.cuts.of)
        band = band_words(step.row, unit, standard.fields.get(rule.cuts.of.strip()))
        said = _shorter(step.text_zh.partition("：")[2].partition("，")[0])
        return told["cuts"].format(name=in_words(standard, rule.cuts.of), value=said, band=band, level=level)
    if step.method == "matrix":
        return told["unknown"]
    return step.text_zh


def _solution(standard: Standard, case: Case, found: Explanation) -> list[Block]:
    told = text()["exercises"]
    sums = _sums(standard, case)
    rows: list[tuple[str | Chip, ...]] = [
        (entry.label_zh, entry.formula_zh or sums.get(entry.name, ""), _shorter(entry.text_zh))
        for entry in found.inputs
        if entry.kind != "field"
    ]
    short = len(standard.nodes) > MANY_NODES
    for root in found.scores:
        rows += list(_steps(standard, root, 0, short=short))
    rows.append((told["step_level"], _level_words(standard, found), level_chip(standard, found.level_step.level)))
    fired = [entry for entry in found.overrides if entry.fired]
    for entry in fired:
        key = "override" if entry.level_after != entry.level_before else "override_idle"
        said = told[key].format(clause=entry.clause, reason=entry.reason_zh, effect=entry.effect_zh)
        rows.append((told["step_override"], said, level_chip(standard, entry.level_after)))
    if found.overrides and not fired and found.level is not None:
        rows.append((told["step_override"], told["no_override"], level_chip(standard, found.level)))
    if found.level is None:
        rows.append((told["level"], told["reason"].format(reason=found.reason_zh), level_chip(standard, None)))
    blocks: list[Block] = [Table(tuple(told["steps_heads"]), (4.2, 6.4, 1.8), tuple(rows), style="dense")]
    step = found.level_step
    if (
        step.method == "matrix"
        and standard.matrix is not None
        and step.likelihood is not None
        and step.severity is not None
    ):
        blocks.append(matrix(standard, (step.likelihood, step.severity), 34))
    return blocks


def _sums(standard: Standard, case: Case) -> dict[str, str]:
    """Return for each total how it adds up, row by row: `140 ÷ 200 + 10 ÷ 50`."""
    return {
        name: _together(
            total.how, [total_numbers(standard, child, total.formula, row) for row in case.children.get(key, [])]
        )
        for key, child in standard.document.children.items()
        for name, total in child.totals.items()
    }


def _together(how: str, rows: list[str]) -> str:
    """Return the rows of a total as they are added up, or among which the highest or lowest is taken."""
    if how == "sum" or len(rows) == 1:
        return " + ".join(rows)
    return f"{'最大' if how == 'max' else '最小'}（{'，'.join(rows)}）"


def _shorter(said: str) -> str:
    """Return a text with long fractions cut to four decimals, marked as such.

    Examples
    --------
    >>> _shorter("6.666666667起"), _shorter("2.35")
    ('约6.6667起', '2.35')
    """
    return re.sub(r"\d+\.\d{5,}", lambda found: f"约{plain_number(round(float(found[0]), 4))}", said)


def _steps(standard: Standard, node: NodeExplanation, depth: int, *, short: bool) -> Iterator[tuple[str, str, str]]:
    told = text()["exercises"]
    label = "　" * depth + name_of(standard, node.path)
    if node.applies is False:
        yield label, node.why_not_zh or told["not_applied"], "—"
        return
    value = told["unknown"] if node.value is None else plain_number(node.value)
    full = _full(node)
    if full is not None and node.value is not None and not _scaled(standard, node):
        value = told["got"].format(got=value, full=plain_number(full))
    yield label, _shorter("；".join(_grounds(standard, node, short))), _shorter(value)
    for child in node.children:
        # Of a long form only groups, and the items that lost points, are worth a line.
        full_marks = child.applies is not None and child.full is not None and child.value == child.full
        if short and not child.children and (full_marks or child.applies is False):
            continue
        yield from _steps(standard, child, depth + 1, short=short)


def _grounds(standard: Standard, node: NodeExplanation, short: bool) -> Iterator[str]:
    """Yield what a score rests on: what was read, the band, weight, rounding."""
    told, written = text()["exercises"], standard.nodes[node.path]
    kind = written.kind
    if isinstance(kind, Deduct):
        yield from _deductions(standard, kind, node)
    elif node.formula_zh:
        yield node.formula_zh
    elif not node.children:
        # The name of the indicator mostly names what it reads; then the value alone is enough.
        for said in node.reads_zh:
            yield said.partition("：")[2] if said.startswith(f"{name_of(standard, node.path)}：") else said
    if isinstance(kind, Bands) and node.row is not None and not node.substituted:
        band = band_of_node(standard, kind, node.row)
        # A band of one whole number says no more than the number.
        if not any(said.endswith(f"：{band}") for said in node.reads_zh):
            yield band
    scale = _scaled(standard, node)
    full = _full(node)
    if scale is not None and full is not None and node.value is not None:
        got = sum(child.value or 0 for child in node.children if child.applies)
        yield told["points"].format(got=plain_number(got), full=plain_number(full), scale=plain_number(scale))
    if written.round is not None:
        yield rounding_words(standard, node.path, name=False)
    if node.share is not None and not short:
        share = plain_number(round(node.share * 100, 1))
        yield told["share"].format(weight=plain_number(node.weight or 0), share=share)
    if node.decides:
        yield told["decides"]
    if node.why_not_zh:
        yield node.why_not_zh


def _deductions(standard: Standard, kind: Deduct, node: NodeExplanation) -> Iterator[str]:
    """Yield the deductions that took something off, and what is not known."""
    told = text()["exercises"]
    for deduction, said in zip(kind.root, node.reads_zh, strict=True):
        points = plain_number(deduction.points)
        condition, _, value = said.rpartition("：")
        if deduction.each is not None:
            unit = unit_of(standard, deduction.each)
            if value not in ("0", f"0{unit}"):
                yield told["deduct_each"].format(said=said, unit=unit or "1", points=points)
        elif value != "否":
            yield told["deduct_when"].format(said=condition if value == "是" else said, points=points)


def _scaled(standard: Standard, node: NodeExplanation) -> float | None:
    kind = standard.nodes[node.path].kind
    return kind.scale_to if isinstance(kind, Points) else None


def _full(node: NodeExplanation) -> float | None:
    """Return the full marks of an item, or of a group as far as its items apply; None where there are none."""
    if node.full is not None:
        return node.full
    if node.kind != "points" or not node.children:
        return None
    parts = [_full(child) for child in node.children if child.applies is not False]
    return sum(part for part in parts if part is not None)


def mistakes(standard: Standard, results: Sequence[CaseResult]) -> Iterator[Part]:
    """Yield the slides on mistakes made when filling in the form, with fields of this standard as examples."""
    told, document = text()["mistakes"], standard.document
    fields = {**document.fields}
    for child in document.children.values():
        fields |= child.fields
    rows: list[tuple[str, ...]] = []

    def add(key: str, **with_: str) -> None:
        rule = told[key]
        do = rule["do_plain"] if key == "missing" and not with_.get("how") else rule["do"]
        rows.append((rule["what"], rule["example"].format(**with_), rule["done"], do.format(**with_)))

    specs = list(fields.values())
    required = next((spec for spec in specs if spec.required), None)
    if required is not None:
        add("missing", label=required.label.zh, how=required.how.zh if required.how else "")
    ranged = next((spec for spec in specs if spec.range), None)
    if ranged is not None:
        add("out_of_range", label=ranged.label.zh, range=range_words(ranged))
    percent = next((spec for spec in specs if spec.unit == "%" and spec.range), None)
    if percent is not None:
        add("percent", label=percent.label.zh, range=range_words(percent))
    unit = next((spec for spec in specs if spec.type == "number" and printed_unit(spec.unit) not in ("", "%")), None)
    if unit is not None:
        add("unit", label=unit.label.zh, unit=printed_unit(unit.unit))
    whole = next((spec for spec in specs if spec.type == "integer" and printed_unit(spec.unit)), None)
    if whole is not None:
        add("integer", label=whole.label.zh, unit=printed_unit(whole.unit))
    category = next((spec for spec in specs if spec.values), None)
    if category is not None:
        add("category", label=category.label.zh, options="、".join((category.values or {}).values()))
    for child in document.children.values():
        add("child", label=child.label.zh if child.label else child.key)
    looked = next((spec for spec in specs if spec.lookup), None)
    if looked is not None and looked.lookup is not None:
        table = document.tables[looked.lookup].label
        add("lookup", label=looked.label.zh, table=table.zh if table else looked.lookup)
    for path, node in standard.nodes.items():
        if node.applies_when is not None:
            add("conditional", label=name_of(standard, path), condition=in_words(standard, node.applies_when))
            break
    if rows:
        table_block = Table(tuple(told["heads"]), (2.2, 3.8, 3, 3.4), tuple(rows))
        yield "mistakes", text()["sections"]["mistakes"], [table_block]
    wrong = [
        (result.case.name, reason_text(standard, str(result.outcome["reason"])))
        for result in results
        if result.case.error is not None and result.passed
    ]
    if wrong:
        yield "mistakes", told["cases_title"], [Table(tuple(told["cases_heads"]), (4, 6), tuple(wrong), 20)]
