"""Every mistake of `tests/standard/mistakes` is told with the file, the line and the words its first line names."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import ProblemsError
from kit.standard import load_standard

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_mistake(path: Path) -> None:
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    words = first.removeprefix("# says: ").strip().split("|")
    with pytest.raises(ProblemsError) as caught:
        load_standard(path)
    message = str(caught.value)
    assert [word for word in words if word not in message] == []
    assert path.name in message
    assert any(problem.line for problem in caught.value.problems), "a line can be named"


def test_there_are_many() -> None:
    assert len(MISTAKES) >= 50


def test_several_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        load_standard(next(path for path in MISTAKES if path.stem == "several_mistakes_at_once"))
    problems = caught.value.problems
    assert len(problems) >= 3
    lines = [problem.line for problem in problems]
    assert None not in lines and len(set(lines)) >= 3 and lines == sorted(lines, key=lambda line: line or 0)
    assert f"{len(problems)} problems" in str(caught.value)
