"""Worked examples a drafter may want: around each cut, for each part of a condition, table row and matrix cell.

The values are proposed and the results computed from the present text. Whether they are as they should be is for the
drafter to judge; only then do they belong in `cases.yaml`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, product
from typing import Any

from kit.checking.cases import Case, case_tables, read_cases
from kit.scoring.cut_points import cut_points, meeting_point
from kit.scoring.least_change import around, smallest_step
from kit.scoring.program import Program
from kit.scoring.tracing import trace, traced_program
from kit.scoring.wording import label_of, plain_number, value_words, words
from kit.standard.fields import FieldSpec
from kit.standard.nodes.bands import Bands
from kit.standard.standard import Standard
from kit.standard.terms import Any as AnyOf
from kit.standard.terms import Compare, Every, Not, Term

MOST_ROWS = 4000
_HEAD = """\
# 以下由程序提出。expect 是按现行文本算出的结果，不是起草人的判断；逐条核对、补写 why 之后再抄入 cases.yaml。
"""


@dataclass(frozen=True)
class Suggestion:
    """A proposed example.

    Attributes
    ----------
    kind : `boundary` (a cut), `condition` (one part of a condition decides: MC/DC), `row` (of a decision table) or
        `cell` (of the matrix).
    address : the cut or override it is about, for example `scores.severity.people.bands.at.1`.
    input, item, children : as in a case.
    expect : what the present text gives; `{}` where the row has no level, then `reason` says why.
    """

    kind: str
    address: str
    name: str
    story: str
    input: dict[str, Any]
    expect: dict[str, Any]
    reason: str | None = None
    children: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def suggest(standard: Standard) -> list[Suggestion]:
    """Return examples that `cases.yaml` does not have yet: of cuts, conditions, table rows and matrix cells.

    The other values come from the first worked example with a level that no override decides, else from the middle of
    the ranges. A cut that no single field can reach is left out.

    Examples
    --------
    >>> [entry.name for entry in suggest(taxi)][:3]                          # doctest: +SKIP
    ['平均车龄1.999年（分界2之下）', '平均车龄2年（恰在分界2）', '平均车龄2.001年（分界2之上）']
    """
    return Suggester(standard).run()


def suggestions_yaml(suggestions: list[Suggestion]) -> str:
    """Return the examples as text for `cases.yaml`."""
    lines = [_HEAD]
    for entry in suggestions:
        lines.append(f"- name: {_scalar(entry.name)}")
        lines.append(f"  story: {_scalar(entry.story)}")
        lines.append(f"  input: {_flow(entry.input)}")
        if entry.children:
            lines.append("  children:")
            for child, rows in entry.children.items():
                lines.append(f"    {child}: [{', '.join(_flow(row) for row in rows)}]")
        if entry.expect:
            lines.append(f"  expect: {_flow(entry.expect)}")
        else:
            kind, _, name = (entry.reason or "undecided:level").split(";")[0].partition(":")
            lines.append(f"  error: {_flow({'field': name, 'kind': kind})}")
        lines.append("")
    return "\n".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return plain_number(value)
    return json.dumps(value, ensure_ascii=False)


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_scalar(value)}" for name, value in values.items()) + "}"


class Suggester:
    """Makes drafts around one worked example, and computes what the present text gives for them."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        self.cases = [case for case, _ in read_cases(standard)]
        self.base = self.base_case()
        frame, children = case_tables(standard, [self.base])
        steps = trace(standard, frame, children=children or None)
        self.values = {
            name: None if (value := steps[name].iloc[0]) is None or value != value else value for name in steps.columns
        }
        self.program: Program = traced_program(standard, items=bool(standard.checklist))

    def base_case(self) -> Case:
        standard = self.standard
        plain = [case for case in self.cases if case.item is None and case.error is None and case.expect.get("level")]
        best = [case for case in plain if not case.expect.get("override")]
        if best or plain:
            return (best or plain)[0]
        return Case(name="base", input={name: _middle(spec) for name, spec in standard.fields.items()})

    def run(self) -> list[Suggestion]:
        from kit.checking.suggestions_cells import cell_suggestions
        from kit.checking.suggestions_tables import table_suggestions

        drafts = [*self.boundaries(), *self.conditions(), *table_suggestions(self), *cell_suggestions(self)]
        seen = [self.full_input(case.input) for case in self.cases if case.item is None]
        fresh: list[Suggestion] = []
        for draft in drafts:
            if self.full_input(draft.input) not in seen:
                seen.append(self.full_input(draft.input))
                fresh.append(draft)
        return self.with_results(fresh)

    def full_input(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: given.get(name) for name in self.standard.fields}

    def altered(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.base.input, **changes}

    def draft(self, kind: str, address: str, name: str, story: str, changes: Mapping[str, Any]) -> Suggestion:
        return Suggestion(kind, address, name, story, self.altered(changes), {}, children=dict(self.base.children))

    def found_row(
        self, kind: str, address: str, name: str, story: str, values: Mapping[str, Any], children: Mapping[str, Any]
    ) -> Suggestion:
        """Return a draft whose values were all found, none taken from the base case."""
        below = {child: [dict(row) for row in rows] for child, rows in children.items()}
        return Suggestion(kind, address, name, story, dict(values), {}, children=below)

    # -- cuts ----------------------------------------------------------------------------------------

    def boundaries(self) -> Iterator[Suggestion]:
        standard = self.standard
        for path, node in standard.nodes.items():
            if isinstance(node.kind, Bands):
                term = standard.names.parse(node.kind.of)
                for place, cut in enumerate(node.kind.at):
                    yield from self.boundary(term, cut, f"scores.{path}.bands.at.{place}")
        cuts = standard.document.level.cuts
        if cuts is not None:
            term = standard.names.parse(cuts.of)
            for place, cut in enumerate(cuts.at):
                yield from self.boundary(term, cut, f"level.cuts.at.{place}")

    def boundary(self, term: Term, cut: float, address: str) -> Iterator[Suggestion]:
        standard = self.standard
        for name in sorted(standard.fields_of(term), key=list(standard.fields).index):
            spec = standard.fields[name]
            point = meeting_point(self.program, name, term, cut, self.values) if spec.numeric else None
            if point is None or not _within(point, spec):
                continue
            label = label_of(standard, name)
            for value, where in _three(point, spec):
                shown = f"{label}{value_words(standard, name, value)}"
                place = {-1: f"分界{plain_number(cut)}之下", 0: f"恰在分界{plain_number(cut)}",
                         1: f"分界{plain_number(cut)}之上"}[where]  # fmt: skip
                yield self.draft("boundary", address, f"{shown}（{place}）", f"{address}；其余同“{self.base.name}”",
                                 {name: value})  # fmt: skip
            return

    # -- conditions ----------------------------------------------------------------------------------

    def conditions(self) -> Iterator[Suggestion]:
        for override in self.standard.document.overrides:
            condition = self.standard.names.parse(override.when, "boolean")
            yield from self.condition(condition, f"overrides.{override.id}", override.reason.zh)

    def condition(self, condition: Term, address: str, reason: str) -> Iterator[Suggestion]:
        """Yield pairs of rows that differ in one part of the condition and in whether it holds."""
        standard, parts = self.standard, list(dict.fromkeys(_atoms(condition)))
        names = sorted(standard.fields_of(condition), key=list(standard.fields).index)
        options = [self.options(name, condition) for name in names]
        rows = [dict(zip(names, values, strict=True)) for values in islice(product(*options), MOST_ROWS)]
        if not rows:
            return
        cases = [self.base.model_copy(update={"input": self.altered(row)}) for row in rows]
        frame, children = case_tables(standard, cases)
        extra = {f"atom:{place}": part for place, part in enumerate(parts)} | {"atom:whole": condition}
        steps = trace(standard, frame, children=children or None, extra=extra, alone=True)
        truths = [tuple(_truth(steps[column].iloc[row]) for column in extra) for row in range(len(rows))]
        for place, part in enumerate(parts):
            pair = self.pair(rows, truths, place)
            for row, holds in zip(pair or (), (True, False), strict=False):
                part_holds = truths[rows.index(row)][place]
                name = f"{reason}{'成立' if holds else '不成立'}：{words(standard, part if part_holds else Not(part))}"
                story = f"{address}；条件中只有这一项起作用；其余同“{self.base.name}”"
                yield self.draft("condition", address, name, story, row)

    def options(self, name: str, condition: Term) -> list[Any]:
        kept = {
            name: term for name, term in self.program.steps.items() if name.startswith(("field:", "derived:", "score:"))
        }
        return self.values_of(name, Program(steps={**kept, "atom:whole": condition}), "atom:whole")

    def values_around(self, name: str, read: str) -> list[Any]:
        """Return values of a field around all the cuts it meets on the way to the score (or level) `read`."""
        step = "level:base" if read == "level" else f"score:{read}"
        return self.values_of(name, self.program, step)

    def values_of(self, name: str, program: Program, only: str) -> list[Any]:
        spec = self.standard.fields[name]
        current = self.base.input.get(name)
        if spec.type == "boolean":
            return [True, False]
        if spec.values:
            return list(dict.fromkeys([current, *spec.values])) if current else list(spec.values)
        if not spec.numeric:
            return [current]
        points = cut_points(program, name, self.values, only=only).points
        values = [current, *around(points, spec)] if current is not None else around(points, spec)
        return list(dict.fromkeys(values))

    def pair(
        self, rows: list[dict[str, Any]], truths: list[tuple[bool | None, ...]], place: int
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return a row where the condition holds and one where it does not, only part `place` being different."""
        groups: dict[tuple[bool | None, ...], list[int]] = {}
        for row, truth in enumerate(truths):
            others = truth[:place] + truth[place + 1 : -1]
            groups.setdefault(others, []).append(row)
        best: tuple[int, int, int] | None = None
        for members in groups.values():
            if None in {truth for row in members for truth in truths[row]}:
                continue
            for holds in members:
                if truths[holds][-1] is not True:
                    continue
                for not_holds in members:
                    if truths[not_holds][-1] is False and truths[not_holds][place] != truths[holds][place]:
                        cost = self.cost(rows[holds]) + self.cost(rows[not_holds])
                        if best is None or cost < best[0]:
                            best = (cost, holds, not_holds)
        return None if best is None else (rows[best[1]], rows[best[2]])

    def cost(self, row: Mapping[str, Any]) -> int:
        return sum(value != self.base.input.get(name) for name, value in row.items())

    # -- results -------------------------------------------------------------------------------------

    def with_results(self, drafts: list[Suggestion]) -> list[Suggestion]:
        if not drafts:
            return []
        standard = self.standard
        cases = [Case(name=draft.name, input=draft.input, children=draft.children) for draft in drafts]
        frame, children = case_tables(standard, cases)
        steps = trace(standard, frame, children=children or None)
        found = []
        for place, draft in enumerate(drafts):
            level, reason = steps["out:level"].iloc[place], steps["out:reason"].iloc[place]
            expect: dict[str, Any] = {}
            if isinstance(level, str):
                if draft.address.startswith("scores."):
                    path = draft.address.removeprefix("scores.").split(".bands.")[0].split(".table.")[0]
                    score = steps[f"score:{path}"].iloc[place]
                    if score == score:
                        expect[path] = float(score)
                matrix = standard.document.level.matrix
                if draft.kind == "cell" and matrix is not None:
                    expect |= {
                        axis: float(steps[f"score:{axis}"].iloc[place]) for axis in (matrix.likelihood, matrix.severity)
                    }
                override = steps["out:override"].iloc[place]
                expect |= {"level": level, "override": override if isinstance(override, str) else None}
            found.append(
                Suggestion(
                    draft.kind, draft.address, draft.name, draft.story, draft.input, expect,
                    reason if isinstance(reason, str) else None, draft.children,
                )
            )  # fmt: skip
        return found


def _atoms(term: Term) -> Iterator[Term]:
    if isinstance(term, Every | AnyOf):
        for part in term.terms:
            yield from _atoms(part)
    elif isinstance(term, Not) and not isinstance(term.of, Compare):
        yield from _atoms(term.of)
    else:
        yield term


def _truth(value: Any) -> bool | None:
    return None if value is None or value != value else bool(value)


def _middle(spec: FieldSpec) -> Any:
    if spec.type == "boolean":
        return False
    if spec.values:
        return next(iter(spec.values))
    if not spec.numeric:
        return None
    low, high = spec.range or (0.0, 10.0)
    middle = (low + high) / 2
    return float(int(middle)) if spec.type == "integer" else middle


def _within(point: Fraction, spec: FieldSpec) -> bool:
    return spec.range is None or spec.range[0] <= point <= spec.range[1]


def _three(point: Fraction, spec: FieldSpec) -> Iterator[tuple[float, int]]:
    """Yield the values just below, at (where the field can be there) and just above the point, inside the range."""
    step = smallest_step(spec)
    values = around((point,), spec, ends=False)
    below = [value for value in values if Fraction(value) < point and not _close(value, point)]
    above = [value for value in values if Fraction(value) > point and not _close(value, point)]
    if below:
        yield below[-1], -1
    at = next((value for value in values if _close(value, point)), None)
    if at is not None:
        yield at, 0
    if above and step:
        yield above[0], 1


def _close(value: float, point: Fraction) -> bool:
    return abs(Fraction(value) - point) < Fraction(1, 10**9)
