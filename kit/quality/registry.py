"""Rules that reach over columns or tables: one file each in `kit/quality/rules/`, found here."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import kit.quality.rules as rule_package
from kit.quality.texts import state
from kit.registers.schema import load_schema, schema_names

if TYPE_CHECKING:
    import pandas as pd


class NotCheckable(Exception):
    """Why a rule cannot be checked on this data, in Chinese."""


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides its own table.

    Attributes
    ----------
    tables : all tables of the run by name; the quarter before may be there as ``previous/<table>``.
    as_of : the day the data stand for.
    """

    tables: Mapping[str, pd.DataFrame]
    as_of: dt.date

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Return another table.

        Raises
        ------
        NotCheckable
            When the run does not have the table or one of the columns.
        """
        if name not in self.tables:
            raise NotCheckable(state("no_table", table=table_title(name)))
        missing = [column for column in columns if column not in self.tables[name].columns]
        if missing:
            raise NotCheckable(state("no_columns", columns="、".join(missing)))
        return self.tables[name]


Breaches = Callable[["pd.DataFrame", str, Context], "pd.Series"]


@dataclass(frozen=True)
class Rule:
    """A rule as its file declares it.

    Attributes
    ----------
    id : name of the file.
    title_zh, allowed_zh : first line and second paragraph of the file's docstring.
    tables : table -> column that the finding is shown at.
    needs : further columns without which the rule cannot be checked.
    severity : error or warning.
    breaches : ``(frame, column, context) -> Series``, nullable boolean along the frame: True is a breach, null
        does not apply.
    """

    id: str
    title_zh: str
    allowed_zh: str
    tables: Mapping[str, str]
    needs: tuple[str, ...]
    severity: str
    breaches: Breaches


def table_title(name: str) -> str:
    """Return what readers call a table; the name itself when it is no register.

    Examples
    --------
    >>> table_title("units")
    '生产经营单位台账'
    """
    if name.startswith("previous/"):
        return "上季度" + table_title(name.removeprefix("previous/"))
    return load_schema(name).title.zh if name in schema_names() else name


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by name. A new rule is a new file in `kit/quality/rules/`, nothing else.

    The file has a docstring (first line: title; after an empty line: what is allowed), ``TABLES`` (table ->
    column), optionally ``NEEDS`` (tuple of columns) and ``SEVERITY`` ("error" unless given), and
    ``breaches(frame, column, context)``.
    """
    found = []
    for module_info in pkgutil.iter_modules(rule_package.__path__):
        if module_info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{rule_package.__name__}.{module_info.name}")
        title, _, allowed = (module.__doc__ or "").strip().partition("\n\n")
        found.append(
            Rule(
                id=module_info.name,
                title_zh=title,
                allowed_zh=" ".join(allowed.split()),
                tables=module.TABLES,
                needs=getattr(module, "NEEDS", ()),
                severity=getattr(module, "SEVERITY", "error"),
                breaches=module.breaches,
            )
        )
    return tuple(sorted(found, key=lambda rule: rule.id))
