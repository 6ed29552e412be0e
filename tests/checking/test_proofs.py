"""Proofs against brute force, seeded faults, and the shipped standards."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kit.checking.proofs import CounterExample, Proved, Undecided, compare, prove
from kit.checking.proofs.algebra import NotEncodable
from kit.checking.proofs.encoding import Encoding
from kit.checking.proofs.fallback import ByBuild
from kit.checking.proofs.outcomes import Impossible, report_text
from kit.checking.proofs.solving import Asker
from kit.errors import KitError
from kit.scoring.apply import score
from kit.standard import load_standard
from kit.standard.beside import CHECKLIST_COLUMNS

LEVELS = ["low", "general", "considerable", "major"]
SMALL: dict[str, Any] = {
    "format": 1, "id": "small", "version": "0.1.0", "status": "draft", "provenance": "illustrative",
    "title": {"zh": "小标准（示例数据）"}, "department": "transport", "object": "risk_source",
    "fields": {
        "a": {"label": {"zh": "甲"}, "type": "integer", "unit": "起", "range": [0, 9], "worse": "higher",
              "required": True},
        "b": {"label": {"zh": "乙"}, "type": "number", "unit": "%", "range": [0, 100], "worse": "lower",
              "required": True},
        "k": {"label": {"zh": "类型"}, "type": "category", "values": {"x": "某", "y": "另"}, "required": True},
        "t": {"label": {"zh": "违规"}, "type": "boolean", "worse": "higher", "required": True},
    },
    "scores": {
        "likelihood": {
            "weighted_mean": {
                "ia": {"weight": 0.7, "clause": "5.1", "bands": {"of": "a", "at": [2, 5], "scores": [1, 3, 5]}},
                "ib": {"weight": 0.3, "clause": "5.2", "applies_when": "k == 'x'",
                       "bands": {"of": "b", "at": [60, 90.5], "scores": [5, 2, 1]}},
            },
            "round": {"digits": 0, "mode": "half_up"},
        },
        "severity": {
            "max": {
                "ik": {"clause": "5.3", "map": {"of": "k", "to": {"x": 2, "y": 4}}},
                "ir": {"clause": "5.4", "bands": {"of": "a / (10 - a)", "at": [0.5, 2], "scores": [1, 3, 5]}},
            }
        },
    },
    "level": {"matrix": {"use": "ls_5x5", "likelihood": "likelihood", "severity": "severity"}},
    "overrides": [
        {"id": "bad", "clause": "6.1", "when": "t and a >= 3", "at_least": "major", "reason": {"zh": "违规"}},
        {"id": "calm", "clause": "6.2", "when": "not t and b >= 95", "at_most": "considerable",
         "reason": {"zh": "良好"}},
    ],
}  # fmt: skip


def made(folder: Path, data: dict[str, Any]) -> Any:
    """Return a standard from data."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "standard.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_standard(path)


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """Return the small standard with one value changed."""
    data = json.loads(json.dumps(SMALL))
    inside = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = to
    return data


def grid(b_values: list[float]) -> pd.DataFrame:
    """Return a row for each elementary region of the small standard."""
    rows = itertools.product(range(10), b_values, ["x", "y"], [False, True])
    return pd.DataFrame(list(rows), columns=["a", "b", "k", "t"])


B_VALUES = [0.0, 30.0, 59.999999, 60.0, 75.0, 90.499999, 90.5, 93.0, 94.999999, 95.0, 100.0]


