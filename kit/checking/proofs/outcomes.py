"""What a proof can end with, and how it is told: Chinese words and units first, JSON where a programme reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kit.standard.standard import Standard

Property = Literal[
    "total", "total_optional", "total_scores", "unambiguous", "monotone", "level", "override_fires", "override_decides",
    "matrix_cell", "override_order", "item_total", "item_monotone", "differ", "never_milder", "never_stricter",
]  # fmt: skip
Severity = Literal["error", "warning", "note"]

SEVERITY: Mapping[str, Severity] = {
    "total": "error", "total_scores": "error", "item_total": "error", "item_monotone": "error", "unambiguous": "error",
    "monotone": "error", "level": "warning", "override_fires": "warning", "override_decides": "warning",
    "matrix_cell": "warning", "override_order": "note", "total_optional": "note", "differ": "note",
    "never_milder": "note", "never_stricter": "note",
}  # fmt: skip
TITLES: Mapping[str, str] = {
    "total": "填写完整的行都有等级",
    "total_optional": "非必填项留空时仍有等级",
    "total_scores": "填写完整的行都有“{}”的分值",
    "unambiguous": "每行只有一个等级",
    "monotone": "“{}”变差时等级不会变好",
    "level": "等级“{}”可以达到",
    "override_fires": "直接判定 {} 可以成立",
    "override_decides": "直接判定 {} 可以起决定作用",
    "matrix_cell": "矩阵格 {} 可以达到",
    "override_order": "直接判定 {} 的结果与先后顺序无关",
    "item_total": "清单项“{}”的行填写完整都有等级",
    "item_monotone": "清单项“{}”的行，任何一项变差时等级不会变好",
    "differ": "两个文本处处同级",
    "never_milder": "前者从不比后者宽",
    "never_stricter": "前者从不比后者严",
}
ENGLISH: Mapping[str, str] = {
    "total": "every complete row has a level",
    "total_optional": "rows without optional values have a level",
    "total_scores": "every complete row has the score {}",
    "unambiguous": "every row has one level",
    "monotone": "the level never improves when {} gets worse",
    "level": "level {} can be reached",
    "override_fires": "override {} can fire",
    "override_decides": "override {} can decide",
    "matrix_cell": "matrix cell {} can be reached",
    "override_order": "the order of the overrides {} does not matter",
    "item_total": "every complete row of the checklist item {} has a level",
    "item_monotone": "for rows of the checklist item {} the level never improves when a field gets worse",
    "differ": "both give the same level everywhere",
    "never_milder": "the first is never milder than the second",
    "never_stricter": "the first is never stricter than the second",
}


@dataclass(frozen=True)
class Row:
    """A row that scoring has confirmed.

    Attributes
    ----------
    values : field to value; None is left empty.
    level : the level scoring gives, None where it gives none.
    reason : why there is none, as `kind:field`.
    decisive : the fields without which the row would not show what it shows; empty when not known.
    children : rows by child register.
    other_level : the level of the other standard, in comparisons.
    item : the checklist item the row is about; None for the whole unit.
    """

    values: dict[str, Any]
    level: str | None
    reason: str | None = None
    decisive: tuple[str, ...] = ()
    children: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    other_level: str | None = None
    item: str | None = None


@dataclass(frozen=True)
class Proved:
    """It holds for every row in range; `example` is a row that shows it, where one can."""

    how: str = ""
    example: Row | None = None
    word = "proved"


@dataclass(frozen=True)
class CounterExample:
    """It does not hold: these rows (one, or two that differ in one field) show it."""

    rows: tuple[Row, ...]
    changed: str | None = None
    region: tuple[str, ...] = ()
    word = "counter_example"


@dataclass(frozen=True)
class Impossible:
    """It is proved that no row gets there."""

    why: str = ""
    word = "impossible"


@dataclass(frozen=True)
class Undecided:
    """Neither proved nor refuted; never to be read as proved."""

    reason: str
    word = "undecided"


Outcome = Proved | CounterExample | Impossible | Undecided


@dataclass(frozen=True)
class Proof:
    """One question about a standard and its answer.

    Attributes
    ----------
    subject : the field, level, override or cell it is about.
    label : the same in the reader's words.
    """

    question: Property
    subject: str
    label: str
    outcome: Outcome
    seconds: float = 0.0

    @property
    def severity(self) -> Severity | None:
        """Return how bad the answer is; None when it is as it should be."""
        if isinstance(self.outcome, Proved):
            return None
        if isinstance(self.outcome, Undecided):
            return "warning"
        return SEVERITY[self.question]

    def title(self, lang: str = "zh") -> str:
        """Return the question."""
        words = TITLES if lang == "zh" else ENGLISH
        return words[self.question].format(self.label if lang == "zh" else self.subject)


@dataclass(frozen=True)
class ProofReport:
    """All proofs of one standard.

    Attributes
    ----------
    assumptions : what the proofs take for granted, in words.
    """

    standard: str
    title: str
    proofs: tuple[Proof, ...]
    seconds: float
    assumptions: tuple[str, ...] = ()

    def found(self, severity: Severity) -> list[Proof]:
        """Return the proofs with an answer of this severity."""
        return [proof for proof in self.proofs if proof.severity == severity]

    @property
    def failed(self) -> bool:
        """Whether a property that must hold has a counter-example."""
        return bool(self.found("error"))

    def of(self, question: Property, subject: str | None = None) -> list[Proof]:
        """Return the proofs of one property."""
        return [one for one in self.proofs if one.question == question and subject in (None, one.subject)]

    def _repr_html_(self) -> str:
        from html import escape

        rows = [
            f"<tr><td>{MARKS[one.outcome.word]}</td><td>{escape(one.title())}</td><td>{escape(_explained(one))}</td></tr>"
            for one in self.proofs
        ]
        proved = sum(isinstance(one.outcome, Proved) for one in self.proofs)
        head = f"<p>{escape(self.standard)} {escape(self.title)}：共{len(self.proofs)}问，已证{proved}</p>"
        return f"{head}<table><tbody>{''.join(rows)}</tbody></table>"

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "standard": self.standard,
            "title": self.title,
            "seconds": round(self.seconds, 3),
            "assumptions": list(self.assumptions),
            "proofs": [
                {
                    "question": proof.question,
                    "subject": proof.subject,
                    "title_zh": proof.title(),
                    "title_en": proof.title("en"),
                    "outcome": proof.outcome.word,
                    "severity": proof.severity,
                    **_outcome_json(proof.outcome),
                }
                for proof in self.proofs
            ],
        }


Comparison = ProofReport


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Undecided(reason=reason):
            return {"reason": reason}
        case Impossible(why=why):
            return {"reason": why}
        case CounterExample(rows=rows, changed=changed, region=region):
            return {"rows": [_row_json(row) for row in rows], "changed": changed, "region_zh": list(region)}
    return {"reason": outcome.how, "rows": [_row_json(outcome.example)] if outcome.example else []}


def _row_json(row: Row) -> dict[str, Any]:
    plain = {"values": row.values, "level": row.level, "reason": row.reason, "children": row.children}
    plain |= {"checklist_item": row.item} if row.item is not None else {}
    return plain | ({"other_level": row.other_level} if row.other_level is not None else {})


# -- words ----------------------------------------------------------------------------------------------

MARKS = {"proved": "✓", "counter_example": "✗", "impossible": "✗", "undecided": "?"}


def shown(value: Any, spec: Any) -> str:
    """Return a value as it would stand in the filled-in form."""
    if value is None:
        return "（留空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if spec.values:
        return str(spec.values.get(value, value))
    if isinstance(value, int | float):
        plain = f"{value:.12g}" if isinstance(value, float) else str(value)
        return f"{plain} {spec.unit}" if spec.unit and spec.unit != "无量纲" else plain
    return str(value)


def form(standard: Standard, row: Row, changed: str | None = None) -> list[str]:
    """Return the row as a filled-in form, one line for each field; the decisive ones when they are known."""
    fields = standard.fields
    names = [name for name in fields if name in row.values and (not row.decisive or name in row.decisive)]
    if changed in names:
        names.remove(str(changed))
        names.insert(0, str(changed))
    item = next((one for one in standard.checklist if one.id == row.item), None)
    lines = [f"风险源：{item.name_zh}（{item.id}）"] if item else []
    lines += [f"{fields[name].label.zh}：{shown(row.values[name], fields[name])}" for name in names]
    for child, rows in row.children.items():
        declared = standard.document.children[child]
        for number, entry in enumerate(rows, 1):
            inside = "，".join(
                f"{spec.label.zh} {shown(entry[name], spec)}" for name, spec in declared.fields.items() if name in entry
            )
            lines.append(f"{declared.label.zh if declared.label else child}第{number}行：{inside}")
    if row.decisive and len(names) < len(row.values):
        lines.append(f"其余 {len(row.values) - len(names)} 项：范围内任意值")
    return lines


def level_words(standard: Standard, level: str | None) -> str:
    """Return the name of a level."""
    return "无等级" if level is None else standard.scale.levels[level].label.zh


def report_text(report: ProofReport, standard: Standard, *, verbose: bool = False) -> str:
    """Return the report in Chinese: a line for each kind of question, and every answer that is not as it should be."""
    lines = [f"{report.standard} {report.title}"]
    if standard.illustrative:
        lines.append("  示意性标准：分界和权重不是官方阈值")
    for proof in report.proofs:
        good = isinstance(proof.outcome, Proved)
        if good and not verbose:
            continue
        lines.append(f"  {MARKS[proof.outcome.word]} {proof.title()}{_explained(proof)}")
        lines += [f"      {line}" for line in _details(proof, standard)]
    proved = sum(isinstance(proof.outcome, Proved) for proof in report.proofs)
    undecided = sum(isinstance(proof.outcome, Undecided) for proof in report.proofs)
    lines.append(
        f"  共 {len(report.proofs)} 问：已证 {proved}，不成立 {len(report.proofs) - proved - undecided}，"
        f"未决 {undecided}；用时 {report.seconds:.1f} s"
    )
    if verbose or undecided or proved < len(report.proofs):
        lines += [f"  前提：{one}" for one in report.assumptions]
    return "\n".join(lines)


def _explained(proof: Proof) -> str:
    match proof.outcome:
        case Undecided(reason=reason):
            return f"：未决，{reason}"
        case Impossible(why=why):
            return f"：不可能{'，' + why if why else ''}"
        case Proved(how=how):
            return f"：{how}" if how else ""
    return "：不成立" if SEVERITY[proof.question] != "note" else "：否"


def _details(proof: Proof, standard: Standard) -> list[str]:
    if not isinstance(proof.outcome, CounterExample):
        return []
    lines: list[str] = []
    rows, changed = proof.outcome.rows, proof.outcome.changed
    for number, row in enumerate(rows, 1):
        told = level_words(standard, row.level)
        if row.other_level is not None:
            told += f"；另一文本判为 {level_words(standard, row.other_level)}"
        if row.reason:
            told += f"（{row.reason}）"
        if number == 2 and changed in standard.fields:
            spec = standard.fields[changed]
            lines.append(f"只改 {spec.label.zh}：{shown(row.values[changed], spec)} → {told}")
            continue
        lines.append(f"填表示例 → {told}")
        lines += [f"  {line}" for line in form(standard, row, changed)]
    if proof.outcome.region:
        lines.append("凡满足下列条件的行都是如此：")
        lines += [f"  {line}" for line in proof.outcome.region]
    return lines
