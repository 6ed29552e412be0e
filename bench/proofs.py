"""Reading, checks, worked cases and proofs of every sector standard, in CPU seconds; z3 alone beside it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from kit.checking import check_standard, prove, run_cases
from kit.checking.proofs.fallback import ByBuild
from kit.standard import load_standard
from kit.standard.finding import standard_files
from kit.standard.sectors import sectors

SOME = ("catering", "star_hotel", "fireworks", "urban_rail_operation", "park")


def run() -> None:
    files = standard_files()
    spent: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    cases = 0

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.process_time()
        result = work()
        spent[name] += time.process_time() - started
        return result

    load_standard("taxi@draft")  # the first reading also imports
    for sector in sectors():
        standard = timed("read", lambda sector=sector: load_standard(files[sector.id]))
        timed("check", lambda standard=standard: check_standard(standard))
        cases += len(timed("cases", lambda standard=standard: run_cases(standard)))
        report = timed("prove", lambda standard=standard: prove(standard))
        outcomes.update(type(proof.outcome).__name__ for proof in report.proofs)
    whole = spent["read"] + spent["check"] + spent["cases"]
    questions = sum(outcomes.values())
    print(f"  {len(sectors())} sector standards, {cases} worked cases, {questions} questions {dict(outcomes)}")
    print("  " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent.items()))
    print(f"  reading, checks and cases {whole:.1f} s; with proofs {whole + spent['prove']:.1f} s of one core")
    _alternative()


def _alternative() -> None:
    """Prove a few standards with the build asked first, and with z3 alone."""
    spent: Counter[str] = Counter()
    for name in SOME:
        for how in ("build first", "z3 alone"):
            standard = load_standard(name)
            started = time.process_time()
            if how == "z3 alone":
                with patch.object(ByBuild, "total", lambda _: None), patch.object(ByBuild, "monotone", lambda *_: None):
                    prove(standard)
            else:
                prove(standard)
            spent[how] += time.process_time() - started
    first, alone = spent["build first"], spent["z3 alone"]
    print(f"  {len(SOME)} standards: build first {first:.1f} s, z3 alone {alone:.1f} s, ratio {alone / first:.1f}")
