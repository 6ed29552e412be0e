"""Formula trees as presentation MathML, which browsers show without any script."""

from __future__ import annotations

from kit.reports.display import escape
from kit.reports.formula_tree import (
    Cases,
    Fence,
    Figure,
    Fraction,
    Index,
    Over,
    Part,
    Power,
    Root,
    Row,
    Sign,
    Symbol,
    Words,
)


def mathml(tree: Part, *, display: bool = False) -> str:
    """Return the formula as a `<math>` element, on a line of its own where `display`.

    Examples
    --------
    >>> mathml(Fraction(Symbol("a"), Figure("2")))
    '<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>'
    """
    return f"<math{_BLOCK if display else ''}>{_of(tree)}</math>"


_BLOCK = ' display="block"'


def _of(tree: Part) -> str:
    match tree:
        case Words(text):
            return f"<mtext>{escape(text)}</mtext>"
        case Figure(text):
            return f"<mn>{escape(text)}</mn>"
        case Symbol(text):
            return f"<mi>{escape(text)}</mi>"
        case Sign(text):
            return f"<mo>{escape(text)}</mo>"
        case Row(of):
            return f"<mrow>{''.join(_of(part) for part in of)}</mrow>"
        case Fraction(over, under):
            return f"<mfrac>{_of(over)}{_of(under)}</mfrac>"
        case Power(base, exponent):
            return f"<msup>{_of(base)}{_of(exponent)}</msup>"
        case Index(base, below):
            return f"<msub>{_of(base)}{_of(below)}</msub>"
        case Root(of):
            return f"<msqrt>{_of(of)}</msqrt>"
        case Fence(of, left, right):
            return f"<mrow><mo>{escape(left)}</mo>{_of(of)}<mo>{escape(right)}</mo></mrow>"
        case Over(sign, of, low, high):
            large = f"<mo>{escape(sign)}</mo>"
            if low is not None and high is not None:
                large = f"<munderover>{large}{_of(low)}{_of(high)}</munderover>"
            return f"<mrow>{large}{_of(of)}</mrow>"
        case Cases(rows):
            lines = "".join(
                f"<mtr><mtd>{_of(value)}</mtd><mtd>{_of(condition)}</mtd></mtr>" for value, condition in rows
            )
            return f'<mrow><mo>{{</mo><mtable columnalign="left">{lines}</mtable></mrow>'
    raise TypeError(f"MathML has no way to write {type(tree).__name__}")
