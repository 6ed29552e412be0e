"""One report: parameters checked, notebook run, page written whole."""

from __future__ import annotations

import ast
import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kit.errors import KitError, did_you_mean
from kit.files import whole_file, write_text
from kit.reports.backends import Execute, NotebookFailed, check_backend
from kit.reports.catalogue import Kind, check_parameters, file_stem, load_kind

# No report takes longer than seconds; this only ends one that hangs.
TIMEOUT = 600
# Type of an output that is a file, ready to be written; the format follows.
FINISHED = "application/x-kit-"


@dataclass(frozen=True)
class Job:
    """One report to make, with everything a worker needs; plain values only, so it can be sent as JSON."""

    kind: str
    kind_zh: str
    notebook: str
    parameters: dict[str, Any]
    target: str
    keep_notebook: bool = False
    timeout: int = TIMEOUT
    formats: Sequence[str] = ("html",)

    @property
    def failed_notebook(self) -> Path:
        """Where the notebook of a failed run is kept for reading: beside the report."""
        return Path(self.target).with_suffix(".failed.ipynb")


@dataclass(frozen=True)
class Outcome:
    """What became of a job; `error` is empty when the report was made.

    Attributes
    ----------
    path : the report, or the notebook that failed (empty when there is none).
    cell : number of the cell that failed, from 1; 0 when it was none.
    seconds : wall time.
    """

    kind: str
    area: str
    path: str
    seconds: float
    error: str = ""
    cell: int = 0

    @property
    def ok(self) -> bool:
        """Whether the report was made."""
        return not self.error


def notebook_parameters(path: Path) -> list[str]:
    """Return the names that the cell tagged `parameters` sets.

    Raises
    ------
    KitError
        When the notebook has no such cell, or the cell does more than set names.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise KitError(f"{path.name}: {len(tagged)} cells are tagged 'parameters'; a report notebook has exactly one")
    names = []
    for statement in ast.parse("".join(tagged[0]["source"])).body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        if not isinstance(target, ast.Name):
            raise KitError(f"{path.name}: the parameters cell may only set names, one a line")
        names.append(target.id)
    return names


def _same_parameters(kind: Kind) -> None:
    has, wants = set(notebook_parameters(kind.path)), set(kind.parameters)
    if has != wants:
        odd = sorted(has ^ wants)
        raise KitError(
            f"report kind {kind.id}: notebook and catalogue do not name the same parameters ({', '.join(odd)}); "
            + did_you_mean(odd[0], has | wants)
        )


def make_job(kind: str, parameters: Mapping[str, Any], out_dir: str | Path, *, keep_notebook: bool = False) -> Job:
    """Return the job for one report after checking everything that can be checked before it starts.

    The report goes to ``<out_dir>/<kind>/<file name>.html``.

    Raises
    ------
    KitError, ProblemsError
        Unknown kind, wrong parameters (all at once), a missing notebook, or one whose parameters are not those of the
        catalogue.
    """
    chosen = load_kind(kind)
    values = check_parameters(chosen, parameters)
    _same_parameters(chosen)
    target = Path(out_dir).resolve() / chosen.id / f"{file_stem(chosen, values)}.html"
    formats = tuple(chosen.formats)
    return Job(chosen.id, chosen.title.zh, str(chosen.path), values, str(target), keep_notebook, formats=formats)


def _meta(job: Job) -> dict[str, Any]:
    """Return the provenance printed on the page."""
    path = Path(job.parameters.get("data_dir", "")) / "meta.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    raise KitError(f"{path.name} is missing in {path.parent}; run `kit assess` for the period first")


def finished_files(notebook: Any) -> dict[str, bytes]:
    """Return the files a notebook gives as they are to be written, by format; none for a notebook that shows a report.

    They are outputs of the type ``application/x-kit-<format>``, base64 text.
    """
    found: dict[str, bytes] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for mime, data in output.get("data", {}).items():
                if mime.startswith(FINISHED):
                    found[mime.removeprefix(FINISHED)] = base64.b64decode(data)
    return found


def _write(job: Job, notebook: Any, meta: dict[str, Any] | None) -> None:
    """Write what the notebook gives: its finished files, else its outputs as a page."""
    from kit.reports.page import page_html

    target = Path(job.target)
    files = finished_files(notebook)
    if not files:
        if meta is None:
            raise KitError("the notebook of a kind without data_dir must end with the finished document")
        write_text(target, page_html(notebook, meta=meta, kind_zh=job.kind_zh))
    for form in job.formats if files else ():
        if form not in files:
            raise KitError(f"the notebook gives {', '.join(files)}, but the catalogue wants {form} too")
        with whole_file(target.with_suffix(f".{form}")) as path:
            path.write_bytes(files[form])


def _remove(job: Job) -> None:
    for suffix in {".html", *(f".{form}" for form in job.formats)}:
        Path(job.target).with_suffix(suffix).unlink(missing_ok=True)


def run_job(job: Job, execute: Execute) -> Outcome:
    """Run one job with `execute` and return what became of it; a failure is an outcome, not an exception."""
    import nbformat

    start = time.perf_counter()
    area = str(job.parameters.get("area", ""))
    target = Path(job.target)
    try:
        meta = _meta(job) if "data_dir" in job.parameters else None
        notebook = execute(Path(job.notebook), job.parameters, job.timeout)
        _write(job, notebook, meta)
        if job.keep_notebook:
            write_text(target.with_suffix(".ipynb"), nbformat.writes(notebook))
        # A report that works now must not lie beside the notebook of an earlier failure.
        job.failed_notebook.unlink(missing_ok=True)
        return Outcome(job.kind, area, str(target), time.perf_counter() - start)
    except NotebookFailed as error:
        kept = ""
        if error.notebook is not None:
            kept = str(write_text(job.failed_notebook, nbformat.writes(error.notebook)))
        # Nor may an old report pass for this run's.
        _remove(job)
        return Outcome(job.kind, area, kept, time.perf_counter() - start, str(error), error.cell)
    except Exception as error:
        _remove(job)
        return Outcome(job.kind, area, "", time.perf_counter() - start, f"{type(error).__name__}: {error}")


def render(
    kind: str, params: Mapping[str, Any], out_dir: str | Path, *, backend: str = "auto", keep_notebook: bool = False
) -> Path:
    """Render one report and return the path of its HTML file: one file, nothing in it comes from outside.

    Parameters
    ----------
    kind : id in the catalogue, for example ``district_assessment``.
    params : parameters of the kind, for example period, area (code or name) and data_dir.
    out_dir : folder of the period's reports; the file goes to ``<out_dir>/<kind>/``.
    backend : auto, fork or stock.
    keep_notebook : keep the executed notebook beside the report.

    Raises
    ------
    KitError
        Before anything starts: unknown kind, wrong parameters. After: the cell that failed and where the notebook is
        kept.
    """
    job = make_job(kind, params, out_dir, keep_notebook=keep_notebook)
    if check_backend(backend) == "fork":
        from kit.reports.backends.processes import run_forked

        outcome = next(run_forked([job], 1))
    else:
        from kit.reports.backends.stock import execute

        outcome = run_job(job, execute)
    if not outcome.ok:
        kept = f" The notebook is kept for reading: {outcome.path}" if outcome.path else ""
        raise KitError(f"report {kind} {outcome.area} failed: {outcome.error}{kept}")
    return Path(outcome.path)


def job_json(job: Job) -> str:
    """Return a job as one line of JSON, for a worker in another process."""
    return json.dumps(asdict(job), ensure_ascii=False)
