"""Rules that reach over columns or tables: one file for each family in `kit/quality/rules/`, found here."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import kit.quality.rules as rule_package
from kit.quality.texts import state, titles
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
        Levels by the standard, where known, are ``computed/levels`` (source_id, computed_level).
    as_of : the day the data stand for.
    standards : the standards by id, for what a rule wants to know of versions and suggestion lists.
    """

    tables: Mapping[str, pd.DataFrame]
    as_of: dt.date
    standards: Mapping[str, Any] = field(default_factory=dict)

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

    def known_standards(self) -> Mapping[str, Any]:
        """Return the standards.

        Raises
        ------
        NotCheckable
            When the run was given none.
        """
        if not self.standards:
            raise NotCheckable(state("no_standards"))
        return self.standards


Breaches = Callable[["pd.DataFrame", str, Context], "pd.Series"]


@dataclass(frozen=True)
class Rule:
    """A rule as its family's file declares it.

    Attributes
    ----------
    id : name of the function.
    family : name of the file; `family_zh` is the first line of its docstring.
    title_zh, allowed_zh : what must hold, and what is allowed, for readers.
    tables : table -> column that the finding is shown at.
    needs : further columns without which the rule cannot be checked.
    severity : error or warning.
    breaches : ``(frame, column, context) -> Series``, nullable boolean along the frame: True is a breach, null
        does not apply.
    """

    id: str
    family: str
    title_zh: str
    allowed_zh: str
    tables: Mapping[str, str]
    needs: tuple[str, ...]
    severity: str
    breaches: Breaches


def rule(
    title_zh: str,
    allowed_zh: str,
    tables: Mapping[str, str],
    *,
    needs: tuple[str, ...] = (),
    severity: str = "error",
) -> Callable[[Breaches], Rule]:
    """Return a decorator that makes a rule of a function ``(frame, column, context) -> Series``; see `Rule`.

    Examples
    --------
    >>> @rule("数量应大于零", "大于 0", {"resources": "quantity"})
    ... def positive(frame, column, context):
    ...     return frame[column] <= 0
    >>> positive.id, positive.severity
    ('positive', 'error')
    """

    def declare(breaches: Breaches) -> Rule:
        name = getattr(breaches, "__name__", "rule")
        family = breaches.__module__.rpartition(".")[2]
        return Rule(name, family, title_zh, allowed_zh, dict(tables), needs, severity, breaches)

    return declare


def table_title(name: str) -> str:
    """Return what readers call a table; the name itself when it is no register.

    Examples
    --------
    >>> table_title("units"), table_title("summary/areas")
    ('生产经营单位台账', '各区汇总')
    """
    if name.startswith("previous/"):
        return "上季度" + table_title(name.removeprefix("previous/"))
    return load_schema(name).title.zh if name in schema_names() else titles("tables").get(name, name)


@cache
def families() -> dict[str, str]:
    """Return the families of checks, id to name in Chinese: of single fields first, then those of the rules.

    Examples
    --------
    >>> list(families())[0], families()["place"]
    ('fields', '位置')
    """
    found = {"fields": titles("families")["fields"]}
    for module_info in pkgutil.iter_modules(rule_package.__path__):
        if not module_info.name.startswith("_"):
            module = importlib.import_module(f"{rule_package.__name__}.{module_info.name}")
            found[module_info.name] = (module.__doc__ or "").strip().partition("\n")[0]
    return found


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by name.

    A new family is a new file in `kit/quality/rules/` whose docstring's first line is its name for readers; a new rule
    is a function in it under the decorator `rule`. Nothing else has to be changed.
    """
    found: dict[str, Rule] = {}
    for family in list(families())[1:]:
        for value in vars(importlib.import_module(f"{rule_package.__name__}.{family}")).values():
            if isinstance(value, Rule):
                if value.id in found:
                    raise ValueError(f"two rules are named {value.id}: in {found[value.id].family} and in {family}")
                found[value.id] = value
    return tuple(found[name] for name in sorted(found))
