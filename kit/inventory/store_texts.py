"""What the inventory says when it refuses something, in both languages; the words stand in `store_messages.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, Problem, ProblemsError
from kit.registers.schema import load_schema
from kit.standard.yaml_io import read_yaml

if TYPE_CHECKING:
    import pandas as pd

_BLANK = {"zh": "空", "en": "none"}
_BETWEEN = {"zh": "、", "en": ", "}
_KINDS = {
    "state": ("risk_sources", "review_state"),
    "level": ("risk_sources", "reviewed_level"),
    "act": ("reviews", "act"),
    "stage": ("reviews", "stage"),
    "track": ("units", "supervision"),
    "basic": ("units", "basic_review"),
}


@cache
def _messages() -> dict[str, dict[str, str]]:
    data, _ = read_yaml(Path(__file__).with_name("store_messages.yaml"))
    return {key: value for key, value in data.items() if isinstance(value, dict)}


@cache
def labels(kind: str) -> dict[str, str]:
    """Return the Chinese of the codes of a kind: state, level, act, stage, track, basic.

    Examples
    --------
    >>> labels("state")["confirmed"]
    '已确认'
    """
    register, column = _KINDS[kind]
    return dict(load_schema(register).fields[column].values or {})


@dataclass(frozen=True)
class Word:
    """A code in a message: its id in English, its name in Chinese; several codes are a list, none is 空."""

    kind: str
    codes: tuple[str | None, ...]

    def text(self, lang: str) -> str:
        """Return the words in `lang`."""
        names = labels(self.kind) if lang == "zh" else {}
        return _BETWEEN[lang].join(_BLANK[lang] if code is None else names.get(code, code) for code in self.codes)


def word(kind: str, *codes: str | None) -> Word:
    """Return the code, or codes, of a kind as a message shows them."""
    return Word(kind, codes or (None,))


def said(what: str, lang: str, **values: object) -> str:
    """Return the message `what` in `lang` with its gaps filled.

    Examples
    --------
    >>> said("no_self_level", "zh", state=word("state", "self_assessed"))
    '状态“已自评”须有自评等级，现为空'
    """
    shown = {name: value.text(lang) if isinstance(value, Word) else value for name, value in values.items()}
    return _messages()[what][lang].format(**{key: _shown(value, lang) for key, value in shown.items()})


def _shown(value: object, lang: str) -> object:
    from kit.messages import in_chinese

    if value is None:
        return _BLANK[lang]
    return in_chinese(value) if lang == "zh" and isinstance(value, str) else value


@dataclass(frozen=True)
class Finding:
    """One thing that keeps rows out of the inventory.

    Attributes
    ----------
    rule : the message's name in `store_messages.yaml`.
    table, row, key : where; rows count from 1 in the order of the table.
    values : what fills the message's gaps.
    """

    rule: str
    table: str
    row: int | None
    key: str | None
    values: Mapping[str, object]

    def text(self, lang: str = "zh") -> str:
        """Return the message in `lang`, without the place."""
        return said(self.rule, lang, **self.values)

    def problem(self) -> Problem:
        """Return it as one of the problems of a refusal."""
        return Problem(self.text("en"), self.table, self.row, key=self.key, zh=self.text("zh"))


class StoreError(KitError):
    """An error of the inventory that is told in both languages."""

    def __init__(self, rule: str, **values: object) -> None:
        self.rule, self.values = rule, values
        super().__init__(said(rule, "en", **values))

    def text(self, lang: str = "zh") -> str:
        """Return the error in `lang`."""
        return said(self.rule, lang, **self.values)


class StoreRefused(ProblemsError):
    """A submission, or review records, that were refused as a whole; `findings` has every reason."""

    def __init__(self, findings: Sequence[Finding], rule: str, **values: object) -> None:
        self.findings = list(findings)
        self.rule, self.values = rule, values | {"count": len(self.findings)}
        super().__init__([finding.problem() for finding in findings], said(rule, "en", **self.values))

    def text(self, lang: str = "zh") -> str:
        """Return summary and findings in `lang`, one a line."""
        lines = [f"  {problem.text(lang)}" for problem in self.problems]
        return "\n".join([said(self.rule, lang, **self.values), *lines])

    def frame(self) -> pd.DataFrame:
        """Return the findings as a table: table, row, key, rule, reason_zh, reason_en."""
        return findings_frame(self.findings)


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return findings as a table: table, row (from 1), key, rule, reason_zh, reason_en."""
    import pandas as pd

    rows: list[dict[str, Any]] = [
        {
            "table": one.table,
            "row": one.row,
            "key": one.key,
            "rule": one.rule,
            "reason_zh": one.text("zh"),
            "reason_en": one.text("en"),
        }
        for one in findings
    ]
    frame = pd.DataFrame(rows, columns=["table", "row", "key", "rule", "reason_zh", "reason_en"])
    return frame.astype({"table": "str", "row": "Int64", "key": "str", "rule": "str"})
