"""The kit as a notebook uses it: a standard that can be asked and applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

from kit.standard.finding import standard_files
from kit.standard.loader import load_standard as _load
from kit.standard.standard import Standard
from kit.standard.variants import VariantStandard


class LoadedStandard(Standard):
    """A standard with the rooms' functions as methods."""

    def score(self, frame: Any, *, children: Mapping[str, Any] | None = None, nodes: bool = True) -> Any:
        """Return `frame` with levels, node scores and reasons; see `kit.scoring.score`."""
        from kit.scoring.apply import score

        return score(self, frame, children=children, nodes=nodes)

    def check(self) -> Any:
        """Return what is wrong with the text, shown as a table in a notebook; see `kit.checking.check_standard`."""
        from kit.checking.findings import Findings
        from kit.checking.registry import check_standard

        return Findings(check_standard(self))

    def prove(self, against: Standard | None = None, *, timeout_s: float = 10.0) -> Any:
        """Return what holds for every row, or how the standard differs from `against`; see `kit.checking.prove`."""
        from kit.checking import compare, prove

        return compare(self, against, timeout_s=timeout_s) if against else prove(self, timeout_s=timeout_s)

    def test(self) -> Any:
        """Return the outcome of the worked examples of `cases.yaml`; see `kit.checking.run_cases`."""
        from kit.checking.cases import run_cases

        return run_cases(self)

    def explain(
        self,
        frame: Any,
        row: str | int,
        key: str | None = None,
        *,
        children: Mapping[str, Any] | None = None,
        changes: bool = True,
    ) -> Any:
        """Return why a row has its level, and the least change that would alter it; see `kit.scoring.explain`."""
        from kit.scoring.explaining import explain

        return explain(self, frame, row, key, children=children, changes=changes)

    def variant(self, changes: Mapping[str, Any]) -> LoadedStandard:
        """Return the standard with the values at some addresses altered; see `kit.standard.variants.variant`.

        Examples
        --------
        >>> half = taxi.variant({"scores.likelihood.hazard.crash_history.weight": 0.5})   # doctest: +SKIP
        """
        from kit.standard.variants import variant

        made = variant(self, changes)
        return LoadedVariant(**{field.name: getattr(made, field.name) for field in dataclass_fields(made)})

    def diff(self, other: Standard) -> Any:
        """Return what differs from this standard to `other`; see `kit.checking.diff`."""
        from kit.checking.differences import diff

        return diff(self, other)

    def coverage(self, frame: Any = None, *, children: Mapping[str, Any] | None = None) -> Any:
        """Return what the worked examples, or the rows of a pandas `frame`, reach; see `kit.checking.coverage`."""
        from kit.checking.reach import coverage

        return coverage(self, frame, children=children)

    def _repr_html_(self) -> str:
        from html import escape

        document = self.document
        note = "<p>⚠ 示意性数据：本标准的数值不来自官方文件。</p>" if self.illustrative else ""
        rows = [
            ("标识", self.label),
            ("状态", document.status),
            ("字段", len(document.fields)),
            ("指标", sum(not node.kind.is_branch for node in self.nodes.values())),
            ("直接判定", len(document.overrides)),
            ("风险源清单", len(self.checklist)),
        ]
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows)
        return f"<h4>{escape(self.title)}</h4>{note}<table>{body}</table>"


class LoadedVariant(LoadedStandard, VariantStandard):
    """A variant with the rooms' functions as methods."""


def load_standard(reference: str | Path, *, common: str | Path | None = None) -> LoadedStandard:
    """Return the standard `reference` names (`taxi`, `taxi@0.1.0`, `taxi@draft` or a path).

    Raises
    ------
    ProblemsError
        With every mistake of the text at once: file, line, key, what is allowed, the nearest name.
    KitError
        When there is no such standard.

    Examples
    --------
    >>> load_standard("taxi").document.department            # doctest: +SKIP
    'transport'
    """
    plain = _load(reference, common=common)
    return LoadedStandard(**{field.name: getattr(plain, field.name) for field in dataclass_fields(Standard)})


def standards() -> list[str]:
    """Return the ids of the shipped standards."""
    return list(standard_files())
