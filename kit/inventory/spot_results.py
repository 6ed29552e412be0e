"""What came back from a spot check, as a workbook: estimates, strata, answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kit.inventory.spot_checks import failing_answers, level_names, texts
from kit.inventory.spot_return import SpotReturn
from kit.inventory.workbook import Sheet, write_workbook

SHARES = ("share", "low", "high", "share_worst", "high_worst")


def headings(confidence: float) -> dict[str, str]:
    """Return the headings of the table of estimates.

    Examples
    --------
    >>> headings(0.95)["low"]
    '95%区间下限'
    """
    return {name: label.format(confidence=f"{confidence * 100:g}") for name, label in texts()["columns"].items()}


def result_title(returned: SpotReturn) -> str:
    """Return the title of the results, which says whether the data are made."""
    words = texts()
    title: str = words["result_title"].format(period=returned.period, mark=words["mark_made"] if returned.made else "")
    return title


def write_spot_results(
    path: str | Path, returned: SpotReturn, found: pd.DataFrame, *, confidence: float = 0.95
) -> Path:
    """Write estimates, strata and answers as an .xlsx file, whole or not at all, and return the path.

    Parameters
    ----------
    found : what `estimate` gave for the same `confidence`.
    """
    words = texts()
    told = {"seed": returned.seed, "fingerprint": returned.fingerprint, "confidence": f"{confidence * 100:g}"}
    notes = [str(note).format(**told) for note in words["result_notes"]]
    rows = returned.rows
    fails = failing_answers(rows)
    checked, failing = fails["any"].notna(), fails["any"].eq(True).fillna(False).astype(bool)
    strata = returned.strata.assign(
        share_drawn=returned.strata["drawn"] / returned.strata["population"],
        checked=returned.strata["stratum"].map(checked.groupby(rows["stratum"]).sum()),
        failing=returned.strata["stratum"].map(failing.groupby(rows["stratum"]).sum()),
    )
    names, asked = level_names(), words["asked"]
    answers = rows.assign(
        outcome=rows["outcome"].map(asked["outcome"]["values"]),
        level=rows["level_right"],
        registered_level=rows["registered_level"].map(names),
        level_found=rows["level_found"].map(names),
    )
    for name in ("exists", "level", "measures", "owner"):
        answers[name] = answers[name].map({True: words["answers"]["yes"], False: words["answers"]["no"]})
    answer_heads = {
        "source_id": words["given"]["source_id"]["label"],
        "registered_level": words["given"]["level_zh"]["label"],
        **{name: column["label"] for name, column in asked.items()},
    }
    strata_heads = words["strata_columns"] | {name: words["columns"][name] for name in ("checked", "failing")}
    sheets = [
        Sheet(words["sheets"]["results"], found, headings(confidence), SHARES, notes=notes, unknown=words["not_known"]),
        Sheet(words["sheets"]["strata"], strata, strata_heads, ("share_drawn",)),
        Sheet(words["sheets"]["answers"], answers, answer_heads),
    ]
    return write_workbook(path, result_title(returned), sheets, made=returned.made)
