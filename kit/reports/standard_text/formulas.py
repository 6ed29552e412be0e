"""The formulas of a standard: derived values, totals over child rows, and how branches fold their nodes."""

from __future__ import annotations

from kit.reports.blocks import Block, Display, Item, Items, Maths, Paragraph, Runs, runs
from kit.reports.formula_tree import (
    Fence,
    Figure,
    Fraction,
    Index,
    Over,
    Part,
    Power,
    Symbol,
    Words,
    equation,
    formula_tree,
    index,
    plain,
    row,
)
from kit.reports.standard_text.draft import Draft
from kit.reports.standard_text.phrases import phrase, said, say
from kit.scoring.wording import plain_number, printed_unit
from kit.standard.nodes.means import GeneralisedMean
from kit.standard.nodes.points import Points
from kit.standard.terms import Arithmetic, Ref, Term, walk
from kit.standard.tree import Node

SERIES = "B"


def name_part(label: str) -> Part:
    """Return the left side of a formula: the label; a single letter is set as a symbol."""
    return Symbol(label) if len(label) == 1 and label.isalpha() else Words(label)


def where(entries: list[tuple[Part, Runs]]) -> list[Block]:
    """Return the list of what the symbols of a formula mean (式中)."""
    if not entries:
        return []
    items = tuple(Item("", (Maths(part), *meaning)) for part, meaning in entries)
    return [Paragraph(runs(phrase("fields.where")), style="plain"), Items(items)]


def _meanings(draft: Draft, term: Term) -> list[tuple[Part, Runs]]:
    """Return the names of a term in their order, each with its unit and where it comes from."""
    seen: dict[str, tuple[Part, Runs]] = {}
    for name in sorted({part.name for part in walk(term) if isinstance(part, Ref)}):
        kind, _, short = name.partition(":")
        label = draft.label(short)
        source = {"field": "fields", "derived": f"derived:{short}", "total": f"total:{short}", "score": f"node:{short}"}
        key = source.get(kind, "")
        unit = said("fields.in_unit", unit=draft.unit(short)) if draft.unit(short) else ""
        meaning = runs(f"——{unit or phrase('fields.unitless')}")
        if draft.labels.get(key):
            meaning = say("fields.where_seen", unit=f"{unit}，" if unit else "", place=draft.to(key))
        seen[name] = (name_part(label), runs(*meaning, "；"))
    entries = list(seen.values())
    if entries:
        part, meaning = entries[-1]
        entries[-1] = (part, runs(*meaning[:-1], "。"))
    return entries


def formula_blocks(draft: Draft, key: str, label: str, term: Term, unit: str = "") -> list[Block]:
    """Return `label = term` with its number, and the meaning of its names."""
    number, anchor = draft.formula(key, SERIES)
    tree = equation(name_part(label), formula_tree(draft.standard, term))
    return [Display(tree, number, anchor), *where(_meanings(draft, term))]


def total_blocks(draft: Draft, child: str, name: str) -> list[Block]:
    """Return the formula of a total over the rows of a child register, with the meaning of its symbols."""
    declared = draft.standard.document.children[child]
    total = declared.totals[name]
    symbols = draft.standard.child_names(child).symbols
    term = draft.standard.child_names(child).parse(total.formula)
    entries: dict[str, tuple[Part, Runs]] = {}

    def part_of(ref: Ref) -> Part:
        kind, _, full = ref.name.partition(":")
        short = full.rpartition(".")[2]
        letter = LETTERS.get(short, short)
        part: Part = Index(Symbol(letter), Symbol("i")) if len(letter) <= 2 else Index(Words(letter), Symbol("i"))
        symbol = symbols[full]
        unit = printed_unit(symbol.unit)
        in_unit = f"（{unit}）" if unit else ""
        if kind == "lookup":
            table = full.partition(".")[0]
            meaning = say("fields.where_lookup", label=column_label(draft, table, short), table=draft.to(f"lookup:{table}"),
                          unit=in_unit)  # fmt: skip
        else:
            meaning = say("fields.where_item", label=symbol.words or short, unit=in_unit)
        entries.setdefault(ref.name, (part, meaning))
        return part

    inner = formula_tree(draft.standard, term, part_of)
    shown = inner if not isinstance(term, Arithmetic) or term.op in "*/" else Fence(inner)
    number, anchor = draft.formula(f"total:{name}", SERIES)
    label = total.label.zh if total.label else name
    folded: Part = Over("∑", shown, equation(Symbol("i"), Figure("1")), Symbol("n"))
    if total.how != "sum":  # the highest or lowest of all rows
        folded = row(Index(Words(total.how), Symbol("i")), Fence(inner))
    tree = equation(name_part(label), folded)
    listed = [(part, runs(*meaning, "；")) for part, meaning in entries.values()]
    if total.how == "sum":
        listed.append((Symbol("n"), runs("——明细的行数。")))
    return [Display(tree, number, anchor), *where(listed)]


