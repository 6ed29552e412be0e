"""How far each sector's standard is: from not begun to published, against the dates of the work plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kit.checking.cases import read_cases, run_cases
from kit.checking.registry import check_standard
from kit.errors import KitError
from kit.standard.finding import file_in_force, standard_files
from kit.standard.loader import load_standard
from kit.standard.sectors import due_date, sectors
from kit.standard.standard import Standard
from kit.standard.yaml_io import read_yaml

LEAST_CASES = 6
WORDS = Path(__file__).resolve().parent / "progress.yaml"


@dataclass(frozen=True)
class Progress:
    """One standard of the register.

    Attributes
    ----------
    id, title, department, annex : as in the plan's annexes, or as the standard says for others; annex null for methods.
    sector : whether it is a sector that the plan names.
    due : day by which the plan wants it, null for methods.
    version, status, provenance, fingerprint : of the version in force, null where there is none.
    stage : `absent`, `broken` (cannot be read), `to_fill` (marks of `kit standard new` are left), `errors`,
        `few_cases`, `draft`, `trial`, `published`, `superseded`, `withdrawn`.
    left : what keeps it at its stage: marks, errors or missing cases; 0 otherwise.
    fields, indicators, overrides, items, cases : how many it has.
    cases_passed, proofs, proofs_held : what came of running them; null where that was not asked.
    error : what is wrong with one that cannot be read.
    late : whether `due` was past on the day asked for with the standard neither on trial nor published.
    """

    id: str
    title: str
    department: str
    annex: int | None
    sector: bool
    due: dt.date | None
    stage: str
    left: int = 0
    version: str | None = None
    status: str | None = None
    provenance: str | None = None
    fingerprint: str | None = None
    fields: int = 0
    indicators: int = 0
    overrides: int = 0
    items: int = 0
    cases: int = 0
    cases_passed: int | None = None
    proofs: int | None = None
    proofs_held: int | None = None
    late: bool = False
    error: KitError | None = field(default=None, repr=False)
    path: Path | None = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether the plan's step is done: the standard is on trial or published."""
        return self.stage in ("trial", "published")


def progress(folder: str | Path | None = None, *, run: bool = False, on: dt.date | None = None) -> list[Progress]:
    """Return how far every standard is: the plan's sectors in its order, other sectors, then the methods.

    Parameters
    ----------
    folder : folder of standards; the checkout's by default.
    run : also run the worked cases and the proofs (seconds each).
    on : day for which to say what is late; today by default.

    Examples
    --------
    >>> one = progress()[0]
    >>> one.id, one.annex, one.due.isoformat()
    ('building_construction', 1, '2019-07-31')
    """
    files = standard_files(folder)
    day = on or dt.date.today()
    found: list[Progress] = []
    named = sectors()
    for sector in named:
        path = files.pop(sector.id, None)
        about = {"department": sector.department, "annex": sector.annex, "sector": True, "due": sector.due}
        if path is None:
            found.append(Progress(sector.id, sector.name_zh, stage="absent", late=day > sector.due, **about))  # type: ignore[arg-type]
        else:
            found.append(_of(path, run, day, {"title": sector.name_zh} | about))
    others = [_of(path, run, day, {}) for path in files.values()]
    return found + sorted(others, key=lambda one: (one.annex is None, one.annex or 0, one.department, one.id))


def _of(path: Path, run: bool, day: dt.date, about: dict[str, Any]) -> Progress:
    name = path.parent.name
    try:
        standard = load_standard(file_in_force(path))
    except KitError as error:
        left = len(getattr(error, "problems", [error]))
        plain = {"title": name, "department": path.parent.parent.name, "annex": None, "sector": False, "due": None}
        due = about.get("due")
        return Progress(
            name, stage="broken", left=left, late=bool(due and day > due), error=error, path=path, **plain | about
        )
    document = standard.document
    about = {
        "title": standard.title, "department": document.department, "annex": document.annex, "sector": False,
        "due": due_date(document.annex) if document.annex else None,
    } | about  # fmt: skip
    stage, left, count = _stage(standard)
    results = run_cases(standard) if run and stage not in ("to_fill",) else None
    proofs = _proofs(standard) if run else None
    return Progress(
        name, stage=stage, left=left, version=standard.version, status=document.status,
        provenance=document.provenance, fingerprint=standard.fingerprint, fields=len(standard.fields),
        indicators=sum(not node.kind.is_branch for node in standard.nodes.values()), overrides=len(document.overrides),
        items=len(standard.checklist), cases=count,
        cases_passed=None if results is None else sum(result.passed for result in results),
        proofs=None if proofs is None else proofs[0], proofs_held=None if proofs is None else proofs[1],
        late=bool(about["due"] and day > about["due"]) and stage not in ("trial", "published"), path=path, **about,
    )  # fmt: skip


def _stage(standard: Standard) -> tuple[str, int, int]:
    """Return the stage, what is left at it, and the number of worked cases."""
    errors = [finding for finding in check_standard(standard) if finding.severity == "error"]
    marks = [finding for finding in errors if finding.check == "to_fill"]
    try:
        cases = len(read_cases(standard))
    except KitError:
        return "errors", len(errors) + 1, 0
    if marks:
        return "to_fill", len(marks), cases
    if errors:
        return "errors", len(errors), cases
    if standard.document.status != "draft":
        return standard.document.status, 0, cases
    return ("few_cases", LEAST_CASES - cases, cases) if cases < LEAST_CASES else ("draft", 0, cases)


def _proofs(standard: Standard) -> tuple[int, int]:
    from kit.checking.proofs import Proved, prove

    report = prove(standard)
    return len(report.proofs), sum(isinstance(proof.outcome, Proved) for proof in report.proofs)


@cache
def words() -> dict[str, Any]:
    """Return the words with which progress is told, by language."""
    return dict(read_yaml(WORDS)[0])


def stage_words(one: Progress, lang: str = "zh") -> str:
    """Return the stage in words, with what is left."""
    return str(words()[lang]["stages"][one.stage]).format(left=one.left)


def counts(found: list[Progress], annex: int) -> tuple[int, int]:
    """Return how many sectors of an annex have their standard on trial or published, and how many there are."""
    there = [one for one in found if one.annex == annex]
    return sum(one.done for one in there), len(there)


def by_department(found: list[Progress]) -> Iterator[tuple[int | None, str, list[Progress]]]:
    """Yield annex, department and its standards, in order."""
    groups: dict[tuple[int | None, str], list[Progress]] = {}
    for one in found:
        groups.setdefault((one.annex, one.department), []).append(one)
    for (annex, department), there in groups.items():
        yield annex, department, there
