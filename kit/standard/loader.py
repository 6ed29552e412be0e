"""Finding, reading and resolving standards; all mistakes of a standard in one error."""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import RootModel

from kit.errors import ProblemsError, did_you_mean
from kit.standard.beside import CHECKLIST, read_checklist, read_lookup
from kit.standard.document import NAME, Document, Matrix, Scale
from kit.standard.expressions import Symbol
from kit.standard.finding import file_in_force, find_standard, standard_files, standards_folder
from kit.standard.history import (
    MATRICES,
    SCALES,
    frozen_folder,
    release_of,
    require_frozen,
    text_fingerprint,
)
from kit.standard.level_rules import LevelRules
from kit.standard.standard import Names, Standard, child_symbols, field_symbols, standard_symbols
from kit.standard.terms import references
from kit.standard.tree import MissingValue, nodes
from kit.standard.yaml_io import Locate, read_model, read_yaml, validate_model

# A row of results has columns of these names.
RESERVED = ("level", "level_before_overrides", "override", "overrides_fired", "reason", "checklist_item")


class Scales(RootModel[dict[str, Scale]]):
    """`standards/common/scales.yaml`."""


class Matrices(RootModel[dict[str, Matrix]]):
    """`standards/common/matrices.yaml`."""


def load_standard(reference: str | Path, *, common: str | Path | None = None) -> Standard:
    """Return the standard `reference` names, checked in itself.

    Parameters
    ----------
    reference : `taxi`, `taxi@0.1.0`, `taxi@draft`, or a path to a folder or `standard.yaml`.
    common : folder of the shared scales and matrices; `standards/common` of the checkout by default.

    Raises
    ------
    ProblemsError
        With every mistake found: file, line, key, what is allowed, the nearest name; or when a frozen version is no
        longer what was frozen.
    KitError
        When no such standard exists.
    """
    path = find_standard(reference)
    require_frozen(path)
    data, locate = read_yaml(path)
    return standard_from_data(data, locate, path, common=common)


def standard_from_data(data: Any, locate: Locate, path: Path, *, common: str | Path | None = None) -> Standard:
    """Return the standard that `data` says, checked as `load_standard` checks a file.

    Parameters
    ----------
    data : what `standard.yaml` says, as plain containers.
    locate : where an address stands in the file, for messages.
    path : the file it comes from, beside which tables and checklist lie; the fingerprint is that of the file.

    Raises
    ------
    ProblemsError
        With every mistake found.
    """
    document = validate_model(Document, data, locate, path)
    status = _status_of(document, path)
    if status != document.status:
        document = document.model_copy(update={"status": status})
    folder = Path(common) if common else None
    standard = _Resolver(document, path, locate, folder or standards_folder() / "common").standard()
    return replace(standard, common=folder)


def load_all(folder: str | Path | None = None) -> dict[str, Standard]:
    """Return every standard below `folder` (the shipped ones by default), by id: the version in force of each."""
    return {name: load_standard(file_in_force(path)) for name, path in standard_files(folder).items()}


@cache
def _common(path: Path, kind: type[RootModel[Any]], stamp: int) -> dict[str, Any]:
    root: dict[str, Any] = read_model(kind, path).root
    return root


def _status_of(document: Document, path: Path) -> str:
    """Return what the history says of the version the text bears; what the text says where it was never published."""
    place = frozen_folder(path)
    folder = place.parent.parent if place else path.resolve().parent
    release = release_of(folder, document.version)
    if release is None:
        return document.status
    if place is None:
        tables = [table.file for table in document.tables.values()]
        if text_fingerprint(folder, tables) != release.source:
            return document.status
    return release.status


def _beside(path: Path, name: str, kind: type[RootModel[Any]]) -> dict[str, Any]:
    """Return scales or matrices of the standard's own, from a file beside it."""
    file = path.parent / name
    return _common(file, kind, file.stat().st_mtime_ns) if file.is_file() else {}


