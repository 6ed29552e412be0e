"""The kit as a notebook uses it: a standard that can be asked and applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

from kit.standard.loader import load_standard as _load
from kit.standard.loader import standard_files
from kit.standard.standard import Standard


class LoadedStandard(Standard):
    """A standard with the rooms' functions as methods."""

    def score(self, frame: Any, *, children: Mapping[str, Any] | None = None, nodes: bool = True) -> Any:
        """Return `frame` with levels, node scores and reasons; see `kit.scoring.score`."""
        from kit.scoring.apply import score

        return score(self, frame, children=children, nodes=nodes)

    def test(self) -> Any:
        """Return the outcome of the worked examples of `cases.yaml`; see `kit.checking.run_cases`."""
        from kit.checking.cases import run_cases

        return run_cases(self)

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
