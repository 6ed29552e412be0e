"""The vocabulary in which every collected value is declared, in standards and registers alike."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

FieldType = Literal["number", "integer", "boolean", "category", "text", "date"]
Worse = Literal["higher", "lower", "none"]


class Model(BaseModel):
    """Base of everything read from YAML: an unknown key is an error, and nothing is coerced silently."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True, frozen=True)


class Label(Model):
    """Words for a reader: Chinese always, English where it is given."""

    zh: str = Field(min_length=1)
    en: str | None = None

    def text(self, lang: str = "zh") -> str:
        """Return the words in `lang`; Chinese where there is no translation."""
        return (self.en or self.zh) if lang == "en" else self.zh


def _plain_number(value: Any) -> Any:
    """Let whole numbers stand for real ones (`range: [0, 100]`), but never booleans or text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return float(value)
    except OverflowError:
        raise ValueError("the number is too large") from None


Number = Annotated[float, BeforeValidator(_plain_number), Field(allow_inf_nan=False)]


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Range = Annotated[tuple[Number, Number], BeforeValidator(_as_tuple)]


class FieldSpec(Model):
    """One collected value: its type, unit, allowed range or categories, and which way is worse.

    Attributes
    ----------
    type : number, integer, boolean, category, text or date.
    unit : unit of the value as printed (年, %, 起/百车·年); none for categories.
    range : lowest and highest allowed value, both included, in `unit`. A value outside is a data error.
    values : categories, key to Chinese text (category fields only).
    worse : which direction raises the risk; used by the monotonicity proof.
    required : a row without it cannot be scored by rules that need it.
    per : `unit` is asked once for the business unit and joined to all its rows, `source` once for each risk source.
    lookup (`in` in the file) : the value must be a key of this lookup table of the standard.
    how : how the value is collected, for the survey form.
    """

    label: Label
    type: FieldType
    unit: str | None = None
    range: Range | None = None
    values: dict[str, str] | None = None
    worse: Worse = "none"
    required: bool = False
    per: Literal["unit", "source"] = "unit"
    lookup: str | None = Field(default=None, alias="in")
    how: Label | None = None

    @model_validator(mode="after")
    def _consistent(self) -> FieldSpec:
        if self.type == "category" and not self.values:
            raise ValueError("a category field needs values: {key: 中文}")
        if self.type != "category" and self.values:
            raise ValueError(f"values belong to category fields only, this one is {self.type}")
        if self.range is not None:
            if self.type not in ("number", "integer"):
                raise ValueError(f"range belongs to number and integer fields only, this one is {self.type}")
            if self.range[0] > self.range[1]:
                raise ValueError(f"range runs backwards: {self.range[0]:g} is above {self.range[1]:g}")
        return self

    @property
    def numeric(self) -> bool:
        """Whether the value is a number or integer."""
        return self.type in ("number", "integer")
