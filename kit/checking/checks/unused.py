"""Fields, derived values, totals, lookup columns and scores that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.standard.terms import Term, references

EXAMINES = (
    "formula",
    "deduct",
    "points",
    "max",
    "min",
    "sum",
    "product",
)


def check(context: Context) -> Iterator[Finding]:
    """Yield everything declared that no level and no required resource depends on."""
    document, standard = context.document, context.standard
    terms: list[Term] = []
    for _, _, node in context.tree:
        terms += [standard.names.parse(source) for _, source, _ in node.kind.formulas()]
        terms += [standard.names.parse(node.applies_when)] if node.applies_when else []
    terms += [standard.names.parse(override.when) for override in document.overrides]
    level = document.level
    # A field may be surveyed only to count what a unit must hold: so many extinguishers for each vehicle.
    terms += [standard.names.parse(resource.per) for resource in document.resources if resource.per]
    terms += [standard.names.parse(level.only_when.formula)] if level.only_when else []
    terms += [standard.names.parse(level.cuts.of)] if level.cuts else []
    terms += [standard.names.parse(source) for source in level.table.inputs] if level.table else []
    used = set().union(*(standard.names_of(term) for term in terms))
    read = set().union(*(references(term) for term in (*terms, *standard.derived_terms.values())))
    keys = {child.key for child in document.children.values()}
    for name, spec in document.fields.items():
        if name not in used and name not in keys:
            yield context.find(
                "warning",
                f"采集项“{spec.label.zh}”（{name}）没有任何指标、直接判定或资源配备用到",
                f"the field {name} is used by no indicator, no override and no required resource",
                ("fields", name),
                remedy_zh="不用的不要采集：去掉它，或补上用它的指标",
            )
    for name in document.derived:
        if name not in used:
            yield context.find(
                "warning",
                f"中间值{name}没有用到",
                f"the derived value {name} is not used",
                ("derived", name),
                remedy_zh="去掉它，或在指标中使用",
            )
    looked_up: set[str] = set()
    for child, rows in document.children.items():
        child_terms = {name: standard.child_names(child).parse(total.formula) for name, total in rows.totals.items()}
        looked_up |= set().union(*(references(term) for term in child_terms.values()))
        for name in child_terms:
            if f"total:{name}" not in read:
                yield context.find(
                    "warning",
                    f"合计值{name}没有用到",
                    f"the total {name} is not used",
                    ("children", child, "totals", name),
                    remedy_zh="去掉它，或在指标中使用",
                )
        fields = set().union(*(references(term) for term in child_terms.values()))
        for name, spec in rows.fields.items():
            if f"field:{name}" not in fields and not spec.lookup:
                yield context.find(
                    "warning",
                    f"子表字段“{spec.label.zh}”（{name}）没有合计用到",
                    f"the child field {name} is used by no total",
                    ("children", child, "fields", name),
                    remedy_zh="去掉它，或补上用它的合计",
                )
    for table, declared in document.tables.items():
        for column in declared.values:
            if f"lookup:{table}.{column}" not in looked_up:
                yield context.find(
                    "warning",
                    f"查表{table}的{column}列没有用到",
                    f"the column {column} of the table {table} is not used",
                    ("tables", table, "values", column),
                    remedy_zh="去掉这一列的声明",
                )
    ends = {level.matrix.likelihood, level.matrix.severity} if level.matrix else set()
    for name in document.scores:
        if name not in ends and f"score:{name}" not in read and not level.scores_only:
            yield context.find(
                "warning",
                f"分值“{context.name_of(name)}”（{name}）与等级无关",
                f"the score {name} does not affect the level",
                ("scores", name),
                remedy_zh="在等级规则中使用它，或去掉",
            )
