"""Parts of standards put beside each other: their content, their titles, a value in words."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from kit.errors import cut
from kit.scoring.wording import words
from kit.standard.document import Override
from kit.standard.expressions import ExpressionError
from kit.standard.fields import FieldSpec
from kit.standard.standard import Standard
from kit.standard.tree import Node

# Words for readers: altering them alters no result.
WORDS = {"label", "note", "how", "reason", "basis", "provenance", "title", "method", "source", "colour", "colour_zh"}


def demand(override: Override) -> str:
    """Return what an override demands of the level, in words."""
    return "不低于" if override.at_least else "不高于" if override.at_most else "定为"


def by_id(parts: Any) -> dict[str, Any]:
    """Return parts that have an id by it."""
    return {part.id: part for part in parts}


def clause_of(part: Any) -> str | None:
    """Return the clause of a part that has one."""
    return getattr(part, "clause", None)


def in_words(standard: Standard, source: str) -> str:
    """Return a formula in words; as it stands where it cannot be read."""
    try:
        return words(standard, source)
    except ExpressionError:
        return source


def title_of(part: Any, name: str) -> str:
    """Return the words by which a reader knows a part, and its id."""
    label = getattr(part, "label", None) or getattr(part, "reason", None)
    text = label.zh if label is not None else getattr(part, "name_zh", None) or getattr(part, "title", None)
    return f"“{text}”（{name}）" if text else f"“{name}”"


def content_of(part: Any) -> Any:
    """Return what a part says apart from its id and its words."""
    if isinstance(part, BaseModel):
        data = part.model_dump(mode="json", by_alias=True, exclude=WORDS | {"id", "clause"})
        return _without_words(data)
    return {key: value for key, value in vars(part).items() if key != "id"} if hasattr(part, "__dict__") else part


def same_part(old: Any, new: Any) -> bool:
    """Whether two parts with different ids are one: many fields have the same content, so those need the same label."""
    if isinstance(new, FieldSpec) and old.label.zh != new.label.zh:
        return False
    return bool(content_of(old) == content_of(new))


def _without_words(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_words(value) for key, value in data.items() if key not in WORDS}
    return [_without_words(value) for value in data] if isinstance(data, list) else data


def settings_of(node: Node) -> Any:
    """Return what a branch says beside its children."""
    names = set(node.below())
    data = plain(node.kind)
    return {key: value for key, value in data.items() if key not in names} if isinstance(data, dict) else data


def plain(value: Any) -> Any:
    """Return a value as plain containers, as the file has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: None if part != part else plain(part) for key, part in value.items()}
    return value


def from_to(old: Any, new: Any) -> str:
    """Return a change of value in words."""
    before, after = _shown(old), _shown(new)
    if before == after and old != new:  # only the English words or something long differ
        before, after = f"{before}{plain(old)}", f"{after}{plain(new)}"
    return f"由 {before} 改为 {after}"


def _shown(value: Any) -> str:
    value = plain(value)
    if value is None:
        return "（无）"
    if isinstance(value, dict) and "zh" in value:
        return f"“{cut(value['zh'])}”"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return "{" + "、".join(f"{key}: {_shown(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + "、".join(_shown(part) for part in value) + "]"
    return cut(value)
