"""The standard as notebooks use it."""

from __future__ import annotations

import kit


def test_checks_and_proofs_are_shown_in_a_notebook() -> None:
    taxi = kit.load_standard("taxi")
    findings = taxi.check()
    assert [one for one in findings if one.severity == "error"] == []
    frame = findings.frame()
    assert len(frame) == len(findings) and list(frame.columns[:2]) == ["severity", "place"]
    assert "<table>" in findings._repr_html_() and "standard.yaml" in findings._repr_html_()
    assert type(findings)()._repr_html_() == "<p>没有发现问题。</p>"
    proofs = taxi.prove()
    assert not proofs.failed and "等级“重大”可以达到" in proofs._repr_html_()
    same = taxi.prove(kit.load_standard("taxi"))
    assert {proof.outcome.word for proof in same.proofs} == {"proved"}


def test_a_variant_keeps_the_methods() -> None:
    half = kit.load_standard("taxi").variant({"scores.likelihood.hazard.crash_history.weight": 0.5})
    assert [one.check for one in half.check() if one.check == "weights"] == ["weights"]
    assert "没有差异" not in kit.load_standard("taxi").diff(half).text()
