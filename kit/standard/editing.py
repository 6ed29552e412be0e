"""Changing values of a YAML text without touching any other byte: comments, order, quotes and line ends survive.

The text is composed to nodes that know where they begin and end; each change replaces just that span. Afterwards the
text is read again and has to say exactly what was wanted.
"""

from __future__ import annotations

import copy
import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kit.errors import ProblemsError
from kit.standard.editing_places import Address, EditedText, EditMismatchError, Step, value_at
from kit.standard.yaml_io import read_yaml_text


def edit_yaml(
    text: str,
    changes: Mapping[Address, Any] | None = None,
    *,
    delete: Iterable[Address] = (),
    insert: Mapping[Address, Any] | None = None,
) -> str:
    """Return `text` with other values at some addresses; every other byte stays.

    Parameters
    ----------
    text : a YAML document, with LF or CRLF line ends, with or without byte order mark.
    changes : new value by address, for example `("scores", "likelihood", "weighted_mean", "hazard", "weight")`. The
        address must exist. A scalar keeps the quotes it had where they fit; a list or mapping is written in one line.
    delete : addresses of entries to remove, with their lines (in block style) or their comma (in flow style).
    insert : entries to add. The last step of a mapping is the new key, placed last; that of a list is the place it gets
        (the length of the list: last). Written like the entry above it. These addresses mean the text after changes
        and deletions, one after the other.

    Raises
    ------
    ProblemsError
        When the text is damaged or uses anchors, aliases or merge keys, of which no single place could be changed.
    KitError
        When an address does not exist, or one to be inserted already does.
    EditMismatchError
        When the result would not say exactly what was wanted; this is an error of the kit.

    Examples
    --------
    >>> edit_yaml("a: 1   # years\\nb: [x, y]\\n", {("a",): 2.5, ("b", 1): "5.10"})
    'a: 2.5   # years\\nb: [x, "5.10"]\\n'
    """
    changes, insert, removed = dict(changes or {}), dict(insert or {}), set(delete)
    bom, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    document = EditedText(body)
    wanted = copy.deepcopy(document.data)
    for address in [*changes, *removed]:
        document.node(address)
    body = document.with_values(changes)
    for address, value in changes.items():
        wanted = _with(wanted, address, value)
    for address in sorted(removed, key=document.order, reverse=True):
        body = EditedText(body).without(address)
        del value_at(wanted, address[:-1])[address[-1]]
    for address, value in insert.items():
        body = EditedText(body).with_entry(address, value, None)
        _put(wanted, address, value)
    return bom + _checked(body, wanted)


def rewrite_yaml(text: str, data: Any) -> str:
    """Return `text` changed in as few places as possible so that it says `data`; see `edit_yaml` for errors.

    Items of lists that carry an `id` are recognised by it. New keys stand after the key before them in `data`.

    Examples
    --------
    >>> rewrite_yaml("at: [2, 4]  # 年\\nscores: [1, 2, 3]\\n", {"at": [2, 4, 6], "scores": [1, 2, 4, 5]})
    'at: [2, 4, 6]  # 年\\nscores: [1, 2, 4, 5]\\n'
    """
    bom, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    document = EditedText(body)
    plan = _Plan()
    plan.compare(document.data, data, (), ())
    body = document.with_values(plan.changes)
    for address in reversed(plan.removed):
        body = EditedText(body).without(address)
    for address, value, after in plan.added:
        body = EditedText(body).with_entry(address, value, after)
    return bom + _checked(body, data)


def differences(before: Any, after: Any, address: Address = ()) -> Iterator[tuple[Address, Any, Any]]:
    """Yield address, value before and value after for all that differs; what is not there is None.

    Lists of different length are one difference, unless their items carry an `id`.
    """
    if same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key), after.get(key), (*address, key))
    elif isinstance(before, list) and isinstance(after, list) and (ids := _ids(before)) and (others := _ids(after)):
        old, new = dict(zip(ids, before, strict=True)), dict(zip(others, after, strict=True))
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key), new.get(key), (*address, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for position, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, (*address, position))
    else:
        yield address, before, after


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same, types and all: 1, 1.0 and true are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return _keys(one) == _keys(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)


