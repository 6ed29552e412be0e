"""Reading YAML so that every mistake can be shown in its place.

YAML 1.2 by ruamel.yaml in round-trip mode: comments and order are kept, unknown tags build nothing, and each key knows
its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, RootModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent

from kit.errors import KitError, Problem, ProblemsError, cut, did_you_mean

Place = tuple[int | None, int | None]
Locate = Callable[[Sequence[str | int]], Place]

MAX_BYTES = 4_000_000
MAX_DEPTH = 60
# Aliases may name one block many times over; no standard comes near this many values.
MAX_VALUES = 200_000

M = TypeVar("M", bound=BaseModel)


def read_yaml(path: str | Path) -> tuple[Any, Locate]:
    """Return the plain data of a YAML file and a function that tells where an address stands.

    `locate(("fields", "age", "range"))` gives line and column (from 1) of the key, or of the nearest known parent.

    Raises
    ------
    ProblemsError
        When the file cannot be read, is not UTF-8, is damaged, or has a key twice; with file, line and column.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise ProblemsError(
                [Problem(f"{size:,} bytes; a standard has at most {MAX_BYTES:,}. Move tables into CSV.", str(path))]
            )
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        siblings = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() else []
        hint = did_you_mean(file.name, siblings, allowed="the folder has") if siblings else "its folder does not exist"
        raise ProblemsError([Problem(f"file not found; {hint}", str(path))]) from None
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise ProblemsError(
            [Problem("not UTF-8 text (saved as GBK?). Save the file as UTF-8.", str(path), line)]
        ) from None
    return read_yaml_text(text, str(path))


def read_yaml_text(text: str, name: str = "<text>") -> tuple[Any, Locate]:
    """Return data and locator of YAML text; `name` stands for the file in messages."""
    tree = _tree(text, name)
    try:
        return _Plain(name).value(tree), _locator(tree)
    except _Tagged:
        _refuse_tags_and_depth(YAML(typ="rt", pure=True), text, name)
        raise