def brute(standard: Any) -> dict[tuple[str, str], bool]:
    """Return the answers to all questions by scoring every elementary region."""
    frame = score(standard, grid(B_VALUES)).reset_index(drop=True)
    answers = {("total", "level"): bool(frame["level"].notna().all())}
    for name in standard.scale.names:
        answers["level", name] = bool((frame["level"] == name).any())
    for override in standard.document.overrides:
        fired = frame["overrides_fired"].fillna("").str.split(";").map(lambda ids, key=override.id: key in ids)
        answers["override_fires", override.id] = bool(fired.any())
        answers["override_decides", override.id] = bool((frame["override"] == override.id).any())
    if standard.matrix is not None:
        for row, column in itertools.product(standard.matrix.likelihood, standard.matrix.severity):
            hit = (frame["likelihood"].round(9) == row) & (frame["severity"].round(9) == column)
            answers["matrix_cell", f"{row:g}×{column:g}"] = bool(hit.any())
    rank = frame["level"].map({name: place for place, name in enumerate(standard.scale.names)})
    for name, spec in standard.fields.items():
        if spec.worse == "none":
            continue
        others = [other for other in ("a", "b", "k", "t") if other != name]
        ordered = frame.assign(rank=rank).sort_values(name, ascending=spec.worse == "higher", kind="stable")
        better = ordered.groupby(others)["rank"].agg(lambda ranks: (ranks.dropna().diff() < 0).any())
        answers["monotone", name] = not bool(better.any())
    return answers


def proved(standard: Any) -> dict[tuple[str, str], bool]:
    """Return the answers of the proofs."""
    found = {}
    for proof in prove(standard).proofs:
        if proof.question in ("unambiguous", "override_order"):
            continue
        assert not isinstance(proof.outcome, Undecided), (proof.question, proof.subject, proof.outcome)
        found[proof.question, proof.subject] = isinstance(proof.outcome, Proved)
    return found


def test_small_standard_agrees_with_brute_force(tmp_path: Path) -> None:
    standard = made(tmp_path, SMALL)
    assert proved(standard) == brute(standard)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scores_a=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    scores_b=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    cuts=st.sampled_from([[2, 5], [1, 5], [2, 9], [3, 4], [0, 10]]),
    weight=st.sampled_from([0.1, 0.35, 0.7, 2.0]),
    mode=st.sampled_from(["half_up", "half_even", "floor", "ceil"]),
    drop=st.booleans(),
    when=st.sampled_from(["t and a >= 3", "a > 9", "b < 60 or t", "k == 'y' and not t", "a / (10 - a) > 8.9"]),
    target=st.sampled_from(["general", "considerable", "major"]),
    kind=st.sampled_from(["at_least", "at_most", "set"]),
)
def test_seeded_faults_are_found_as_brute_force_finds_them(
    tmp_path: Path,
    scores_a: Any,
    scores_b: Any,
    cuts: Any,
    weight: float,
    mode: str,
    drop: bool,
    when: str,
    target: str,
    kind: str,
) -> None:
    data = changed("scores", "likelihood", "weighted_mean", "ia", "bands", "scores", to=scores_a)
    mean = data["scores"]["likelihood"]["weighted_mean"]
    mean["ia"]["bands"]["at"] = cuts
    mean["ib"]["bands"]["scores"] = scores_b
    mean["ib"]["weight"] = weight
    data["scores"]["likelihood"]["round"]["mode"] = mode
    data["overrides"][1] = {"id": "calm", "clause": "6.2", "when": when, kind: target, "reason": {"zh": "变动"}}
    if drop:
        data["overrides"].pop(0)
    standard = made(tmp_path, data)
    wanted = brute(standard)
    assert proved(standard) == wanted
    with by_z3_alone():
        assert proved(standard) == wanted


ROWS = [
    {"when": ["<3", "x"], "level": "low"}, {"when": ["<3", "y"], "level": "general"},
    {"when": ["[3, 6)", "-"], "level": "considerable"}, {"when": [">=6", "-"], "level": "major"},
]  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dropped=st.sets(st.integers(0, 3), max_size=2), swapped=st.permutations(["low", "general", "major"]))
def test_a_row_dropped_from_a_decision_table_leaves_rows_without_a_level(
    tmp_path: Path, dropped: set[int], swapped: list[str]
) -> None:
    rows = [dict(row) for place, row in enumerate(ROWS) if place not in dropped]
    for row, level in zip(rows, swapped, strict=False):
        row["level"] = level
    table = {"inputs": ["a", "k"], "hit": "unique", "rows": rows, "otherwise": "none"}
    data = changed("level", to={"table": table})
    data["overrides"] = []
    standard = made(tmp_path, data)
    found = proved(standard)
    assert found == brute(standard)
    assert found["total", "level"] is not bool(dropped)


