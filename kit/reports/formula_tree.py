"""A formula as a small tree of presentation parts, which each writer turns into its own mathematics.

HTML has MathML, Word has OMML, typst its own markup. A rule of a standard becomes such a tree once, here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction as Ratio

from kit.scoring.wording import label_of, plain_number, words
from kit.standard.standard import Standard
from kit.standard.terms import Arithmetic, Case, Constant, Function, Not, Ref, Round, Term


class Part:
    """Base of all parts."""

    __slots__ = ()

    def parts(self) -> tuple[Part, ...]:
        """Return the parts directly inside this one."""
        return ()


@dataclass(frozen=True, slots=True)
class Words(Part):
    """Upright text: a label, 若, 其他."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure(Part):
    """A number."""

    text: str


@dataclass(frozen=True, slots=True)
class Symbol(Part):
    """A letter of mathematics, set in italics."""

    text: str


@dataclass(frozen=True, slots=True)
class Sign(Part):
    """An operator or a relation: + − × = ≥ , …"""

    text: str


@dataclass(frozen=True, slots=True)
class Row(Part):
    """Parts one after the other."""

    of: tuple[Part, ...]

    def parts(self) -> tuple[Part, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Fraction(Part):
    """`over` above the line, `under` below it."""

    over: Part
    under: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.over, self.under)


@dataclass(frozen=True, slots=True)
class Power(Part):
    """`base` with a raised `exponent`."""

    base: Part
    exponent: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.base, self.exponent)


@dataclass(frozen=True, slots=True)
class Index(Part):
    """`base` with a lowered `index`."""

    base: Part
    index: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.base, self.index)


@dataclass(frozen=True, slots=True)
class Root(Part):
    """The square root of `of`."""

    of: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Fence(Part):
    """`of` in brackets that grow with it."""

    of: Part
    left: str = "("
    right: str = ")"

    def parts(self) -> tuple[Part, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Over(Part):
    """A large operator (∑, ∏) over all `of`, with limits where they are given."""

    sign: str
    of: Part
    low: Part | None = None
    high: Part | None = None

    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in (self.low, self.high, self.of) if part is not None)


@dataclass(frozen=True, slots=True)
class Cases(Part):
    """One value of several, each with its condition."""

    rows: tuple[tuple[Part, Part], ...]

    def parts(self) -> tuple[Part, ...]:
        return tuple(part for row in self.rows for part in row)


def row(*parts: Part | str) -> Row:
    """Return parts one after the other; a plain text is a sign."""
    return Row(tuple(Sign(part) if isinstance(part, str) else part for part in parts))


def equation(name: Part, value: Part) -> Row:
    """Return `name = value`."""
    return row(name, "=", value)


def index(letter: str, below: str) -> Index:
    """Return a letter with a lowered letter or number."""
    return Index(Symbol(letter), Figure(below) if below.isdigit() else Symbol(below))


def all_parts(tree: Part) -> Iterator[Part]:
    """Yield the tree and everything inside it."""
    yield tree
    for part in tree.parts():
        yield from all_parts(part)


def plain(tree: Part) -> str:
    """Return the formula on one line, for alternative text and for searching.

    Examples
    --------
    >>> plain(equation(Symbol("R"), Fraction(row(Symbol("q"), "×", Figure("2")), Symbol("Q"))))
    'R = (q × 2) / Q'
    """
    match tree:
        case Words(text) | Figure(text) | Symbol(text):
            return text
        case Sign(text):
            return f"{text} " if text in "，," else f" {text} "
        case Row(of):
            return "".join(plain(part) for part in of)
        case Fraction(over, under):
            return f"{_closed(over)} / {_closed(under)}"
        case Power(base, exponent):
            return f"{_closed(base)}^{_closed(exponent)}"
        case Index(base, below):
            return f"{plain(base)}_{plain(below)}"
        case Root(of):
            return f"√{_closed(of)}"
        case Fence(of, left, right):
            return f"{left}{plain(of)}{right}"
        case Over(sign, of):
            return f"{sign} {_closed(of)}"
        case Cases(rows):
            return "；".join(f"{plain(value)}（{plain(condition)}）" for value, condition in rows)
    raise AssertionError(type(tree).__name__)


