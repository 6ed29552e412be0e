"""The eight published tables give their exact truth, and random small tables agree with brute force."""

from __future__ import annotations

import csv
import itertools
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.checking.decision_cells import Cell, Column, Interval, parse_cell
from kit.checking.decision_table import DecisionTable, table_faults
from kit.errors import KitError

CASES = Path(__file__).parents[1] / "cases" / "dmn_table_analysis"


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def published(name: str, within: Interval | None = None) -> DecisionTable:
    columns = []
    for row in rows("domains.csv"):
        if row["table"] == name:
            values = tuple(part.strip().strip('"') for part in row["allowed"].split(",") if part.strip())
            kind = "boolean" if row["type"] == "boolean" else "category" if values else "number"
            columns.append(Column(row["expression"], kind, within or Interval(), values))
    rules = [
        [parse_cell(row[f"col{position}"], column) for position, column in enumerate(columns, start=1)]
        for row in rows("rules.csv")
        if row["table"] == name
    ]
    return DecisionTable(columns, rules)


TRUTH = {
    "any": [(1, 3, 4)],
    "boolean": [(1, 3), (2, 4), (3, 4)],
    "enumeration": [(1, 3), (2, 3, 4)],
    "enumeration-missing": [],
    "intervals-1": [(1, 3)],
    "intervals-2": [(1, 3)],
    "intervals-3": [(1, 3, 5), (3, 6)],
    "relational-operators": [(1, 3), (1, 5), (3, 4)],
}


@pytest.mark.parametrize("name", TRUTH)
def test_overlaps_are_the_truth(name: str) -> None:
    table = published(name)
    found = table.overlaps()
    assert [overlap.rules for overlap in found] == TRUTH[name]
    for overlap in found:  # the example is where exactly these rules hold
        point = [exact(overlap.example[column.name]) for column in table.columns]
        assert holding(table, point) == overlap.rules


@pytest.mark.parametrize(
    ("name", "count", "of"), [("boolean", 0, 8), ("enumeration", 10, 27), ("enumeration-missing", 19, 27)]
)
def test_uncovered_cells_are_counted(name: str, count: int, of: int) -> None:
    table = published(name)
    choices = [(True, False) if column.type == "boolean" else column.values for column in table.columns]
    points = list(itertools.product(*choices))
    assert len(points) == of
    uncovered = {point for point in points if not holding(table, point)}
    boxes = [list(box.parts.values()) for box in table.gaps()]
    assert sorted(itertools.chain(*(itertools.product(*box) for box in boxes))) == sorted(uncovered)
    assert len(uncovered) == count


@pytest.mark.parametrize(("name", "low", "high"), [("intervals-1", 1500, 2000), ("intervals-2", 1500, 1600)])
def test_the_band_the_published_test_leaves_out(name: str, low: int, high: int) -> None:
    boxes = [
        box for box in published(name).gaps() if box.parts["Annual Income"] == Interval(Fraction(low), Fraction(high))
    ]
    assert [box.parts["Loan Size"] for box in boxes] == [Interval()]


def ends(table: DecisionTable, position: int) -> list[Fraction]:
    found = {end for rule in table.rules for part in rule[position].intervals for end in (part.low, part.high)}
    return sorted(end for end in found if isinstance(end, Fraction))


def grid(table: DecisionTable) -> list[tuple[Fraction | bool | str, ...]]:
    """Every elementary region, listed naively: each end, the middles between them, one beyond on either side."""
    axes: list[list[Fraction | bool | str]] = []
    for position, column in enumerate(table.columns):
        if column.type == "boolean":
            axes.append([True, False])
        elif column.type == "category":
            axes.append(list(column.values))
        else:
            cuts = ends(table, position) or [Fraction(0)]
            middles = [(a + b) / 2 for a, b in itertools.pairwise(cuts)]
            axes.append(sorted({cuts[0] - 1, *cuts, *middles, cuts[-1] + 1}))
    return list(itertools.product(*axes))


def exact(value: object) -> Fraction | bool | str:
    if isinstance(value, bool | str):
        return value
    return Fraction(str(value))


def holding(table: DecisionTable, point) -> tuple[int, ...]:
    return tuple(
        number
        for number, rule in enumerate(table.rules, start=1)
        if all(cell.holds(value) for cell, value in zip(rule, point, strict=True))
    )


def agree(table: DecisionTable) -> None:
    gaps = table.gaps()
    together = set()
    firsts = set()
    for point in grid(table):
        rules = holding(table, point)
        named = {column.name: value for column, value in zip(table.columns, point, strict=True)}
        assert sum(named in gap for gap in gaps) == (0 if rules else 1)
        if len(rules) > 1:
            together.add(frozenset(rules))
        firsts |= set(rules[:1])
    largest = {rules for rules in together if not any(rules < other for other in together)}
    assert {frozenset(overlap.rules) for overlap in table.overlaps()} == largest
    for gap in gaps:
        assert not holding(table, [exact(value) for value in gap.example.values()])
    empty, masked = table.never_first()
    assert set(empty) | set(masked) == set(table.all_rules) - firsts


@pytest.mark.parametrize("name", TRUTH)
def test_published_tables_agree_with_brute_force(name: str) -> None:
    agree(published(name))


