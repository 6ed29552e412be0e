"""Rules without a clause, clauses given to two rules, rules of undeclared clauses, and clauses without a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.errors import did_you_mean
from kit.standard.prose import owner_clause, parent_clauses


@dataclass(frozen=True)
class Rule:
    """A rule of the file as the published text has it: an indicator, a score, an override, the level."""

    what: str
    name: str
    clause: str | None
    address: tuple[Any, ...]
    numbered: bool = True  # whether it must have a clause of its own


def rules_of(context: Context) -> list[Rule]:
    """Return the rules in the order of the file."""
    leaves = {path for path, _, _ in context.leaves()}
    rules = [
        Rule("指标" if path in leaves else "分值", context.name_of(path), node.clause, address, path in leaves)
        for path, address, node in context.tree
    ]
    rules.append(Rule("等级", "定级", context.document.level.clause, ("level",), False))
    rules.append(Rule("等级", "单位等级", context.document.rollup.clause, ("rollup",), False))
    rules += [
        Rule("直接判定", override.reason.zh, override.clause, ("overrides", position))
        for position, override in enumerate(context.document.overrides)
    ]
    return rules


def check(context: Context) -> Iterator[Finding]:
    """Yield what cannot be followed from the text to the rules, or back."""
    rules = rules_of(context)
    yield from _numbers(context, rules)
    if context.document.clauses:
        yield from _both_ways(context, rules)
    else:
        yield context.find(
            "note",
            "没有条款表（clauses），查不出有条文而没有规则的条款",
            "there is no list of clauses, so a clause without a rule cannot be found",
            remedy_zh="在clauses中列出公布文本的条款号和标题",
        )


def _numbers(context: Context, rules: list[Rule]) -> Iterator[Finding]:
    seen: dict[str, tuple[str, int | None]] = {}
    for rule in rules:
        if not rule.numbered:
            continue
        clause = (rule.clause or "").strip()
        if not clause:
            yield context.find(
                "warning",
                f"{rule.what}“{rule.name}”没有条款号",
                f"the rule at {'.'.join(map(str, rule.address))} has no clause",
                rule.address,
                remedy_zh='写明条款号，例如 clause: "5.2.1"',
            )
            continue
        line = context.locate((*rule.address, "clause"))[0]
        # Scores of one clause may share it when they lie under one formula (α and R of GB 18218, 4.3): a warning only.
        if clause in seen:
            other, at = seen[clause]
            yield context.find(
                "warning",
                f"{rule.what}“{rule.name}”与第{at}行的“{other}”条款号相同",
                f"the clause {clause} is also that of line {at}",
                (*rule.address, "clause"),
                clause=clause,
                remedy_zh="各条规则用各自的条款号（可以加a、b、c项）",
            )
        else:
            seen[clause] = (rule.name, line)


def _both_ways(context: Context, rules: list[Rule]) -> Iterator[Finding]:
    declared = context.document.clauses
    behind: set[str] = set()
    for rule in rules:
        clause = (rule.clause or "").strip()
        if not clause:
            continue
        owner = owner_clause(clause)
        behind |= {owner, *parent_clauses(owner)}
        if owner not in declared:
            yield context.find(
                "error",
                f"{rule.what}“{rule.name}”引用的第{clause}条不在条款表中",
                f"the clause {clause} is not in the list of clauses; {did_you_mean(owner, declared)}",
                (*rule.address, "clause"),
                clause=clause,
                remedy_zh="在clauses中补上这一条，或改正条款号",
            )
        elif not declared[owner].rule:
            yield context.find(
                "warning",
                f"第{owner}条注明没有规则（rule: false），{rule.what}“{rule.name}”却引用它",
                f"the clause {owner} says rule: false, but the rule at {'.'.join(map(str, rule.address))} cites it",
                ("clauses", owner, "rule"),
                clause=owner,
                remedy_zh="去掉rule: false，或改正规则的条款号",
            )
    absent: set[str] = set()
    for clause, text in declared.items():
        chapter = any(other.startswith(f"{clause}.") for other in declared)
        if text.rule and not chapter and clause not in behind:
            yield context.find(
                "warning",
                f"第{clause}条{'“' + text.title.zh + '”' if text.title else ''}没有任何规则与之对应",
                f"no rule stands behind the clause {clause}",
                ("clauses", clause),
                clause=clause,
                remedy_zh="写出这一条的规则并注明条款号；只能由人执行的条文写rule: false",
            )
        above = parent_clauses(clause)
        if above and above[0] not in declared and above[0] not in absent:
            absent.add(above[0])
            yield context.find(
                "note",
                f"条款表有第{clause}条，却没有它上面的第{above[0]}条",
                f"the list has the clause {clause}, but not the one above it, {above[0]}",
                ("clauses", clause),
                clause=clause,
                remedy_zh="补上上一级条款及其标题",
            )