def _closed(part: Part) -> str:
    shown = plain(part)
    return f"({shown})" if " " in shown else shown


# How strongly a form holds its parts together; a looser part inside a tighter form needs brackets.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_SIGNS = {"+": "+", "-": "−", "*": "×"}
_NAMES = {"log": "ln", "exp": "exp", "min": "min", "max": "max"}


def formula_tree(standard: Standard, term: Term, name: Callable[[Ref], Part] | None = None) -> Part:
    """Return the term as a tree; names become their labels.

    Parameters
    ----------
    name : what stands for a name instead of its label (for the rows of a child register: letters with an index).

    Examples
    --------
    >>> plain(formula_tree(taxi, taxi.names.parse("crashes_3y / fleet_size")))     # doctest: +SKIP
    '近三年责任事故数 / 车辆数'
    """
    return _Tree(standard, name).of(term)[0]


@dataclass(frozen=True)
class _Tree:
    standard: Standard
    name: Callable[[Ref], Part] | None

    def of(self, term: Term) -> tuple[Part, int]:
        match term:
            case Constant(value=float() as value):
                return Figure(plain_number(value)), _ATOM if value >= 0 else _SUM
            case Ref(kind="number") if self.name is not None:
                return self.name(term), _ATOM
            case Ref(name=name, of="number"):
                label = label_of(self.standard, name.partition(":")[2])
                return (Symbol(label) if len(label) == 1 and label.isalpha() else Words(label)), _ATOM
            case Arithmetic(op="/", left=left, right=right):
                return Fraction(self.of(left)[0], self.of(right)[0]), _PRODUCT
            case Arithmetic(op="**", left=left, right=right):
                return Power(self.inside(left, _ATOM), self.exponent(right)), _POWER
            case Arithmetic(op="-", left=Constant(value=0.0), right=right):
                return row("−", self.inside(right, _PRODUCT)), _SUM
            case Arithmetic(op=op, left=left, right=right):
                strength = _PRODUCT if op == "*" else _SUM
                # a − (b + c) keeps its brackets.
                return row(self.inside(left, strength), _SIGNS[op], self.inside(right, strength + (op == "-"))), strength
            case Round(of=inner):
                return row(Words("取整" if not term.digits else "修约"), Fence(self.of(inner)[0])), _ATOM
            case Function(name="sqrt", arguments=(inner,)):
                return Root(self.of(inner)[0]), _ATOM
            case Function(name="abs", arguments=(inner,)):
                return Fence(self.of(inner)[0], "|", "|"), _ATOM
            case Function(name=name, arguments=arguments):
                inside: list[Part | str] = []
                for argument in arguments:
                    inside += [",", self.of(argument)[0]] if inside else [self.of(argument)[0]]
                return row(Words(_NAMES[name]), Fence(row(*inside))), _ATOM
            case Case():
                return self.cases(term), _ATOM
        # Conditions, categories and truths are clearer in words than in signs.
        return Words(words(self.standard, term)), _ATOM

    def inside(self, term: Term, least: int) -> Part:
        part, strength = self.of(term)
        return part if strength >= least else Fence(part)

    def exponent(self, term: Term) -> Part:
        """Return an exponent; a third is written as a fraction and not with nine decimals."""
        if isinstance(term, Constant) and isinstance(term.value, float):
            ratio = Ratio(term.value).limit_denominator(20)
            if len(plain_number(term.value)) > 5 and abs(float(ratio) - term.value) < 1e-12:
                return Fraction(Figure(str(ratio.numerator)), Figure(str(ratio.denominator)))
        return self.of(term)[0]

    def cases(self, term: Case) -> Part:
        rows: list[tuple[Part, Part]] = []
        for position, (condition, value) in enumerate(term.branches):
            previous = term.branches[position - 1][0] if position else None
            last = isinstance(condition, Not) and condition.of == previous
            rows.append((self.of(value)[0], Words("其他" if last else words(self.standard, condition))))
        if not (isinstance(term.otherwise, Constant) and term.otherwise.value is None):
            rows.append((self.of(term.otherwise)[0], Words("其他")))
        return Cases(tuple(rows))
