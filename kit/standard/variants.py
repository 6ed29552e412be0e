"""Variants: a standard with a few values altered, written as address and value.

`{"scores.likelihood.hazard.crash_history.weight": 0.5}` is how drafts are compared, what-if questions are put and
sensitivity is measured. A variant is a standard as any other: it has been through every check of the loader.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pydantic import BaseModel

from kit.errors import KitError, cut, did_you_mean, nearest
from kit.standard.document import Document, Matrix
from kit.standard.loader import standard_from_data
from kit.standard.standard import Standard
from kit.standard.tree import KINDS, Node
from kit.standard.yaml_io import Locate, read_yaml

_MATRIX = "matrix"


@dataclass(frozen=True)
class Delta:
    """One altered value.

    Attributes
    ----------
    address : as it was given; place : the full address in the file.
    before, after : None where the key was absent, or is taken away.
    """

    address: str
    place: tuple[str | int, ...]
    before: Any
    after: Any


@dataclass(frozen=True, repr=False)
class VariantStandard(Standard):
    """A standard with altered values; its label and fingerprint are not those of the text it comes from."""

    deltas: tuple[Delta, ...] = ()

    @property
    def label(self) -> str:
        """Return `id@version+` and a mark of the altered values."""
        return f"{self.id}@{self.version}+{self.fingerprint[:8]}"


def variant(standard: Standard, changes: Mapping[str, Any]) -> VariantStandard:
    """Return `standard` with the values at some addresses altered, checked as a whole.

    Parameters
    ----------
    standard : a loaded standard, or a variant.
    changes : address to value. Addresses are dotted names: the full address of the file, or without the words of the
        kinds (`scores.likelihood.hazard.crash_history.weight`); members of lists by position, or by id where they have
        one (`overrides.no_permit.at_least`, `….bands.at.1`); matrix cells as `matrix.<likelihood>.<severity>`. None
        takes an optional key, an override or a node away.

    Raises
    ------
    KitError
        When an address is unknown (with the nearest), or a value would change nothing.
    ProblemsError
        When the altered standard has mistakes; all of them.

    Examples
    --------
    >>> half = variant(taxi, {"scores.likelihood.hazard.crash_history.weight": 0.5})   # doctest: +SKIP
    >>> half.nodes["likelihood.hazard.crash_history"].weight                 # doctest: +SKIP
    0.5
    """
    if not changes:
        raise KitError("no change is given; write for example {'scores.likelihood.weight': 0.5}")
    data = standard.document.model_dump(mode="python", by_alias=True, exclude_unset=True)
    data = _plain(data)
    deltas: list[Delta] = []
    cells: dict[str, Any] = {}
    mistakes: list[str] = []
    for address, value in changes.items():
        try:
            if address.split(".")[0] == _MATRIX:
                cells[address] = value
            else:
                deltas.append(_apply(standard.document, data, address, value))
        except KitError as error:
            mistakes.append(str(error))
    matrix = standard.matrix
    for address, value in cells.items():
        try:
            matrix, delta = _cell(standard, matrix, address, value)
            deltas.append(delta)
        except KitError as error:
            mistakes.append(str(error))
    if mistakes:
        raise KitError("\n".join(mistakes))
    made = standard_from_data(data, _locator(standard), standard.path, common=standard.common)
    if made.document == standard.document and not cells:
        raise KitError("the changes " + ", ".join(changes) + " leave the standard as it is")
    values = {entry.name: getattr(made, entry.name) for entry in fields(Standard)}
    if made.document.level.matrix == standard.document.level.matrix:
        values["matrix"] = matrix
    digest = hashlib.sha256(standard.fingerprint.encode())
    digest.update(json.dumps([[delta.place, delta.after] for delta in deltas], default=str, sort_keys=True).encode())
    values["fingerprint"] = digest.hexdigest()
    return VariantStandard(**values, deltas=(*getattr(standard, "deltas", ()), *deltas))


def variant_addresses(standard: Standard) -> list[str]:
    """Return the short address of every value that a variant may alter.

    Examples
    --------
    >>> "overrides.no_permit.at_least" in variant_addresses(taxi)                    # doctest: +SKIP
    True
    """
    found: list[str] = []
    data = _plain(standard.document.model_dump(mode="python", by_alias=True, exclude_unset=True))

    def visit(node: Any, prefix: str, in_tree: bool) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                short = in_tree and key in KINDS and isinstance(value, dict) and _is_branch(key, value)
                if short or (in_tree and key == "children"):
                    visit(value, prefix, in_tree)
                else:
                    visit(value, f"{prefix}.{key}" if prefix else str(key), in_tree or key == "scores")
        elif isinstance(node, list):
            for place, value in enumerate(node):
                name = value.get("id", place) if isinstance(value, dict) else place
                visit(value, f"{prefix}.{name}", in_tree)
        else:
            found.append(prefix)

    visit(data, "", False)
    if standard.matrix is not None:
        found += [
            f"{_MATRIX}.{likelihood:g}.{severity:g}"
            for likelihood in standard.matrix.likelihood
            for severity in standard.matrix.severity
        ]
    return found


def _is_branch(key: str, value: Mapping[str, Any]) -> bool:
    return bool(KINDS[key].is_branch) and all(isinstance(child, dict) for child in value.values())


def _locator(standard: Standard) -> Locate:
    try:
        return read_yaml(standard.path)[1]
    except KitError:  # a standard made in memory
        return lambda address: (None, None)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inside) for inside in value]
    return copy.copy(value)


def _apply(document: Document, data: dict[str, Any], address: str, value: Any) -> Delta:
    parts = [part for part in address.replace("[", ".").replace("]", "").split(".") if part]
    if not parts:
        raise KitError(f"'{address}' is no address; write for example scores.likelihood.weight")
    block: Any = data
    model: Any = document
    place: list[str | int] = []
    position = 0
    while position < len(parts):
        part, taken = _key_at(block, parts[position:])
        position += taken
        last = position == len(parts)
        steps = _steps_to(block, part, model)
        if steps is None:
            if last and isinstance(block, dict) and _may_have(model, part):
                return _set(block, model, part, value, address, (*place, part))
            raise _unknown(document, block, model, address, part)
        for step in steps[:-1] if last else steps:
            block, model = block[step], _inside(model, step)
            place.append(step)
        if last:
            return _set(block, model, steps[-1], value, address, (*place, steps[-1]))
    raise AssertionError("unreachable")


def _key_at(block: Any, parts: list[str]) -> tuple[str, int]:
    """Return the next key of an address and how many of its parts it takes: `5.2.1` of the clauses takes three."""
    if isinstance(block, dict):
        keys = {_key_text(key) for key in block}
        for taken in range(len(parts), 1, -1):
            if (joined := ".".join(parts[:taken])) in keys:
                return joined, taken
    return parts[0], 1


def _steps_to(block: Any, part: str, model: Any) -> list[str | int] | None:
    """Return the keys that lead from `block` to `part`: itself, or through the word of a kind."""
    if isinstance(block, dict):
        key = next((key for key in block if _key_text(key) == part), None)
        below = _children(block, part, model)
        # A node named as one of the keys of its parent is reached by its full address.
        return [key] if key is not None else below
    if isinstance(block, list):
        for place, entry in enumerate(block):
            if isinstance(entry, dict) and str(entry.get("id")) == part:
                return [place]
        return [int(part)] if part.isdigit() and int(part) < len(block) else None
    return None


def _children(block: dict[str, Any], part: str, model: Any) -> list[str | int] | None:
    if not isinstance(model, Node):
        return None
    for name in model.below():
        if name == part:
            return list(model.kind.child_address(name))  # type: ignore[arg-type]
    return None


def _key_text(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else f"{key:g}" if isinstance(key, float) else str(key)


def _inside(model: Any, step: Any) -> Any:
    """Return the part of the model that a key of the file leads to."""
    root = getattr(model, "root", model)
    if isinstance(root, Mapping):
        return root.get(step)
    if isinstance(root, list | tuple):
        return root[step] if isinstance(step, int) and step < len(root) else None
    if isinstance(root, BaseModel):
        for name, info in type(root).model_fields.items():
            if step in (name, info.alias):
                return getattr(root, name)
    return None


def _model_keys(model: Any) -> list[str]:
    return [info.alias or name for name, info in type(model).model_fields.items()] if _is_block(model) else []


def _is_block(model: Any) -> bool:
    return isinstance(model, BaseModel) and "root" not in type(model).model_fields


def _may_have(model: Any, part: str) -> bool:
    return part in _model_keys(model)


def _set(block: Any, model: Any, key: Any, value: Any, address: str, place: tuple[str | int, ...]) -> Delta:
    absent = isinstance(block, dict) and key not in block
    before = None if absent else block[key]
    now = _plain(getattr(_inside(model, key), "value", None)) if absent and not _is_block(model) else before
    if absent and _is_block(model):
        default = _inside(model, key)
        now = default.model_dump(by_alias=True, exclude_unset=True) if isinstance(default, BaseModel) else default
    if value is None:
        if absent:
            raise KitError(f"'{address}' is not there, so taking it away changes nothing")
        if isinstance(block, list):
            block.pop(key)
        else:
            del block[key]
        return Delta(address, place, before, None)
    if _same(value, now):
        raise KitError(f"'{address}' is already {cut(value)}, so the change does nothing; give another value")
    block[key] = _plain(value)
    return Delta(address, place, before, value)


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, bool) != isinstance(other, bool):
        return False
    return bool(_plain(value) == _plain(other))


def _unknown(document: Document, block: Any, model: Any, address: str, part: str) -> KitError:
    if isinstance(block, dict):
        options = [_key_text(key) for key in block] + _model_keys(model)
        options += list(model.below()) if isinstance(model, Node) else []
    elif isinstance(block, list):
        options = [str(entry["id"]) if isinstance(entry, dict) and "id" in entry else str(place)
                   for place, entry in enumerate(block)]  # fmt: skip
    else:
        options = []
    message = f"the address '{cut(address)}' is unknown: there is no '{cut(part)}'"
    if not options:
        return KitError(f"{message}; nothing lies below it")
    guess = nearest(part, options)
    if guess is None and isinstance(model, Node):  # the name may stand further down the tree
        paths = [f"scores.{path}" for path in _paths(document)]
        close = next((path for path in paths if path.rpartition(".")[2] == part), None) or nearest(address, paths)
        if close:
            return KitError(f"{message}; did you mean {close}?")
    return KitError(f"{message}; {did_you_mean(part, dict.fromkeys(options))}")


def _paths(document: Document) -> list[str]:
    from kit.standard.tree import nodes

    return [".".join(path) for path, _, _ in nodes(document.scores)]


def _cell(standard: Standard, matrix: Matrix | None, address: str, value: Any) -> tuple[Matrix, Delta]:
    if matrix is None:
        raise KitError(f"'{address}': {standard.id} has no matrix")
    parts = address.split(".")
    rows, columns = [f"{axis:g}" for axis in matrix.likelihood], [f"{axis:g}" for axis in matrix.severity]
    if len(parts) != 3 or parts[1] not in rows or parts[2] not in columns:
        raise KitError(
            f"'{address}' is no cell; write matrix.<likelihood>.<severity>, "
            f"likelihood one of {', '.join(rows)}, severity one of {', '.join(columns)}"
        )
    if value not in standard.scale.names:
        raise KitError(f"'{address}': no level '{cut(value)}'; {did_you_mean(str(value), standard.scale.names)}")
    row, column = rows.index(parts[1]), columns.index(parts[2])
    before = matrix.levels[row][column]
    if before == value:
        raise KitError(f"'{address}' is already {value}, so the change does nothing; give another level")
    levels = [list(on_row) for on_row in matrix.levels]
    levels[row][column] = value
    return matrix.model_copy(update={"levels": levels}), Delta(address, tuple(parts), before, value)


__all__ = ["Delta", "VariantStandard", "variant", "variant_addresses"]