CHECKLIST = ",".join(CHECKLIST_COLUMNS) + "\n"


@contextmanager
def by_z3_alone() -> Iterator[None]:
    """Let the build prove nothing, so that z3 has to."""
    with pytest.MonkeyPatch.context() as patch:
        for question in ("total", "monotone"):
            patch.setattr(ByBuild, question, lambda *_: None)
        yield


def items_by_brute_force(standard: Any) -> dict[tuple[str, str], bool]:
    """Return the answers for the rows of each checklist item, by scoring every elementary region."""
    answers = {}
    for item in standard.checklist:
        frame = score(standard, grid(B_VALUES).assign(checklist_item=item.id)).reset_index(drop=True)
        rank = frame["level"].map({name: place for place, name in enumerate(standard.scale.names)})
        answers["item_total", item.id] = bool(frame["level"].notna().all())
        good = True
        for name, spec in standard.fields.items():
            if spec.worse == "none":
                continue
            others = [other for other in ("a", "b", "k", "t") if other != name]
            ordered = frame.assign(rank=rank).sort_values(name, ascending=spec.worse == "higher", kind="stable")
            fell = ordered.groupby(others)["rank"].agg(lambda ranks: (ranks.dropna().diff() < 0).any())
            good = good and not bool(fell.any())
        answers["item_monotone", item.id] = good
    return answers


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.lists(st.sets(st.sampled_from(["a", "b", "k", "t"]), min_size=1), min_size=1, max_size=3),
    scores=st.permutations([1, 3, 5]),
)
def test_rows_of_checklist_items_agree_with_brute_force(
    tmp_path: Path, fields: list[set[str]], scores: list[int]
) -> None:
    data = changed("scores", "likelihood", "weighted_mean", "ia", "bands", "scores", to=list(scores))
    lines = [f"i{place},源{place},02,人,处,果,{';'.join(sorted(some))},措施,,," for place, some in enumerate(fields)]
    tmp_path.joinpath("checklist.csv").write_text(CHECKLIST + "\n".join(lines) + "\n", encoding="utf-8")
    standard = made(tmp_path, data)
    wanted = items_by_brute_force(standard)
    assert {key: value for key, value in proved(standard).items() if key[0].startswith("item_")} == wanted
    with by_z3_alone():
        assert {key: value for key, value in proved(standard).items() if key[0].startswith("item_")} == wanted


def test_an_item_without_severity_is_shown_as_a_form(tmp_path: Path) -> None:
    tmp_path.joinpath("checklist.csv").write_text(CHECKLIST + "i1,坠落,05,人,处,果,b,措施,,,\n", encoding="utf-8")
    standard = made(tmp_path, SMALL)
    (proof,) = prove(standard).of("item_total", "i1")
    assert isinstance(proof.outcome, CounterExample) and proof.outcome.rows[0].item == "i1"
    text = report_text(prove(standard), standard)
    assert "清单项“坠落（i1）”的行填写完整都有等级：不成立" in text and "风险源：坠落（i1）" in text


def test_scores_without_levels(tmp_path: Path) -> None:
    """a / (10 - a) is known for every a up to 9, and unknown at 10."""
    data = changed("level", to={"scores_only": True})
    data["overrides"] = []
    data["scores"]["ratio"] = {"label": {"zh": "比"}, "formula": "a / (10 - a)"}
    standard = made(tmp_path / "sound", data)
    assert {(one.question, one.subject): one.outcome.word for one in prove(standard).proofs} == {
        ("total_scores", name): "proved" for name in ("likelihood", "severity", "ratio")
    }
    data["fields"]["a"]["range"] = [0, 10]
    standard = made(tmp_path / "hole", data)
    outcome = prove(standard).of("total_scores", "ratio")[0].outcome
    assert isinstance(outcome, CounterExample) and outcome.rows[0].values["a"] == 10
    with pytest.raises(KitError, match="gives scores and no levels"):
        compare(standard, standard)