def read_scales(common: Path | None = None) -> dict[str, Scale]:
    """Return the shared scales by name."""
    path = (common or standards_folder() / "common") / "scales.yaml"
    return _common(path, Scales, path.stat().st_mtime_ns) if path.exists() else read_model(Scales, path).root


def read_matrices(common: Path | None = None) -> dict[str, Matrix]:
    """Return the shared matrices by name."""
    path = (common or standards_folder() / "common") / "matrices.yaml"
    return _common(path, Matrices, path.stat().st_mtime_ns) if path.exists() else {}


class _Resolver(LevelRules):
    """Checks that everything a document names exists and fits, and gathers all mistakes before it complains."""

    def standard(self) -> Standard:
        document = self.document
        scale = self.scale()
        matrix = self.matrix(scale)
        lookups = self.lookups()
        checklist = read_checklist(self.path.parent / CHECKLIST, document, self.problems)
        self.collisions()
        names = Names(standard_symbols(document))
        self.derived(names)
        self.children()
        self.tree(names)
        self.level(names, scale)
        self.overrides(names, scale)
        self.rollup()
        self.response(names, [item.id for item in checklist])
        if self.problems:
            raise ProblemsError(
                sorted(self.problems, key=lambda problem: (problem.file or "", problem.line or 0)),
                f"{self.path}: {len(self.problems)} problem{'s' if len(self.problems) != 1 else ''} in the standard",
            )
        return Standard(document, self.path, scale, matrix, lookups, tuple(checklist), self.fingerprint(matrix, scale))

    # -- what lies beside the standard ---------------------------------------------------------------

    def scale(self) -> Scale:
        scales = read_scales(self.common) | _beside(self.path, SCALES, Scales)
        name = self.document.level.scale
        if name not in scales:
            self.wrong(("level", "scale"), f"no scale '{name}'; {did_you_mean(name, scales, allowed='there are')}")
            return next(iter(scales.values()))
        return scales[name]

    def matrix(self, scale: Scale) -> Matrix | None:
        wanted = self.document.level.matrix
        if wanted is None:
            return None
        matrices = read_matrices(self.common) | _beside(self.path, MATRICES, Matrices)
        if wanted.use not in matrices:
            self.wrong(
                ("level", "matrix", "use"),
                f"no matrix '{wanted.use}'; {did_you_mean(wanted.use, matrices, allowed='there are')}",
            )
            return None
        matrix = matrices[wanted.use]
        for level in {level for row in matrix.levels for level in row} - set(scale.names):
            self.wrong(("level", "matrix", "use"), f"the matrix gives '{level}'; {did_you_mean(level, scale.names)}")
        return matrix

    def lookups(self) -> dict[str, pd.DataFrame]:
        found = {}
        for name, table in self.document.tables.items():
            file = self.path.parent / table.file
            address = ("tables", name, "file")
            if Path(table.file).is_absolute() or ".." in Path(table.file).parts:
                self.wrong(address, f"'{table.file}' must lie in the folder of the standard")
                continue
            if not file.is_file():
                self.wrong(address, f"the file {table.file} is not beside the standard")
                continue
            values = read_lookup(file, table, name, self.problems)
            if values is not None:
                found[name] = values
        return found

    # -- names and formulas --------------------------------------------------------------------------

    def collisions(self) -> None:
        document = self.document
        seen: dict[str, str] = dict.fromkeys(document.fields, "a field")
        groups: list[tuple[str, str, Iterator[tuple[Any, ...]]]] = [
            ("derived", "a derived value", iter(("derived", name) for name in document.derived)),
            ("scores", "a score", iter(("scores", name) for name in document.scores)),
        ]
        for child, rows in document.children.items():
            groups.append(("totals", "a total", iter(("children", child, "totals", name) for name in rows.totals)))
        for name in document.fields:
            self.usable_name(name, ("fields", name))
        for _, kind, addresses in groups:
            for address in addresses:
                name = address[-1]
                self.usable_name(name, address)
                if name in seen:
                    self.wrong(address, f"'{name}' is already the name of {seen[name]}; every name is given once")
                seen[name] = kind

    def usable_name(self, name: str, address: tuple[Any, ...]) -> None:
        if name in RESERVED:
            self.wrong(address, f"'{name}' is the name of a result column; choose another name")
        elif keyword.iskeyword(name):
            self.wrong(address, f"'{name}' is a word of the formula language; choose another name")

    def derived(self, names: Names) -> None:
        document = self.document
        allowed = Names(
            field_symbols(document.fields)
            | {name: Symbol(f"derived:{name}", "number") for name in document.derived}
            | {name: symbol for name, symbol in names.symbols.items() if symbol.column.startswith("total:")}
        )
        needs: dict[str, set[str]] = {}
        for name, derived in document.derived.items():
            term = self.parse(allowed, derived.formula, "number", ("derived", name, "formula"))
            found = references(term) if term else set()
            needs[name] = {ref.removeprefix("derived:") for ref in found if ref.startswith("derived:")}
        self.circles(needs, "derived", "derived values")

    def circles(self, needs: Mapping[str, set[str]], section: str, what: str) -> None:
        for name in needs:
            reached: set[str] = set()
            stack = list(needs[name])
            while stack:
                current = stack.pop()
                if current not in reached:
                    reached.add(current)
                    stack.extend(needs.get(current, ()))
            if name in reached:
                self.wrong((section, name), f"'{name}' needs itself; {what} may not go in a circle")

    def children(self) -> None:
        document = self.document
        for child, rows in document.children.items():
            names = Names(child_symbols(document, child))
            for name, spec in rows.fields.items():
                if spec.lookup and spec.lookup not in document.tables:
                    self.wrong(
                        ("children", child, "fields", name, "in"),
                        f"no table '{spec.lookup}'; {did_you_mean(spec.lookup, document.tables, allowed='there are')}",
                    )
            for name, total in rows.totals.items():
                self.parse(names, total.formula, "number", ("children", child, "totals", name, total.how))

    def tree(self, names: Names) -> None:
        needs: dict[str, set[str]] = {name: set() for name in self.document.scores}
        for path, address, node in nodes(self.document.scores):
            place = ("scores", *address)
            if not re.fullmatch(NAME, path[-1]):
                self.wrong(place, f"'{path[-1]}' is no name; use Latin letters, digits and _, beginning with a letter")
            sources = list(node.kind.formulas())
            if node.applies_when is not None:
                sources.append((("applies_when",), node.applies_when, "boolean"))
            for below, source, expect in sources:
                term = self.parse(names, source, expect, (*place, *below))
                for ref in references(term) if term else ():
                    if ref.startswith("score:"):
                        needs[path[0]].add(ref.removeprefix("score:"))
            for below, message in node.kind.problems(node, names):
                self.wrong((*place, *below), message)
            if node.kind.is_branch and (isinstance(node.missing, MissingValue) or node.missing in ("worst", "best")):
                self.wrong((*place, "missing"), "missing: worst, best or {value} belongs to the nodes that read fields")
            if node.enough is not None:
                below_count = len(node.below())
                if not node.kind.is_branch:
                    self.wrong((*place, "enough"), "enough: belongs to branches; this node has no nodes below it")
                elif (node.enough.count or 0) > below_count:
                    self.wrong(
                        (*place, "enough", "count"),
                        f"{node.enough.count} nodes cannot be known where only {below_count} lie below",
                    )
            if node.kind.key == "formula" and node.missing in ("worst", "best"):
                self.wrong((*place, "missing"), "a formula has no worst or best score; use {value: x}, skip or error")
        self.circles(needs, "scores", "scores")

    def fingerprint(self, matrix: Matrix | None, scale: Scale) -> str:
        digest = hashlib.sha256()
        files = [self.path, self.path.parent / CHECKLIST]
        files += [self.path.parent / table.file for table in self.document.tables.values()]
        for file in files:
            if file.exists():
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        for part in (matrix, scale):
            if part is not None:
                digest.update(part.model_dump_json().encode() + b"\0")
        return digest.hexdigest()
