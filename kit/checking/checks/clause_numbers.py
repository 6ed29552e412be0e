"""Numbers in the words of a clause that are not the numbers of its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from kit.checking.checks.clauses import rules_of
from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.prose import owner_clause
from kit.standard.terms import Constant, Term, walk

# Numbers of documents (GB 18218-2018, 第6.3条, 表B.2), years and dates are no values of rules.
_OTHER = re.compile(
    r"[A-Z]{2,}(?:/[A-Z])?\s*\d[\d.]*(?:[-—]\d{4})?|〔\d+〕\d+号|第?\d+(?:\.\d+)+条?|第\d+[条款章号]|[表图附录]\s*[A-Z]?\.?\d+"
    r"|\d{4}年(?:\d+月)?(?:\d+日)?|\d+月\d+日"
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])\d+(?:\.\d+)?")


def check(context: Context) -> Iterator[Finding]:
    """Yield each number of a clause's text that no rule of the clause has."""
    document = context.document
    if not document.clauses:
        return
    numbers: dict[str, set[float]] = {}
    for rule in rules_of(context):
        if rule.clause:
            numbers.setdefault(owner_clause(rule.clause.strip()), set()).update(_numbers_at(context, rule.address))
    for clause, text in document.clauses.items():
        if clause not in numbers:
            continue
        mine = numbers[clause]
        for position, label in enumerate(text.text):
            for found in _NUMBER.findall(_OTHER.sub(" ", label.zh)):
                if not any(abs(float(found) - number) < 1e-9 for number in mine):
                    yield context.find(
                        "warning",
                        f"第{clause}条的文字有“{found}”，这一条的规则里没有这个数",
                        f"the text of clause {clause} says {found}, which is no number of its rules",
                        ("clauses", clause, "text", position),
                        clause=clause,
                        counter_example={"规则中的数": "、".join(shown(number) for number in sorted(mine)) or "无"},
                        remedy_zh="改正文字或规则；数值由规则生成到文本中，文字里不必重复",
                    )


def _numbers_at(context: Context, address: tuple[Any, ...]) -> set[float]:
    """Return the numbers of the rule at an address: cuts, scores, weights (also in percent), constants of formulas."""
    document = context.document
    if address[0] == "overrides":
        override = document.overrides[address[1]]
        return _of_term(context.standard.names.parse(override.when))
    if address[0] in ("level", "rollup"):
        return _of_data(getattr(document, address[0]).model_dump())
    node = next(node for _, place, node in context.tree if place == address)
    found = _of_data(node.kind.model_dump()) if isinstance(node.kind, BaseModel) and not node.kind.is_branch else set()
    for _, source, _ in node.kind.formulas():
        found |= _of_term(context.standard.names.parse(source))
        for name in context.standard.names_of(context.standard.names.parse(source)):
            if name in context.standard.derived_terms:
                found |= _of_term(context.standard.derived_terms[name])
    for child in node.below().values():
        found |= {child.weight, child.weight * 100} if child.weight is not None else set()
    for number in (node.weight, node.full):
        found |= {number, number * 100} if number is not None else set()
    return found


def _of_term(term: Term) -> set[float]:
    return {
        part.value for part in walk(term) if isinstance(part, Constant) and isinstance(part.value, float)
    }  # fmt: skip


def _of_data(data: Any) -> set[float]:
    if isinstance(data, bool) or data is None:
        return set()
    if isinstance(data, int | float):
        return {float(data)}
    if isinstance(data, str):
        return {float(found) for found in _NUMBER.findall(data)}
    if isinstance(data, dict):
        return set().union(*(_of_data(part) for pair in data.items() for part in pair))
    return set().union(*(_of_data(part) for part in data)) if isinstance(data, list | tuple) else set()
