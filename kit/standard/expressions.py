"""Formulas and conditions as drafters write them.

Python's own expression syntax, read with `ast` and never run: names, numbers, texts in quotes, `+ - * / **`,
comparisons, `and`, `or`, `not`, `in [..]`, `a if condition else b` and the functions min, max, abs, sqrt, log, exp,
round. Everything else is an error that names the place, what is allowed and the nearest name.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.errors import KitError, cut, did_you_mean
from kit.standard.terms import (
    Arithmetic,
    Case,
    Compare,
    Constant,
    Function,
    Member,
    Not,
    Ref,
    Round,
    Term,
    ValueKind,
    either,
    every,
    number,
    text,
    truth,
)

MAX_LENGTH = 2000
MAX_DEPTH = 40
MAX_EXPONENT = 20

_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "min": (2, None),
    "max": (2, None),
    "abs": (1, 1),
    "sqrt": (1, 1),
    "log": (1, 1),
    "exp": (1, 1),
    "round": (1, 2),
}
_KIND_WORDS = {"number": "a number", "boolean": "true or false", "text": "a category or text"}


class ExpressionError(KitError):
    """A formula that cannot be read; `column` counts from 1 inside the formula."""

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Symbol:
    """What a name in a formula stands for.

    Attributes
    ----------
    column : the column it reads, for example ``field:vehicle_age``.
    kind : number, boolean or text.
    values : the allowed categories, where the name is a category field.
    unit : unit of a number, for documents.
    """

    column: str
    kind: ValueKind
    values: tuple[str, ...] | None = None
    unit: str | None = None
    words: str | None = field(default=None, compare=False)


def parse_expression(source: str, names: Mapping[str, Symbol], expect: ValueKind | None = None) -> Term:
    """Return the formula `source` as a term.

    Parameters
    ----------
    source : the formula, for example ``crashes_3y / fleet_size * 100 / 3``.
    names : every name that may stand in it; a dotted name (``critical_quantity.Q``) is one name.
    expect : the type the value must have.

    Raises
    ------
    ExpressionError
        For anything that is no formula of the language, with the column.

    Examples
    --------
    >>> names = {"crashes": Symbol("field:crashes", "number"), "fleet": Symbol("field:fleet", "number")}
    >>> parse_expression("crashes / fleet >= 0.5", names, "boolean").op
    '>='
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"the formula has {len(source):,} characters; at most {MAX_LENGTH:,} are allowed")
    try:
        with warnings.catch_warnings():  # Python's advice to programmers ("is" with a literal) is none to drafters
            warnings.simplefilter("ignore")
            tree = ast.parse(source.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(
            f"'{cut(source)}' is not a formula: {error.msg}. Write for example a / b * 100, or not x and y >= 3",
            error.offset,
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError(f"'{cut(source)}' is not a formula or is nested too deeply") from None
    try:
        term = _Reader(names).read(tree.body, 0)
    except RecursionError:  # showing a long chain of calls or dots nests as deeply as the chain
        raise ExpressionError(f"'{cut(source)}' is nested too deeply; split it with derived:") from None
    if expect and term.kind != expect:
        raise ExpressionError(
            f"'{cut(source)}' gives {_KIND_WORDS[term.kind]}, but {_KIND_WORDS[expect]} is needed here"
        )
    return term


class _Reader:
    def __init__(self, names: Mapping[str, Symbol]) -> None:
        self.names = names

    def read(self, node: ast.expr, depth: int) -> Term:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels; split it with derived:", _column(node))
        depth += 1
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute():
                symbol = self._symbol(node)
                return Ref(symbol.column, symbol.kind)
            case ast.BinOp():
                return self._arithmetic(node, depth)
            case ast.UnaryOp(op=ast.Not()):
                return Not(self._typed(node.operand, "boolean", depth, "not"))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                inner = self._typed(node.operand, "number", depth, "a sign")
                if isinstance(node.op, ast.UAdd):
                    return inner
                if isinstance(inner, Constant) and isinstance(inner.value, float):
                    return number(-inner.value)
                return Arithmetic("-", number(0.0), inner)
            case ast.BoolOp():
                word = "and" if isinstance(node.op, ast.And) else "or"
                terms = [self._typed(value, "boolean", depth, word) for value in node.values]
                return every(*terms) if word == "and" else either(*terms)
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.IfExp():
                condition = self._typed(node.test, "boolean", depth, "if")
                value, otherwise = self.read(node.body, depth), self.read(node.orelse, depth)
                if value.kind != otherwise.kind:
                    raise ExpressionError("both sides of if … else must have the same type", _column(node))
                return Case(((condition, value), (Not(condition), otherwise)), Constant(None, value.kind))
            case ast.Call():
                return self._call(node, depth)
        raise ExpressionError(
            f"'{cut(ast.unparse(node))}' is not allowed in a formula; allowed are names, numbers, texts in quotes, "
            "+ - * / **, comparisons, and, or, not, in [..], if … else, " + ", ".join(_FUNCTIONS),
            _column(node),
        )

    def _constant(self, node: ast.Constant) -> Term:
        value = node.value
        if isinstance(value, bool):
            return truth(value)
        if isinstance(value, int | float):
            try:
                as_number = float(value)
            except OverflowError:
                as_number = float("inf")
            if not abs(as_number) <= 1e15:
                raise ExpressionError(f"the number {cut(value, 30)} is too large", _column(node))
            return number(as_number)
        if isinstance(value, str):
            return text(value)
        raise ExpressionError(f"'{cut(value)}' is neither a number nor a text", _column(node))

    def _symbol(self, node: ast.Name | ast.Attribute) -> Symbol:
        name = ast.unparse(node)
        if name in self.names:
            return self.names[name]
        if name in ("true", "false"):
            raise ExpressionError(f"write {name.capitalize()} instead of {name}", _column(node))
        raise ExpressionError(f"'{cut(name)}' is unknown; {did_you_mean(name, self.names)}", _column(node))

    def _typed(self, node: ast.expr, kind: ValueKind, depth: int, where: str) -> Term:
        term = self.read(node, depth)
        if term.kind != kind:
            raise ExpressionError(
                f"'{cut(ast.unparse(node))}' is {_KIND_WORDS[term.kind]}, but {where} needs {_KIND_WORDS[kind]}",
                _column(node),
            )
        return term

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Term:
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            raise ExpressionError(
                f"the operator in '{cut(ast.unparse(node))}' is not allowed; allowed: + - * / **", _column(node)
            )
        left = self._typed(node.left, "number", depth, op)
        right = (
            _folded(self._typed(node.right, "number", depth, op))
            if op == "**"
            else self._typed(node.right, "number", depth, op)
        )
        if op == "**" and not (
            isinstance(right, Constant) and isinstance(right.value, float) and abs(right.value) <= MAX_EXPONENT
        ):
            raise ExpressionError(f"the exponent must be a number up to {MAX_EXPONENT}", _column(node))
        return Arithmetic(op, left, right)

    def _comparison(self, node: ast.Compare, depth: int) -> Term:
        terms: list[Term] = []
        left_node = node.left
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                member = self._member(left_node, right_node, depth)
                terms.append(Not(member) if isinstance(op, ast.NotIn) else member)
            elif type(op) in _COMPARE:
                terms.append(self._compare(_COMPARE[type(op)], left_node, right_node, depth, node))
            else:
                raise ExpressionError("'is' is not allowed; write == or !=", _column(node))
            left_node = right_node
        return every(*terms)

    def _compare(self, op: str, left_node: ast.expr, right_node: ast.expr, depth: int, node: ast.expr) -> Term:
        left, right = self.read(left_node, depth), self.read(right_node, depth)
        if left.kind != right.kind:
            raise ExpressionError(
                f"'{cut(ast.unparse(node))}' compares {_KIND_WORDS[left.kind]} with {_KIND_WORDS[right.kind]}",
                _column(node),
            )
        if left.kind != "number" and op not in ("==", "!="):
            raise ExpressionError(f"{op} needs numbers; use == or != for {_KIND_WORDS[left.kind]}", _column(node))
        for side, other in ((left_node, right), (right_node, left)):
            if isinstance(other, Constant) and isinstance(other.value, str):
                self._check_category(side, other.value, _column(node))
        return Compare(op, left, right)

    def _member(self, left_node: ast.expr, right_node: ast.expr, depth: int) -> Term:
        if not isinstance(right_node, ast.List | ast.Tuple | ast.Set):
            raise ExpressionError("'in' needs a list of values, for example in ['a', 'b']", _column(right_node))
        left = self.read(left_node, depth)
        options: list[str | float] = []
        for item in right_node.elts:
            option = self.read(item, depth)
            if not isinstance(option, Constant) or option.kind != left.kind or isinstance(option.value, bool):
                raise ExpressionError(
                    f"'{cut(ast.unparse(item))}' is not allowed in the list: it must be {_KIND_WORDS[left.kind]}",
                    _column(item),
                )
            assert option.value is not None
            if isinstance(option.value, str):
                self._check_category(left_node, option.value, _column(item))
            options.append(option.value)
        if not options:
            raise ExpressionError("the list after 'in' is empty", _column(right_node))
        return Member(left, tuple(options))

    def _check_category(self, side: ast.expr, value: str, column: int | None) -> None:
        if isinstance(side, ast.Name | ast.Attribute):
            symbol = self.names.get(ast.unparse(side))
            if symbol and symbol.values is not None and value not in symbol.values:
                raise ExpressionError(
                    f"'{cut(value)}' is no category of {ast.unparse(side)}; {did_you_mean(value, symbol.values)}",
                    column,
                )

    def _call(self, node: ast.Call, depth: int) -> Term:
        name = ast.unparse(node.func)
        if name not in _FUNCTIONS:
            raise ExpressionError(
                f"the function '{cut(name)}' is unknown; {did_you_mean(name, _FUNCTIONS)}", _column(node)
            )
        least, most = _FUNCTIONS[name]
        if node.keywords or len(node.args) < least or (most is not None and len(node.args) > most):
            count = f"{least}" if most == least else f"{least} to {most}" if most else f"at least {least}"
            raise ExpressionError(f"{name} takes {count} values", _column(node))
        arguments = [self._typed(argument, "number", depth, name) for argument in node.args]
        if name == "round":
            digits = arguments[1] if len(arguments) == 2 else number(0)
            if not isinstance(digits, Constant) or digits.value not in range(10):
                raise ExpressionError("round takes 0 to 9 decimals, for example round(x, 1)", _column(node))
            return Round(arguments[0], int(digits.value or 0))
        return Function(name, tuple(arguments))


def _folded(term: Term) -> Term:
    """Return an exponent such as 1 / 3 as the number it is."""
    if isinstance(term, Arithmetic) and term.op in "+-*/":
        left, right = _folded(term.left), _folded(term.right)
        if isinstance(left, Constant) and isinstance(right, Constant):
            a, b = left.value, right.value
            if isinstance(a, float) and isinstance(b, float) and not (term.op == "/" and b == 0):
                return number({"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[term.op])
    return term


def _column(node: ast.expr) -> int | None:
    offset = getattr(node, "col_offset", None)
    return offset + 1 if offset is not None else None
