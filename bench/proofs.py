"""Checks and proofs of every shipped standard: questions, outcomes, seconds."""

from __future__ import annotations

import time
from collections import Counter

from kit.checking import check_standard, prove
from kit.standard import load_all


def run() -> None:
    total = 0.0
    for standard in load_all().values():
        started = time.perf_counter()
        findings = Counter(finding.severity for finding in check_standard(standard))
        checked = time.perf_counter()
        report = prove(standard)
        done = time.perf_counter()
        outcomes = Counter(type(proof.outcome).__name__ for proof in report.proofs)
        total += done - started
        print(f"  {standard.label:<28} check {checked - started:5.1f} s {dict(findings)}")
        print(f"  {'':<28} prove {done - checked:5.1f} s {dict(outcomes)}")
    print(f"  together {total:.1f} s")
