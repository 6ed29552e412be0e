"""Running a programme on a data frame, through Narwhals.

Every number is a double and every operation is done in the order of the programme, so Arrow, DuckDB and Spark give the
same doubles. All of them know missing truths as SQL does (Kleene). pandas and Polars frames are handed over to Arrow
for the computation (see `kit.scoring.apply`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw

from kit.scoring.program import Program
from kit.scoring.rounding import ROUNDS_BELOW, SCALE, units_9
from kit.standard.terms import (
    COMPARE_DIGITS,
    Aggregate,
    Arithmetic,
    Case,
    Compare,
    Constant,
    Every,
    Function,
    Known,
    Member,
    Not,
    Notes,
    Rank,
    Ref,
    Round,
    Term,
    ValueKind,
    references,
    rewrite,
    walk,
)
from kit.standard.terms import Any as AnyOf

SCALED = "scaled:"
# Figures of all rows, and what they are figures of, stand in columns of their own: no engine nests windows.
WHOLE = "whole:"
# A computed value compared more often than this is kept in a column.
OFTEN = 3
MAX_EXP = 700.0
_DTYPES: Mapping[ValueKind, Any] = {"number": nw.Float64, "text": nw.String, "boolean": nw.Boolean}


@dataclass(frozen=True, slots=True)
class _Scaled(Term):
    """A number in units of the ninth decimal."""

    of: Term

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


def run(frame: Any, program: Program) -> Any:
    """Return the Narwhals frame with every step of the programme as a column.

    Columns named `raw:…` must be there: numbers as doubles without NaN, truths as booleans, texts as strings.
    """
    steps = _scaled_once(_whole_apart(program.steps))
    known = set(frame.collect_schema().names())
    for stage in _stages(steps, known):
        frame = frame.with_columns(**{column: _compile(steps[column]) for column in stage})
    return frame


def _stages(steps: Mapping[str, Term], known: set[str]) -> list[list[str]]:
    """Return the steps in groups that need only earlier groups: few wide steps are faster than many narrow ones."""
    depth: dict[str, int] = {}
    for column, term in steps.items():
        needed = [depth[name] for name in references(term) if name in depth]
        missing = [name for name in references(term) if name not in depth and name not in known]
        if missing:
            raise AssertionError(f"{column} reads {missing}, which is computed nowhere")
        depth[column] = 1 + max(needed, default=0)
    return [
        [column for column in steps if depth[column] == level] for level in range(1, max(depth.values(), default=0) + 1)
    ]


def _whole_apart(steps: Mapping[str, Term]) -> dict[str, Term]:
    """Return the steps with each figure of all rows, and what it is a figure of, in a column of its own."""
    result: dict[str, Term] = {}
    columns: dict[Term, Ref] = {}

    def apart(term: Term) -> Ref:
        if isinstance(term, Ref):
            return term
        if term not in columns:
            columns[term] = Ref(f"{WHOLE}{len(columns)}", term.kind)
            result[columns[term].name] = term
        return columns[term]

    def change(part: Term) -> Term:
        match part:
            case Aggregate(name, of):
                return apart(Aggregate(name, apart(of)))
            case Rank(of, ties, descending):
                return apart(Rank(apart(_Scaled(of)), ties, descending))
        return part

    for column, term in steps.items():
        result[column] = rewrite(term, change)
    return result


def _scaled_once(steps: Mapping[str, Term]) -> dict[str, Term]:
    """Return the steps with each compared value scaled and rounded once, in a column of its own.

    A value is compared with every cut of its bands and every row of the matrix; rounding it there anew would cost more
    than all the rest.
    """
    result: dict[str, Term] = {}
    columns: dict[Term, Ref] = {}
    sides: Counter[Term] = Counter()
    for term in steps.values():
        compared = [part for part in walk(term) if isinstance(part, Compare)]
        sides.update(part.left for part in compared if not isinstance(part.left, Ref | Constant))

    def once(side: Term) -> Term:
        if side.kind != "number" or not (isinstance(side, Ref) or sides[side] > OFTEN):
            return side
        if side not in columns:
            name = side.name if isinstance(side, Ref) else f"term:{len(columns)}"
            columns[side] = Ref(f"{SCALED}{name}")
            result[columns[side].name] = _Scaled(side)
        return columns[side]

    def change(part: Term) -> Term:
        return Compare(part.op, once(part.left), once(part.right)) if isinstance(part, Compare) else part

    for column, term in steps.items():
        result[column] = rewrite(term, change)
    return result


def _compile(term: Term) -> nw.Expr:
    """Return the column of a step."""
    if term.kind == "boolean":
        return _truth(term)
    if term.kind == "text":
        return _text(term)
    value = _number(term)
    if any(isinstance(part, Arithmetic | Function) for part in walk(term)):
        value = nw.when(value.is_finite()).then(value)
    return value


def _null(kind: ValueKind) -> nw.Expr:
    return nw.lit(None, dtype=_DTYPES[kind])


def scaled_9(value: nw.Expr) -> nw.Expr:
    """Return the expression in units of the ninth decimal, rounded half up: what comparisons compare."""
    units = value * nw.lit(SCALE)
    return nw.when(value.abs() < nw.lit(ROUNDS_BELOW)).then((units + nw.lit(0.5)).floor()).otherwise(units)


def round_half_up_9(value: nw.Expr) -> nw.Expr:
    """Return the expression rounded to 9 decimals, half up: floor(x * 1e9 + 0.5) / 1e9 in doubles."""
    units = (value * nw.lit(SCALE) + nw.lit(0.5)).floor()
    return nw.when(value.abs() < nw.lit(ROUNDS_BELOW)).then(units / nw.lit(SCALE)).otherwise(value)


def _number(term: Term) -> nw.Expr:
    match term:
        case Constant(value=None):
            return _null("number")
        case Constant(value=value):
            return nw.lit(float(value))  # type: ignore[arg-type]
        case Ref(name=name):
            return nw.col(name)
        case Arithmetic():
            return _arithmetic(term)
        case Function():
            return _function(term)
        case Round():
            return _round(term)
        case _Scaled(of=inner):
            return scaled_9(_number(inner))
        case Aggregate(name=name, of=inner):
            column = _number(inner)
            figures = {"min": column.min, "max": column.max, "sum": column.sum, "count": column.count}
            return figures[name]().cast(nw.Float64)
        case Rank(of=inner, ties=ties, descending=descending):
            return _number(inner).rank(ties, descending=descending).cast(nw.Float64)
        case Case():
            return _case(term, _number)
    raise AssertionError(f"{type(term).__name__} is no number")


def _arithmetic(term: Arithmetic) -> nw.Expr:
    left, right = _number(term.left), _number(term.right)
    match term.op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if isinstance(term.right, Constant) and term.right.value:
                return left / right
            return left / nw.when(right != nw.lit(0.0)).then(right)
        case "**":
            assert isinstance(term.right, Constant) and isinstance(term.right.value, float)
            return _power(left, term.right.value)
    raise AssertionError(f"operator {term.op}")


def _power(base: nw.Expr, exponent: float) -> nw.Expr:
    """Return base ** exponent; whole exponents by multiplication, the same on every engine."""
    if exponent == int(exponent):
        count = abs(int(exponent))
        product = (
            reduce(lambda left, right: left * right, [base] * count) if count else base * nw.lit(0.0) + nw.lit(1.0)
        )
        return product if exponent >= 0 else nw.lit(1.0) / nw.when(product != nw.lit(0.0)).then(product)
    positive = nw.when(base > nw.lit(0.0)).then(base)
    if exponent == 0.5:
        return nw.when(base >= nw.lit(0.0)).then(base).sqrt()
    power = _exp(positive.log() * nw.lit(exponent))
    # 0 has no logarithm, but its third root is 0.
    return nw.when(base == nw.lit(0.0)).then(nw.lit(0.0)).otherwise(power) if exponent > 0 else power


def _exp(value: nw.Expr) -> nw.Expr:
    return nw.when(value <= nw.lit(MAX_EXP)).then(value).exp()


def _function(term: Function) -> nw.Expr:
    values = [_number(argument) for argument in term.arguments]
    match term.name:
        case "abs":
            return values[0].abs()
        case "sqrt":
            return nw.when(values[0] >= nw.lit(0.0)).then(values[0]).sqrt()
        case "log":
            return nw.when(values[0] > nw.lit(0.0)).then(values[0]).log()
        case "exp":
            return _exp(values[0])
        case "min" | "max":
            fold = nw.min_horizontal if term.name == "min" else nw.max_horizontal
            known = _all(
                [~value.is_null() for value, part in zip(values, term.arguments, strict=True) if not _sure(part)]
            )
            return nw.when(known).then(fold(*values))
    raise AssertionError(f"function {term.name}")


def _sure(term: Term) -> bool:
    return isinstance(term, Constant) and term.value is not None


def _all(truths: list[nw.Expr]) -> nw.Expr:
    return reduce(lambda left, right: left & right, truths) if truths else nw.lit(True)


def _round(term: Round) -> nw.Expr:
    value = round_half_up_9(_number(term.of))
    if term.digits == COMPARE_DIGITS and term.mode == "half_up":
        return value
    power = 10.0**term.digits
    scaled = value if term.digits == 0 else round_half_up_9(value * nw.lit(power))
    match term.mode:
        case "half_up":
            whole = (scaled + nw.lit(0.5)).floor()
        case "floor":
            whole = scaled.floor()
        case "ceil":
            whole = scaled.ceil()
        case "half_even":
            low = scaled.floor()
            rest = scaled - low
            odd = low - nw.lit(2.0) * (low * nw.lit(0.5)).floor()
            up = (rest > nw.lit(0.5)) | ((rest == nw.lit(0.5)) & (odd == nw.lit(1.0)))
            whole = nw.when(up).then(low + nw.lit(1.0)).otherwise(low)
    return whole if term.digits == 0 else whole / nw.lit(power)


def _case(term: Case, value_of: Any) -> nw.Expr:
    result = value_of(term.otherwise)
    for condition, value in reversed(term.branches):
        result = nw.when(_truth(condition)).then(value_of(value)).otherwise(result)
    return result


def _text(term: Term) -> nw.Expr:
    match term:
        case Constant(value=None):
            return _null("text")
        case Constant(value=value):
            return nw.lit(str(value))
        case Ref(name=name):
            return nw.col(name)
        case Case():
            return _case(term, _text)
        case Notes():
            parts = [
                nw.when(_truth(condition)).then(nw.lit(f"{note};")).otherwise(nw.lit(""))
                for condition, note in term.notes
            ]
            joined = nw.concat_str(parts).str.strip_chars(";") if len(parts) > 1 else parts[0].str.strip_chars(";")
            return nw.when(joined != nw.lit("")).then(joined)
    raise AssertionError(f"{type(term).__name__} is no text")


def _truth(term: Term) -> nw.Expr:
    match term:
        case Constant(value=None):
            return _null("boolean")
        case Constant(value=value):
            return nw.lit(bool(value))
        case Ref(name=name):
            return nw.col(name)
        case Known(of=inner):
            value_of = {"boolean": _truth, "number": _number, "text": _text}[inner.kind]
            return ~value_of(inner).is_null()
        case Not(of=inner):
            return ~_truth(inner)
        case Every(terms=terms):
            return _all([_truth(part) for part in terms])
        case AnyOf(terms=terms):
            return reduce(lambda left, right: left | right, [_truth(part) for part in terms])
        case Member(of=inner, options=options):
            column = _text(inner) if inner.kind == "text" else _number(inner)
            return column.is_in(list(options))
        case Compare():
            return _compare(term)
        case Case():
            return _case(term, _truth)
    raise AssertionError(f"{type(term).__name__} is no truth")


def _compare(term: Compare) -> nw.Expr:
    value_of = {"boolean": _truth, "text": _text, "number": _compared}[term.left.kind]
    left, right = value_of(term.left), value_of(term.right)
    match term.op:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
    return left != right


def _compared(term: Term) -> nw.Expr:
    """Return a side of a comparison in units of the ninth decimal."""
    if isinstance(term, Constant):
        return _null("number") if term.value is None else nw.lit(units_9(float(term.value)))
    if isinstance(term, Ref) and term.name.startswith(SCALED):
        return nw.col(term.name)
    return scaled_9(_number(term))