def test_a_score_between_the_rows_of_the_matrix_has_no_level(tmp_path: Path) -> None:
    data = changed("scores", "likelihood", "round", to={"digits": 1, "mode": "half_up"})
    report = prove(made(tmp_path, data))
    (total,) = report.of("total")
    assert isinstance(total.outcome, CounterExample)
    assert total.outcome.rows[0].level is None
    assert total.outcome.rows[0].reason == "not_on_matrix:likelihood,severity"
    assert report.failed
    words = report_text(report, made(tmp_path, data))
    assert "填写完整的行都有等级：不成立" in words and "甲：" in words and " 起" in words


def test_a_cut_out_of_range_leaves_a_dead_cell(tmp_path: Path) -> None:
    report = prove(made(tmp_path, changed("scores", "likelihood", "weighted_mean", "ia", "bands", "at", to=[2, 10])))
    dead = [proof.subject for proof in report.of("matrix_cell") if isinstance(proof.outcome, Impossible)]
    assert "5×5" in dead
    assert not report.failed


def test_negative_effect_is_shown_with_two_rows_that_differ_in_one_field(tmp_path: Path) -> None:
    standard = made(tmp_path, changed("scores", "likelihood", "weighted_mean", "ib", "bands", "scores", to=[1, 2, 5]))
    (proof,) = prove(standard).of("monotone", "b")
    assert isinstance(proof.outcome, CounterExample)
    before, after = proof.outcome.rows
    assert {name for name in before.values if before.values[name] != after.values[name]} == {"b"}
    assert after.values["b"] < before.values["b"]
    assert LEVELS.index(after.level or "") < LEVELS.index(before.level or "")


def test_overrides_that_contradict_each_other_are_noted(tmp_path: Path) -> None:
    report = prove(made(tmp_path, changed("overrides", 1, "when", to="b >= 95")))
    (note,) = report.of("override_order")
    assert isinstance(note.outcome, CounterExample) and note.severity == "note"
    assert isinstance(prove(made(tmp_path, SMALL)).of("override_order")[0].outcome, Proved)


def test_optional_values_left_empty(tmp_path: Path) -> None:
    standard = made(tmp_path, changed("fields", "b", "required", to=False))
    report = prove(standard, optional=True)
    assert isinstance(report.of("total")[0].outcome, Proved)
    (empty,) = report.of("total_optional")
    assert isinstance(empty.outcome, CounterExample)
    assert empty.outcome.rows[0].values["b"] is None and empty.outcome.rows[0].reason == "missing:b"
    assert not report.failed


def test_what_cannot_be_encoded_is_undecided_and_names_the_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = made(tmp_path, SMALL)
    whole = Encoding.step

    def step(self: Encoding, name: str) -> Any:
        if name == "score:likelihood.ia":
            raise NotEncodable("[score:likelihood.ia] 用到整张表")
        return whole(self, name)

    monkeypatch.setattr(Encoding, "step", step)
    # What follows from the build alone needs no encoding: it is proved all the same, and says how.
    for proof in prove(standard).of("total") + prove(standard).of("monotone"):
        assert isinstance(proof.outcome, Proved) and proof.outcome.how.startswith(("由结构成立", "等级不读此项"))
    monkeypatch.setattr("kit.checking.proofs.proving.fall_back", lambda standard, proofs, item=None: list(proofs))
    for question in ("total", "monotone"):
        monkeypatch.setattr(ByBuild, question, lambda *_: None)
    report = prove(standard)
    assert not any(isinstance(proof.outcome, Proved) for proof in report.of("total") + report.of("monotone"))
    assert "likelihood.ia" in report.of("total")[0].outcome.reason  # type: ignore[union-attr]


