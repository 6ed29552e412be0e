"""How made answers are distributed: one profile per standard in `sample_profiles/<standard id>.yaml`.

A standard without a profile gets answers from its fields' declarations alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from kit.errors import KitError
from kit.registers.codes_list import code_names
from kit.standard.fields import FieldSpec, Model, Number
from kit.standard.yaml_io import read_model, read_yaml

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_HERE = Path(__file__).resolve().parent


def _pairs(value: Any) -> Any:
    return [tuple(pair) if isinstance(pair, list) else pair for pair in value] if isinstance(value, list) else value


class FieldProfile(Model):
    """The distribution of one field.

    Attributes
    ----------
    quantiles : (probability, value) pairs, linear between; numbers only.
    shares : category -> weight, from the best to the worst category.
    yes : share of true; booleans only.
    risk, size : loading on the unit's hidden risk and on its size, -1 to 1; positive risk makes the answer worse
        (or, where the field declares no worse direction, larger; for booleans that declare none, true more often).
    digits : decimals kept.
    per : the value drawn is multiplied by this field's.
    only_if : category field -> values, or boolean field -> [true]; elsewhere the value is `otherwise`.
    """

    quantiles: Annotated[list[tuple[Number, Number]] | None, BeforeValidator(_pairs)] = None
    shares: dict[str, Number] | None = None
    yes: Number | None = None
    risk: Number = 0.5
    size: Number = 0.0
    digits: int = 0
    per: str | None = None
    only_if: dict[str, list[str | bool]] | None = None
    otherwise: float | int | bool | str | None = None

    @model_validator(mode="after")
    def _loadings(self) -> FieldProfile:
        if self.risk**2 + self.size**2 > 1:
            raise ValueError("risk and size loadings: their squares must not add up to more than 1")
        return self


class ItemProfile(Model):
    """How often a checklist item is a risk source of a unit; `only_if` as in `FieldProfile`."""

    share: Number = 0.7
    only_if: dict[str, list[str | bool]] | None = None


class SampleProfile(Model):
    """What the sample needs to know of a sector.

    Attributes
    ----------
    units : share of the sample's units, relative to the other sectors'.
    name : pattern of made unit names; ``{n}`` is a running number.
    headcount : quantiles of the number of staff.
    default_risk : loading on risk of fields without a distribution of their own.
    default_skew : how strongly numbers without one crowd at the good end of their range.
    default_good : share of the good answer to booleans without one that declare a worse direction.
    default_ratio : weight of each category to the one before it, for categories without shares (best first).
    """

    units: Number = 1.0
    name: str = "示例单位{n:04d}"
    headcount: Annotated[list[tuple[Number, Number]], BeforeValidator(_pairs)] = Field(
        default_factory=lambda: [(0.0, 3.0), (0.5, 25.0), (0.9, 150.0), (1.0, 900.0)]
    )
    default_risk: Number = 0.5
    default_skew: Number = 4.0
    default_good: Number = 0.92
    default_ratio: Number = 1.0
    fields: dict[str, FieldProfile] = Field(default_factory=dict)
    items: dict[str, ItemProfile] = Field(default_factory=dict)


def has_profile(standard_id: str) -> bool:
    """Return whether the standard has a profile of its own."""
    return (_HERE / "sample_profiles" / f"{standard_id}.yaml").is_file()


@cache
def load_profile(standard_id: str) -> SampleProfile:
    """Return the profile of a standard; an empty one, that draws from the declarations, when there is no file.

    Raises
    ------
    ProblemsError
        When the file is not right.
    """
    path = _HERE / "sample_profiles" / f"{standard_id}.yaml"
    if path.is_file():
        return read_model(SampleProfile, path)
    # Named after the sector, so that units of two sectors do not have one name.
    sector = code_names("sectors").get(standard_id, "单位").split("（")[0]
    return SampleProfile(name=f"示例{sector}{{n:04d}}")


@cache
def settings() -> dict[str, Any]:
    """Return the settings that hold for the whole sample (`sample_settings.yaml`)."""
    data, _ = read_yaml(_HERE / "sample_settings.yaml")
    return dict(data)


def interpolate(probability: np.ndarray, quantiles: list[tuple[float, float]]) -> np.ndarray:
    """Return values at probabilities on a line through (probability, value) points.

    Examples
    --------
    >>> import numpy as np
    >>> interpolate(np.array([0.25]), [(0.0, 0.0), (0.5, 10.0), (1.0, 30.0)]).tolist()
    [5.0]
    """
    import numpy as np

    points = sorted(quantiles)
    return np.interp(probability, [point[0] for point in points], [point[1] for point in points])


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """Return the standard normal distribution function, without SciPy.

    By the error-function formula 7.1.26 of Abramowitz and Stegun, absolute error below 1.5e-7: ample for made data.

    Examples
    --------
    >>> import numpy as np
    >>> normal_cdf(np.array([0.0, 1.6448536])).round(3).tolist()
    [0.5, 0.95]
    """
    import numpy as np

    x = np.abs(z) / np.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * poly * np.exp(-x * x)
    return np.where(z >= 0, 1.0 - tail, tail)


def applies(frame: pd.DataFrame, only_if: Mapping[str, list[str | bool]] | None) -> np.ndarray:
    """Return for each row whether every named field has one of the named values."""
    import numpy as np

    result = np.ones(len(frame), dtype=bool)
    for name, allowed in (only_if or {}).items():
        result &= frame[name].isin(allowed).to_numpy(dtype=bool)
    return result


def draw_answers(
    fields: Mapping[str, FieldSpec], profile: SampleProfile, risk: np.ndarray, size: np.ndarray, noise: np.ndarray
) -> pd.DataFrame:
    """Return made answers to `fields`, one row per unit, with the dtypes that `read_table` gives.

    Parameters
    ----------
    fields : declarations by id.
    profile : distributions; a field without one gets its distribution from its range and its worse direction.
    risk, size : hidden standard normal values of each unit.
    noise : standard normal, units x fields, so that the same noise gives the same answers.
    """
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {}
    for place, (name, spec) in enumerate(fields.items()):
        shape = profile.fields.get(name) or FieldProfile(risk=profile.default_risk)
        way = -1.0 if spec.worse == "lower" else 1.0
        rest = np.sqrt(1.0 - shape.risk**2 - shape.size**2)
        z = way * shape.risk * risk + shape.size * size + rest * noise[:, place]
        columns[name] = _draw(spec, shape, profile, normal_cdf(z), columns)
    frame = pd.DataFrame(columns)
    for name, spec in fields.items():
        shape = profile.fields.get(name) or FieldProfile()
        if shape.only_if:
            other = pd.NA if shape.otherwise is None and spec.type == "boolean" else shape.otherwise
            frame[name] = frame[name].where(applies(frame, shape.only_if), other)
    return frame


def _draw(
    spec: FieldSpec, shape: FieldProfile, profile: SampleProfile, probability: np.ndarray, drawn: Mapping[str, Any]
) -> pd.Series:
    import numpy as np
    import pandas as pd

    if spec.type == "boolean":
        usual = {"lower": profile.default_good, "higher": 1.0 - profile.default_good}.get(spec.worse, 0.5)
        share = usual if shape.yes is None else shape.yes
        # A high draw is more: more true, so risk makes `worse: lower` booleans false.
        return pd.Series(probability > 1.0 - share, dtype="boolean")
    if spec.type == "category":
        weights = shape.shares or {key: profile.default_ratio**at for at, key in enumerate(spec.values or {})}
        edges = np.cumsum(list(weights.values())) / sum(weights.values())
        keys = np.array(list(weights), dtype=object)
        return pd.Series(keys[np.minimum(np.searchsorted(edges, probability), len(keys) - 1)], dtype="str")
    if not spec.numeric:
        return pd.Series([None] * len(probability), dtype="str" if spec.type == "text" else "datetime64[ms]")
    low, high = spec.range or (0.0, 100.0)
    if shape.quantiles:
        value = interpolate(probability, list(shape.quantiles))
    elif spec.worse == "lower":
        value = high - (high - low) * (1.0 - probability) ** profile.default_skew
    else:
        value = low + (high - low) * probability**profile.default_skew
    if shape.per:
        if shape.per not in drawn:
            raise KitError(f"the profile multiplies by '{shape.per}', which is no field declared before it")
        value = value * np.asarray(drawn[shape.per], dtype="float64")
    digits = 0 if spec.type == "integer" else shape.digits if shape.quantiles else 1
    return pd.Series(np.clip(np.round(value, digits), low, high), dtype="float64")
