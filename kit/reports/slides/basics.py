"""What is assessed and how, what to collect, how the scores add up, how each indicator gets its score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kit.registers.codes_list import code_names
from kit.reports.slides.blocks import Block, Bullets, Facts, Indicator, Table, Text
from kit.reports.slides.pictures import flow_picture, tree_pictures
from kit.reports.slides.words import (
    bands_of,
    common_labels,
    in_words,
    kind_words,
    name_of,
    named,
    range_words,
    reads_of,
    rule_lines,
    symbol,
    text,
    total_words,
    values_words,
    weight_words,
)
from kit.scoring.wording import plain_number, printed_unit, value_words
from kit.standard.fields import FieldSpec
from kit.standard.standard import Standard
from kit.standard.tree import MissingValue, Node

Part = tuple[str, str, list[Block]]
SMALL_GROUP = 2


def cover_facts(standard: Standard) -> list[tuple[str, str]]:
    """Return what stands under the title."""
    told, document = text(), standard.document
    names = told["facts"]
    facts = [(names["label"], standard.label), (names["status"], told["status"][document.status])]
    facts.append((names["department"], named([document.department], common_labels("departments.yaml"))))
    held = document.effective
    if held and held.start:
        start = held.start.isoformat()
        pattern = told["between"] if held.end else told["until"]
        facts.append((names["effective"], pattern.format(start=start, end=held.end.isoformat() if held.end else "")))
    facts.append((names["fingerprint"], standard.fingerprint[:12]))
    return facts


def what(standard: Standard) -> Iterator[Part]:
    """Yield the slide that says what is assessed and how."""
    told, document = text()["what"], standard.document
    facts = [(told["object_head"], told["object"][document.object])]
    if document.method:
        facts.append((told["method_head"], document.method.zh))
    if document.applies_to and document.applies_to.industries:
        names = code_names("industries")
        said = [
            told["industry" if code in names else "industry_unknown"].format(code=code, name=names.get(code, ""))
            for code in document.applies_to.industries
        ]
        facts.append((told["industries_head"], "、".join(said)))
    blocks: list[Block] = [Facts(tuple(facts), columns=1, size=20), Text(told["flow"], "head")]
    yield "what", text()["sections"]["what"], [*blocks, flow_picture(flow_steps(standard), told["flow"])]


def flow_steps(standard: Standard) -> list[tuple[str, str]]:
    """Return the steps from the form to the control: heading and note."""
    document, level = standard.document, standard.document.level
    leaves = [node for node in standard.nodes.values() if not node.kind.is_branch]
    fields = len(document.fields) + sum(len(child.fields) for child in document.children.values())
    steps: list[tuple[str, dict[str, Any]]] = [("collect", {"n": fields}), ("score", {"n": len(leaves)})]
    if level.matrix and standard.matrix:
        axes = {axis: name_of(standard, getattr(level.matrix, axis)) for axis in ("likelihood", "severity")}
        steps.append(("axes", axes))
        steps.append(("matrix", {"rows": len(standard.matrix.likelihood), "columns": len(standard.matrix.severity)}))
    elif level.cuts:
        steps.append(("sum", {"name": in_words(standard, level.cuts.of)}))
        steps.append(("cuts", {"n": len(level.cuts.at)}))
    elif level.table:
        hit = text()["indicator"][f"table_{level.table.hit}"]
        steps.append(("table", {"n": len(level.table.rows), "hit": hit}))
    if document.overrides:
        steps.append(("overrides", {"n": len(document.overrides)}))
    if not level.scores_only:
        steps.append(("level", {"names": "、".join(entry.label.zh for entry in standard.scale.levels.values())}))
    if document.controls:
        steps.append(("controls", {}))
    told = text()["flow"]
    return [(told[key]["head"].format(**with_), told[key]["note"].format(**with_)) for key, with_ in steps]


def collect(standard: Standard, lookups_used: Mapping[str, Sequence[str]]) -> Iterator[Part]:
    """Yield the slides on what to collect: fields, child rows, lookup tables, derived values.

    Parameters
    ----------
    lookups_used : keys of lookup tables that the exercises use; their lines are shown.
    """
    told, document = text()["collect"], standard.document
    parts: list[tuple[str, list[Block]]] = []
    for per in ("unit", "source"):
        fields = {name: spec for name, spec in document.fields.items() if spec.per == per}
        if fields:
            parts.append(
                (told[per if document.object == "risk_source" else "object"], [_fields(fields, document.tables)])
            )
    for child in document.children.values():
        name = child.label.zh if child.label else child.key
        blocks = [Text(told["child_lead"], "plain"), _fields(child.fields, document.tables)]
        parts.append((told["child"].format(name=name), blocks))
    parts += [_lookup(standard, name, lookups_used.get(name, ())) for name in document.tables]
    derived = _derived(standard)
    if derived:
        parts.append((told["derived"], [Table(tuple(told["derived_heads"]), (3, 7, 1.6), tuple(derived))]))
    several = [block for head, blocks in parts for block in (Text(head, "head"), *blocks)]
    yield "collect", text()["sections"]["collect"], several if len(parts) > 1 else parts[0][1]


def _lookup(standard: Standard, name: str, keys: Sequence[str]) -> tuple[str, list[Block]]:
    """Return what is said of a lookup table, with the lines of `keys`."""
    told, table, frame = text()["collect"], standard.document.tables[name], standard.lookups[name]
    used = [key for key in dict.fromkeys(keys) if key in frame.index]
    lead = told["lookup_lead" if used else "lookup_lead_none"].format(n=len(frame), file=table.file)
    blocks: list[Block] = [Text(lead, "plain")]
    if used:
        fields = [spec for child in standard.document.children.values() for spec in child.fields.values()]
        fields += standard.fields.values()
        key_title = next((spec.label.zh for spec in fields if spec.lookup == name), table.key)
        heads = [
            f"{symbol(column)}（{spec.unit}）" if spec.unit else symbol(column) for column, spec in table.values.items()
        ]
        rows = [
            (key, *("—" if value != value else value_words(standard, "", value) for value in list(frame.loc[key])))
            for key in used
        ]
        blocks.append(Table((key_title, *heads), (2, *[1] * len(heads)), tuple(rows)))
    return told["lookup"].format(name=table.label.zh if table.label else name), blocks


def _fields(fields: dict[str, FieldSpec], tables: dict[str, Any]) -> Table:
    told = text()["collect"]
    rows = []
    for spec in fields.values():
        allowed = range_words(spec)
        if spec.lookup:
            label = tables[spec.lookup].label
            allowed = told["from_table"].format(name=f"“{label.zh if label else spec.lookup}”")
        rows.append(
            (
                spec.label.zh,
                values_words(spec),
                allowed or ("—" if not spec.numeric else told["none"]),
                told["yes" if spec.required else "no"],
                spec.how.zh if spec.how else "—",
            )
        )
    return Table(tuple(told["heads"]), (3.2, 2.6, 2.2, 0.8, 4.4), tuple(rows))


def _derived(standard: Standard) -> list[tuple[str, str, str]]:
    told, document = text()["collect"], standard.document
    rows = [
        (name_of(standard, name), in_words(standard, derived.formula), printed_unit(derived.unit) or "—")
        for name, derived in document.derived.items()
    ]
    for child in document.children.values():
        for name, total in child.totals.items():
            formula = told[f"{total.how}_of"].format(formula=total_words(standard, child, total.formula))
            rows.append((name_of(standard, name), formula, printed_unit(total.unit) or "—"))
    return rows


def tree(standard: Standard) -> Iterator[Part]:
    """Yield the score tree with its weights as pictures."""
    told = text()
    blocks: list[Block] = []
    for picture in tree_pictures(standard):
        blocks += [Text(told["tree"]["lead"], "note"), picture]
    # A branch of branches has no slide of its own for its note.
    blocks += [
        Text(f"{name_of(standard, path)}：{node.note.zh}", "note")
        for path, node in standard.nodes.items()
        if node.note and node.kind.is_branch and all(child.kind.is_branch for child in node.below().values())
    ]
    yield "tree", told["sections"]["tree"], blocks


def indicators(standard: Standard) -> Iterator[Part]:
    """Yield one slide, or several, for each group of indicators: what directly stands below one branch."""
    groups: dict[str, list[str]] = {}
    for path, node in standard.nodes.items():
        if not node.kind.is_branch:
            groups.setdefault(path.rpartition(".")[0], []).append(path)
    several: list[Block] = []
    for group, paths in groups.items():
        title, blocks = _group(standard, group, paths, alone=len(groups) == 1)
        # Groups of one or two indicators share slides.
        if len(paths) <= SMALL_GROUP and len(groups) > 1:
            several += [Text(title, "head"), *blocks]
            continue
        if several:
            yield "indicators", text()["sections"]["indicators"], several
            several = []
        yield "indicators", title, blocks
    if several:
        yield "indicators", text()["sections"]["indicators"], several


def _group(standard: Standard, group: str, paths: Sequence[str], *, alone: bool) -> tuple[str, list[Block]]:
    """Return the title and the blocks of the indicators that stand below one branch."""
    found: list[Block] = [_indicator(standard, path) for path in paths]
    above = standard.nodes.get(group)
    if above is None:
        title = text()["sections"]["indicators"] if alone else text()["indicator"]["rest"]
        return (name_of(standard, paths[0]) if len(paths) == 1 else title), found
    facts = "，".join(part for part in (_clause(above), kind_words(above), weight_words(above)) if part)
    notes = [Text(above.note.zh, "under")] if above.note else []
    return name_of(standard, group), [Text(facts, "under"), *notes, *found]


def _clause(node: Node) -> str:
    return text()["indicator"]["clause"].format(clause=node.clause) if node.clause else ""


def _indicator(standard: Standard, path: str) -> Indicator:
    told, node = text()["indicator"], standard.nodes[path]
    bands = bands_of(standard, node)
    lines = rule_lines(standard, node)
    # Many or long values are read better one below the other.
    wide = any(len(band.text) > 4 * (Indicator.RIGHT / max(len(bands), 1) - 14) / 17 for band in bands)
    if len(bands) > 7 or wide or node.kind.key == "table":
        lines += [f"{band.text} → {band.score}" for band in bands]
        bands = []
    notes = []
    if node.applies_when is not None:
        notes.append(told["applies"].format(condition=in_words(standard, node.applies_when)))
    notes += [rounding_words(standard, path)] if node.round else []
    notes += [node.note.zh] if node.note else []
    facts = "　".join(part for part in (_clause(node), weight_words(node), kind_words(node)) if part)
    label, reads = name_of(standard, path), reads_of(standard, node)
    # What an indicator looks at is said where its name does not say it.
    reads = "" if reads == told["reads"].format(name=label) else reads
    return Indicator(label, facts, reads, tuple(bands), tuple(lines), tuple(notes))


def rounding_words(standard: Standard, path: str, *, name: bool = True) -> str:
    """Return how the value of a node is rounded, with its name before it unless that is said elsewhere."""
    told, rounding = text()["rounding"], standard.nodes[path].round
    assert rounding is not None
    digits = told["digits"].format(digits=rounding.digits) if rounding.digits else told["digits_0"]
    label = f"{name_of(standard, path)}：" if name else ""
    return told["round"].format(label=label, mode=told["modes"][rounding.mode], digits=digits)


def rounding(standard: Standard) -> Iterator[Part]:
    """Yield the slide on comparing, rounding and missing data."""
    told = text()["rounding"]
    rounded = [rounding_words(standard, path) for path, node in standard.nodes.items() if node.round]
    lowest = standard.scale.names[0 if standard.scale.worst == "last" else -1]
    missing = [told["missing"], told["never"].format(lowest=standard.scale.levels[lowest].label.zh), told["decided"]]
    if standard.document.level.scores_only:
        missing = [told["missing"], told["never_scores"]]
    policies: dict[str, list[str]] = {}
    for path, node in standard.nodes.items():
        if isinstance(node.missing, MissingValue):
            policies.setdefault(told["value"].replace("{value}", plain_number(node.missing.value)), []).append(path)
        elif node.missing != "error":
            policies.setdefault(told[node.missing], []).append(path)
    missing += [
        pattern.format(names=told["names_join"].join(name_of(standard, path) for path in paths))
        for pattern, paths in policies.items()
    ]
    for path, node in standard.nodes.items():
        if node.enough is not None and node.enough.count is not None:
            missing.append(told["enough_count"].format(name=name_of(standard, path), n=node.enough.count))
        elif node.enough is not None:
            share = plain_number((node.enough.share or 0) * 100)
            missing.append(told["enough_share"].format(name=name_of(standard, path), share=share))
    if any(node.applies_when is not None for node in standard.nodes.values()) or standard.checklist:
        missing.append(told["applies"])
    blocks: list[Block] = []
    for head, items in (
        (told["compare_head"], [told["compare"]]),
        (told["round_head"], rounded or [told["none"]]),
        (told["missing_head"], missing),
    ):
        blocks += [Text(head, "head"), Bullets(tuple(items), size=20)]
    yield "rounding", text()["sections"]["rounding"], blocks
