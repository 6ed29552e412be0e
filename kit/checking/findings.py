"""What a check found: typed first, words for a reader last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_WORDS = {
    "zh": {"error": "错误", "warning": "警告", "note": "提示"},
    "en": {"error": "error", "warning": "warning", "note": "note"},
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or doubtful in a standard.

    Attributes
    ----------
    check : name of the check, the module in `kit/checking/checks`.
    severity : `error` keeps a standard from being published, `warning` wants a look, `note` is advice.
    message_zh, message_en : what is wrong, in a sentence.
    file, line : where it stands; line is null for what stands nowhere (something left out altogether).
    key : dotted address in the file.
    clause : clause of the standard concerned, where there is one.
    counter_example : field (or axis) to value, a row that shows it; null where no row can.
    remedy_zh : what to do.
    """

    check: str
    severity: Severity
    message_zh: str
    message_en: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    clause: str | None = None
    counter_example: Mapping[str, Any] | None = None
    remedy_zh: str | None = None

    @property
    def place(self) -> str:
        """Return `file:line`."""
        return ":".join(str(part) for part in (self.file, self.line) if part is not None)

    def to_json(self) -> dict[str, Any]:
        """Return the finding for a program to read."""
        data = asdict(self)
        if self.counter_example is not None:
            data["counter_example"] = dict(self.counter_example)
        return data

    def text(self, lang: str = "zh", base: Path | None = None) -> str:
        """Return the finding as lines for a reader; files are shown from `base` on where they lie below it.

        Examples
        --------
        >>> print(Finding("weights", "warning", "权重之和为0.9", "the weights sum to 0.9", "s.yaml", 3).text())
        [警告] s.yaml:3 权重之和为0.9 (weights)
        """
        zh = lang == "zh"
        place = self.place
        if self.file and base is not None and Path(self.file).is_relative_to(base):
            place = place.replace(self.file, Path(self.file).relative_to(base).as_posix(), 1)
        head = f"[{_WORDS[lang][self.severity]}] {place} "
        if self.check == "loading" and self.key:  # the loader's sentences do not name what they are about
            head += f"{self.key} "
        if self.clause:
            head += f"第{self.clause}条 " if zh else f"clause {self.clause} "
        lines = [f"{head}{self.message_zh if zh else self.message_en} ({self.check})"]
        if self.counter_example:
            values = "，".join(f"{name} = {shown(value)}" for name, value in self.counter_example.items())
            lines.append(f"    {'例' if zh else 'example'}：{values}")
        if self.remedy_zh and zh:
            lines.append(f"    改法：{self.remedy_zh}")
        return "\n".join(lines)


def shown(value: object) -> str:
    """Return a value as a drafter writes it.

    Examples
    --------
    >>> shown(3.0), shown(True), shown("cng")
    ('3', 'true', 'cng')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


class Findings(list[Finding]):
    """What the checks found, shown as a table in a notebook."""

    def frame(self) -> Any:
        """Return one row for each finding: severity, place, clause, message, remedy, counter-example."""
        import pandas as pd

        columns = ["severity", "place", "clause", "message_zh", "remedy_zh", "example", "check"]
        rows = [
            (
                one.severity,
                one.place,
                one.clause,
                one.message_zh,
                one.remedy_zh,
                dict(one.counter_example or {}),
                one.check,
            )
            for one in self
        ]
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        from html import escape

        if not self:
            return "<p>没有发现问题。</p>"
        head = "".join(f"<th>{name}</th>" for name in ("级别", "位置", "条款", "问题", "改法"))
        body = []
        for one in self:
            place = ":".join(str(part) for part in (Path(one.file or "").name, one.line) if part)
            cells = (_WORDS["zh"][one.severity], place, one.clause or "", one.message_zh, one.remedy_zh or "")
            body.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
