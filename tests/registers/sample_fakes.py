"""Small standards of two real sectors, so that the sample can be made without the shipped texts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kit.standard.fields import FieldSpec


@dataclass(frozen=True)
class FakeItem:
    id: str
    name_zh: str
    accident_class: str = "08"
    where_zh: str = "厨房、库房"
    engineering: tuple[str, ...] = ("加装报警器", "更换软管")
    technical: tuple[str, ...] = ("逐只喷测",)
    management: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class FakeStandard:
    id: str
    version: str = "0.1.0"
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    checklist: tuple[FakeItem, ...] = ()


def _specs(**fields: dict[str, object]) -> dict[str, FieldSpec]:
    return {name: FieldSpec.model_validate({"label": {"zh": f"字段{name}"}, **spec}) for name, spec in fields.items()}


def fake_standards() -> dict[str, FakeStandard]:
    asked = _specs(
        age={"type": "number", "unit": "年", "range": [0, 30], "worse": "higher", "required": True},
        crashes={"type": "integer", "range": [0, 50], "worse": "higher", "required": True},
        trained={"type": "number", "unit": "%", "range": [0, 100], "worse": "lower", "required": True},
        kind={"type": "category", "values": {"a": "甲", "b": "乙", "c": "丙"}, "required": True},
        permit={"type": "boolean", "worse": "lower", "required": True},
    )
    # Two sectors of the code list for which no profile ships: answers come from the declarations alone.
    made = {
        name: FakeStandard(
            name, fields=asked, checklist=tuple(FakeItem(f"{name}_s{n:02d}", f"{n}号冷库") for n in range(1, 8))
        )
        for name in ("park", "retail")
    }
    return {**made, "emergency_capability": FakeStandard("emergency_capability", fields=asked)}


def fake_rate(standard_id: str, frame: pd.DataFrame) -> pd.Series:
    assert "checklist_item" in frame.columns
    wrong = frame[["age", "crashes", "trained", "kind", "permit"]].isna().any(axis=1)
    wrong |= ~frame["age"].between(0, 30) | ~frame["crashes"].between(0, 50) | (frame["crashes"] % 1 != 0)
    wrong |= ~frame["trained"].between(0, 100) | ~frame["kind"].isin(["a", "b", "c"])
    points = frame["age"] / 30 + (100 - frame["trained"]) / 100 + frame["crashes"] / 50
    levels = np.select([points > 1.6, points > 0.9, points > 0.3], ["major", "considerable", "general"], "low")
    return pd.Series(levels, index=frame.index, dtype="str").where(~wrong)
