"""What changed between two quarters, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kit.standard.document import Scale
from kit.standard.standard import Standard

MOST_REASONS = 3


def compare(now: pd.Series, before: pd.Series, scale: Scale) -> pd.Series:
    """Return new, raised, lowered, same, or null where one of the two is no level (待审, 数据不足).

    Examples
    --------
    >>> from kit.standard import read_scales
    >>> compare(pd.Series(["major"]), pd.Series(["general"]), read_scales()["risk"]).tolist()   # doctest: +SKIP
    ['raised']
    """
    rank = {name: position for position, name in enumerate(scale.names)}
    step = now.map(rank) - before.map(rank)
    change = pd.Series(pd.NA, index=now.index, dtype="str")
    change[step > 0] = "raised"
    change[step < 0] = "lowered"
    change[step == 0] = "same"
    change[before.isna()] = "new"
    return change


def change_reasons(now: pd.DataFrame, before: pd.DataFrame, standards: Mapping[str, Standard]) -> dict[str, str]:
    """Return, for each source whose scores differ, which indicators moved (up to three, the largest first).

    Both frames hold `source_id`, `sector`, `override` and `node:<path>` columns.
    """
    reasons: dict[str, str] = {}
    for sector, part in now.groupby("sector"):
        standard = standards.get(str(sector))
        if standard is None:
            continue
        leaves = [path for path, node in standard.nodes.items() if not node.kind.is_branch]
        columns = [column for path in leaves if (column := f"node:{path}") in part and column in before]
        old = before[before["sector"] == sector].set_index("source_id")
        new = part.set_index("source_id")
        both = new.index.intersection(old.index)
        step = (new.loc[both, columns].fillna(0) - old.loc[both, columns].fillna(0)).rename(
            columns=lambda name: name[5:]
        )
        vetoed = new.loc[both, "override"].fillna("") != old.loc[both, "override"].fillna("")
        overrides = {override.id: override.reason.zh for override in standard.document.overrides}
        for source in both[(step != 0).any(axis=1) | vetoed]:
            words = []
            if vetoed[source]:
                words.append(_veto(old["override"].get(source), new["override"].get(source), overrides))
            moved = step.loc[source]
            moved = moved[moved != 0].sort_values(key=abs, ascending=False, kind="stable")
            for path in moved.index[: MOST_REASONS - len(words)]:
                node = standard.nodes[path]
                label = node.label.zh if node.label else path
                was, is_now = old[f"node:{path}"].get(source), new[f"node:{path}"].get(source)
                words.append(f"{label}得分{_shown(was)}→{_shown(is_now)}")
            reasons[str(source)] = "；".join(words)
    return reasons


def _veto(before: Any, now: Any, reasons: Mapping[str, str]) -> str:
    return f"直接判定：{reasons[now]}" if now in reasons else f"直接判定情形消除：{reasons.get(before, '')}"


def _shown(score: Any) -> str:
    return "无" if pd.isna(score) else f"{score:g}"
