"""What was published of a standard, and whether what was frozen is still what it was.

Beside the working text lies `versions/`: one folder for each published version, sealed by the SHA-256 of its files, and
`history.yaml`, which says what each version is now. A version counts only when the history names it, so the rename of
`history.yaml` is the one moment at which a publication happens.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from kit.errors import KitError, Problem, ProblemsError
from kit.files import fingerprint
from kit.standard.fields import Model
from kit.standard.yaml_io import read_model

VERSIONS = "versions"
HISTORY = "history.yaml"
SEAL = "frozen.yaml"
STANDARD, CASES, CHECKLIST, SCALES, MATRICES = (
    "standard.yaml", "cases.yaml", "checklist.csv", "scales.yaml", "matrices.yaml",
)  # fmt: skip
# A version being made: it counts for nothing, and is swept away by the next publication.
UNFINISHED = ".unfinished-"
_STATUS = re.compile(r"^status:[^\n]*$", re.MULTILINE)

ReleaseStatus = Literal["trial", "published", "superseded", "withdrawn"]


class Release(Model):
    """One version that was published.

    Attributes
    ----------
    status : what it is now; `superseded_by` says by which version.
    at : the day it was frozen.
    fingerprint : that of the frozen standard, as results and reports cite it.
    seal : SHA-256 of the version's `frozen.yaml`, which has those of all its files.
    source : fingerprint of the working text from which it was frozen, its status left out.
    kit : version of the kit.
    """

    version: str
    status: ReleaseStatus
    at: dt.date
    fingerprint: str
    seal: str
    source: str
    kit: str
    superseded_by: str | None = None


class History(Model):
    """`versions/history.yaml`, from the first version to the last."""

    format: Literal[1] = 1
    releases: list[Release]


class Seal(Model):
    """`versions/<version>/frozen.yaml`: the files of the version with their SHA-256."""

    id: str
    version: str
    at: dt.date
    files: dict[str, str]


def version_key(version: str) -> tuple[int, ...]:
    """Return what sorts versions: 0.10.0 after 0.9.1.

    Examples
    --------
    >>> version_key("0.10.0") > version_key("0.9.1")
    True
    """
    return tuple(int(part) for part in re.findall(r"\d+", version))


def read_history(folder: Path) -> list[Release]:
    """Return what was published of the standard in `folder`, lowest version first; nothing when there is no history."""
    file = folder / VERSIONS / HISTORY
    if not file.exists():
        return []
    return sorted(read_model(History, file).releases, key=lambda release: version_key(release.version))


def release_of(folder: Path, version: str) -> Release | None:
    """Return the release of a version, None when it was never published."""
    return next((release for release in read_history(folder) if release.version == version), None)


def in_force(folder: Path) -> Release | None:
    """Return the version that applies: the latest published one, else the latest on trial."""
    for status in ("published", "trial"):
        found = [release for release in read_history(folder) if release.status == status]
        if found:
            return found[-1]
    return None


def frozen_folder(path: Path) -> Path | None:
    """Return the version folder in which the file lies, None for a working text (also one in a folder so named)."""
    parent = path.resolve().parent
    owner = parent.parent.parent
    beside = (owner / STANDARD).is_file() or (parent.parent / HISTORY).is_file()
    frozen = parent.parent.name == VERSIONS and beside and not parent.name.startswith(UNFINISHED)
    return parent if frozen else None


def verify(folder: Path, version: str) -> list[Problem]:
    """Return what differs from what was frozen: files changed, missing or added, in the place where they lie.

    Parameters
    ----------
    folder : the standard's folder, which has `versions/`.
    version : the version to look at.
    """
    place = folder / VERSIONS / version
    release = release_of(folder, version)
    if release is None:
        return [
            Problem(
                f"version {version} is not in the history, so it was never published (an interrupted publication "
                "leaves such a folder); publish it again, or remove the folder",
                str(place),
            )
        ]
    advice = "restore the file from version control; what has to change needs a new version"
    seal_file = place / SEAL
    if not seal_file.is_file():
        return [Problem(f"the frozen version has no {SEAL}; {advice}", str(seal_file))]
    if fingerprint(seal_file) != release.seal:
        return [Problem(f"the seal of version {version} was edited after {release.at}; {advice}", str(seal_file))]
    seal = read_model(Seal, seal_file)
    there = {file.relative_to(place).as_posix() for file in place.rglob("*") if file.is_file()} - {SEAL}
    problems = []
    for name in sorted(there | set(seal.files)):
        file = place / name
        if name not in there:
            problems.append(
                Problem(f"a file of version {version}, frozen on {seal.at}, is missing; {advice}", str(file))
            )
        elif name not in seal.files:
            problems.append(Problem(f"the file was added after version {version} was frozen; remove it", str(file)))
        elif fingerprint(file) != seal.files[name]:
            problems.append(
                Problem(f"the file was edited after version {version} was frozen on {seal.at}; {advice}", str(file))
            )
    return problems


def require_frozen(path: Path) -> None:
    """Do nothing when every published version beside the text at `path`, or the version it belongs to, is as frozen.

    Raises
    ------
    ProblemsError
        When a file of a version is not what was frozen, or the version was never published.
    """
    place = frozen_folder(path)
    folder = place.parent.parent if place else path.resolve().parent
    versions = [place.name] if place else [release.version for release in read_history(folder)]
    problems = [problem for version in versions for problem in verify(folder, version)]
    if problems:
        raise ProblemsError(problems, f"{folder / VERSIONS}: what was frozen is damaged")


def text_fingerprint(folder: Path, tables: Iterable[str] = ()) -> str:
    """Return the SHA-256 over the working text, its cases, checklist and tables; the line with the status left out.

    Two texts with the same fingerprint say the same to the last comment.
    """
    digest = hashlib.sha256()
    for name in (STANDARD, CASES, CHECKLIST, SCALES, MATRICES, *sorted(tables)):
        file = folder / name
        if file.is_file():
            data = file.read_bytes()
            if name == STANDARD:
                data = _STATUS.sub("", data.decode("utf-8-sig"), count=1).encode()
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def with_status(text: str, status: str) -> str:
    """Return the text of a standard with another status; nothing else is touched, a comment on the line stays.

    Raises
    ------
    KitError
        When no line begins with `status:`.
    """
    found = _STATUS.search(text)
    if found is None:
        raise KitError("the text has no line 'status:' of its own; write status: at the beginning of a line")
    comment = re.search(r"\s+#.*$", found.group(0))
    line = f"status: {status}" + (comment.group(0) if comment else "")
    return text[: found.start()] + line + text[found.end() :]
