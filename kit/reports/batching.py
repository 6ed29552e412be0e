"""Many reports at once: every parameter checked first, one failure never stops the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError, Problem, ProblemsError, cut
from kit.files import write_text
from kit.maps.boundaries import areas as known_areas
from kit.maps.boundaries import find_area
from kit.reports.backends import check_backend
from kit.reports.catalogue import kinds as known_kinds
from kit.reports.catalogue import load_kind
from kit.reports.engine import Job, Outcome, make_job

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WORDS = {
    "rendering": "生成报告",
    "failed": "失败的报告",
    "kind": "报告",
    "area": "地区",
    "error": "原因",
    "kept": "留存的笔记本",
}


@dataclass(frozen=True)
class BatchResult:
    """What a batch made.

    Attributes
    ----------
    outcomes : one for each report, in the order of kinds and areas.
    seconds : wall time of the reports.
    out : folder of the period.
    """

    outcomes: list[Outcome]
    seconds: float
    out: Path

    @property
    def made(self) -> list[Outcome]:
        """Reports that were made."""
        return [outcome for outcome in self.outcomes if outcome.ok]

    @property
    def failures(self) -> list[Outcome]:
        """Reports that were not made; each with the cell and the reason."""
        return [outcome for outcome in self.outcomes if not outcome.ok]


def plan(
    period: str,
    kinds: Sequence[str] | None,
    areas: Sequence[str] | None,
    out: Path,
    data_dir: Path,
    keep_notebooks: bool = False,
) -> list[Job]:
    """Return the jobs of a batch: every kind for every area, or once for a kind of the whole city.

    Raises
    ------
    ProblemsError
        Every unknown kind, unknown area and wrong parameter at once.
    """
    problems: list[Problem] = []
    chosen, codes = [], []
    of_a_quarter = [name for name, kind in known_kinds().items() if kind.one_per != "standard"]
    for name in kinds if kinds is not None else of_a_quarter:
        try:
            chosen.append(load_kind(name))
            if name not in of_a_quarter:
                problems.append(
                    Problem(f"{name} is made once for a standard, not for a quarter; leave it out of the batch")
                )
        except KitError as error:
            problems.append(Problem(str(error)))
    for given in areas if areas is not None else list(known_areas()):
        try:
            codes.append(find_area(given).code)
        except KitError as error:
            problems.append(Problem(str(error)))
    if problems:
        raise ProblemsError(problems, "the batch was not started")
    jobs: list[Job] = []
    seen: set[str] = set()
    for kind in chosen:
        for code in dict.fromkeys(codes) if kind.one_per == "area" else [None]:
            values = {"period": period, "data_dir": str(data_dir)} | ({"area": code} if code else {})
            try:
                job = make_job(kind.id, values, out, keep_notebook=keep_notebooks)
                if job.target not in seen:
                    seen.add(job.target)
                    jobs.append(job)
            except ProblemsError as error:
                problems.extend(error.problems)
    if problems:
        # The same mistake of every area is told once.
        raise ProblemsError(list(dict.fromkeys(problems)), "the batch was not started")
    return jobs


def batch(
    period: str,
    kinds: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
    *,
    out: str | Path | None = None,
    data_dir: str | Path | None = None,
    jobs: int = 2,
    backend: str = "auto",
    keep_notebooks: bool = False,
    console: Console | None = None,
) -> BatchResult:
    """Render many reports and return what became of each.

    Parameters
    ----------
    period : quarter, for example ``2019Q4``.
    kinds, areas : which ones; None for all. Areas by code or name.
    out : folder of the period's reports; ``reports/<period>`` of the project by default.
    data_dir : folder of the assessed data; ``<out>/data`` by default.
    jobs : how many reports are made at once.
    backend : auto (fork on Linux, stock elsewhere), fork, or stock (papermill).
    keep_notebooks : keep the executed notebook of every report, not only of those that failed.
    console : a Rich console for the progress bar with time left and the table of failures; None prints nothing.

    Raises
    ------
    KitError, ProblemsError
        Before anything starts, for anything wrong with the request. A report that fails is an outcome, not an error;
        its
        notebook is kept beside it as ``<name>.failed.ipynb``.

    Examples
    --------
    >>> batch("2019Q4", areas=["朝阳区"], jobs=2).failures  # doctest: +SKIP
    []
    """
    from kit.paths import project_root

    if jobs < 1:
        raise KitError(f"jobs must be 1 or more, not {jobs}")
    mode = check_backend(backend)
    folder = Path(out) if out is not None else project_root() / "reports" / period
    data = Path(data_dir) if data_dir is not None else folder / "data"
    planned = plan(period, kinds, areas, folder, data, keep_notebooks)
    start = time.perf_counter()
    outcomes: list[Outcome] = []
    for outcome in _with_progress(_run(planned, jobs, mode), len(planned), console):
        outcomes.append(outcome)
    place = {(job.kind, str(job.parameters.get("area", ""))): i for i, job in enumerate(planned)}
    outcomes.sort(key=lambda outcome: place[(outcome.kind, outcome.area)])
    result = BatchResult(outcomes, time.perf_counter() - start, folder)
    _write_record(result)
    if console is not None and result.failures:
        console.print(failure_table(result))
    return result


def _run(planned: list[Job], workers: int, mode: str) -> Iterator[Outcome]:
    from kit.reports.backends.processes import run_forked, run_stock

    if not planned:
        return iter(())
    return (run_forked if mode == "fork" else run_stock)(planned, workers)


def _with_progress(outcomes: Iterator[Outcome], total: int, console: Console | None) -> Iterator[Outcome]:
    if console is None:
        yield from outcomes
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("/"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(WORDS["rendering"], total=total)
        for outcome in outcomes:
            progress.advance(task)
            yield outcome


def _write_record(result: BatchResult) -> None:
    """Write `batch.json`: what was made and what failed, with paths relative to the folder."""
    rows = []
    for outcome in result.outcomes:
        row = asdict(outcome)
        if outcome.path:
            row["path"] = Path(outcome.path).relative_to(result.out.resolve()).as_posix()
        row["seconds"] = round(outcome.seconds, 3)
        rows.append(row)
    text = json.dumps({"seconds": round(result.seconds, 3), "reports": rows}, ensure_ascii=False, indent=1)
    write_text(result.out / "batch.json", text + "\n")


def failure_table(result: BatchResult) -> Table:
    """Return the reports that failed as a Rich table: report, area, reason, kept notebook."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{WORDS['failed']}（{len(result.failures)}）")
    for key in ("kind", "area", "error", "kept"):
        table.add_column(WORDS[key])
    names = known_areas()
    for outcome in result.failures:
        area = names[outcome.area].name if outcome.area in names else outcome.area
        kept = Path(outcome.path).name if outcome.path else "—"
        # Text, not markup: an error may have square brackets in it.
        cells = (load_kind(outcome.kind).title.zh, area, cut(outcome.error, 300), kept)
        table.add_row(*(Text(cell) for cell in cells))
    return table
