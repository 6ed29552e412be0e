"""What the READMEs show has to run, and both have to show the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.zh-CN.md"]


def example(name: str) -> str:
    return re.search(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.S).group(1)  # type: ignore[union-attr]


def test_the_python_example_runs() -> None:
    code = example("README.md")
    assert len(code.strip().splitlines()) <= 10
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "general" in done.stdout and "missing:" in done.stdout
    assert done.stdout.strip().endswith("True"), "the worked cases of the standard pass"


def test_both_languages_show_the_same_example() -> None:
    assert example("README.md") == example("README.zh-CN.md")


@pytest.mark.parametrize("name", READMES)
def test_links_and_pictures_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", READMES)
def test_make_targets_exist(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?m)(?:^|`)make (\w+)", (ROOT / name).read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", makefile, re.M), target