@lru_cache(maxsize=8)
def _tree(text: str, name: str) -> Any:
    """Return what ruamel builds of the text, which nobody changes; the same few texts are read over and over."""
    parser = YAML(typ="rt", pure=True)
    parser.allow_duplicate_keys = False
    try:
        if _MAY_BE_TAG.search(text) or _may_be_deep(text):
            _refuse_tags_and_depth(parser, text, name)
        return parser.load(text)
    except MarkedYAMLError as error:
        raise ProblemsError([_damage(error, name)]) from None
    except (YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ProblemsError([Problem(f"damaged YAML: {cut(error)}", name)]) from None


# A tag stands at the beginning of a value. `!= ` is left out because conditions are full of it: a value with that tag
# is told apart when it has been read.
_MAY_BE_TAG = re.compile(r"(?:^|[\s\[{,:?-])!(?!= )", re.MULTILINE)


def _may_be_deep(text: str) -> bool:
    """Whether the text could be nested deeper than is allowed: block levels need columns, flow levels brackets.

    Closing brackets are taken off line by line only as far as the line opened some, so that one in a text does not
    hide others.
    """
    open_ = most = 0
    for line in text.splitlines():
        if len(line) - len(line.lstrip(" ")) > MAX_DEPTH or line.count("- ") > MAX_DEPTH // 2:
            return True
        opened, closed = line.count("[") + line.count("{"), line.count("]") + line.count("}")
        most = max(most, open_ + opened)
        open_ = max(0, open_ + opened - closed) if open_ or opened != closed else 0
    return most > MAX_DEPTH // 2


def _refuse_tags_and_depth(parser: YAML, text: str, name: str) -> None:
    """Look at the text's events before anything is built of it: tags are refused by name, and so is deep nesting."""
    problems: list[Problem] = []
    depth = 0
    for event in parser.parse(text):
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            problems.append(Problem(f"nested deeper than {MAX_DEPTH} levels", name, line, column))
            break
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            message = f"the tag {cut(shown)} is not used here; write the plain value"
            problems.append(Problem(message, name, line, column))
    if problems:
        raise ProblemsError(problems)


def _damage(error: MarkedYAMLError, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    problem = " ".join(str(error.problem or error).split())
    if "duplicate key" in problem:
        message = f"{problem.split(' with value')[0]}: the same key stands twice in one block; remove or rename one"
    else:
        message = f"damaged YAML: {cut(problem, 160)}. Check indentation, quotes and brackets here and just above."
    return Problem(message, name, mark.line + 1 if mark else None, mark.column + 1 if mark else None)


class _Tagged(Exception):
    """A value bears a tag that `_MAY_BE_TAG` let through."""


class _Plain:
    """Turns what ruamel read into builtin containers and scalars."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def value(self, node: Any) -> Any:
        self.count += 1
        if self.count > MAX_VALUES:
            raise ProblemsError([Problem(f"more than {MAX_VALUES:,} values once its aliases are filled in", self.name)])
        if isinstance(node, Mapping):
            return {self.key(key, node): self.value(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.value(value) for value in node]
        if isinstance(node, bool) or node is None:
            return node
        if isinstance(node, TaggedScalar):
            raise _Tagged
        for kind in (int, float, str):
            if isinstance(node, kind):
                return kind(node)
        return node

    def key(self, key: Any, block: Any) -> Any:
        if isinstance(key, Mapping | Sequence) and not isinstance(key, str):
            line = block.lc.line + 1 if isinstance(block, CommentedMap) else None
            raise ProblemsError([Problem("a list or block cannot be a key; write a plain word", self.name, line)])
        return self.value(key)


def _locator(tree: Any) -> Locate:
    def locate(address: Sequence[str | int]) -> Place:
        place: Place = (None, None)
        node = tree
        for step in address:
            try:
                if isinstance(node, CommentedMap) and step in node:
                    line, column = node.lc.key(step)
                elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                    line, column = node.lc.item(step)
                else:
                    continue
            except (KeyError, AttributeError, TypeError):
                return place
            place = (line + 1, column + 1)
            node = node[step]
        return place

    return locate


def _allowed_keys(model: type[BaseModel], address: Sequence[str | int]) -> list[str] | None:
    """Return the keys that the model at `address` takes, following the address through nested models."""
    current: Any = model
    for step in address:
        current = _step_into(current, step)
        if current is None:
            return None
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return None


def _step_into(annotation: Any, step: str | int) -> Any:
    from typing import Annotated, Union, get_args, get_origin

    origin = get_origin(annotation)
    if isinstance(annotation, type) and origin is None and issubclass(annotation, BaseModel):
        if issubclass(annotation, RootModel):  # a node's kind whose nodes stand directly below
            return _step_into(annotation.model_fields["root"].annotation, step)
        for name, field in annotation.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
        return None
    arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
    if origin is Annotated:
        return _step_into(arguments[0], step)
    if origin is Union or type(annotation).__name__ == "UnionType":
        return next((found for found in (_step_into(argument, step) for argument in arguments) if found), None)
    if origin in (dict, Mapping) and len(arguments) == 2:
        return arguments[1]
    if origin in (list, tuple):
        return arguments[0]
    return None


# What the patterns of names and numbers ask for, in words.
PATTERNS: dict[str, str] = {}
_WORDS = {
    "missing": "required key is missing",
    "string_type": "must be text (put it in quotes if it looks like a number)",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be a block of key: value",
    "model_type": "must be a block of key: value",
    "model_attributes_type": "must be a block of key: value",
    "list_type": "must be a list, for example [1, 2]",
    "tuple_type": "must be a list, for example [1, 2]",
    "date_type": "must be a date, for example 2019-10-01",
    "none_required": "must be null",
}


def model_problems(
    error: ValidationError, model: type[BaseModel], data: Any, locate: Locate, file: str
) -> list[Problem]:
    """Return one problem for each mistake pydantic found, with its place and what is allowed there."""
    problems: dict[tuple[Any, ...], Problem] = {}
    for item in error.errors():
        address = [step for step in item["loc"] if _exists(data, item["loc"], step)] or list(item["loc"])
        line, column = locate(address)
        kind = item["type"]
        given = item.get("input")
        shown = f" (given: {cut(repr(given))})" if not isinstance(given, dict | list) and kind != "missing" else ""
        key = ".".join(str(step) for step in address)
        if kind == "extra_forbidden":
            allowed = _allowed_keys(model, address[:-1])
            hint = did_you_mean(str(address[-1]), allowed, allowed="allowed here") if allowed else "remove it"
            message = f"unknown key '{address[-1]}'; {hint}"
        elif kind == "missing":
            message = f"required key '{item['loc'][-1]}' is missing"
            key = ".".join(str(step) for step in item["loc"])
        elif kind == "literal_error":
            options = [option.strip("'") for option in item["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            message = f"'{cut(given)}' is not allowed; {did_you_mean(str(given), options)}"
        elif kind == "value_error":
            message = str(item["ctx"]["error"])
        elif kind == "string_pattern_mismatch":
            message = f"must be {PATTERNS.get(item['ctx']['pattern'], 'like ' + item['ctx']['pattern'])}{shown}"
        else:
            message = f"{_WORDS.get(kind, item['msg'])}{shown}"
        problems.setdefault((line, key, message), Problem(message, file, line, column, key))
    return list(problems.values())


def _exists(data: Any, address: Sequence[str | int], step: str | int) -> bool:
    """Whether `step` of pydantic's address is a real key: unions add names of their own, which readers do not know."""
    node: Any = data
    for part in address:
        inside = isinstance(node, Mapping) and part in node
        if inside or (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            node = node[part]
        elif part == step:
            return False
        else:
            continue
        if part == step:
            return True
    return False


def validate_model(model: type[M], data: Any, locate: Locate, file: str | Path) -> M:
    """Return `data` as `model`.

    Raises
    ------
    ProblemsError
        With every mistake at once: file, line, key, what is allowed, the nearest name.
    """
    if not isinstance(data, Mapping):
        raise ProblemsError([Problem("the file must hold a block of key: value", str(file), 1)])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, model, data, locate, str(file))) from None


def read_model(model: type[M], path: str | Path) -> M:
    """Return the YAML file at `path` as `model`; see `validate_model` for errors."""
    data, locate = read_yaml(path)
    return validate_model(model, data, locate, path)


__all__ = ["KitError", "Locate", "read_model", "read_yaml", "read_yaml_text", "validate_model"]
