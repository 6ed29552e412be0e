"""From what stands in a cell to a value of the declared type, column by column.

Only what cannot be read as the type is refused here. A value outside the range or the categories is read as it
stands: it is a finding of the quality check and a data error when scored, not a lost row.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.errors import cut
from kit.registers.codes_list import code_names
from kit.registers.texts import message
from kit.standard.fields import FieldSpec

if TYPE_CHECKING:
    import pandas as pd

_MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "<na>", "nat"})
_EXCEL_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"})
_TRUE = frozenset({"是", "true", "1", "1.0", "yes", "y", "有", "√", "对", "✓", "✔", "☑", "是的"})
_FALSE = frozenset({"否", "false", "0", "0.0", "no", "n", "无", "×", "错", "✗", "✘", "☒", "不是", "没有"})
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")


@dataclass(frozen=True)
class BadCell:
    """A cell that cannot be read: its place in the column (from 0), the value as given, the reason in Chinese."""

    position: int
    value: str
    reason: str


class CellError(ValueError):
    """The reason, in Chinese, why a cell cannot be read as its type."""


def _text(value: Any) -> str | None:
    """Return a cell as text as a person sees it, or None when it is empty."""
    if type(value) is str:  # most cells are
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        # Spreadsheets keep codes as floating numbers: 110101.0 is the code 110101.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value).strip()
    return text or None


def _plain(value: Any) -> str:
    """Return text with full-width letters and digits turned into ordinary ones, trimmed."""
    return unicodedata.normalize("NFKC", str(value)).strip()


def read_number(value: Any, field: FieldSpec) -> float | None:
    """Return the number in a cell; None when it is empty.

    Full-width digits are read. `1,234.5` and `1,234,567` are read; `1,234` is refused: it may be 1234 or 1.234.
    `85%` is read as 85 where the unit is %, and refused elsewhere. Infinity is refused.

    Raises
    ------
    CellError
        With the reason in Chinese.
    """
    unit = message("unit_suffix", unit=field.unit) if field.unit else ""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | dt.date):
        raise CellError(message("not_number", value=cut(_text(value)), unit=unit))
    if isinstance(value, int | float):
        if math.isinf(value):
            raise CellError(message("not_number", value=value, unit=unit))
        return float(value)
    text = _plain(value)
    if text.lower() in _MISSING and not text.startswith("#"):
        return None
    given = cut(value)
    if text.endswith("%"):
        if field.unit != "%":
            raise CellError(message("percent", value=given, unit=unit))
        text = text[:-1].strip()
    if "," in text:
        if not _GROUPED.fullmatch(text):
            raise CellError(message("not_number", value=given, unit=unit))
        if text.count(",") == 1 and "." not in text:
            raise CellError(message("ambiguous_comma", value=given))
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text) or math.isinf(float(text)):
        raise CellError(message("not_number", value=given, unit=unit))
    return float(text)


def read_boolean(value: Any, field: FieldSpec) -> bool | None:
    """Return whether a cell says yes (是, true, 1, 有, √); None when it is empty.

    Raises
    ------
    CellError
        With the reason in Chinese.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
    text = _plain(value).lower()
    if text in _MISSING:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellError(message("not_boolean", value=cut(value)))


