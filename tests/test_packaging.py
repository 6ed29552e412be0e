"""The package as it is given away: what it needs, under which licences, and how light it is to import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Where conda-forge gives a package another name than the Python Package Index.
CONDA_NAMES = {
    "h3-py": "h3",
    "python-duckdb": "duckdb",
    "matplotlib-base": "matplotlib",
    "nbconvert-core": "nbconvert",
    "typst-py": "typst",
}
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("linux", "darwin", "win32")
# Weak copyleft is allowed where a library is only called: none of its source is in the kit. Listed one by one.
ALLOWED_COPYLEFT: dict[str, str] = {}
STRONG = re.compile(r"(?<![A-Za-z])A?GPL|GNU (Affero )?General Public", re.IGNORECASE)
WEAK = re.compile(r"LGPL|Lesser General Public", re.IGNORECASE)


def bounds(requirements: list[str]) -> dict[str, str]:
    """Return the specifier of each requirement, by canonical name."""
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(one.name): str(one.specifier) for one in parsed}


def lock() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def test_conda_users_get_the_same_packages() -> None:
    environment = YAML(typ="safe").load(ROOT / "environment.yml")
    entries = [entry for entry in environment["dependencies"] if isinstance(entry, str) and entry != "pip"]
    conda = bounds(entries)
    python = conda.pop("python")
    named = {canonicalize_name(CONDA_NAMES.get(name, name)): specifier for name, specifier in conda.items()}
    assert named == bounds(PROJECT["dependencies"])
    assert Requirement(f"python{python}").specifier == Requirement(f"python{PROJECT['requires-python']}").specifier


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_lock_pins_every_direct_dependency_once(python: str, platform: str) -> None:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "sys_platform": platform,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[platform],
        "os_name": "nt" if platform == "win32" else "posix",
        "platform_machine": "x86_64",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    pinned: dict[str, list[str]] = {}
    for entry in lock():
        if entry.marker is None or entry.marker.evaluate(environment):
            pinned.setdefault(canonicalize_name(entry.name), []).append(str(entry.specifier))
    assert {name: found for name, found in pinned.items() if len(found) != 1} == {}
    for text in [*PROJECT["dependencies"], *(text for extra in EXTRAS.values() for text in extra)]:
        wanted = Requirement(text)
        (pin,) = pinned[canonicalize_name(wanted.name)]
        assert pin.startswith("=="), pin
        assert Version(pin.removeprefix("==")) in wanted.specifier, f"{pin} is not {wanted}"


def test_the_lock_names_no_index_and_no_path() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text and "--" not in text and "@" not in text


def run_time_packages() -> dict[str, metadata.Distribution]:
    """Return every package that `kit` needs when it runs, extras left out, markers of this machine applied."""
    found: dict[str, metadata.Distribution] = {}
    waiting: list[tuple[str, frozenset[str]]] = [
        (Requirement(text).name, frozenset(Requirement(text).extras)) for text in PROJECT["dependencies"]
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        key = (canonicalize_name(name), extras)
        if key in seen:
            continue
        seen.add(key)
        distribution = metadata.distribution(name)
        found[key[0]] = distribution
        for text in distribution.requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return found


def licence_words(distribution: metadata.Distribution) -> list[str]:
    """Return what a package says of its licence: the expression, else classifiers and the one-line field."""
    information = distribution.metadata
    expression = information.get("License-Expression")
    if expression:
        return [expression]
    classifiers = [entry for entry in information.get_all("Classifier") or [] if entry.startswith("License ::")]
    field = (information.get("License") or "").strip().splitlines()[:1]
    return [*classifiers, *field]


def test_licences() -> None:
    packages = run_time_packages()
    assert len(packages) > 60, "the closure was walked"
    refused, weak, silent = {}, {}, []
    for name, distribution in packages.items():
        words = licence_words(distribution)
        # Of "A OR B" one may choose; every choice must be copyleft to be refused.
        choices = [choice for word in words for choice in re.split(r"\bOR\b", word)]
        strong = [choice for choice in choices if STRONG.search(choice) and not WEAK.search(choice)]
        lesser = [choice for choice in choices if WEAK.search(choice)]
        if (choices and len(strong) == len(choices)) or (strong and not any(" OR " in word for word in words)):
            refused[name] = words
        if lesser and len(lesser) + len(strong) == len(choices):
            weak[name] = words
        if not words:
            silent.append(name)
    assert refused == {}
    assert set(weak) == set(ALLOWED_COPYLEFT), weak
    assert silent == [], "a package that says nothing of its licence is looked up and listed"


IMPORT = """
import sys, time
start = time.perf_counter()
import kit
spent = time.perf_counter() - start
heavy = {"pandas", "great_expectations", "geopandas", "matplotlib", "polars", "pyarrow", "numpy", "duckdb"}
print(spent, *sorted(heavy & set(sys.modules)))
"""


def test_import_is_light() -> None:
    spent = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True, cwd=ROOT)
        seconds, *heavy = done.stdout.split()
        assert heavy == []
        spent.append(float(seconds))
    assert min(spent) < 0.3


def test_every_public_name_is_there() -> None:
    """The rooms name their functions without importing them, so a wrong name would only show when it is used."""
    import importlib
    import pkgutil

    import kit

    rooms = [info.name for info in pkgutil.iter_modules(kit.__path__) if info.ispkg and info.name != "assets"]
    for room in ["kit", *[f"kit.{name}" for name in rooms]]:
        module = importlib.import_module(room)
        for name in getattr(module, "__all__", ()):
            assert getattr(module, name) is not None, f"{room}.{name}"
        with pytest.raises(AttributeError):
            _ = module.no_such_name


def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_machine() -> None:
    """Paths of one machine and hosts of package indexes have no place in text that others use."""
    # Written in parts, so that this file does not find itself.
    folders = "|".join(("work", "root", "home"))
    hosts = "|".join(("pypi", "pythonhosted", "anaconda", "npmjs"))
    pattern = re.compile(rf"(?<![\w.:/*-])/(?:{folders})/|\b(?:{hosts})\.(?:org|com)\b|\bmirrors\.[a-z]")
    found = []
    for path in tracked():
        if path.suffix in (".png", ".parquet", ".otf", ".ttf", ".xlsx", ".gif", ".ico"):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_pre_commit_configuration_is_read_and_keeps_the_kernelspec() -> None:
    """A damaged file stops every commit of whoever installed the hooks; papermill needs the kernelspec."""
    from pre_commit.clientlib import load_config

    config = load_config(str(ROOT / ".pre-commit-config.yaml"))
    hooks = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    assert {"ruff", "ruff-format", "nbstripout", "lint-imports"} <= set(hooks)
    assert "kernelspec" not in hooks["nbstripout"]["entry"], "nothing may be told to strip it"
    for notebook in (ROOT / "notebooks").rglob("*.ipynb"):
        read = json.loads(notebook.read_text(encoding="utf-8"))
        assert read["metadata"]["kernelspec"]["name"] == "python3", notebook
        assert not any(cell.get("outputs") for cell in read["cells"]), notebook
