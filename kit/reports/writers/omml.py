"""Formula trees as OMML, Word's own equations: they can be edited in Word like any other."""

from __future__ import annotations

from xml.sax.saxutils import escape

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

_FONT = '<w:rPr><w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math" w:eastAsia="宋体" w:cs="Cambria Math"/></w:rPr>'


def omml(tree: Part, *, display: bool = False) -> str:
    """Return the formula as `<m:oMath>`, inside `<m:oMathPara>` where it stands on a line of its own.

    The prefixes `m` and `w` have to be declared where the text is put.

    Examples
    --------
    >>> omml(Figure("2")).count("<m:t>2</m:t>")
    1
    """
    inner = f"<m:oMath>{_of(tree)}</m:oMath>"
    return f"<m:oMathPara>{inner}</m:oMathPara>" if display else inner


def _run(text: str, *, upright: bool = False) -> str:
    style = "<m:rPr><m:nor/></m:rPr>" if upright else ""
    return f'<m:r>{style}{_FONT}<m:t xml:space="preserve">{escape(text)}</m:t></m:r>'.replace(
        ' xml:space="preserve"', "" if text == text.strip() else ' xml:space="preserve"'
    )


def _of(tree: Part) -> str:
    match tree:
        case Words(text):
            return _run(text, upright=True)
        case Figure(text) | Symbol(text) | Sign(text):
            return _run(text)
        case Row(of):
            return "".join(_of(part) for part in of)
        case Fraction(over, under):
            return f"<m:f><m:num>{_of(over)}</m:num><m:den>{_of(under)}</m:den></m:f>"
        case Power(base, exponent):
            return f"<m:sSup><m:e>{_of(base)}</m:e><m:sup>{_of(exponent)}</m:sup></m:sSup>"
        case Index(base, below):
            return f"<m:sSub><m:e>{_of(base)}</m:e><m:sub>{_of(below)}</m:sub></m:sSub>"
        case Root(of):
            return f'<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>{_of(of)}</m:e></m:rad>'
        case Fence(of, left, right):
            return (
                f'<m:d><m:dPr><m:begChr m:val="{escape(left)}"/><m:endChr m:val="{escape(right)}"/></m:dPr>'
                f"<m:e>{_of(of)}</m:e></m:d>"
            )
        case Over(sign, of, low, high):
            hidden = "" if low is not None else '<m:subHide m:val="1"/>'
            hidden += "" if high is not None else '<m:supHide m:val="1"/>'
            return (
                f'<m:nary><m:naryPr><m:chr m:val="{sign}"/><m:limLoc m:val="undOvr"/>{hidden}</m:naryPr>'
                f"<m:sub>{_of(low) if low is not None else ''}</m:sub>"
                f"<m:sup>{_of(high) if high is not None else ''}</m:sup><m:e>{_of(of)}</m:e></m:nary>"
            )
        case Cases(rows):
            lines = "".join(f"<m:e>{_of(value)}{_run('，', upright=True)}{_of(condition)}</m:e>" for value, condition in rows)
            return f'<m:d><m:dPr><m:begChr m:val="{{"/><m:endChr m:val=""/></m:dPr><m:e><m:eqArr>{lines}</m:eqArr></m:e></m:d>'
    raise TypeError(f"Word has no way to write {type(tree).__name__}")
