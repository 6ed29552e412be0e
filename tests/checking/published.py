"""A small standard with everything a publication needs, in a checkout of its own."""

from __future__ import annotations

from pathlib import Path

STANDARD = """\
# 试题标准
format: 1
id: probe
version: 1.0.0
status: trial                    # 状态
provenance: illustrative
title: {zh: 试题}
department: commerce
object: unit
fields:
  x: {label: {zh: 值}, type: number, unit: 分, range: [0, 15], worse: higher, required: true}
scores:
  risk: {clause: "5.1", label: {zh: 得分}, bands: {of: x, at: [2, 4], scores: [1, 2, 3]}}
level:
  cuts: {of: risk, at: [2, 3], levels: [low, general, major]}
overrides:
  - {id: high, clause: "6.1", when: x >= 14, at_least: considerable, reason: {zh: 过高}}
"""
RELATIVE = STANDARD.replace(
    "bands: {of: x, at: [2, 4], scores: [1, 2, 3]}}", "normalise: {of: x, min_max: {}, to: [1, 4]}}  # 相对"
)
CASES = """\
- {name: 低, input: {x: 1}, expect: {level: low}}
- {name: 一般, input: {x: 2}, expect: {level: general}}
- {name: 重大, input: {x: 14}, expect: {level: major}}
"""
EXPERT = "  - {{name: 甲{number}, employer: 示例单位{number}, speciality: 安全, signed: true}}\n"


def minutes(subject: str = "probe@1.0.0", experts: int = 7, more: str = "") -> str:
    seats = "".join(EXPERT.format(number=number) for number in range(experts))
    return (
        f"format: 1\nsubject: {subject}\nheld_at: 2019-09-20\nchair: 甲0\nmade: true\nverdict: passed\n"
        f"experts:\n{seats}{more}"
    )


def checkout(home: Path, text: str = STANDARD, cases: str = CASES, record: str | None = None) -> Path:
    """Return the folder of the standard in a checkout at `home`."""
    shared = Path(__file__).resolve().parents[2] / "standards" / "common"
    (home / "notebooks").mkdir(parents=True, exist_ok=True)
    common = home / "standards" / "common"
    common.mkdir(parents=True, exist_ok=True)
    for file in shared.glob("*.*"):
        (common / file.name).write_bytes(file.read_bytes())
    folder = home / "standards" / "commerce" / "probe"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "standard.yaml").write_text(text, encoding="utf-8")
    (folder / "cases.yaml").write_text(cases, encoding="utf-8")
    (folder / "minutes.yaml").write_text(record if record is not None else minutes(), encoding="utf-8")
    return folder
