"""What a difference of two standards says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "added", "removed", "moved", "renamed", "weight", "cut", "score", "level", "condition", "formula", "range",
    "required", "rule", "text", "editorial",
]  # fmt: skip
Effect = Literal["tightened", "loosened", "mixed", "unknown", "none"]

KIND_ZH = {
    "added": "新增", "removed": "删除", "moved": "移动", "renamed": "改名", "weight": "权重", "cut": "分界",
    "score": "分值", "level": "等级", "condition": "条件", "formula": "算式", "range": "值域", "required": "必填",
    "rule": "规则", "text": "内容", "editorial": "文字",
}  # fmt: skip
EFFECT_ZH = {"tightened": "从严", "loosened": "从宽", "mixed": "有严有宽", "unknown": "宽严待定", "none": ""}


@dataclass(frozen=True)
class Difference:
    """One difference between two standards.

    Attributes
    ----------
    kind : what was done, for example `weight`, `cut`, `moved`.
    effect : whether it makes the standard stricter; `unknown` where the text alone does not tell.
    address : the place, by stable id, in the later standard (in the earlier one for what was removed).
    before, after : the values.
    clause : clause concerned, where known.
    text_zh : the difference in words.
    """

    kind: Kind
    effect: Effect
    address: str
    before: Any
    after: Any
    clause: str | None
    text_zh: str


@dataclass(frozen=True)
class Differences:
    """All differences of two standards, in the order of the document."""

    before: str
    after: str
    items: tuple[Difference, ...]

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def editorial_only(self) -> bool:
        """Whether nothing but words differs, so that no level can change."""
        return all(item.kind == "editorial" for item in self.items)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return asdict(self)

    def text(self) -> str:
        """Return the differences as Chinese text."""
        if not self.items:
            return f"{self.before} 与 {self.after} 没有差异"
        lines = [f"{self.before} → {self.after}：{len(self.items)} 处差异"]
        for item in self.items:
            effect = f"，{EFFECT_ZH[item.effect]}" if item.effect != "none" else ""
            lines.append(f"  [{KIND_ZH[item.kind]}{effect}] {item.address}：{item.text_zh}")
        if self.editorial_only:
            lines.append("  只有文字改动，不影响任何结果")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{KIND_ZH[item.kind]}</td><td>{EFFECT_ZH[item.effect]}</td>"
            f"<td>{escape(item.address)}</td><td>{escape(item.text_zh)}</td></tr>"
            for item in self.items
        )
        head = "<tr><th>类别</th><th>宽严</th><th>位置</th><th>改动</th></tr>"
        return f"<h4>{escape(self.before)} → {escape(self.after)}</h4><table>{head}{rows}</table>"