def test_no_time_is_undecided_not_proved(tmp_path: Path) -> None:
    encoding = Encoding(made(tmp_path, SMALL))
    asker = Asker(encoding, 10.0)
    monkey = asker.solver

    class Silent:
        def __getattr__(self, name: str) -> Any:
            return getattr(monkey, name)

        def check(self) -> Any:
            import z3

            return z3.unknown

        def reason_unknown(self) -> str:
            return "timeout"

    asker.solver = Silent()
    answer = asker.ask([encoding.inputs["t"].variable])
    assert answer.word == "unknown" and "10 s" in answer.reason


@pytest.mark.parametrize("mode", ["half_up", "half_even", "floor", "ceil"])
@pytest.mark.parametrize("digits", [0, 1, 9])
def test_rounding_is_that_of_the_engine(tmp_path: Path, mode: str, digits: int) -> None:
    """The level of single rows, fixed in z3, is the level scoring gives, on and beside every tie."""
    data = changed("scores", to={"r": {"formula": "b / 8", "clause": "5.1", "round": {"digits": digits, "mode": mode}}})
    data["level"] = {"cuts": {"of": "r", "at": [1, 2, 3.5], "levels": LEVELS}}
    data["overrides"] = []
    standard = made(tmp_path, data)
    values = [4, 7.9999999, 8, 11.6, 12, 12.4, 15.6, 16, 20, 23.96, 27.6, 27.999999992, 27.99999999, 28, 28.4, 100]
    frame = pd.DataFrame({"a": 0, "b": values, "k": "x", "t": False}).astype({"b": float})
    levels = score(standard, frame)["level"].tolist()
    encoding = Encoding(standard)
    asker = Asker(encoding, 10.0)
    from kit.checking.proofs.proving import levels_of
    from kit.checking.proofs.witness import literal

    truths = levels_of(encoding)
    for value, level in zip(values, levels, strict=True):
        fixed = encoding.inputs["b"].variable == literal(Fraction(repr(float(value))))
        found = [LEVELS[place] for place, truth in truths.items() if asker.ask([fixed, truth]).word == "sat"]
        assert found == [level], (value, mode, digits)


def test_comparing_two_versions(tmp_path: Path) -> None:
    old = made(tmp_path / "old", SMALL)
    same = compare(old, old)
    assert all(isinstance(proof.outcome, Proved) for proof in same.proofs)
    stricter = made(tmp_path / "new", changed("scores", "severity", "max", "ik", "map", "to", to={"x": 3, "y": 4}))
    report = compare(stricter, old)
    (differ,), (milder,), (strict,) = (report.of(one) for one in ("differ", "never_milder", "never_stricter"))
    assert isinstance(milder.outcome, Proved)
    assert isinstance(differ.outcome, CounterExample) and isinstance(strict.outcome, CounterExample)
    row = differ.outcome.rows[0]
    assert row.values["k"] == "x"
    assert LEVELS.index(row.level or "") > LEVELS.index(row.other_level or "")
    assert any("类型 = 某" in words for words in differ.outcome.region)


def test_only_levels_of_one_scale_are_compared() -> None:
    with pytest.raises(KitError, match="different scales"):
        compare(load_standard("taxi"), load_standard("emergency_capability"))


def test_child_rows_are_proved_for_any_number_and_shown_with_one(tmp_path: Path) -> None:
    import shutil

    original = load_standard("gb18218")
    assert all(isinstance(proof.outcome, Proved) for proof in prove(original).proofs)
    assert all(isinstance(proof.outcome, Proved) for proof in compare(original, original).proofs)
    shutil.copytree(original.path.parent, tmp_path / "gb18218")
    path = tmp_path / "gb18218" / "standard.yaml"
    text = path.read_text(encoding="utf-8")
    assert "1.2, 1.5, 2.0]" in text
    path.write_text(text.replace("1.2, 1.5, 2.0]", "1.6, 1.5, 2.0]"), encoding="utf-8")
    (proof,) = prove(load_standard(path)).of("monotone", "residents_500m")
    assert isinstance(proof.outcome, CounterExample)
    before, after = proof.outcome.rows
    assert len(before.children["substances"]) == 1 and before.children == after.children
    # Any pair across the fault is a right answer; which one z3 finds is its own affair.
    assert 30 <= before.values["residents_500m"] <= 49 and 50 <= after.values["residents_500m"] <= 99


