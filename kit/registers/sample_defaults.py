"""Made answers for a sector without a profile of its own, from what its standard says of each field.

Most units lie in the good bands of an indicator and few in the worst; a yes or no that raises the level at once is
rarely the bad one; what does not concern a unit is not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kit.registers.codes_list import load_codes
from kit.registers.sample_profile import FieldProfile, SampleProfile, has_profile, load_profile, settings
from kit.standard import terms as t
from kit.standard.fields import FieldSpec
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.map import Map
from kit.standard.standard import Standard

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Share of a band to that of the next better one.
STEP = 0.52
GOOD_ANSWER = 0.985
# R of GB 18218: few units have a major hazard installation at all, and of these nearly all one of grade III or IV.
HAZARD = "gb18218_r"
HAZARD_R: list[tuple[float, float]] = [(0.0, 0.0), (0.985, 0.0), (0.99, 8.0), (1.0, 45.0)]


def profile_of(standard: Any) -> SampleProfile:
    """Return the profile of a standard: its own where it has one, else one made of its indicators."""
    if has_profile(standard.id) or not isinstance(standard, Standard):
        return load_profile(standard.id)
    register = load_codes("sectors").set_index("code")
    kind = str(register["object_kind"].get(standard.id, "premises"))
    name = str(register["name_zh"].get(standard.id, standard.title)).split("（")[0]
    fields: dict[str, FieldProfile] = {}
    for node in standard.nodes.values():
        kind_ = node.kind
        if isinstance(kind_, Map):
            if kind_.of in standard.fields and standard.fields[kind_.of].type == "category":
                fields.setdefault(kind_.of, _categories(kind_, standard.fields[kind_.of]))
        elif isinstance(kind_, Bands) and kind_.of in standard.fields:
            fields.setdefault(kind_.of, _banded(kind_, standard.fields[kind_.of]))
        elif isinstance(kind_, Bands):
            fields |= {key: value for key, value in _ratio(standard, kind_).items() if key not in fields}
    for name_, spec in standard.fields.items():
        if spec.type == "boolean" and spec.worse != "none":
            fields.setdefault(name_, FieldProfile(yes=GOOD_ANSWER if spec.worse == "lower" else 1 - GOOD_ANSWER))
    for override in standard.document.overrides:
        _spare(standard.names.parse(override.when, "boolean"), standard.fields, fields)
    if HAZARD in standard.fields:
        fields[HAZARD] = FieldProfile(quantiles=HAZARD_R, risk=0.3, size=0.6, digits=1)
    return SampleProfile(
        units=settings()["units"].get(kind, 10), name=f"示例{name}{{n:04d}}", default_skew=6.0, fields=fields
    )


def _shares(count: int) -> list[float]:
    """Return the share of each band, the best first."""
    weights = [STEP**place for place in range(count)]
    return [weight / sum(weights) for weight in weights]


def _banded(kind: Bands, spec: FieldSpec) -> FieldProfile:
    """Return the distribution over the bands of a field, the better the more frequent."""
    low, high = spec.range or (min(0.0, kind.at[0]), kind.at[-1] * 2)
    best_first = kind.scores[0] <= kind.scores[-1]
    cuts = [cut for cut in kind.at if low <= cut <= high]
    shares = _shares(len(cuts) + 1)
    bottom = low if best_first else max(low, cuts[0] - (cuts[-1] - cuts[0] or abs(cuts[0])) / 2)
    step = cuts[-1] - (cuts[-2] if len(cuts) > 1 else low)
    top = min(high, cuts[-1] + max(step, 1.0)) if best_first else high
    edges = [bottom, *cuts, top]
    at, points = 0.0, [(0.0, edges[0])]
    for share, edge in zip(shares if best_first else shares[::-1], edges[1:], strict=True):
        at += share
        points.append((min(at, 1.0), edge))
    points[-1] = (1.0, top)
    size = 0.6 if spec.worse == "none" else 0.0
    digits = 0 if spec.type == "integer" or high - low >= 50 else 2
    return FieldProfile(quantiles=points, risk=0.5, size=size, digits=digits)


def _spare(term: t.Term, specs: Mapping[str, FieldSpec], fields: dict[str, FieldProfile]) -> None:
    """Make what fires an override by itself rare: a category, or a number beyond a limit."""
    match term:
        case t.Any(terms=parts):
            for part in parts:
                _spare(part, specs, fields)
        case t.Member(of=t.Ref(name=column), options=options) if (name := column.removeprefix("field:")) in specs:
            _rare_categories(name, specs[name], {str(option) for option in options}, fields)
        case t.Compare(op="==", left=t.Ref(name=column, of="text"), right=t.Constant(value=value)):
            if (name := column.removeprefix("field:")) in specs:
                _rare_categories(name, specs[name], {str(value)}, fields)
        case t.Compare(op=op, left=t.Ref(name=column, of="number"), right=t.Constant(value=value)):
            if (name := column.removeprefix("field:")) in specs and isinstance(value, int | float):
                fields[name] = _limited(specs[name], op, float(value), fields.get(name))


def _rare_categories(name: str, spec: FieldSpec, bad: set[str], fields: dict[str, FieldProfile]) -> None:
    before = fields.get(name)
    shares = dict(before.shares) if before and before.shares else dict.fromkeys(spec.values or {}, 1.0)
    good = sum(share for key, share in shares.items() if key not in bad) or 1.0
    shares |= {key: good * (1 - GOOD_ANSWER) / len(bad) for key in shares if key in bad}
    fields[name] = FieldProfile(shares=shares, risk=before.risk if before else 0.3)


def _limited(spec: FieldSpec, op: str, limit: float, before: FieldProfile | None) -> FieldProfile:
    """Return the distribution with few values beyond the limit: the others keep their order."""
    low, high = spec.range or (min(0.0, limit), max(limit * 2, limit + 1))
    step = 1.0 if spec.type == "integer" else 0.0
    points = sorted(before.quantiles or []) if before else []
    if op in (">", ">="):
        edge = limit if op == ">" else max(low, limit - (step or (limit - low) * 0.02))
        inner = [(at * GOOD_ANSWER, value) for at, value in points if value < edge]
        start = inner or [(0.0, low), (0.55 * GOOD_ANSWER, low)]
        ends = [(GOOD_ANSWER, edge), (1.0, min(high, max(edge + step, edge * 1.3)))]
        return FieldProfile(quantiles=[*start, *ends], risk=0.5, digits=before.digits if before else 2)
    if op in ("<", "<="):
        edge = limit if op == "<" else min(high, limit + (step or (high - limit) * 0.02))
        bad = 1 - GOOD_ANSWER
        inner = [(bad + at * GOOD_ANSWER, value) for at, value in points if value > edge]
        rest = inner or [(0.5, edge + (high - edge) * 0.7), (0.7, high)]
        return FieldProfile(
            quantiles=[(0.0, max(low, edge - (high - edge or edge) * 0.3)), (bad, edge), *rest, (1.0, high)],
            risk=0.5, digits=before.digits if before else 1,
        )  # fmt: skip
    return before or FieldProfile(risk=0.5)


def _categories(kind: Map, spec: FieldSpec) -> FieldProfile:
    """Return shares of categories, the best score the most frequent."""
    ordered = sorted(spec.values or {}, key=lambda key: kind.to.get(key, 0.0))
    return FieldProfile(shares=dict(zip(ordered, _shares(len(ordered)), strict=True)), risk=0.35)


def _ratio(standard: Standard, kind: Bands) -> dict[str, FieldProfile]:
    """Return the distributions of `a / b * k`: of b by its range, of a by the bands, in proportion to b."""
    if kind.of not in standard.derived_terms:
        return {}
    term = standard.derived_terms[kind.of]
    names = [name.removeprefix("field:") for name in sorted(t.references(term)) if name.startswith("field:")]
    ordered = [name for name in standard.fields if name in names]
    if len(ordered) != 2:
        return {}
    values = [_number(term, dict(zip(ordered, pair, strict=True))) for pair in ((1.0, 1.0), (2.0, 1.0), (1.0, 2.0))]
    if None in values or not values[0]:
        return {}
    one, first, second = (float(value or 0.0) for value in values)
    if abs(second - 2 * one) < 1e-9 and abs(first - one / 2) < 1e-9:
        return _of_two(standard, kind, ordered[1], ordered[0], one)
    if abs(first - 2 * one) < 1e-9 and abs(second - one / 2) < 1e-9:
        return _of_two(standard, kind, ordered[0], ordered[1], one)
    return {}


def _of_two(standard: Standard, kind: Bands, above: str, below: str, factor: float) -> dict[str, FieldProfile]:
    base, spec = standard.fields[below], standard.fields[above]
    low, high = base.range or (1.0, 1000.0)
    spread = [
        (0.0, low),
        (0.4, low + (high - low) * 0.01),
        (0.8, low + (high - low) * 0.06),
        (1.0, low + (high - low) * 0.4),
    ]
    found = {below: FieldProfile(quantiles=spread, risk=0.0, size=0.9, digits=0 if high > 50 else 2)}
    places = list(standard.fields)
    if places.index(below) < places.index(above):
        wide = FieldSpec.model_validate({"label": {"zh": "比值"}, "type": "number", "worse": spec.worse})
        rates = _banded(Bands(of=kind.of, at=kind.at, scores=kind.scores), wide).quantiles or []
        found[above] = FieldProfile(quantiles=[(at, rate / factor) for at, rate in rates], per=below, digits=2)
    return found


def _number(term: t.Term, values: Mapping[str, float]) -> float | None:
    match term:
        case t.Constant(value=value):
            return float(value) if isinstance(value, int | float) else None
        case t.Ref(name=name):
            return values.get(name.removeprefix("field:"))
        case t.Arithmetic(op=op, left=left, right=right):
            one, other = _number(left, values), _number(right, values)
            if one is None or other is None or op == "**":
                return None
            return one + other if op == "+" else one - other if op == "-" else one * other if op == "*" else one / other
    return None


def blanked(standard: Any, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers without those to optional fields that no rule needs which concerns the unit.

    An indicator needs its fields where its `applies_when` holds, an override where the rest of its condition does.
    """
    import numpy as np

    if not isinstance(standard, Standard):
        return answers
    needed: dict[str, list[np.ndarray | None]] = {}
    for node in standard.nodes.values():
        if node.kind.is_branch:
            continue
        where = holds(standard.names.parse(node.applies_when, "boolean"), answers) if node.applies_when else None
        for _, source, _ in node.kind.formulas():
            for name in standard.fields_of(standard.names.parse(source)):
                needed.setdefault(name, []).append(where)
    for override in standard.document.overrides:
        term = standard.names.parse(override.when, "boolean")
        parts = term.terms if isinstance(term, t.Every) else (term,)
        for name in standard.fields_of(term):
            rest = [part for part in parts if name not in standard.fields_of(part)]
            needed.setdefault(name, []).append(holds(t.Every(tuple(rest)), answers) if rest else None)
    found = answers.copy()
    for name, masks in needed.items():
        known = [mask for mask in masks if mask is not None]
        if not standard.fields[name].required and len(known) == len(masks):
            found[name] = found[name].where(np.logical_or.reduce(known))
    return found


