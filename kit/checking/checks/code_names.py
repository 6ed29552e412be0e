"""Names against identifiers in lookup tables: one CAS number with two names, one name twice, a wrong check digit."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.standard.loader import standards_folder

NAME_COLUMNS = ("name_zh", "name", "名称", "name_as_transcribed")
_CAS = re.compile(r"(\d{2,7})-(\d{2})-(\d)")
_BRACKETS = re.compile(r"[(\[（【](.*?)[)\]）】]")


@dataclass(frozen=True)
class Entry:
    """A row of a code list: where it stands, its identifier and its name."""

    line: int
    code: str
    name: str


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong in each lookup table that has names beside its keys."""
    for table, declared in context.document.tables.items():
        file = context.standard.path.parent / declared.file
        entries = read_entries(file, declared.key)
        reference = _reference_names(declared.key, file)
        place = ("tables", table)
        for entry, zh, en, remedy in name_faults(entries, reference):
            yield context.find("error", zh, en, (*place, entry.code), file=file, line=entry.line, remedy_zh=remedy)


def name_faults(entries: Iterable[Entry], reference: Mapping[str, str]) -> Iterator[tuple[Entry, str, str, str]]:
    """Yield the rows whose name and identifier do not belong together, with words in Chinese and English and a remedy.

    Parameters
    ----------
    entries : the code list.
    reference : identifier to name in a list that was reviewed; identifiers not in it are not compared.

    Examples
    --------
    >>> faults = name_faults([Entry(2, "50-00-0", "甲醇(含量>90%)")], {"50-00-0": "甲醛（含量>90%）"})
    >>> next(faults)[1]
    '50-00-0写作“甲醇(含量>90%)”，核对过的代码表中是“甲醛（含量>90%）”'
    """
    by_code: dict[str, Entry] = {}
    by_name: dict[str, Entry] = {}
    for entry in entries:
        if not right_check_digit(entry.code):
            yield (
                entry,
                f"CAS号{entry.code}（{entry.name}）的校验位不对",
                f"the check digit of the CAS number {entry.code} is wrong",
                "对照原文改正CAS号",
            )
        known = reference.get(entry.code)
        if known is not None and not same_substance(entry.name, known):
            yield (
                entry,
                f"{entry.code}写作“{entry.name}”，核对过的代码表中是“{known}”",
                f"{entry.code} is named {entry.name}, but {known} in the reviewed list",
                "对照原文改正名称或CAS号，并核对这一行的其他数值",
            )
        before = by_code.setdefault(entry.code, entry)
        if before is not entry and not same_substance(before.name, entry.name):
            yield (
                entry,
                f"{entry.code}在第{before.line}行叫“{before.name}”，在这里叫“{entry.name}”",
                f"{entry.code} has two names: {before.name} and {entry.name}",
                "改正名称，或改正其中一个CAS号",
            )
        twin = by_name.setdefault(_plain(entry.name), entry)
        if twin is not entry and twin.code != entry.code:
            yield (
                entry,
                f"“{entry.name}”有两个代码：{twin.code}（第{twin.line}行）和{entry.code}",
                f"{entry.name} has two codes: {twin.code} and {entry.code}",
                "改正名称或代码；确为两个条目的，名称要写出区别",
            )


def same_substance(one: str, other: str) -> bool:
    """Return whether two names may mean the same: words in brackets are by-names or qualifiers.

    Examples
    --------
    >>> same_substance("光气", "碳酰氯（光气）"), same_substance("氯化氢", "氟化氢")
    (True, False)
    """
    first, second = _names(one), _names(other)
    return bool(first & second)


def right_check_digit(code: str) -> bool:
    """Return whether the check digit of a CAS number is right; true for what is no CAS number.

    Examples
    --------
    >>> right_check_digit("7664-41-7"), right_check_digit("7664-41-8"), right_check_digit("T1-13")
    (True, False, True)
    """
    match = _CAS.fullmatch(code)
    if match is None:
        return True
    digits = (match.group(1) + match.group(2))[::-1]
    return sum(int(digit) * place for place, digit in enumerate(digits, start=1)) % 10 == int(match.group(3))


def read_entries(file: Path, key: str) -> list[Entry]:
    """Return the rows of a CSV code list; none when it has no column of names or no column `key`."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        columns = reader.fieldnames or []
        named = next((column for column in NAME_COLUMNS if column in columns), None)
        if named is None or key not in columns:
            return []
        return [Entry(reader.line_num, (row[key] or "").strip(), (row[named] or "").strip()) for row in reader]


@cache
def _reference_files() -> tuple[Path, ...]:
    return tuple(path for path in sorted(standards_folder().rglob("*.csv")) if "versions" not in path.parts)


def _reference_names(key: str, file: Path) -> dict[str, str]:
    """Return the names that the shipped code lists with the same key give; the list itself is left out."""
    found: dict[str, str] = {}
    for other in _reference_files():
        if other.resolve() != file.resolve():
            for entry in read_entries(other, key):
                found.setdefault(entry.code, entry.name)
    return found


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).lower()


def _names(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", name)
    inside = [part for part in _BRACKETS.findall(plain) if not re.search(r"[\d<>=%]|的$", part)]
    return {_plain(part) for part in (_BRACKETS.sub("", plain), *inside)} - {""}
