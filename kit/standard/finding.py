"""Where standards lie: by id, by version, by folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kit.errors import KitError, did_you_mean
from kit.paths import project_root
from kit.standard.history import STANDARD, VERSIONS, in_force, read_history
from kit.standard.yaml_io import read_yaml

FILE = STANDARD


def standards_folder() -> Path:
    """Return the folder of the shipped standards."""
    return project_root() / "standards"


def standard_files(folder: str | Path | None = None) -> dict[str, Path]:
    """Return the working file of every standard below `folder`, by id (the name of its folder)."""
    root = Path(folder) if folder else standards_folder()
    found = {}
    for path in sorted(root.rglob(FILE)):
        if "versions" not in path.relative_to(root).parts:
            found[path.parent.name] = path
    return found


def find_standard(reference: str | Path) -> Path:
    """Return the file that `reference` names: an id, `id@version`, `id@draft`, a folder or a file.

    An id alone means the version in force: the latest published one, else the latest on trial, else the working text.

    Raises
    ------
    KitError
        When there is none, with the nearest id or the versions there are.
    """
    path = Path(reference)
    if path.suffix in (".yaml", ".yml") or path.exists():
        return path / FILE if path.is_dir() else path
    name, _, version = str(reference).partition("@")
    files = standard_files()
    if name not in files:
        raise KitError(f"no standard '{reference}'; {did_you_mean(name, files, allowed='there are')}, or give a path")
    current = files[name]
    if version == "":
        return file_in_force(current)
    if version == "draft":
        return current
    frozen = [release.version for release in read_history(current.parent)]
    if version in frozen:
        return current.parent / VERSIONS / version / FILE
    data, _ = read_yaml(current)
    if isinstance(data, Mapping) and data.get("version") == version:
        return current
    there = [*frozen, str(data.get("version")) if isinstance(data, Mapping) else "?"]
    raise KitError(f"{name} has no version '{version}'; {did_you_mean(version, there, allowed='there are')}")


def file_in_force(working: Path) -> Path:
    """Return the frozen file of the version in force of a working text; the text itself while none is published."""
    release = in_force(working.parent)
    return working.parent / VERSIONS / release.version / FILE if release else working