def concerned(standard: Any, item: Any, answers: pd.DataFrame) -> np.ndarray:
    """Return for each unit whether it has what a checklist item is about: an answer to one of its optional fields.

    An item without optional fields concerns every unit.
    """
    import numpy as np

    asked = [name for name in item.fields if name in standard.fields and not standard.fields[name].required]
    if not asked:
        return np.ones(len(answers), dtype=bool)
    return answers[asked].notna().any(axis=1).to_numpy(dtype=bool)


def holds(term: t.Term, frame: pd.DataFrame) -> np.ndarray | None:
    """Return for each row whether a simple condition holds; None for conditions of other kinds."""
    import numpy as np

    match term:
        case t.Ref(name=name) if name.removeprefix("field:") in frame:
            return frame[name.removeprefix("field:")].fillna(False).to_numpy(dtype=bool)
        case t.Not(of=inner):
            inside = holds(inner, frame)
            return None if inside is None else ~inside
        case t.Every(terms=parts) | t.Any(terms=parts):
            masks = [holds(part, frame) for part in parts]
            if any(mask is None for mask in masks):
                return None
            join = np.logical_and if isinstance(term, t.Every) else np.logical_or
            return np.asarray(join.reduce([mask for mask in masks if mask is not None]))
        case t.Member(of=t.Ref(name=name), options=options) if name.removeprefix("field:") in frame:
            return frame[name.removeprefix("field:")].isin(list(options)).to_numpy(dtype=bool)
        case t.Compare(op=op, left=t.Ref(name=name), right=t.Constant(value=value)):
            column = name.removeprefix("field:")
            if column not in frame:
                return None
            ways = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
            found = getattr(frame[column], ways[op])(value)
            return np.asarray(found.fillna(False), dtype=bool)
    return None
