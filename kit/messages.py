"""What the kit says in English, said in Chinese: for drafters who read no English and do not program.

The messages are made in English, by f-strings where the mistake is found. `messages_zh.yaml` lists their patterns with
the Chinese for each, so that what is raised, logged and tested stays one text, and what is shown can be the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("messages_zh.yaml")
# Longer texts are tables or dumps; holes matched in them would cost more than they tell.
LONGEST = 2000
# Messages within messages: a hint in a cell's reason in a table's reason is three.
DEEPEST = 8

_EN_HOLE = re.compile(r"\{(\w+)\}")
_ZH_HOLE = re.compile(r"\{(\w+)([*?,;]?)(?:\|([^{}]*))?\}")


@dataclass(frozen=True)
class Entry:
    """One message of the catalogue.

    Attributes
    ----------
    en : the English with named holes, `unknown key '{key}'; {hint}`.
    zh : the Chinese. `{key}` stays as it is. `{hint*}` is a message of the catalogue and said in Chinese too; where it
        is none, the entry does not fit. `{why*|words}` becomes the words where `why` is none, `{kind?}` stays as it is.
        `{names,}` is a list with commas, `{parts;}` a list of messages with semicolons.
    """

    en: str
    zh: str
    pattern: re.Pattern[str]
    fixed: int

    @property
    def is_tail(self) -> bool:
        """Whether the entry begins with another message, which stands first in the Chinese too."""
        first = _EN_HOLE.match(self.en)
        return first is not None and self.zh.startswith(f"{{{first[1]}*}}")

    @classmethod
    def of(cls, en: str, zh: str) -> Entry:
        """Return the entry of an English pattern and its Chinese."""
        parts = _EN_HOLE.split(en)
        seen: set[str] = set()
        pattern = ""
        for position, part in enumerate(parts):
            if position % 2 == 0:
                pattern += re.escape(part)
            elif part in seen:  # the same hole twice holds the same words twice
                pattern += f"(?P={part})"
            else:
                seen.add(part)
                pattern += f"(?P<{part}>.*?)"
        return cls(en, zh, re.compile(pattern, re.DOTALL), sum(map(len, parts[::2])))


@cache
def entries() -> tuple[Entry, ...]:
    """Return the catalogue in the order in which it is tried.

    First what only takes a tail off a message (`{message} (given: {value})`), then what begins with words of its
    own, and of these the one with the most words: what begins with something given could begin with anything.
    """
    from ruamel.yaml import YAML

    data = YAML(typ="safe").load(CATALOGUE.read_text(encoding="utf-8"))
    found = [Entry.of(one["en"], one["zh"]) for one in data]
    return tuple(sorted(found, key=lambda entry: (not entry.is_tail, entry.en.startswith("{"), -entry.fixed)))


def in_chinese(message: str) -> str:
    """Return what the kit says in English in Chinese; a message that the catalogue does not have is left as it is.

    Several messages, one a line, are translated line by line. Values that were given stay as they were given.

    Examples
    --------
    >>> in_chinese("no level 'mayor' on the scale risk; allowed: low, major; did you mean major?")
    '等级表“risk”里没有等级“mayor”；是不是想写“major”？可以写：low、major'
    >>> in_chinese("something else")
    'something else'
    """
    found = _translated(message, 0)
    if found is not None:
        return found
    lines = message.split("\n")
    if len(lines) == 1:
        return message
    return "\n".join(line[: len(line) - len(line.lstrip())] + in_chinese(line.lstrip()) for line in lines)


@lru_cache(maxsize=2048)
def _translated(message: str, depth: int) -> str | None:
    if depth > DEEPEST or not message or len(message) > LONGEST:
        return None
    for entry in entries():
        found = entry.pattern.fullmatch(message)
        chinese = _filled(entry, found, depth) if found else None
        if chinese is not None:
            return chinese
    return None


def _filled(entry: Entry, found: re.Match[str], depth: int) -> str | None:
    """Return the Chinese with its holes filled; None where what has to be a message is none."""
    pieces = _ZH_HOLE.split(entry.zh)
    text = pieces[0]
    for name, kind, instead, after in zip(pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True):
        value = str(found[name])
        if kind == ",":
            value = value.replace(", ", "、")
        elif kind == ";":
            value = "；".join(_translated(part, depth + 1) or part for part in value.split("; "))
        elif kind in ("*", "?"):
            known = _translated(value, depth + 1)
            if known is None and kind == "*" and instead is None:
                return None
            value = known or instead or value
        text += value + after
    return text


__all__ = ["CATALOGUE", "Entry", "entries", "in_chinese"]
