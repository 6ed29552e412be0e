"""Formulas and conditions in words: Chinese for the reader of a standard, LaTeX for its printed document.

Names are replaced by their labels, categories by their Chinese text, numbers that stand alone beside one value get its
unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from kit.standard.standard import Standard
from kit.standard.terms import (
    Any,
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
    Ref,
    Round,
    Term,
)

# How strongly a form holds its parts together; a looser part inside a tighter form needs brackets.
_OR, _AND, _COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(7)
_SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_COMPARE_WORDS = {
    "zh": {"<": "小于", "<=": "不超过", ">": "大于", ">=": "不低于", "==": "等于", "!=": "不等于"},
    "en": {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "equal to", "!=": "not equal to"},
}
_COMPARE_LATEX = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_ROUND_WORDS = {
    "zh": {"half_up": "四舍五入", "half_even": "四舍六入五成双", "floor": "向下取整", "ceil": "向上取整"},
    "en": {
        "half_up": "rounded half up",
        "half_even": "rounded half even",
        "floor": "rounded down",
        "ceil": "rounded up",
    },
}
_FUNCTIONS = {
    "zh": {"abs": "的绝对值", "sqrt": "的平方根", "log": "的自然对数", "exp": "的指数"},
    "en": {"abs": "absolute value of ", "sqrt": "square root of ", "log": "natural log of ", "exp": "exp of "},
}
_LATEX_ESCAPES = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "^": r"\char94 ", "~": r"\char126 ",
}  # fmt: skip


def words(standard: Standard, formula: str | Term, lang: str = "zh") -> str:
    """Return a formula or condition of the standard as words, with labels and units.

    Parameters
    ----------
    formula : the text as it stands in the file, or a term already read.
    lang : `zh`, or `en` (labels without translation stay Chinese).

    Raises
    ------
    ExpressionError
        When the text is no formula of this standard.

    Examples
    --------
    >>> words(taxi, "crashes_3y / fleet_size * 100 / 3")                     # doctest: +SKIP
    '近三年责任事故数 ÷ 车辆数 × 100 ÷ 3'
    >>> words(taxi, "crash_rate >= 10 and not has_permit")                   # doctest: +SKIP
    '百车年责任事故率不低于10起/百车·年，且持有有效经营许可且车辆人员双证齐全为否'
    """
    term = standard.names.parse(formula) if isinstance(formula, str) else formula
    return _Words(standard, lang).of(term)[0]


def latex(standard: Standard, formula: str | Term) -> str:
    r"""Return a formula or condition of the standard as LaTeX mathematics (without `$`), labels in `\text{}`.

    Examples
    --------
    >>> latex(taxi, "crashes_3y / fleet_size * 100")                         # doctest: +SKIP
    '\\frac{\\text{近三年责任事故数}}{\\text{车辆数}} \\times 100'
    """
    term = standard.names.parse(formula) if isinstance(formula, str) else formula
    return _Latex(standard).of(term)[0]


def plain_number(value: float) -> str:
    """Return a number as people write it: 9 decimals at most, no trailing noughts.

    Examples
    --------
    >>> plain_number(0.1 + 0.2), plain_number(60000.0), plain_number(-0.0)
    ('0.3', '60000', '0')
    """
    shown = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown


def value_words(standard: Standard, name: str, value: object, lang: str = "zh") -> str:
    """Return the value of a field, derived value, total or score in words with its unit; 未填报 for none.

    Examples
    --------
    >>> value_words(taxi, "vehicle_age", 6.5), value_words(taxi, "energy", "ev")   # doctest: +SKIP
    ('6.5年', '纯电动或换电')
    """
    if value is None:
        return "未填报" if lang == "zh" else "not given"
    if isinstance(value, bool):
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    spec = standard.fields.get(name)
    if isinstance(value, str):
        return (spec.values or {}).get(value, value) if spec and lang == "zh" else value
    symbol = standard.names.symbols.get(name)
    assert isinstance(value, int | float)
    return plain_number(float(value)) + printed_unit(symbol.unit if symbol else None)


def printed_unit(unit: str | None) -> str:
    """Return a unit as it stands behind a number: nothing for a pure number."""
    return "" if unit in (None, "1", "无量纲") else str(unit)


def label_of(standard: Standard, name: str, lang: str = "zh") -> str:
    """Return the label of a field, derived value, total or node path; the name itself where it has none."""
    if name in standard.fields:
        return standard.fields[name].label.text(lang)
    derived = standard.document.derived.get(name)
    if derived and derived.label:
        return derived.label.text(lang)
    for rows in standard.document.children.values():
        label = rows.totals[name].label if name in rows.totals else None
        if label:
            return label.text(lang)
    node = standard.nodes.get(name)
    if node and node.label:
        return node.label.text(lang)
    return name


@dataclass(frozen=True)
class _Words:
    standard: Standard
    lang: str

    def of(self, term: Term) -> tuple[str, int]:
        zh = self.lang == "zh"
        match term:
            case Constant():
                return self.constant(term), _ATOM
            case Ref(kind="boolean"):
                return self.label(term) + ("为是" if zh else " is yes"), _COMPARE
            case Ref():
                return self.label(term), _ATOM
            case Arithmetic(op="**", left=left, right=right):
                return f"{self.inside(left, _ATOM)}{'的' if zh else ' to the power '}{self.of(right)[0]}" + (
                    "次方" if zh else ""
                ), _POWER
            case Arithmetic(op=op, left=left, right=right):
                return self.arithmetic(op, left, right)
            case Compare():
                return self.compare(term), _COMPARE
            case Member(of=inner, options=options):
                return self.member(inner, options, positive=True), _COMPARE
            case Not(of=inner):
                return self.negation(inner)
            case Known(of=inner):
                return self.of(inner)[0] + ("已填报" if zh else " is given"), _COMPARE
            case Every(terms=terms):
                return ("，且" if zh else " and ").join(self.inside(part, _AND) for part in terms), _AND
            case Any(terms=terms):
                return ("，或" if zh else " or ").join(self.inside(part, _OR) for part in terms), _OR
            case Function() | Round():
                return self.function(term), _POWER
            case Case():
                return self.case(term), _OR
            case Notes():
                return ("；" if zh else "; ").join(note for _, note in term.notes), _ATOM
        return type(term).__name__, _ATOM

    def inside(self, term: Term, least: int) -> str:
        text, strength = self.of(term)
        return text if strength >= least else (f"（{text}）" if self.lang == "zh" else f"({text})")

    def label(self, ref: Ref) -> str:
        return label_of(self.standard, ref.name.partition(":")[2], self.lang)

    def constant(self, term: Constant, beside: Term | None = None) -> str:
        if isinstance(beside, Ref) and term.value is not None:
            return value_words(self.standard, beside.name.partition(":")[2], term.value, self.lang)
        return value_words(self.standard, "", term.value, self.lang)

    def arithmetic(self, op: str, left: Term, right: Term) -> tuple[str, int]:
        strength = _SUM if op in "+-" else _PRODUCT
        # a − (b + c) and a ÷ (b × c) keep their brackets.
        below = strength + 1 if op in "-/" or (op == "*" and isinstance(right, Arithmetic)) else strength
        if op == "-" and isinstance(left, Constant) and left.value == 0:
            return f"−{self.inside(right, _PRODUCT)}", _SUM
        return f"{self.inside(left, strength)}{_SIGNS[op]}{self.inside(right, below)}", strength

    def compare(self, term: Compare) -> str:
        left, right, op = term.left, term.right, term.op
        if isinstance(left, Constant) and not isinstance(right, Constant):
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            left, right, op = right, left, turned.get(op, op)
        if left.kind != "number":
            joint = {"zh": {"==": "为", "!=": "不为"}, "en": {"==": " is ", "!=": " is not "}}[self.lang][op]
            name = self.label(left) if isinstance(left, Ref) else self.of(left)[0]
        else:
            joint = _COMPARE_WORDS[self.lang][op] if self.lang == "zh" else f" {_COMPARE_WORDS['en'][op]} "
            name = self.inside(left, _SUM)
        other = self.constant(right, left) if isinstance(right, Constant) else self.inside(right, _SUM)
        return f"{name}{joint}{other}"

    def member(self, inner: Term, options: tuple[str | float, ...], *, positive: bool) -> str:
        name = self.label(inner) if isinstance(inner, Ref) else self.inside(inner, _SUM)
        shown = [
            self.constant(Constant(option, "text" if isinstance(option, str) else "number"), inner)
            for option in options
        ]
        if self.lang == "zh":
            listed = "、".join(shown)
            return f"{name}{'为' if positive else '不为'}{listed}" + ("之一" if len(shown) > 1 else "")
        return f"{name} is {'' if positive else 'not '}one of {', '.join(shown)}"

    def negation(self, inner: Term) -> tuple[str, int]:
        zh = self.lang == "zh"
        match inner:
            case Ref():
                return self.label(inner) + ("为否" if zh else " is no"), _COMPARE
            case Compare(op=op, left=left, right=right):
                return self.compare(Compare(_OPPOSITE[op], left, right)), _COMPARE
            case Member(of=of, options=options):
                return self.member(of, options, positive=False), _COMPARE
            case Known(of=of):
                return self.of(of)[0] + ("未填报" if zh else " is not given"), _COMPARE
        return (f"并非（{self.of(inner)[0]}）" if zh else f"not ({self.of(inner)[0]})"), _COMPARE

    def function(self, term: Function | Round) -> str:
        zh = self.lang == "zh"
        if isinstance(term, Round):
            how = _ROUND_WORDS[self.lang][term.mode]
            tail = "" if not term.digits else (f"保留{term.digits}位小数" if zh else f" to {term.digits} decimals")
            return f"{self.inside(term.of, _POWER)}{how}{tail}" if zh else f"({self.of(term.of)[0]}) {how}{tail}"
        inner = [self.of(argument)[0] for argument in term.arguments]
        if term.name in ("min", "max"):
            if zh:
                return f"（{'、'.join(inner)}）中的最{'小' if term.name == 'min' else '大'}值"
            return f"the {'least' if term.name == 'min' else 'greatest'} of ({', '.join(inner)})"
        return f"（{inner[0]}）{_FUNCTIONS['zh'][term.name]}" if zh else f"{_FUNCTIONS['en'][term.name]}({inner[0]})"

    def case(self, term: Case) -> str:
        zh = self.lang == "zh"
        parts = []
        for position, (condition, value) in enumerate(term.branches):
            shown = self.of(value)[0]
            # The second branch of `a if c else b` is "not c": a reader needs no more than "else".
            previous = term.branches[position - 1][0] if position else None
            if isinstance(condition, Not) and condition.of == previous:
                parts.append(f"否则取{shown}" if zh else f"else {shown}")
            else:
                parts.append(f"{self.of(condition)[0]}时取{shown}" if zh else f"{shown} where {self.of(condition)[0]}")
        if not (isinstance(term.otherwise, Constant) and term.otherwise.value is None):
            parts.append(f"否则取{self.of(term.otherwise)[0]}" if zh else f"else {self.of(term.otherwise)[0]}")
        return ("，" if zh else ", ").join(parts)


@dataclass(frozen=True)
class _Latex:
    standard: Standard

    def of(self, term: Term) -> tuple[str, int]:
        match term:
            case Constant(value=None):
                return r"\varnothing", _ATOM
            case Constant(value=bool() as value):
                return _text("是" if value else "否"), _ATOM
            case Constant(value=str() as value):
                return _text(value), _ATOM
            case Constant(value=value):
                return plain_number(float(value or 0)), _ATOM
            case Ref(name=name):
                return _text(label_of(self.standard, name.partition(":")[2])), _ATOM
            case Arithmetic(op="/", left=left, right=right):
                return rf"\frac{{{self.of(left)[0]}}}{{{self.of(right)[0]}}}", _PRODUCT
            case Arithmetic(op="**", left=left, right=right):
                return f"{self.inside(left, _ATOM)}^{{{self.of(right)[0]}}}", _POWER
            case Arithmetic(op=op, left=left, right=right):
                strength = _PRODUCT if op == "*" else _SUM
                sign = {"*": r" \times ", "+": " + ", "-": " - "}[op]
                if op == "-" and isinstance(left, Constant) and left.value == 0:
                    return f"-{self.inside(right, _PRODUCT)}", _SUM
                return self.inside(left, strength) + sign + self.inside(right, strength + (op == "-")), strength
            case Compare(op=op, left=left, right=right):
                other = right
                if isinstance(left, Ref) and isinstance(right, Constant) and isinstance(right.value, str):
                    shown = value_words(self.standard, left.name.partition(":")[2], right.value)
                    return f"{self.of(left)[0]} {_COMPARE_LATEX[op]} {_text(shown)}", _COMPARE
                return f"{self.inside(left, _SUM)} {_COMPARE_LATEX[op]} {self.inside(other, _SUM)}", _COMPARE
            case Member(of=inner, options=options):
                name = inner.name.partition(":")[2] if isinstance(inner, Ref) else ""
                shown = ", ".join(
                    _text(value_words(self.standard, name, option)) if isinstance(option, str) else plain_number(option)
                    for option in options
                )
                return rf"{self.inside(inner, _SUM)} \in \{{{shown}\}}", _COMPARE
            case Not(of=inner):
                return rf"\lnot {self.inside(inner, _ATOM)}", _COMPARE
            case Known(of=inner):
                return self.inside(inner, _ATOM) + _text("已填报"), _COMPARE
            case Every(terms=terms):
                return r" \land ".join(self.inside(part, _AND) for part in terms), _AND
            case Any(terms=terms):
                return r" \lor ".join(self.inside(part, _AND) for part in terms), _OR
            case Round(of=inner, digits=digits, mode=mode):
                how = _ROUND_WORDS["zh"][mode] + (f"{digits}位" if digits else "")
                return rf"\operatorname{{\text{{{how}}}}}\left({self.of(inner)[0]}\right)", _ATOM
            case Function(name="sqrt", arguments=(inner,)):
                return rf"\sqrt{{{self.of(inner)[0]}}}", _ATOM
            case Function(name="abs", arguments=(inner,)):
                return rf"\left|{self.of(inner)[0]}\right|", _ATOM
            case Function(name=name, arguments=arguments):
                inner_text = ", ".join(self.of(argument)[0] for argument in arguments)
                return rf"\{'ln' if name == 'log' else name}\left({inner_text}\right)", _ATOM
            case Case():
                return self.case(term), _ATOM
        return _text(type(term).__name__), _ATOM

    def inside(self, term: Term, least: int) -> str:
        text, strength = self.of(term)
        return text if strength >= least else rf"\left({text}\right)"

    def case(self, term: Case) -> str:
        rows = []
        for position, (condition, value) in enumerate(term.branches):
            previous = term.branches[position - 1][0] if position else None
            last = isinstance(condition, Not) and condition.of == previous
            rows.append(f"{self.of(value)[0]} & " + (_text("否则") if last else self.of(condition)[0]))
        if not (isinstance(term.otherwise, Constant) and term.otherwise.value is None):
            rows.append(f"{self.of(term.otherwise)[0]} & " + _text("否则"))
        return r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}"


def _text(label: str) -> str:
    return r"\text{" + "".join(_LATEX_ESCAPES.get(letter, letter) for letter in label) + "}"