def read_date(value: Any, field: FieldSpec) -> dt.date | None:
    """Return the day in a cell; None when it is empty. A bare year or a spreadsheet's serial number is refused.

    Raises
    ------
    CellError
        With the reason in Chinese.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, dt.datetime):
        return None if value != value else value.date()  # NaT is the value that is not itself
    if isinstance(value, dt.date):
        return value
    text = _plain(value)
    if text.lower() in _MISSING:
        return None
    day = _TIME.sub("", text).strip()
    for pattern in _DATES:
        found = pattern.fullmatch(day)
        if found:
            try:
                return dt.date(*(int(part) for part in found.groups()))
            except ValueError:
                break
    raise CellError(message("not_date", value=cut(value)))


def shown_options(field: FieldSpec | Mapping[str, str]) -> dict[str, str]:
    """Return what a person chooses from for each category or code: its Chinese text, or the key where two share one.

    Whatever is shown is read back as its key by `parse_column`.

    Examples
    --------
    >>> shown_options({"ev": "纯电动", "a": "其他", "b": "其他"})
    {'ev': '纯电动', 'a': 'a', 'b': 'b'}
    """
    names = _names(field) if isinstance(field, FieldSpec) else dict(field)
    back = _back(names)
    return {key: text if back.get(_plain(text)) == key else key for key, text in names.items()}


def _names(field: FieldSpec) -> dict[str, str]:
    codes = getattr(field, "codes", None)
    return dict(field.values) if field.values else code_names(codes) if codes else {}


def _back(names: Mapping[str, str]) -> dict[str, str]:
    """Return Chinese text (as `_plain` reads it) -> key; texts that two keys share are left out."""
    back: dict[str, str] = {}
    doubled: set[str] = set()
    for key, text in names.items():
        if _plain(text) in back:
            doubled.add(_plain(text))
        back[_plain(text)] = key
    keys = {_plain(key) for key in names}
    return {text: key for text, key in back.items() if text not in doubled and text not in keys}


def parse_column(
    values: Sequence[Any], field: FieldSpec, *, errors: Collection[int] | None = None
) -> tuple[pd.Series, list[BadCell]]:
    """Return a column as its declared type, and the cells that could not be read (null in the column).

    number and integer become float64 (empty is NaN), boolean the nullable boolean, date datetime64[ms], category
    and text the string type. Categories and codes may be given by key or by Chinese text; an unknown one stays as
    it is.

    Parameters
    ----------
    errors : positions where a formula failed, for who knows them; by their looks (#REF!) when not given.

    Examples
    --------
    >>> from kit.standard.fields import FieldSpec
    >>> age = FieldSpec.model_validate({"label": {"zh": "车龄"}, "type": "number", "unit": "年"})
    >>> column, bad = parse_column(["３.5", "", "三年"], age)
    >>> column.tolist()[0], bad[0].position
    (3.5, 2)
    """
    import pandas as pd

    bad: list[BadCell] = []
    if errors is None:
        errors = {at for at, value in enumerate(values) if isinstance(value, str) and value in _EXCEL_ERRORS}
    bad += [BadCell(at, str(values[at]), message("excel_error", value=values[at])) for at in sorted(errors)]
    if field.type in ("category", "text"):
        return _parse_text(values, field, errors), bad
    if field.numeric:
        quick = _quick_numbers(values)
        if quick is not None and not errors:
            return quick, bad
    readers: dict[str, Callable[[Any, FieldSpec], Any]] = {"boolean": read_boolean, "date": read_date}
    reader = readers.get(field.type, read_number)
    parsed: list[Any] = []
    for position, value in enumerate(values):
        if position in errors:
            parsed.append(None)
            continue
        try:
            parsed.append(reader(value, field))
        except CellError as error:
            parsed.append(None)
            bad.append(BadCell(position, cut(_text(value) or value), str(error)))
    dtype = {"number": "float64", "integer": "float64", "boolean": "boolean", "date": "datetime64[ms]"}[field.type]
    return pd.Series(parsed, dtype=dtype), sorted(bad, key=lambda cell: cell.position)


def _parse_text(values: Sequence[Any], field: FieldSpec, errors: Collection[int]) -> pd.Series:
    import pandas as pd

    names = _names(field)
    spelled = {_plain(text): key for key, more in getattr(field, "spellings", {}).items() for text in more}
    back = spelled | _back(names)
    texts = [None if position in errors else _text(value) for position, value in enumerate(values)]
    if back:
        # A key stands for itself, also where its own look is another's text.
        texts = [text if text is None or text in names else back.get(_plain(text), text) for text in texts]
    return pd.Series(texts, dtype="str")


def _quick_numbers(values: Sequence[Any]) -> pd.Series | None:
    """Return the column when every cell is an ordinary number or empty, which most columns are; else None."""
    import numpy as np
    import pandas as pd

    if any(isinstance(value, bool | dt.date) for value in values):
        return None
    if any(isinstance(value, str) and value and not value.isascii() for value in values):
        return None
    cells = [None if isinstance(value, str) and not value.strip() else value for value in values]
    given = pd.Series(cells, dtype=object)
    numbers = pd.to_numeric(given, errors="coerce").astype("float64")
    if bool((numbers.isna() & given.notna()).any()) or bool(np.isinf(numbers).any()):
        return None
    return numbers.reset_index(drop=True)
