"""Emergency capability of units: points, what does not apply, grades and caps (structure of DB11/T 1581-2018)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kit.registers.codes_list import code_names
from kit.scoring.apply import score
from kit.scoring.reasons import reason_text
from kit.standard.nodes.points import Points
from kit.standard.standard import Standard


@dataclass(frozen=True)
class CapabilityResult:
    """Units with their scores, and one row for each unit and item."""

    units: pd.DataFrame
    items: pd.DataFrame


def assess_capability(answers: pd.DataFrame, units: pd.DataFrame, standard: Standard) -> CapabilityResult:
    """Return scores, grades and items of the units that handed in answers.

    Parameters
    ----------
    answers : `unit_id` and the fields of the standard.
    units : the units register; answers of units that are not in it are left out.
    standard : a standard with one `points` score at the top.

    Returns
    -------
    `units` with s1 (points got), s0 (points of the items that apply), s (= s1 / s0 * 1000), `na_share` (share of the
    full points that does not apply, 0 to 1), `grade` (`insufficient` where an answer is missing or wrong),
    `grade_before_cap`, `cap` and its reason; `items` with full points, points got (null where the item does not apply
    or is unknown) and whether it applies (null where that is unknown).
    """
    top = next(path for path, node in standard.nodes.items() if "." not in path and isinstance(node.kind, Points))
    known = answers[answers["unit_id"].isin(units["unit_id"])].drop_duplicates("unit_id").reset_index(drop=True)
    asked = known[[name for name in standard.fields if name in known.columns]]
    scored = score(standard, asked, applies=True)
    place = units.drop_duplicates("unit_id").set_index("unit_id")
    frame = known[["unit_id"]].copy()
    frame["unit_name"] = frame["unit_id"].map(place["name"])
    frame["sector_zh"] = frame["unit_id"].map(place["sector"]).map(code_names("sectors"))
    frame["district"] = frame["unit_id"].map(place["district"])
    frame["street_zh"] = frame["unit_id"].map(place["street"]).map(code_names("streets_towns"))
    frame["supervision"] = frame["unit_id"].map(place["supervision"])
    whole = scored["level"].notna()
    frame["s1"] = scored[f"{top}__got"].where(whole)
    frame["s0"] = scored[f"{top}__full"].where(whole)
    frame["s"] = scored[top].where(whole)
    leaves = {path: node for path, node in standard.nodes.items() if node.full is not None}
    full = sum(node.full or 0.0 for node in leaves.values())
    frame["na_share"] = 1 - frame["s0"] / full
    frame["grade"] = scored["level"].where(whole, "insufficient")
    frame["grade_before_cap"] = scored["level_before_overrides"]
    frame["cap"] = scored["override"]
    caps = {override.id: override.reason.zh for override in standard.document.overrides}
    frame["cap_zh"] = scored["override"].map(caps)
    frame["reason_zh"] = [reason_text(standard, reason) or None for reason in scored["reason"]]
    return CapabilityResult(frame, _items(scored, frame, leaves, standard))


def _items(scored: pd.DataFrame, units: pd.DataFrame, leaves: Mapping[str, object], standard: Standard) -> pd.DataFrame:
    rows = []
    for path in leaves:
        node = standard.nodes[path]
        group = path.rpartition(".")[0]
        group_node = standard.nodes[group]
        applies = scored[f"{path}__applies"]
        got = scored[path]
        # An item whose condition is unknown counts as applying in the arithmetic, but nobody can say that it does.
        unknown = applies & got.isna() & (node.applies_when is not None)
        rows.append(
            pd.DataFrame(
                {
                    "unit_id": units["unit_id"],
                    "district": units["district"],
                    "item": path.rpartition(".")[2],
                    "clause": node.clause,
                    "name_zh": node.label.zh if node.label else path,
                    "group": group.rpartition(".")[2],
                    "group_zh": group_node.label.zh if group_node.label else group,
                    "full": node.full,
                    "got": got,
                    "applies": applies.astype("boolean").mask(unknown),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
