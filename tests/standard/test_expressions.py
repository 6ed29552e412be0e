"""Formulas: read, never run; everything that is none of the language is an ExpressionError."""

from __future__ import annotations

import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.standard.expressions import ExpressionError, Symbol, parse_expression
from kit.standard.terms import (
    Arithmetic,
    Case,
    Compare,
    Constant,
    Every,
    Function,
    Member,
    Not,
    Ref,
    Round,
    Term,
    number,
    references,
    rewrite,
    text,
    truth,
    walk,
)

NAMES = {
    "x": Symbol("field:x", "number"),
    "y": Symbol("derived:y", "number"),
    "b": Symbol("field:b", "boolean"),
    "k": Symbol("field:k", "text", ("petrol", "ev")),
    "table.Q": Symbol("lookup:table.Q", "number"),
}
X, Y, B, K = Ref("field:x"), Ref("derived:y"), Ref("field:b", "boolean"), Ref("field:k", "text")


@pytest.mark.parametrize(
    ("source", "term"),
    [
        ("x + y * 2", Arithmetic("+", X, Arithmetic("*", Y, number(2)))),
        (" x\t/ table.Q ", Arithmetic("/", X, Ref("lookup:table.Q"))),
        ("-1", number(-1)),
        ("+x", X),
        ("-x", Arithmetic("-", number(0), X)),
        ("x ** 2", Arithmetic("**", X, number(2))),
        ("1 <= x < 3", Every((Compare("<=", number(1), X), Compare("<", X, number(3))))),
        ("not b", Not(B)),
        ("b and True", B),
        ("b or True", truth(True)),
        ("k == 'ev'", Compare("==", K, text("ev"))),
        ("k in ['ev', 'petrol']", Member(K, ("ev", "petrol"))),
        ("k not in ('ev',)", Not(Member(K, ("ev",)))),
        ("x in {1, 2}", Member(X, (1.0, 2.0))),
        ("max(x, 1, y)", Function("max", (X, number(1), Y))),
        ("round(x, 2)", Round(X, 2)),
        ("round(x)", Round(X, 0)),
        ("x if b else 1", Case(((B, X), (Not(B), number(1))), Constant(None, "number"))),
    ],
)
def test_reading(source: str, term: Term) -> None:
    assert parse_expression(source, NAMES) == term


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "is not a formula"),
        ("x +", "is not a formula"),
        ("x; y", "is not a formula"),
        ("x = 1", "is not a formula"),
        ("x\0", "is not a formula"),
        ("z + 1", "'z' is unknown; allowed: b, k, table.Q, x, y"),
        ("tabel.Q", "did you mean table.Q?"),
        ("true", "write True instead of true"),
        ("x.__class__", "unknown"),
        ("().__class__.__bases__", "unknown"),
        ("__import__('os')", "the function '__import__' is unknown"),
        ("open('a')", "the function 'open' is unknown"),
        ("x.real()", "unknown"),
        ("[x for x in [1]]", "not allowed in a formula"),
        ("lambda: x", "not allowed in a formula"),
        ("(x := 1)", "not allowed in a formula"),
        ("(yield x)", "not allowed in a formula"),
        ("await x", "not allowed in a formula"),
        ("f'{x}'", "not allowed in a formula"),
        ("x[0]", "not allowed in a formula"),
        ("~b", "not allowed in a formula"),
        ("x // 2", "allowed: + - * / **"),
        ("x % 2", "allowed: + - * / **"),
        ("x is 1", "write == or !="),
        ("x + b", "'b' is true or false, but + needs a number"),
        ("x and b", "'x' is a number, but and needs true or false"),
        ("not x", "not needs true or false"),
        ("x == 'a'", "compares a number with a category or text"),
        ("k < 'ev'", "< needs numbers"),
        ("k == 'petrl'", "did you mean petrol?"),
        ("'petrl' == k", "did you mean petrol?"),
        ("k in ['evv']", "did you mean ev?"),
        ("k in []", "is empty"),
        ("k in 'ev'", "needs a list"),
        ("x in [y]", "must be a number"),
        ("x in [True]", "must be a number"),
        ("x if b else k", "must have the same type"),
        ("x ** y", "the exponent must be a number up to 20"),
        ("x ** 21", "the exponent must be a number up to 20"),
        ("1e400", "too large"),
        ("9" * 1000, "too large"),
        ("1j", "neither a number nor a text"),
        ("b'x' == k", "neither a number nor a text"),
        ("...", "neither a number nor a text"),
        ("abs(x, y)", "abs takes 1 values"),
        ("max(x)", "max takes at least 2 values"),
        ("max(*[x])", "takes at least 2"),
        ("max(x, y, key=x)", "takes at least 2"),
        ("round(x, 10)", "0 to 9 decimals"),
        ("round(x, y)", "0 to 9 decimals"),
        ("absolute(x)", "allowed: abs, exp"),
        ("x + " * 600 + "x", "at most 2,000"),
        ("+".join(["x"] * 500), "nested deeper than 40"),
        ("a" + ".b" * 900, "nested too deeply"),
        ("f" + "()" * 900, "nested too deeply"),
        ("x" + "[0]" * 600, "nested too deeply"),
        ("(" * 900 + "x" + ")" * 900, "is not a formula"),
        ("x\ud800", "is not a formula"),
    ],
)
def test_refusals(source: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(source, NAMES)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500, "the formula is cut"


def test_the_type_that_is_needed() -> None:
    with pytest.raises(ExpressionError, match="gives a number, but true or false is needed here"):
        parse_expression("x", NAMES, "boolean")
    assert parse_expression("x > 1", NAMES, "boolean").kind == "boolean"


def test_the_column_is_told() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression("x + zz", NAMES)
    assert caught.value.column == 5


GOOD = [
    "x / y * 100 / 3",
    "b and not (x >= 0.5)",
    "k in ['petrol', 'ev'] or k == 'ev'",
    "max(x, 1) ** 2",
    "round(-x, 2)",
]
WORDS = "x y b k 'ev' 1 ( ) [ ] is in not lambda: () . __class__ ** { } := if else for \\d ' 0x _ , 等级 é"
PIECES = [*WORDS.split(" "), " ", "\n", "\0"]


@st.composite
def mutations(draw: st.DrawFn) -> str:
    source = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(source)))
        cut = draw(st.integers(0, 4))
        source = source[:at] + draw(st.sampled_from(PIECES)) + source[at + cut :]
    return source


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), mutations(), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
def test_any_text_is_a_term_or_an_expression_error(source: str) -> None:
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning of Python's parser would reach the drafter's screen
        try:
            term = parse_expression(source, NAMES)
        except ExpressionError:
            return
        finally:
            assert time.perf_counter() - start < 1
    assert isinstance(term, Term)
    assert references(term) <= {symbol.column for symbol in NAMES.values()}


def test_python_s_advice_stays_away() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parse_expression("k == '\\d' or k in ['ev']", {"k": Symbol("field:k", "text")})
        for source in ("1 is 1", "1()", "'a'[1.5]"):
            with pytest.raises(ExpressionError):
                parse_expression(source, NAMES)
    assert caught == []


def test_walk_and_rewrite() -> None:
    sources = ["x + abs(y) * 2 if not b else round(x, 1)", "k in ['ev'] and (b or 1 < x <= y)"]
    for source in sources:
        term = parse_expression(source, NAMES)
        assert rewrite(term, lambda part: part) == term
        renamed = rewrite(term, lambda part: Ref(part.name + "2", part.of) if isinstance(part, Ref) else part)
        assert references(renamed) == {name + "2" for name in references(term)}
        assert sum(1 for _ in walk(renamed)) == sum(1 for _ in walk(term))
    assert {type(part).__name__ for part in walk(parse_expression(sources[1], NAMES))} == {
        "Every", "Any", "Member", "Compare", "Ref", "Constant",
    }  # fmt: skip
