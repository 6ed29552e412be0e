"""Every example of the drafting guide is a standard that loads, checks, proves and passes its cases."""

from __future__ import annotations

import re
from pathlib import Path

from kit.checking import check_standard, prove, run_cases
from kit.standard import load_standard
from kit.standard.tree import KINDS

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "drafting.zh-CN.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml (\w+)\n(.*?)```", GUIDE, re.DOTALL)


def parts(name: str) -> list[str]:
    return [text for kind, text in BLOCKS if kind == name]


def written(folder: Path, scores: str) -> Path:
    before, after = parts("head") + parts("text") + parts("fields"), parts("level") + parts("response")
    text = "".join(before) + scores + "".join(after)
    (folder / "standard.yaml").write_text(text, encoding="utf-8")
    (folder / "cases.yaml").write_text(parts("cases")[0], encoding="utf-8")
    return folder


def test_the_example_of_the_guide(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, parts("scores")[0]))
    findings = check_standard(standard)
    assert [one.text() for one in findings if one.severity == "error"] == []
    assert [one.text() for one in findings if one.check in ("clauses", "clause_numbers")] == []
    assert [result.differences for result in run_cases(standard) if not result.passed] == []
    assert not prove(standard).failed


def test_the_index_of_the_guide(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, parts("scores")[1]))
    assert {node.kind.key for node in standard.nodes.values()} >= {"normalise", "geometric_mean", "formula"}


def test_every_kind_of_node_is_described() -> None:
    assert [kind for kind in KINDS if f"`{kind}" not in GUIDE] == []
