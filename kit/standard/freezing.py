"""Freezing a version of a standard: whole or not at all, and in one moment.

A version folder is made under another name and sealed, then renamed; only then the history names it. Until that last
rename nothing has happened: a folder the history does not name is no version. The status line of the working text is
brought up to date afterwards; until then the history says what it is.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as package_version
from io import StringIO
from pathlib import Path
from typing import Any

from kit.errors import KitError
from kit.files import fingerprint, whole_file, write_text
from kit.standard.editing import edit_yaml
from kit.standard.history import (
    CASES,
    CHECKLIST,
    HISTORY,
    MATRICES,
    SCALES,
    SEAL,
    STANDARD,
    UNFINISHED,
    VERSIONS,
    Release,
    ReleaseStatus,
    read_history,
    text_fingerprint,
    with_status,
)
from kit.standard.loader import load_standard
from kit.standard.minutes import MINUTES
from kit.standard.standard import Standard
from kit.standard.tree import nodes

CHANGES = "CHANGES.md"
LOCK = ".lock"
_NOTE = "# 由发布命令写成，记录已发布的各版本；不要手工修改。\n"


@dataclass(frozen=True)
class Frozen:
    """A version made but not yet published: it lies under a name of its own until `commit`."""

    folder: Path
    standard: Standard


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the standard in `folder` for one publication at a time; the lock ends with the process that holds it.

    Raises
    ------
    KitError
        When another process is publishing it.
    """
    from filelock import FileLock, Timeout

    versions = folder / VERSIONS
    versions.mkdir(exist_ok=True)
    holder = FileLock(versions / LOCK, timeout=0)
    try:
        holder.acquire()
    except Timeout:
        raise KitError(f"{folder.name} is being published by another process; wait for it and try again") from None
    try:
        yield
    finally:
        if [entry.name for entry in versions.iterdir()] == [LOCK]:  # nothing was ever published: leave no trace
            shutil.rmtree(versions, ignore_errors=True)
        holder.release()


def freeze(standard: Standard, status: ReleaseStatus, numbers: Mapping[str, Any], at: dt.date) -> Frozen:
    """Return the version as it would be published, sealed, in a folder of its own that counts for nothing yet.

    Parameters
    ----------
    standard : the working text.
    numbers : relative nodes by path, with what has to stand under their method's key (see `kit.scoring.fixed_figures`).
    at : the day.
    """
    folder = standard.path.parent
    place = folder / VERSIONS / f"{UNFINISHED}{standard.version}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    text = with_status(standard.path.read_text(encoding="utf-8-sig"), status)
    write_text(place / STANDARD, _with_numbers(text, standard, numbers))
    beside = [CASES, CHECKLIST, MINUTES, CHANGES, *(table.file for table in standard.document.tables.values())]
    for name in beside:
        if (folder / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, place / name)
    scale = standard.document.level.scale
    write_text(place / SCALES, _yaml({scale: _plain(standard.scale)}))
    if standard.matrix is not None and standard.document.level.matrix is not None:
        write_text(place / MATRICES, _yaml({standard.document.level.matrix.use: _plain(standard.matrix)}))
    files = {
        file.relative_to(place).as_posix(): fingerprint(file) for file in sorted(place.rglob("*")) if file.is_file()
    }
    seal = {"id": standard.id, "version": standard.version, "at": at, "files": files}
    write_text(place / SEAL, _NOTE + _yaml(seal))
    return Frozen(place, load_standard(place / STANDARD))


def commit(working: Standard, frozen: Frozen, status: ReleaseStatus, at: dt.date) -> list[str]:
    """Publish what was frozen and return the versions it supersedes. The rename of the history is the moment."""
    folder = working.path.parent
    place = folder / VERSIONS / working.version
    seal = fingerprint(frozen.folder / SEAL)
    if place.exists():  # left by a publication that was interrupted: the history does not name it
        shutil.rmtree(place)
    frozen.folder.rename(place)
    superseded: list[str] = []
    releases: list[Release] = []
    for release in read_history(folder):
        ends = release.status == "trial" or (release.status == "published" and status == "published")
        if ends:
            superseded.append(release.version)
            release = release.model_copy(update={"status": "superseded", "superseded_by": working.version})
        releases.append(release)
    tables = [table.file for table in working.document.tables.values()]
    releases.append(
        Release(
            version=working.version, status=status, at=at, fingerprint=frozen.standard.fingerprint, seal=seal,
            source=text_fingerprint(folder, tables), kit=package_version("kit"),
        )
    )  # fmt: skip
    entries = [release.model_dump(mode="python", exclude_none=True) for release in releases]
    write_text(folder / VERSIONS / HISTORY, _NOTE + _yaml({"format": 1, "releases": entries}))
    settle(folder, working.path, status)
    return superseded


def settle(folder: Path, file: Path, status: str) -> None:
    """Bring the status line of the working text up to what the history says; nothing else of it changes."""
    raw = file.read_bytes().decode("utf-8")
    after = with_status(raw, status)
    if after != raw:
        with whole_file(file) as target:
            target.write_bytes(after.encode("utf-8"))
    for left in (folder / VERSIONS).glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in (*folder.glob(f".{file.stem}.*{file.suffix}"), *(folder / VERSIONS).glob(".history.*.yaml")):
        left.unlink(missing_ok=True)  # a file that a killed process had not yet given its name


def _with_numbers(text: str, standard: Standard, numbers: Mapping[str, Any]) -> str:
    """Return the text with relative nodes made absolute, its comments kept."""
    changes = {
        ("scores", *address, "normalise", node.kind.method): numbers[".".join(path)]  # type: ignore[attr-defined]
        for path, address, node in nodes(standard.document.scores)
        if ".".join(path) in numbers
    }
    return edit_yaml(text, changes) if changes else text


def _plain(model: Any) -> Any:
    return model.model_dump(mode="python", by_alias=True, exclude_none=True)


def _yaml(data: Any) -> str:
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 10_000
    out = StringIO()
    writer.dump(data, out)
    return out.getvalue()


def unchanged(standard: Standard) -> bool | None:
    """Whether the working text still says what was published under its version; None when that was never published."""
    folder = standard.path.parent
    release = next((one for one in read_history(folder) if one.version == standard.version), None)
    if release is None:
        return None
    tables = [table.file for table in standard.document.tables.values()]
    return text_fingerprint(folder, tables) == release.source


__all__ = ["Frozen", "commit", "freeze", "lock", "settle", "unchanged"]