small = st.integers(0, 4)
number_cell = st.one_of(
    st.just("-"),
    st.builds(lambda op, end: f"{op} {end}", st.sampled_from(["<", "<=", ">", ">="]), small),
    st.builds(
        lambda a, b, left, right: f"{left}{min(a, b)}..{max(a, b)}{right}",
        small,
        small,
        st.sampled_from("[("),
        st.sampled_from("])"),
    ),
    st.builds(lambda a, b: f"not({a}, {b})", small, small),
)
truth_cell = st.sampled_from(["-", "true", "false", "not(true)"])
category_cell = st.sampled_from(["-", '"a"', "a, b", "not(c)"])
COLUMNS = [Column("x", "number"), Column("b", "boolean"), Column("k", "category", values=("a", "b", "c"))]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(number_cell, truth_cell, category_cell), min_size=1, max_size=5))
def test_random_tables_agree_with_brute_force(cells: list[tuple[str, str, str]]) -> None:
    agree(
        DecisionTable(
            COLUMNS, [[parse_cell(c, column) for c, column in zip(rule, COLUMNS, strict=True)] for rule in cells]
        )
    )


def test_integers_have_no_room_between_neighbours() -> None:
    # 1-29, 30-49 leave no gap for whole numbers of persons, but do for 29.5 of anything else.
    within = Interval(Fraction(0), Fraction(49), True, True)
    for kind, gaps in (("integer", []), ("number", ["x (0, 1)", "x (29, 30)"])):
        column = Column("x", kind, within)  # type: ignore[arg-type]
        table = DecisionTable([column], [[parse_cell(cell, column)] for cell in ("0", "[1..29]", "[30..49]")])
        assert [str(gap) for gap in table.gaps()] == gaps


def test_a_rule_outside_the_range_holds_nowhere_and_a_covered_one_is_masked() -> None:
    column = Column("x", "number", Interval(Fraction(0), Fraction(10), True, True))
    table = DecisionTable([column], [[parse_cell(cell, column)] for cell in ("> 10", "< 5", "[1, 2]", ">= 5")])
    assert table.never_first() == ([1], [3])


@pytest.mark.parametrize(
    ("cell", "column", "words"),
    [
        ("about 3", Column("x", "number"), "allowed: < 3"),
        ("[5..3]", Column("x", "number"), "runs backwards"),
        ("yes", Column("b", "boolean"), "allowed: true, false"),
        ("petrl", Column("k", "category", values=("petrol", "ev")), "did you mean petrol?"),
        ("1 2", Column("x", "number"), "cannot be read"),
    ],
)
def test_unreadable_cells_say_what_is_allowed(cell: str, column: Column, words: str) -> None:
    with pytest.raises(KitError, match=words.replace("?", r"\?")):
        parse_cell(cell, column)


def test_cells_from_yaml() -> None:
    assert parse_cell(True, Column("b", "boolean")) == Cell(values=frozenset({True}))
    assert parse_cell(["a", "b"], Column("k", "category", values=("a", "b"))).values == {"a", "b"}
    assert parse_cell(3, Column("x", "number")).holds(Fraction(3))


def test_many_rules_are_quick() -> None:
    columns = [Column(f"c{position}", "number") for position in range(6)]
    rules = [
        [
            parse_cell(f"[{row}..{row + 1})" if position == row % 6 else "-", column)
            for position, column in enumerate(columns)
        ]
        for row in range(12)
    ]
    assert DecisionTable(columns, rules).overlaps()


def test_faults_follow_the_hit_policy() -> None:
    column = Column("x", "number", Interval(Fraction(0), Fraction(10), True, True))
    cells = ("[0, 4]", "[2, 3]", "[4, 8]", "> 10", "[6, 8]")
    table = DecisionTable([column], [[parse_cell(cell, column)] for cell in cells])

    def kinds(hit: str, otherwise: bool) -> list[tuple[str, tuple[int, ...]]]:
        found = table_faults(table, [1, 1, 2, 2, 3], hit, otherwise=otherwise)  # type: ignore[arg-type]
        return [(fault.kind, fault.rules) for fault in found]

    assert kinds("unique", True) == [("overlap", (1, 2)), ("overlap", (1, 3)), ("overlap", (3, 5)), ("empty", (4,))]
    assert kinds("first", True) == [("empty", (4,)), ("masked", (2,)), ("masked", (5,))]
    assert kinds("worst", False) == [("gap", ()), ("empty", (4,))]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(number_cell, truth_cell, category_cell), min_size=1, max_size=5),
    st.lists(small, min_size=5, max_size=5),
)
def test_a_redundant_rule_can_go(cells: list[tuple[str, str, str]], outputs: list[int]) -> None:
    rules = [[parse_cell(cell, column) for cell, column in zip(rule, COLUMNS, strict=True)] for rule in cells]
    table = DecisionTable(COLUMNS, rules)
    hits = {point: holding(table, point) for point in grid(table)}
    for number in range(1, len(rules) + 1):
        without = {point: [rule for rule in rules if rule != number] for point, rules in hits.items()}
        matters = any(
            outputs[rules[0] - 1] != (outputs[without[point][0] - 1] if without[point] else None)
            for point, rules in hits.items()
            if rules
        )
        never_first = number not in {rules[0] for rules in hits.values() if rules}
        assert (number in table.redundant(outputs)) == (not matters and not never_first)
