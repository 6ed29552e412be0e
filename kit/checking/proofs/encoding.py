"""A standard as z3 terms: every step of its programme, on demand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pandas as pd
import z3

from kit.checking.proofs.algebra import (
    Linear,
    NotEncodable,
    Number,
    Rounded,
    Through,
    Truth,
    any_of,
    as_z3,
    both,
    chosen,
    constant,
    constants_of,
    negation,
)
from kit.checking.proofs.arithmetic import add, divide, extreme, multiply, subtract
from kit.checking.proofs.comparison import compared
from kit.checking.proofs.signals import Code, Input, Kleene, applied, same
from kit.scoring.program import ITEM, build_program
from kit.standard import terms as t
from kit.standard.fields import FieldSpec
from kit.standard.standard import Standard

LARGEST_LOOKUP = 120


class Encoding:
    """The programme of a standard over z3 variables.

    Parameters
    ----------
    missing : fields that may be unknown; all others are given.
    more_rows : each total is that of one child row and of any number of other rows, which add something not negative;
        wider than what rows can be, so good for proofs but not for examples.
    item : the rows are those of this item of the checklist, so that only its indicators apply.
    codes : the numbers of texts, to be shared by two standards that are compared; fields of the same name are then the
        same variable.
    """

    def __init__(
        self,
        standard: Standard,
        *,
        missing: frozenset[str] = frozenset(),
        codes: dict[str, int] | None = None,
        more_rows: bool = False,
        item: str | None = None,
    ) -> None:
        self.standard = standard
        self.item = item
        self.steps = build_program(standard, items=item is not None).steps
        self.codes: dict[str, int] = {} if codes is None else codes
        self.inputs: dict[str, Input] = {}
        self.child_rows: dict[str, Any] = {}
        self.totals_exact = True
        self.more_rows = more_rows
        self.rest: dict[str, Any] = {}
        self._done: dict[str, Any] = {}
        self._doing = ""
        for name, spec in standard.fields.items():
            self.inputs[name] = self._input(name, spec, name in missing)

    # -- inputs ---------------------------------------------------------------------------------------

    def code(self, value: str) -> int:
        """Return the number of a text."""
        return self.codes.setdefault(value, len(self.codes))

    def _input(self, name: str, spec: FieldSpec, may_miss: bool) -> Input:
        known: Truth = z3.Bool(f"{name}?") if may_miss else True
        options: dict[int, str] = {}
        domain: Truth = True
        if spec.numeric:
            variable: Any = z3.Int(name) if spec.type == "integer" else z3.Real(name)
            if spec.range is not None:
                low, high = (Fraction(repr(bound)) for bound in spec.range)
                if spec.type == "integer":
                    domain = both(variable >= math.ceil(low), variable <= math.floor(high))
                else:
                    domain = both(variable >= z3.RealVal(str(low)), variable <= z3.RealVal(str(high)))
        elif spec.type == "boolean":
            variable = z3.Bool(name)
        else:
            variable = z3.Int(name)
            texts = list(spec.values) if spec.values else [*self._texts(name), "（其他）"]
            options = {self.code(text): text for text in texts}
            domain = any_of(*(variable == code for code in options))
        return Input(name, spec, variable, known, domain, options)

    def _texts(self, name: str) -> list[str]:
        """Return the texts with which a field of free text is compared anywhere."""
        found: dict[str, None] = {}
        for term in self.steps.values():
            for part in t.walk(term):
                if isinstance(part, t.Member) and part.of == t.Ref(f"field:{name}", "text"):
                    found |= dict.fromkeys(str(option) for option in part.options)
                if isinstance(part, t.Compare) and t.Ref(f"field:{name}", "text") in (part.left, part.right):
                    found |= {str(side.value): None for side in (part.left, part.right) if isinstance(side, t.Constant)}
        return list(found)

    @property
    def domain(self) -> list[Any]:
        """Return what holds for every row in range."""
        rest = [
            variable >= 0
            for name, variable in self.rest.items()
            if (low := self.step(f"total:{name}").low) is not None and low >= 0
        ]
        return [as_z3(item.domain) for item in self.inputs.values()] + rest

    # -- steps ----------------------------------------------------------------------------------------

    def step(self, name: str) -> Any:
        """Return a step of the programme: Number, Kleene or Code.

        Raises
        ------
        NotEncodable
            With the step and the reason.
        """
        if name not in self._done:
            before, self._doing = self._doing, name
            try:
                self._done[name] = self._reference(name)
            except NotEncodable as problem:
                words = str(problem)
                raise NotEncodable(words if words.startswith("[") else f"[{name}] {words}") from None
            finally:
                self._doing = before
        return self._done[name]

    def _reference(self, name: str) -> Any:
        kind, _, rest = name.partition(":")
        if kind == "field" and rest in self.inputs:
            return self._field(self.inputs[rest])
        if kind in ("fault", "child_fault", "child_none") or name == "row:fault":
            return Kleene(False, True)  # rows in range, with child rows that are in order
        if name == ITEM and self.item is not None:
            return Code(self.code(self.item), True)
        if kind == "total":
            return self._total(rest)
        if name not in self.steps:
            raise NotEncodable(f"列 {name} 不由标准本身算出")
        return self.value(self.steps[name])

    def _field(self, item: Input) -> Any:
        if item.spec.type == "boolean":
            return Kleene(item.variable, item.known)
        if not item.spec.numeric:
            return Code(item.variable, item.known)
        low, high = (Fraction(repr(bound)) for bound in item.spec.range) if item.spec.range else (None, None)
        whole = item.variable if item.spec.type == "integer" else None
        of = z3.ToReal(item.variable) if whole is not None else item.variable
        return Number(item.known, ((True, Linear(of, low, high, plain=True, whole=whole)),))

    def _total(self, name: str) -> Number:
        """Return a total over one child row: which key of the lookup table, and its numbers; or over more rows."""
        for child, declared in self.standard.document.children.items():
            if name not in declared.totals:
                continue
            names = self.standard.child_names(child)
            rows = _ChildRow(self, child)
            total = declared.totals[name]
            one = rows.number(names.parse(total.formula, "number"))
            if not self.more_rows:
                return one
            rest = self.rest.setdefault(name, z3.Real(f"rest:{name}"))
            if total.how != "sum":  # the highest, or lowest, of this row and of any other
                others = Number(True, ((True, Linear(rest)),))
                return extreme(total.how == "max", [one, others])
            floor = Fraction(0) if one.low is not None and one.low >= 0 else None
            return add(one, Number(True, ((True, Linear(rest, floor)),)))
        raise NotEncodable(f"没有合计项 {name}")

    # -- terms ----------------------------------------------------------------------------------------

    def value(self, term: t.Term) -> Any:
        """Return any term by its kind."""
        if isinstance(term, t.Ref):
            return self.step(term.name)
        if term.kind == "number":
            return self.number(term)
        return self.truth(term) if term.kind == "boolean" else self.text(term)

    def number(self, term: t.Term) -> Number:
        match term:
            case t.Constant(value=None):
                return Number(False, constant(0).cases)
            case t.Constant(value=value):
                return constant(float(value))  # type: ignore[arg-type]
            case t.Ref(name=name):
                return self.step(name)
            case t.Arithmetic(op=op, left=left, right=right):
                return self._arithmetic(op, self.number(left), self.number(right))
            case t.Function(name=name, arguments=arguments):
                return self._function(name, [self.number(argument) for argument in arguments])
            case t.Round(of=inner, digits=digits, mode=mode):
                return self._round(self.number(inner), digits, mode)
            case t.Case():
                return chosen((guard, self.number(value)) for guard, value in self._guarded(term))
        raise self._strange(term)

    def _strange(self, term: t.Term) -> NotEncodable:
        where = self._doing.partition(":")[2] or self._doing
        return NotEncodable(f"节点 {where} 用到整张表的数据或无精确对应的运算（{type(term).__name__}），不能逐行证明")

    def _arithmetic(self, op: str, left: Number, right: Number) -> Number:
        match op:
            case "+":
                return add(left, right)
            case "-":
                return subtract(left, right)
            case "*":
                return multiply(left, right)
            case "/":
                return divide(left, right)
        exponent = right.single
        assert exponent is not None
        if exponent.denominator == 1:
            result = constant(1)
            for _ in range(abs(int(exponent))):
                result = multiply(result, left)
            return result if exponent >= 0 else divide(constant(1), result)
        if exponent == Fraction(1, 2):
            return self._function("sqrt", [left])
        power = self._function("exp", [multiply(constant(exponent), self._function("log", [left]))])
        if exponent < 0:
            return power
        zero = compared("==", left, constant(0))  # 0 has no logarithm, but its third root is 0
        return chosen([(both(zero, left.known), constant(0)), (negation(zero), power)])

    def _function(self, name: str, values: list[Number]) -> Number:
        if name in ("min", "max"):
            return extreme(name == "max", values)
        value = values[0]
        if name == "abs":
            return extreme(True, [value, subtract(constant(0), value)])
        few = constants_of(value)
        if few is not None:
            return chosen((both(guard, value.known), applied(name, argument)) for guard, argument in few)
        known = value.known
        if name == "sqrt":
            known = both(known, any_of(compared(">=", value, constant(0))))
        elif name == "log":
            known = both(known, compared(">", value, constant(0)))
        low = Fraction(0) if name in ("sqrt", "exp") else None
        return Number(known, ((True, Through(name, value, low)),))

    def _round(self, value: Number, digits: int, mode: str) -> Number:
        margin = Fraction(1, 10**digits)
        low = None if value.low is None else value.low - margin
        high = None if value.high is None else value.high + margin
        rounded = Rounded(value, digits, mode, low, high)
        if digits == 0 and low is not None and high is not None and high - low <= 30:
            cases: list[tuple[Truth, Any]] = []
            trial = Number(True, ((True, rounded),))
            for whole in range(math.ceil(low), math.floor(high) + 1):
                guard = compared("==", trial, constant(whole))
                cases.append((guard, Linear(Fraction(whole), Fraction(whole), Fraction(whole))))
            return Number(value.known, tuple((guard, atom) for guard, atom in cases if guard is not False))
        return Number(value.known, ((True, rounded),))

    def _guarded(self, term: t.Case) -> list[tuple[Truth, t.Term]]:
        found: list[tuple[Truth, t.Term]] = []
        remaining: Truth = True
        for condition, value in term.branches:
            holds = self.truth(condition).holds
            guard = both(remaining, holds)
            if guard is not False:
                found.append((guard, value))
            remaining = both(remaining, negation(holds))
            if remaining is False:
                return found
        return [*found, (remaining, term.otherwise)]

    def truth(self, term: t.Term) -> Kleene:
        match term:
            case t.Constant(value=value):
                return Kleene(bool(value), value is not None)
            case t.Ref(name=name):
                return self.step(name)
            case t.Known(of=inner):
                return Kleene(self.value(inner).known, True)
            case t.Not(of=inner):
                found = self.truth(inner)
                return Kleene(negation(found.value), found.known)
            case t.Every(terms=parts):
                found_all = [self.truth(part) for part in parts]
                value = both(*(any_of(one.value, negation(one.known)) for one in found_all))
                some = any_of(*(both(one.known, negation(one.value)) for one in found_all))
                return Kleene(value, any_of(some, both(*(one.known for one in found_all))))
            case t.Any(terms=parts):
                found_all = [self.truth(part) for part in parts]
                some = any_of(*(one.holds for one in found_all))
                return Kleene(some, any_of(some, both(*(one.known for one in found_all))))
            case t.Member(of=inner, options=options):
                found = self.value(inner)
                if isinstance(found, Code):
                    return Kleene(any_of(*(same(found.value, self.code(str(one))) for one in options)), found.known)
                return Kleene(any_of(*(compared("==", found, constant(float(one))) for one in options)), found.known)
            case t.Compare():
                return self._compare(term)
            case t.Case():
                found_cases = [(guard, self.truth(value)) for guard, value in self._guarded(term)]
                return Kleene(
                    any_of(*(both(guard, one.value) for guard, one in found_cases)),
                    any_of(*(both(guard, one.known) for guard, one in found_cases)),
                )
        raise self._strange(term)

    def _compare(self, term: t.Compare) -> Kleene:
        left, right = self.value(term.left), self.value(term.right)
        known = both(left.known, right.known)
        if isinstance(left, Number):
            if known is False:
                return Kleene(False, False)
            return Kleene(compared(term.op, left, right), known)
        equal = same(left.value, right.value)
        return Kleene(equal if term.op == "==" else negation(equal), known)

    def text(self, term: t.Term) -> Code:
        match term:
            case t.Constant(value=None):
                return Code(-1, False)
            case t.Constant(value=value):
                return Code(self.code(str(value)), True)
            case t.Ref(name=name):
                return self.step(name)
            case t.Case():
                cases = [(guard, self.text(value)) for guard, value in self._guarded(term)]
                result: Any = -1
                for guard, one in reversed(cases):
                    if one.known is not False and guard is not False:
                        result = z3.If(as_z3(guard), one.value, result)
                return Code(result, any_of(*(both(guard, one.known) for guard, one in cases)))
        raise self._strange(term)


class _ChildRow(Encoding):
    """One row of a child register: its fields as variables, its key as one of the rows of the lookup table."""

    def __init__(self, parent: Encoding, child: str) -> None:
        self.parent = parent
        self.child = child
        self.declared = parent.standard.document.children[child]
        self.standard = parent.standard
        self.steps = {}
        self.codes = parent.codes
        self.inputs = {}
        self._done = parent.child_rows.setdefault(child, {})
        self._doing = f"total:{child}"
        first = not self._done
        for name, spec in self.declared.fields.items():
            if spec.lookup is None:
                variable = f"{child}.{name}"
                made = self._input(variable, spec, False)
                self.inputs[name] = made
                if first:
                    parent.inputs[variable] = made
        self.rows, self.key = self._lookup(first)
        self._done["ready"] = True

    def _lookup(self, first: bool) -> tuple[list[tuple[str, dict[str, float]]], Any]:
        """Return the rows of the lookup table that differ in their numbers, and the variable that chooses one."""
        fields = [(name, spec) for name, spec in self.declared.fields.items() if spec.lookup]
        if not fields:
            return [], None
        if len(fields) > 1:
            raise NotEncodable(f"子表 {self.child} 有不止一个查表字段")
        name, spec = fields[0]
        assert spec.lookup is not None
        table = self.standard.lookups[spec.lookup]
        columns = [f"{spec.lookup}.{column}" for column in self.standard.document.tables[spec.lookup].values]
        seen: dict[tuple[float, ...], str] = {}
        for entry, row in table.iterrows():
            numbers = tuple(pd.to_numeric(row.iloc[place], errors="coerce") for place in range(len(row)))
            if not any(pd.isna(value) for value in numbers):
                seen.setdefault(tuple(map(float, numbers)), str(entry))
        if len(seen) > LARGEST_LOOKUP:
            raise NotEncodable(f"查找表 {spec.lookup} 有 {len(seen)} 种数值，太多")
        rows = [(entry, dict(zip(columns, numbers, strict=False))) for numbers, entry in seen.items()]
        label = f"{self.child}.{name}"
        key = z3.Int(label)
        if first:
            options = {self.code(entry): entry for entry, _ in rows}
            self.parent.inputs[label] = Input(
                label, spec, key, True, any_of(*(key == code for code in options)), options
            )
        self.parent.totals_exact = False
        return rows, key

    def _reference(self, name: str) -> Any:
        kind, _, rest = name.partition(":")
        if kind == "field":
            return self._field(self.inputs[rest])
        if kind == "lookup":
            return chosen((self.key == self.code(entry), constant(row[rest])) for entry, row in self.rows)
        raise NotEncodable(f"子表用到 {name}")
