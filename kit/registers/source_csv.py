"""CSV files, in UTF-8 or GB18030, read row by row: a file of any size passes through."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from kit.errors import KitError, cut
from kit.registers.headings import HEAD_ROWS, Known, find_headings
from kit.registers.sources import RawBatch, RawCell, RawSource
from kit.registers.texts import message

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
_DELIMITERS = (",", "\t", ";")
_BLOCK = 1 << 20
# What is left of Chinese text that was opened in the wrong encoding and saved: the second is the first, taken for GBK.
_LOST = ("\N{REPLACEMENT CHARACTER}", "锟斤拷")
# The encoding that text was taken for, and the one it was in.
_WRONG = (
    ("gb18030", "utf-8"),
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
    ("latin-1", "gb18030"),
    ("cp1252", "gb18030"),
)


@contextmanager
def open_csv(path: Path, sheet: str | None, known: Known | None, rows: int) -> Iterator[RawSource]:
    """Yield the open table of a CSV file; see `kit.registers.sources.open_raw`."""
    encoding, damaged = _encoding(path)
    with path.open(encoding=encoding, newline="") as handle:
        start = handle.read(_BLOCK)
        # A title above the headings has no delimiter.
        first = next((line for line in start.splitlines() if any(mark in line for mark in _DELIMITERS)), "")
        delimiter = max(_DELIMITERS, key=first.count)
        handle.seek(0)
        content = _rows(path, csv.reader(handle, delimiter=delimiter, strict=True))
        top = list(islice(content, HEAD_ROWS))
        headings, taken = find_headings([row for _, row in top], known)
        _garbled(path, headings, known)
        source = RawSource(
            headings,
            _batches(top[taken:], content, rows, damaged),
            encoding="utf-8" if encoding == "utf-8-sig" else encoding,
        )
        if taken > 1:
            source.notes.append(f"headings found in row {top[taken - 1][0]}")
        yield source


def _encoding(path: Path) -> tuple[str, bool]:
    """Return the encoding of all of the file, and whether it has marks of text lost before."""
    line = 1
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        damaged, line = False, 1
        try:
            with path.open("rb") as handle:
                while block := handle.read(_BLOCK):
                    text = decoder.decode(block)
                    if "\x00" in text:
                        raise KitError(
                            f"{path}: holds zero bytes, so it is not a CSV text file (a renamed spreadsheet?)"
                        )
                    damaged = damaged or any(mark in text for mark in _LOST)
                    line += text.count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            continue
        return encoding, damaged
    raise KitError(f"{path}, line {line}: neither UTF-8 nor GB18030 text. Save the file as 'CSV UTF-8'.")


def _garbled(path: Path, headings: list[str], known: Known | None) -> None:
    """Refuse a file whose headings were opened in the wrong encoding and saved so: the data are as broken as they."""
    for heading in headings:
        backs = [heading.encode(wrong, "ignore").decode(right, "ignore") for wrong, right in _WRONG]
        strange = known is not None and not known(heading) and any(map(known, backs))
        if strange or any(mark in heading for mark in _LOST):
            raise KitError(
                f"{path}: the headings are garbled ('{cut(heading, 30)}'); the file was opened in a wrong encoding "
                "(GBK read as UTF-8, or the reverse) and saved so. Take the original file again."
            )


def _unguard(text: str) -> str:
    """Take off the apostrophe that the kit's writer sets before text that a spreadsheet would run as a formula."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_TRIGGERS) else text


def _rows(path: Path, reader: csv._reader) -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    """Yield the rows that have content, with the number of the line each begins in."""
    previous = 0
    try:
        for row in reader:
            number, previous = previous + 1, reader.line_num
            if any(cell.strip() for cell in row):
                yield number, [_unguard(cell) if cell.startswith("'") else cell for cell in row]
    except csv.Error as error:
        raise KitError(f"{path}, line {previous + 1}: damaged CSV ({error}); check the quotes from here") from None


def _batches(
    first: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]], rows: int, damaged: bool
) -> Iterator[RawBatch]:
    batch = RawBatch([], [])
    for entries in (iter(first), rest):
        for number, row in entries:
            if damaged:
                _note_lost(batch, row)
            batch.numbers.append(number)
            batch.rows.append(row)
            if len(batch.rows) >= rows:
                yield batch
                batch = RawBatch([], [])
    if batch.rows:
        yield batch


def _note_lost(batch: RawBatch, row: list[str]) -> None:
    for place, cell in enumerate(row):
        if any(mark in cell for mark in _LOST):
            lost = RawCell(place, cut(cell), message("lost_text", value=cut(cell)))
            batch.lost.setdefault(len(batch.rows), []).append(lost)
