"""The proofs for rows of checklist items, to which only some indicators apply."""

from __future__ import annotations

import time

from kit.checking.proofs.fallback import HOW, HOW_MONOTONE, ByBuild, fall_back
from kit.checking.proofs.outcomes import Outcome, Proof, Proved, Undecided
from kit.checking.proofs.proving import Prover
from kit.standard.standard import ChecklistItem, Standard


def item_proofs(standard: Standard, timeout_s: float) -> list[Proof]:
    """Return two proofs for each checklist item: its rows have a level, and none improves when a field gets worse.

    An item that names no fields stands for the whole unit, which is proved already; items that name the same fields are
    proved once, the outcome holds for all of them.
    """
    found: list[Proof] = []
    known: dict[frozenset[str], tuple[Proof, Proof]] = {}
    for item in standard.checklist:
        if not item.fields:
            continue
        names = frozenset(item.fields)
        if names not in known:
            known[names] = _proofs(standard, item, timeout_s)
        found += [
            Proof(proof.question, item.id, f"{item.name_zh}（{item.id}）", proof.outcome, proof.seconds)
            for proof in known[names]
        ]
    return found


def _proofs(standard: Standard, item: ChecklistItem, timeout_s: float) -> tuple[Proof, Proof]:
    start = time.perf_counter()
    build = ByBuild(standard, item.id)
    if build.total() and all(build.monotone(name) for name, spec in standard.fields.items() if spec.worse != "none"):
        spent = time.perf_counter() - start
        return (
            Proof("item_total", item.id, item.name_zh, Proved(HOW), spent),
            Proof("item_monotone", item.id, item.name_zh, Proved(HOW_MONOTONE), 0.0),
        )
    prover = Prover(standard, timeout_s, item=item.id, more_rows=bool(standard.document.children))
    prover.total("total", prover.encoding)
    for name, entry in list(prover.encoding.inputs.items()):
        if entry.spec.worse != "none":
            prover.guarded("monotone", name, entry.spec.label.zh, lambda name=name: prover.monotone(name))  # type: ignore[misc]
    prover.confirm()
    total, *monotone = (proof.outcome for proof in fall_back(standard, prover.proofs, item.id))
    middle = time.perf_counter()
    return (
        Proof("item_total", item.id, item.name_zh, _honest(total, standard), middle - start),
        Proof("item_monotone", item.id, item.name_zh, _honest(_worst(monotone), standard), 0.0),
    )


def _worst(outcomes: list[Outcome]) -> Outcome:
    """Return the first counter-example, else the first undecided, else proved."""
    bad = [outcome for outcome in outcomes if not isinstance(outcome, Proved | Undecided)]
    open_ = [outcome for outcome in outcomes if isinstance(outcome, Undecided)]
    return (bad or open_ or [Proved()])[0]


def _honest(outcome: Outcome, standard: Standard) -> Outcome:
    """Return the outcome; with child rows the totals were taken wider than rows can make them, so only proofs count."""
    if isinstance(outcome, Proved) or not standard.document.children:
        return outcome
    return outcome if isinstance(outcome, Undecided) else Undecided("子表多行时未判定")


__all__ = ["item_proofs"]
