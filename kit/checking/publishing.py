"""Publishing a standard: what has to hold first, and the freezing of the version."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from kit.checking.cases import run_cases
from kit.checking.proofs.outcomes import Undecided
from kit.checking.proofs.proofs import prove
from kit.checking.registry import check_standard
from kit.errors import KitError, Problem, ProblemsError
from kit.messages import in_chinese
from kit.scoring.apply import score
from kit.scoring.figures import fixed_figures
from kit.standard.finding import find_standard
from kit.standard.freezing import commit, freeze, lock, settle, unchanged
from kit.standard.history import CASES, STANDARD, VERSIONS, frozen_folder, read_history, version_key
from kit.standard.loader import load_standard
from kit.standard.minutes import minutes_problems
from kit.standard.standard import Standard

Target = Literal["trial", "published"]
TARGETS: tuple[Target, ...] = ("trial", "published")
# What the text must say of itself before it can become the other.
FROM: Mapping[Target, tuple[str, ...]] = {"trial": ("draft", "trial"), "published": ("trial",)}


class PublishRefused(ProblemsError):
    """A standard that may not be published yet, with every reason."""


@dataclass(frozen=True)
class Publication:
    """What was published, or would be.

    Attributes
    ----------
    label : `id@version`.
    folder : where the frozen version lies.
    fingerprint : that of the frozen standard.
    superseded : versions this one takes the place of.
    frozen : relative nodes, with the numbers written in their place.
    undecided : proofs that came to no answer; told, but no obstacle.
    warnings : findings of the checks that are no errors.
    """

    label: str
    status: str
    folder: Path
    fingerprint: str
    superseded: tuple[str, ...]
    frozen: Mapping[str, Any]
    undecided: tuple[str, ...]
    warnings: int
    dry_run: bool


def publish(
    reference: str | Path,
    to: Target = "published",
    *,
    data: pd.DataFrame | None = None,
    children: Mapping[str, Any] | None = None,
    at: dt.date | None = None,
    dry_run: bool = False,
) -> Publication:
    """Freeze the working text of a standard as a version, and return what was published.

    Parameters
    ----------
    reference : an id or a path to the working text.
    to : `trial` (for pilot use) or `published`.
    data, children : the rows from which relative thresholds are frozen into numbers; needed where the standard has any.
    at : the day, today by default.
    dry_run : find out whether it could be published, and write nothing.

    Raises
    ------
    PublishRefused
        With every reason: errors of the checks, proofs with a counter-example, failing or no cases, minutes that are
        missing or do not carry it, a version that is not above all earlier ones, a status that may not become the
        other, a frozen version that was edited.
    KitError
        When the reference names no working text, or another process is publishing it.

    Notes
    -----
    draft → trial → published → superseded. Interrupted at any moment it leaves the old state or the new one: the rename
    of `versions/history.yaml` is the moment.

    Examples
    --------
    >>> publish("taxi", "trial").label                                            # doctest: +SKIP
    'taxi@0.1.0'
    """
    path = find_standard(reference if _is_path(reference) else f"{str(reference).partition('@')[0]}@draft")
    if frozen_folder(path) is not None:
        raise KitError(f"{path} is a frozen version; publish the working text, {path.parent.parent.parent / STANDARD}")
    if to not in TARGETS:
        raise KitError(f"a standard becomes trial or published, not '{to}'")
    day = at or dt.date.today()
    with lock(path.parent):
        try:
            standard = load_standard(path)
        except ProblemsError as error:
            raise PublishRefused(error.problems, f"{path} cannot become {to}: the text has mistakes") from None
        return _published(standard, to, data, children, day, dry_run)


def _is_path(reference: str | Path) -> bool:
    return isinstance(reference, Path) or Path(reference).exists() or Path(reference).suffix in (".yaml", ".yml")


def _published(
    standard: Standard,
    to: Target,
    data: pd.DataFrame | None,
    children: Mapping[str, Any] | None,
    day: dt.date,
    dry_run: bool,
) -> Publication:
    folder = standard.path.parent
    if unchanged(standard) and standard.document.status == to:
        settle(folder, standard.path, to)  # a publication that was interrupted after its moment
    found = _version_problems(standard, to)
    findings = check_standard(standard)
    found += [
        Problem(f"{one.message_en} ({one.check})", one.file, one.line, None, one.key, f"{one.message_zh} ({one.check})")
        for one in findings
        if one.severity == "error"
    ]
    if to == "published":
        try:
            found += minutes_problems(folder, standard.label)
        except ProblemsError as error:
            found += error.problems
    numbers, more = _numbers(standard, data, children)
    found += more
    if more:
        raise PublishRefused(found, _summary(standard, to, found))
    candidate = freeze(standard, to, numbers, day)
    try:
        found += _example_problems(candidate.standard, standard)
        report = prove(candidate.standard)
        found += [
            Problem(_unproved(proof.title("en")), str(standard.path), zh=in_chinese(_unproved(proof.title())))
            for proof in report.found("error")
        ]
        if numbers and data is not None:
            found += _differs(standard, candidate.standard, data, children)
        if found:
            raise PublishRefused(found, _summary(standard, to, found))
        superseded = [] if dry_run else commit(standard, candidate, to, day)
    finally:
        shutil.rmtree(candidate.folder, ignore_errors=True)
    return Publication(
        label=standard.label,
        status=to,
        folder=folder / VERSIONS / standard.version,
        fingerprint=candidate.standard.fingerprint,
        superseded=tuple(superseded),
        frozen=numbers,
        undecided=tuple(proof.title() for proof in report.proofs if isinstance(proof.outcome, Undecided)),
        warnings=sum(one.severity == "warning" for one in findings),
        dry_run=dry_run,
    )


def _unproved(title: str) -> str:
    return f"not so: {title}; kit standard prove shows a row"


def _summary(standard: Standard, to: Target, found: list[Problem]) -> str:
    return f"{standard.label} cannot become {to}: {len(found)} obstacle{'s' if len(found) != 1 else ''}"


def _version_problems(standard: Standard, to: Target) -> list[Problem]:
    """Return what speaks against this version and this step, as far as the text and the history tell."""
    from kit.standard.yaml_io import read_yaml

    locate = read_yaml(standard.path)[1]
    place = str(standard.path)
    found = []
    history = read_history(standard.path.parent)
    if history and version_key(standard.version) <= max(version_key(release.version) for release in history):
        last = history[-1]
        same = any(release.version == standard.version for release in history)
        said = "is published already" if same else f"is not above the last one, {last.version}"
        found.append(
            Problem(
                f"version {standard.version} {said} ({last.status}, {last.at}); give the text a higher version "
                "number and say in CHANGES.md what changed",
                place, *locate(("version",)), "version",
            )
        )  # fmt: skip
    elif standard.document.status not in FROM[to]:
        allowed = " or ".join(FROM[to])
        how = "publish it for trial first (--to trial)" if standard.document.status == "draft" else "set status: draft"
        found.append(
            Problem(
                f"the text says status: {standard.document.status}, but only {allowed} becomes {to}; {how}",
                place, *locate(("status",)), "status",
            )
        )  # fmt: skip
    return found


def _numbers(
    standard: Standard, data: pd.DataFrame | None, children: Mapping[str, Any] | None
) -> tuple[dict[str, Any], list[Problem]]:
    relative = [path for path, node in standard.nodes.items() if node.kind.relative]
    if not relative:
        return {}, []
    place = str(standard.path)
    if data is None:
        return {}, [
            Problem(
                f"{path} is relative to the rows of a table; give the data from which its numbers are to be frozen "
                "(--data), or write goalposts",
                place,
                key=f"scores.{path}",
            )
            for path in relative
        ]
    try:
        return fixed_figures(standard, data, children=children), []
    except KitError as error:
        return {}, [Problem(str(error), place)]


def _example_problems(candidate: Standard, working: Standard) -> list[Problem]:
    """Return the worked examples that fail under the text as it would be published."""
    file = str(working.path.parent / CASES)
    try:
        results = run_cases(candidate)
    except ProblemsError as error:
        return [replace(problem, file=file) for problem in error.problems]
    if not results:
        return [Problem("there are no worked examples; at least one has to show what the text means", file)]
    return [
        Problem(f"the example '{result.case.name}' fails: {'; '.join(result.differences)}", file, result.line)
        for result in results
        if not result.passed
    ]


def _differs(
    working: Standard, candidate: Standard, data: pd.DataFrame, children: Mapping[str, Any] | None
) -> list[Problem]:
    """Return whether the frozen numbers give the data other levels than the relative text did."""
    before = score(working, data, children=children, nodes=False)["level"]
    after = score(candidate, data, children=children, nodes=False)["level"]
    count = int((before.fillna("") != after.fillna("")).sum())
    if not count:
        return []
    return [Problem(f"frozen into numbers the text gives {count} of {len(data)} rows another level", str(working.path))]
