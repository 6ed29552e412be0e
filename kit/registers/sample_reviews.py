"""The made review records of the sample: the ways through the flow that its risk sources must have gone.

They follow from the registers as they are, without a random number: what is planted there stays as planted. A level
before any review, a source of an unknown unit, and a level lowered without a new measure get no record or reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kit.registers.sample_profile import settings
from kit.registers.sample_tables import LEVELS, QUARTERS
from kit.registers.schema import load_schema

if TYPE_CHECKING:
    import pandas as pd

REVIEWED = ("sector_reviewed", "reassessed", "confirmed")
DEPARTMENTS = {"municipal_soe": "municipal_department", "district": "district_department"}
MEASURES = ["measures_engineering", "measures_technical", "measures_management"]
REVIEWERS = 96
"""Made names of reviewers."""
_DAYS = {"basic_accept": 0, "sector_return": 2, "sector_accept": 2, "reassess": 5, "confirm": 8, "basic_return": 0}
"""Days from the unit's report to an act; streets accept on the first day of a quarter and return on its last."""
_ORDER = list(_DAYS)


def made_reviews(units: Sequence[pd.DataFrame], sources: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the review records up to the last of the given quarters, columns of the register `reviews`.

    Parameters
    ----------
    units, sources : the registers of the first quarter, the second, …
    """
    import pandas as pd

    parts: list[pd.DataFrame] = []
    known: set[str] = set()
    for at in range(len(sources)):
        now = sources[at].drop_duplicates("source_id").set_index("source_id")
        before = sources[at - 1].drop_duplicates("source_id").set_index("source_id") if at else now.iloc[:0]
        place = units[at].drop_duplicates("unit_id").set_index("unit_id")
        acts = pd.concat([_basic(place, now, known), *_levels(now, before, place)], ignore_index=True)
        parts.append(_finished(acts, at))
    fields = load_schema("reviews").fields
    frame = pd.concat(parts, ignore_index=True)[list(fields)]
    return frame.astype({name: "datetime64[ms]" if spec.type == "date" else "str" for name, spec in fields.items()})


def _basic(units: pd.DataFrame, sources: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """Return the streets' acts on the units; `known` are those with an acceptance, to which the new ones come."""
    import pandas as pd

    seen = units.index.isin(sources.loc[sources["review_state"].isin(REVIEWED), "unit_id"])
    refuse = units["basic_review"] == "returned"
    accept = ((units["basic_review"] == "accepted") & ~units.index.isin(list(known))) | (seen & refuse)
    accept |= seen & ~units.index.isin(list(known))
    known.update(units.index[accept])
    texts = settings()["reviews"]
    rows = [
        pd.DataFrame({"unit_id": units.index[accept], "act": "basic_accept"}),
        pd.DataFrame({"unit_id": units.index[refuse], "act": "basic_return", "reason": texts["basic_return"]}),
    ]
    return pd.concat(rows, ignore_index=True).assign(stage="street")


def _levels(now: pd.DataFrame, before: pd.DataFrame, units: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the departments' acts that lead from the quarter before to what the register says."""
    texts = settings()["reviews"]
    old = before.reindex(now.index)
    stage = now["unit_id"].map(units["supervision"]).map(DEPARTMENTS)
    state, level, own = now["review_state"], now["reviewed_level"], now["self_level"]
    usable = stage.notna() & own.isin(LEVELS) & (level.isna() | level.isin(LEVELS))
    anew = usable & ((state != old["review_state"]) | (own != old["self_level"]))
    moved = usable & ~anew & state.isin(REVIEWED) & (level.fillna("") != old["reviewed_level"].fillna(""))
    public = now["public_impact"].fillna(True).astype(bool)
    accept = (anew & state.isin(REVIEWED)) | (moved & (state == "sector_reviewed"))
    moved &= state != "sector_reviewed"
    reassess = (accept & ((state == "reassessed") | ((state == "confirmed") & public))) | moved
    confirm = (accept | moved) & (state == "confirmed")
    rank = {name: at for at, name in enumerate(LEVELS)}
    start = old["reviewed_level"].where(old["reviewed_level"].notna(), own)
    lower = level.map(rank) < start.map(rank)
    measured = (now[MEASURES].fillna("") != old[MEASURES].fillna("")).any(axis=1)
    lowered = lower & (old["reviewed_level"].isna() | measured)
    reason = _chosen(level.isna(), texts["no_level"], lowered, texts["lowered"])
    data = {"stage": stage, "updated_at": now["updated_at"]}
    return [
        _rows(now, accept, "sector_accept", data | {"from_level": start, "to_level": level, "reason": reason}),
        _rows(
            now, anew & (state == "returned"), "sector_return", data | {"from_level": None, "reason": texts["returned"]}
        ),
        _rows(
            now,
            reassess,
            "reassess",
            data
            | {
                "from_level": level.where(~moved, old["reviewed_level"]),
                "to_level": level,
                "reason": reason.where(moved | level.isna()),
            },
        ),
        _rows(now, confirm, "confirm", data | {"from_level": level, "to_level": level}),
    ]


def _chosen(first: pd.Series, text: str, second: pd.Series, other: str) -> pd.Series:
    import pandas as pd

    chosen = pd.Series([None] * len(first), index=first.index, dtype="str")
    return chosen.mask(second, other).mask(first, text)


def _rows(now: pd.DataFrame, mask: pd.Series, act: str, data: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(data, index=now.index)[mask.to_numpy(dtype=bool)]
    return frame.assign(act=act).rename_axis("source_id").reset_index()


def _finished(acts: pd.DataFrame, quarter: int) -> pd.DataFrame:
    """Return the acts of a quarter with times, numbers and reviewers, in the order of time."""
    import pandas as pd

    first, last = pd.Timestamp(QUARTERS[quarter].start), pd.Timestamp(QUARTERS[quarter].end)
    latest = last - pd.Timedelta(days=10)
    reported = pd.to_datetime(acts["updated_at"]).fillna(first)
    day = reported.mask(reported < first, first).mask(reported > latest, latest)
    day = day.mask(acts["act"] == "basic_accept", first).mask(acts["act"] == "basic_return", last)
    acts["at"] = day + pd.to_timedelta(acts["act"].map(_DAYS), unit="D") + pd.Timedelta(hours=9)
    order = acts["act"].map({name: at for at, name in enumerate(_ORDER)})
    acts = acts.assign(_order=order).sort_values(["at", "_order"], kind="stable", ignore_index=True)
    number = pd.Series(range(1, len(acts) + 1))
    acts["review_id"] = f"V{QUARTERS[quarter].name}-" + number.astype(str).str.zfill(7)
    name = settings()["reviews"]["reviewer"]
    acts["reviewer"] = name + (number % REVIEWERS + 1).astype(str).str.zfill(2)
    return acts.reindex(columns=[*load_schema("reviews").fields])
