"""What the loader asks of the rules that make a level: matrix, cuts, table, overrides, roll-up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from kit.errors import Problem, did_you_mean
from kit.standard.document import Document, Scale, TableLevel
from kit.standard.expressions import ExpressionError
from kit.standard.nodes.table import table_problems
from kit.standard.response import level_maps
from kit.standard.standard import Names
from kit.standard.terms import ValueKind, references
from kit.standard.tree import nodes
from kit.standard.yaml_io import Locate


class LevelRules:
    """A document being resolved, with the problems found so far, and the part of the work that concerns the level."""

    def __init__(self, document: Document, path: Path, locate: Locate, common: Path) -> None:
        self.document = document
        self.path = path
        self.locate = locate
        self.common = common
        self.problems: list[Problem] = []

    def wrong(self, address: tuple[Any, ...], message: str, file: Path | None = None, line: int | None = None) -> None:
        column = None
        if file is None:
            line, column = self.locate(address)
        key = ".".join(str(step) for step in address)
        self.problems.append(Problem(message, str(file or self.path), line, column, key or None))

    def parse(self, names: Names, source: str, expect: ValueKind | None, address: tuple[Any, ...]) -> Any:
        try:
            return names.parse(source, expect)
        except ExpressionError as error:
            self.wrong(address, str(error) + self.further_down(str(error)))
            return None

    def further_down(self, message: str) -> str:
        """Return what to do about a name that is that of a score inside the tree, which formulas do not see."""
        found = re.match(r"'([^']+)' is unknown", message)
        paths = [path for path, _, _ in nodes(self.document.scores) if len(path) > 1]
        path = next((path for path in paths if found and found[1] in (path[-1], ".".join(path))), None)
        if path is None:
            return ""
        return (
            f". It stands inside {path[0]}; formulas read scores at the top only: move {path[-1]} to the top of "
            f"scores: and write {path[-1]}: {{formula: {path[-1]}}} in its place"
        )

    def level(self, names: Names, scale: Scale) -> None:
        level = self.document.level
        if level.matrix:
            for axis in ("likelihood", "severity"):
                name = getattr(level.matrix, axis)
                if name not in self.document.scores:
                    self.wrong(
                        ("level", "matrix", axis), f"no score '{name}'; {did_you_mean(name, self.document.scores)}"
                    )
        if level.cuts:
            self.parse(names, level.cuts.of, "number", ("level", "cuts", "of"))
            if len(level.cuts.levels) != len(level.cuts.at) + 1:
                self.wrong(
                    ("level", "cuts", "levels"),
                    f"{len(level.cuts.at)} cuts make {len(level.cuts.at) + 1} levels, "
                    f"but {len(level.cuts.levels)} are given",
                )
            for low, high in zip(level.cuts.at, level.cuts.at[1:], strict=False):
                if high <= low:
                    self.wrong(("level", "cuts", "at"), f"cuts must rise, but {high:g} comes after {low:g}")
            for position, name in enumerate(level.cuts.levels):
                if name not in scale.names:
                    self.wrong(
                        ("level", "cuts", "levels", position),
                        f"no level '{name}' on the scale {level.scale}; {did_you_mean(name, scale.names)}",
                    )
        if level.table:
            self.level_table(level.table, names, scale)
        if level.only_when:
            self.parse(names, level.only_when.formula, "boolean", ("level", "only_when", "formula"))
            if level.only_when.otherwise not in scale.names:
                self.wrong(
                    ("level", "only_when", "otherwise"),
                    f"no level '{level.only_when.otherwise}'; {did_you_mean(level.only_when.otherwise, scale.names)}",
                )

    def level_table(self, table: TableLevel, names: Names, scale: Scale) -> None:
        address = ("level", "table")
        for position, source in enumerate(table.inputs):
            self.parse(names, source, None, (*address, "inputs", position))
        for below, message in table_problems(table.inputs, [row.when for row in table.rows], names):
            self.wrong((*address, *below), message)
        named: list[tuple[tuple[Any, ...], str]] = [
            (("rows", place, "level"), row.level) for place, row in enumerate(table.rows)
        ]
        for below, name in [*named, (("otherwise",), table.otherwise)]:
            allowed = [*scale.names, "none"] if below == ("otherwise",) else scale.names
            if name not in allowed:
                self.wrong(
                    (*address, *below),
                    f"no level '{name}' on the scale {self.document.level.scale}; {did_you_mean(name, allowed)}",
                )

    def overrides(self, names: Names, scale: Scale) -> None:
        if self.document.level.scores_only:
            for section in ("overrides", "controls", "resources", "impact"):
                if getattr(self.document, section):
                    self.wrong((section,), f"{section} act on levels, but the level says scores_only: true; remove one")
            return
        seen: set[str] = set()
        for position, override in enumerate(self.document.overrides):
            address = ("overrides", position)
            if override.id in seen:
                self.wrong((*address, "id"), f"the override '{override.id}' stands twice")
            seen.add(override.id)
            term = self.parse(names, override.when, "boolean", (*address, "when"))
            if term is not None and not references(term):
                self.wrong((*address, "when"), "the condition is always the same; it must look at a field or score")
            if override.target not in scale.names:
                key = "at_least" if override.at_least else "at_most" if override.at_most else "set"
                self.wrong(
                    (*address, key),
                    f"no level '{override.target}' on the scale {self.document.level.scale}; "
                    f"{did_you_mean(override.target, scale.names)}",
                )
        for level in self.document.controls:
            if level not in scale.names:
                self.wrong(("controls", level), f"no level '{level}'; {did_you_mean(level, scale.names)}")
        for place, table in level_maps(self.document.resources, self.document.impact):
            for level in table:
                if level not in scale.names:
                    self.wrong((*place, level), f"no level '{level}'; {did_you_mean(level, scale.names)}")

    def response(self, names: Names, items: list[str]) -> None:
        for position, resource in enumerate(self.document.resources):
            if resource.per is not None:
                self.parse(names, resource.per, "number", ("resources", position, "per"))
        for position, scenario in enumerate(self.document.scenarios):
            for place, item in enumerate(scenario.items):
                if item not in items:
                    self.wrong(
                        ("scenarios", position, "items", place),
                        f"no checklist item '{item}'; {did_you_mean(item, items, allowed='there are')}",
                    )

    def rollup(self) -> None:
        declared, fields = self.document.rollup, self.document.fields
        if declared.weight is None:
            return
        address = ("rollup", "weight")
        if declared.how == "highest":
            self.wrong(address, "the highest level needs no weight; remove it, or write how: share_weighted")
        elif declared.weight not in fields:
            numbers = [name for name, spec in fields.items() if spec.numeric]
            self.wrong(address, f"no field '{declared.weight}'; {did_you_mean(declared.weight, numbers)}")
        elif not fields[declared.weight].numeric or (fields[declared.weight].range or (0.0, 0.0))[0] < 0:
            self.wrong(address, f"a weight must be a number from 0 on; {declared.weight} may be something else")