LETTERS = {"beta": "β", "alpha": "α", "gamma": "γ", "lambda": "λ"}


def column_label(draft: Draft, table: str, column: str) -> str:
    """Return how a column of a lookup table is called: its letter (Greek where it is named so) and the table."""
    declared = draft.standard.document.tables[table].label
    return (f"{declared.zh}表的" if declared else "") + LETTERS.get(column, column)


# -- branches ----------------------------------------------------------------------------------------


def fold_blocks(draft: Draft, path: str, node: Node) -> list[Block]:
    """Return the formula by which a branch folds the nodes below; nothing where an earlier branch has the same one."""
    weighted = any(child.weight is not None for child in node.below().values())
    value, used = _fold(node.kind.key, node, weighted)
    same = f"fold:{plain(value)}"
    if same in draft.labels:
        draft.labels[f"node:{path}"] = draft.labels[same]
        return []
    number, anchor = draft.formula(f"node:{path}", SERIES)
    draft.labels[same] = draft.labels[f"node:{path}"]
    meanings: list[tuple[Part, Runs]] = [(Symbol("S"), say("scores.where.S"))]
    letters = {"s": index("s", "i"), "w": index("w", "i"), "f": index("f", "i"), "n": Symbol("n")}
    meanings += [(letters[letter], say(f"scores.where.{letter}")) for letter in used]
    return [Display(equation(Symbol("S"), value), number, anchor), *where(meanings)]


def _over(part: Part, sign: str = "∑") -> Over:
    return Over(sign, part, equation(Symbol("i"), Figure("1")), Symbol("n"))


def _fold(key: str, node: Node, weighted: bool) -> tuple[Part, str]:
    """Return the right side of a branch's formula and the letters it uses."""
    s, w, f = index("s", "i"), index("w", "i"), index("f", "i")
    weights: Part = _over(w) if weighted else Symbol("n")
    letters = "swn" if weighted else "sn"
    with_weight: Part = row(w, s) if weighted else s
    kind = node.kind
    if key == "weighted_mean":
        return Fraction(_over(row(w, s)), _over(w)), "swn"
    if key == "geometric_mean":
        base = _over(Power(s, w) if weighted else s, "∏")
        return Power(Fence(base), Fraction(Figure("1"), weights)), letters
    if key == "harmonic_mean":
        return Fraction(weights, _over(Fraction(w if weighted else Figure("1"), s))), letters
    if isinstance(kind, GeneralisedMean):
        power = Figure(plain_number(kind.power))
        raised = Power(s, power)
        mean = Fraction(_over(row(w, raised) if weighted else raised), weights)
        return Power(Fence(mean), Fraction(Figure("1"), power)), letters
    if isinstance(kind, Points):
        if kind.scale_to is None:
            return _over(s), "sn"
        scaled = row(Fraction(_over(s), _over(f)), "×", Figure(plain_number(kind.scale_to)))
        return scaled, "sfn"
    if key == "product":
        return _over(s, "∏"), "sn"
    if key in ("max", "min"):
        inside = Fence(row(index("s", "1"), ",", index("s", "2"), ",", Symbol("…"), ",", index("s", "n")))
        return row(Words(key), inside), "sn"
    return _over(with_weight if weighted else s), "sn"