def test_command_line(tmp_path: Path) -> None:
    from kit.cli.main import _gather, app

    _gather()
    made(tmp_path, changed("scores", "likelihood", "weighted_mean", "ib", "bands", "scores", to=[1, 2, 5]))
    result = CliRunner().invoke(app, ["standard", "prove", str(tmp_path)])
    assert result.exit_code == 1 and "“乙”变差时等级不会变好：不成立" in result.output
    result = CliRunner().invoke(app, ["standard", "prove", str(tmp_path), "--json"])
    report = json.loads(result.output)[0]
    (proof,) = [one for one in report["proofs"] if one["question"] == "monotone" and one["subject"] == "b"]
    assert proof["outcome"] == "counter_example" and len(proof["rows"]) == 2


def test_a_node_relative_to_the_whole_table_is_undecided_and_named(tmp_path: Path) -> None:
    data = changed("scores", to={"r": {"clause": "5.1", "normalise": {"of": "b", "z_score": {"deviation": "sample"}}}})
    data["level"] = {"cuts": {"of": "r", "at": [-1, 0, 1], "levels": LEVELS}}
    report = prove(made(tmp_path, data))
    (total,) = report.of("total")
    assert isinstance(total.outcome, Undecided) and "节点 r" in total.outcome.reason
    # a and t act through the overrides only; b is what the whole table is measured by.
    assert {one.subject: one.outcome.word for one in report.of("monotone")} == {
        "a": "proved", "b": "undecided", "t": "proved",
    }  # fmt: skip


@pytest.mark.parametrize("formula", ["a ** (1 / 3)", "l ** (1 / 3)"], ids=["field", "score of bands"])
def test_a_root_of_nought_is_nought_in_the_proofs_too(tmp_path: Path, formula: str) -> None:
    """Only 0 has a root below one half: the level low is reached there and nowhere else."""
    bands = {"clause": "5.1", "bands": {"of": "a", "at": [2, 5], "scores": [0, 1, 8]}}
    data = changed("scores", to={"l": bands, "r": {"clause": "5.2", "formula": formula}})
    data["level"] = {"cuts": {"of": "r", "at": [0.5, 1.5, 1.9], "levels": LEVELS}}
    data["overrides"] = []
    standard = made(tmp_path, data)
    report = prove(standard)
    right = {key: value for key, value in brute(standard).items() if key[0] in ("total", "level", "monotone")}
    for (question, subject), holds in right.items():
        outcome = report.of(question, subject)[0].outcome  # type: ignore[arg-type]
        assert isinstance(outcome, Undecided) or isinstance(outcome, Proved) is holds, (question, subject, outcome)
    assert right["level", "low"] and isinstance(report.of("level", "low")[0].outcome, Proved)
    assert isinstance(report.of("total")[0].outcome, Proved)


def test_goalposts_and_a_geometric_mean_of_bands_are_exact(tmp_path: Path) -> None:
    indicators = {
        "x": {"clause": "5.1", "bands": {"of": "a", "at": [2, 5], "scores": [1, 3, 5]}},
        "y": {"clause": "5.2", "bands": {"of": "b", "at": [60, 90.5], "scores": [5, 2, 1]}},
    }
    data = changed("scores", to={"r": {"clause": "5", "geometric_mean": indicators}})
    data["level"] = {"cuts": {"of": "r", "at": [2, 3.5, 4.5], "levels": LEVELS}}
    data["overrides"] = []
    standard = made(tmp_path, data)
    assert proved(standard) == brute(standard)
