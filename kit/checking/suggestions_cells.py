"""Examples for matrix cells that no worked example reaches, found by the proofs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kit.checking.cases import case_tables
from kit.scoring.tracing import trace

if TYPE_CHECKING:
    from kit.checking.suggestions import Suggester, Suggestion


def cell_suggestions(suggester: Suggester) -> Iterator[Suggestion]:
    """Yield a draft for each cell that can be reached and that no example reaches."""
    standard = suggester.standard
    matrix, level = standard.matrix, standard.document.level.matrix
    if matrix is None or level is None:
        return
    from kit.checking.proofs.algebra import NotEncodable
    from kit.checking.proofs.outcomes import Proved
    from kit.checking.proofs.proving import Prover

    reached: set[tuple[float, float]] = set()
    if suggester.cases:
        frame, children = case_tables(standard, suggester.cases)
        axes = trace(standard, frame, children=children or None)
        scores = axes[[f"score:{level.likelihood}", f"score:{level.severity}"]].dropna().round(9)
        reached = {(row[0], row[1]) for row in scores.to_numpy().tolist()}
    prover = Prover(standard, timeout_s=5.0)
    try:
        prover.total("total", prover.encoding)
        prover.cells()
        prover.confirm()
    except NotEncodable:  # relative to a table: no single row can show a cell
        return
    for proof in prover.proofs:
        example = proof.outcome.example if isinstance(proof.outcome, Proved) else None
        if proof.question != "matrix_cell" or example is None:
            continue
        likelihood, severity = (float(part) for part in proof.subject.split("×"))
        if (likelihood, severity) in reached:
            continue
        name = standard.scale.levels[
            matrix.levels[matrix.likelihood.index(likelihood)][matrix.severity.index(severity)]
        ].label.zh
        yield suggester.found_row(
            "cell", f"matrix.{likelihood:g}.{severity:g}", f"可能性{likelihood:g}、后果{severity:g}（矩阵为{name}）",
            "由证明找到的一行，说明这一格可以达到", example.values, example.children,
        )  # fmt: skip
