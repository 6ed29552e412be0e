"""The body of a standard's document: its chapters and clauses from 4 on, declared or made from the rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from kit.reports.blocks import Block, Heading, Paragraph, runs
from kit.reports.standard_text.draft import FIRST_CHAPTER, Draft, clause_anchor, own_place
from kit.reports.standard_text.indicators import tree_order
from kit.reports.standard_text.phrases import option, phrase, say
from kit.reports.standard_text.response import resource_blocks, scenario_blocks
from kit.reports.standard_text.sentences import (
    control_blocks,
    level_blocks,
    missing_blocks,
    node_blocks,
    override_blocks,
    rollup_blocks,
    rounding_blocks,
)
from kit.standard.document import Override
from kit.standard.prose import clause_key, parent_clauses


@dataclass
class Clause:
    """A clause in the making: its title, declared sentences, and what its rules say."""

    title: str = ""
    text: list[Block] = field(default_factory=list)
    rules: list[Block] = field(default_factory=list)


def clause_blocks(draft: Draft) -> list[Block]:
    """Return all clauses in order, the declared words before what the rules of the clause say."""
    blocks: list[Block] = []
    for number, clause in ordered_clauses(draft).items():
        depth = number.count(".") + 1
        anchor = clause_anchor(number)
        content = [*clause.text, *clause.rules]
        if not clause.title and not content:
            continue  # a step between a chapter and a clause that says nothing itself
        if clause.title:
            blocks.append(Heading(min(depth, 4), clause.title, number, anchor))
            blocks += content
        else:
            first = content[0]
            if isinstance(first, Paragraph):
                blocks += [Paragraph(first.runs, "article", number, anchor), *content[1:]]
            else:
                blocks += [Paragraph((), "article", number, anchor), *content]
    return blocks


def ordered_clauses(draft: Draft) -> dict[str, Clause]:
    """Return every clause by its number: declared ones, those that rules cite, their parents, and the parts."""
    clauses = _declared(draft)
    homeless = _nodes(draft, clauses)
    foreign = _overrides(draft, clauses)
    _parts(draft, clauses, homeless, foreign)
    for number in list(clauses):
        for above in parent_clauses(number):
            clauses.setdefault(above, Clause())
    for number, clause in clauses.items():
        if not clause.title and "." not in number:
            clause.title = option("titles.chapters", number) or phrase("titles.chapter")
    return {number: clauses[number] for number in sorted(clauses, key=clause_key)}


def _declared(draft: Draft) -> dict[str, Clause]:
    found = {}
    for number, declared in draft.standard.document.clauses.items():
        place = own_place(number)
        if place is None:
            continue
        text: list[Block] = [Paragraph(runs(one.zh)) for one in declared.text]
        found[place] = Clause(declared.title.zh if declared.title else "", text)
    return found


def _nodes(draft: Draft, clauses: dict[str, Clause]) -> list[Block]:
    """Give every node its clause; return what those without one say."""
    homeless: list[Block] = []
    for path in tree_order(draft):
        place = own_place(draft.standard.nodes[path].clause)
        if place is None:
            homeless += node_blocks(draft, path)
            continue
        clause = clauses.setdefault(place, Clause())
        clause.title = clause.title or draft.label(path)
        clause.rules += node_blocks(draft, path)
    return homeless


def _overrides(draft: Draft, clauses: dict[str, Clause]) -> list[Block]:
    """Give every override its clause; return what those of foreign clauses say."""
    foreign: list[Block] = []
    groups: dict[str | None, list[Override]] = {}
    for override in draft.standard.document.overrides:
        groups.setdefault(own_place(override.clause), []).append(override)
    for place, overrides in groups.items():
        if place is None:
            foreign += override_blocks(draft, overrides, foreign=True)
            continue
        clause = clauses.setdefault(place, Clause())
        clause.title = clause.title or phrase("titles.parts.overrides")[0]
        clause.rules += override_blocks(draft, overrides)
    return foreign


def _parts(draft: Draft, clauses: dict[str, Clause], homeless: list[Block], foreign: list[Block]) -> None:
    """Add what has mostly no clause in the file: collected values, level, roll-up, controls, missing data, rounding."""
    made: dict[str, list[Block]] = {
        "fields": [Paragraph(say("fields.text", table=draft.to("fields")))],
        "scores": homeless,
        "level": level_blocks(draft),
        "overrides": foreign,
        "rollup": rollup_blocks(draft),
        "controls": control_blocks(draft),
        "resources": resource_blocks(draft),
        "scenarios": scenario_blocks(draft),
        "missing": missing_blocks(draft),
        "rounding": rounding_blocks(draft),
    }
    document = draft.standard.document
    cited = {"level": own_place(document.level.clause), "rollup": own_place(document.rollup.clause)}
    for part, blocks in made.items():
        place = cited.get(part)
        if blocks and place is not None:
            clause = clauses.setdefault(place, Clause())
            clause.title = clause.title or phrase(f"titles.parts.{part}")[0]
            clause.rules += blocks
        elif blocks:
            _part(clauses, part).rules += blocks


def _part(clauses: dict[str, Clause], part: str) -> Clause:
    """Return the clause with the title of a part, else a new chapter at the end."""
    titles = phrase(f"titles.parts.{part}")
    for clause in clauses.values():
        if clause.title in titles:
            return clause
    chapters = [int(number.partition(".")[0]) for number in clauses]
    number = str(max([*chapters, FIRST_CHAPTER - 1]) + 1)
    clauses[number] = Clause(titles[0])
    return clauses[number]