def _keys(block: Mapping[Any, Any]) -> set[tuple[type, Any]]:
    return {(type(key), key) for key in block}


def _ids(items: Sequence[Any]) -> list[str] | None:
    ids = [item.get("id") if isinstance(item, Mapping) else None for item in items]
    texts = [one for one in ids if isinstance(one, str)]
    return texts if texts and len(set(texts)) == len(ids) else None


def _alike(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    equal = sum(key in other and same(value, other[key]) for key, value in one.items())
    return 2 * equal >= max(len(one), len(other))


def _with(data: Any, address: Address, value: Any) -> Any:
    if not address:
        return copy.deepcopy(value)
    value_at(data, address[:-1])[address[-1]] = copy.deepcopy(value)
    return data


def _put(data: Any, address: Address, value: Any) -> None:
    parent = value_at(data, address[:-1])
    if isinstance(parent, list) and isinstance(address[-1], int):
        parent.insert(address[-1], copy.deepcopy(value))
    else:
        parent[address[-1]] = copy.deepcopy(value)


def _checked(body: str, wanted: Any) -> str:
    try:
        found, _ = read_yaml_text(body)
    except ProblemsError as error:
        raise EditMismatchError(f"the edited text could not be read again: {error}") from None
    if not same(found, wanted):
        first = next(differences(wanted, found), ((), "keys", "keys"))
        raise EditMismatchError(f"the edited text says {first[2]!r} at {first[0]}, wanted was {first[1]!r}")
    return body


class _Plan:
    """The fewest single edits from one value to another.

    Changed and removed places are named as in the old text, added ones as in the new.
    """

    def __init__(self) -> None:
        self.changes: dict[Address, Any] = {}
        self.removed: list[Address] = []
        self.added: list[tuple[Address, Any, Step]] = []

    def compare(self, old: Any, new: Any, place: Address, target: Address) -> None:
        if same(old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict) and (old and new):
            self.mapping(old, new, place, target)
        elif isinstance(old, list) and isinstance(new, list) and (old and new):
            self.sequence(old, new, place, target)
        else:
            self.changes[place] = new

    def mapping(self, old: dict[Any, Any], new: dict[Any, Any], place: Address, target: Address) -> None:
        there = _keys(new)
        self.removed += [(*place, key) for key in old if (type(key), key) not in there]
        before = None
        known = _keys(old)
        for key, value in new.items():
            if (type(key), key) in known:
                self.compare(old[key], value, (*place, key), (*target, key))
            else:
                self.added.append(((*target, key), value, before))
            before = key

    def sequence(self, old: list[Any], new: list[Any], place: Address, target: Address) -> None:
        left, right = _ids(old), _ids(new)
        if left is None or right is None:
            left, right = list(map(repr, old)), list(map(repr, new))
            paired = len(old) == len(new)
        else:
            paired = left == right
        if paired:
            for position, (one, other) in enumerate(zip(old, new, strict=True)):
                self.compare(one, other, (*place, position), (*target, position))
            return
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            kept = min(i2 - i1, j2 - j1)
            if tag != "equal" and _ids(old) is not None:
                # Another id with the same words is the item renamed; anything else is one gone and one come.
                alike = (_alike(old[i1 + step], new[j1 + step]) for step in range(kept))
                kept = len(list(itertools.takewhile(bool, alike)))
            for step in range(kept):
                self.compare(old[i1 + step], new[j1 + step], (*place, i1 + step), (*target, j1 + step))
            self.removed += [(*place, index) for index in range(i1 + kept, i2)]
            self.added += [((*target, index), new[index], None) for index in range(j1 + kept, j2)]
