"""All proofs of one standard: those of whole-unit rows, and those of the rows of each checklist item."""

from __future__ import annotations

import time
from dataclasses import replace

from kit.checking.proofs.items import item_proofs
from kit.checking.proofs.outcomes import ProofReport
from kit.checking.proofs.proving import Prover
from kit.standard.standard import Standard


def prove(standard: Standard, *, timeout_s: float = 10.0, optional: bool = False) -> ProofReport:
    """Return what can be proved of the whole chain from fields to level.

    Parameters
    ----------
    standard : a loaded standard.
    timeout_s : time limit of each single question, in seconds.
    optional : also ask whether rows without the values that are not required still have a level.

    Returns
    -------
    ProofReport
        One `Proof` for each question: `Proved`, `CounterExample` (rows that scoring has confirmed), `Impossible` (no
        row gets there) or `Undecided` with the reason. Undecided is never proved.

    Notes
    -----
    Fields range over what they declare, all of them given. Child rows are one single row per object. Rounding of values
    that are compared with each other, and not with a number, is left out.

    Examples
    --------
    >>> import kit
    >>> from kit.checking import prove                                   # doctest: +SKIP
    >>> report = prove(kit.load_standard("taxi"))                        # doctest: +SKIP
    >>> [proof.outcome.word for proof in report.of("total")]             # doctest: +SKIP
    ['proved']
    """
    report = Prover(standard, timeout_s).report(optional)
    if standard.document.object != "risk_source":
        return report
    start = time.perf_counter()
    items = item_proofs(standard, timeout_s)
    seconds = report.seconds + time.perf_counter() - start
    return replace(report, proofs=(*report.proofs, *items), seconds=seconds)
