"""An explanation as Chinese text and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from kit.scoring.explanation import Explanation, NodeExplanation, OverrideExplanation
from kit.scoring.wording import plain_number

_MADE = "示意性标准：数值不来自官方文件"


def as_text(explanation: Explanation) -> str:
    """Return the explanation as lines of Chinese text."""
    lines = [f"{explanation.title_zh}（{explanation.standard}）"]
    if explanation.illustrative:
        lines.append(f"⚠ {_MADE}")
    lines.append(f"对象：{explanation.row}" + _item(explanation))
    lines.append(f"等级：{_level(explanation)}")
    lines.append("")
    lines.append("一、采集值")
    lines += [f"  {value.label_zh}：{value.text_zh}" + (f"（= {value.formula_zh}）" if value.formula_zh else "")
              for value in explanation.inputs]  # fmt: skip
    lines.append("二、得分")
    for node in explanation.scores:
        lines += _tree(node, 1)
    lines.append("三、定级")
    lines.append(f"  {explanation.level_step.text_zh}")
    if explanation.overrides:
        lines.append("四、直接判定")
        lines += [f"  {_override(override)}" for override in explanation.overrides]
    if explanation.changes_zh:
        lines.append("五、最小变动（其他采集值不变）" if explanation.overrides else "四、最小变动（其他采集值不变）")
        lines += [f"  {note}" for note in explanation.changes_zh]
    return "\n".join(lines)


def _item(explanation: Explanation) -> str:
    if explanation.item is None:
        return ""
    return f"，风险源条目 {explanation.item}" + (f"（{explanation.item_zh}）" if explanation.item_zh else "")


def _level(explanation: Explanation) -> str:
    if explanation.level_zh is not None:
        decided = next((override for override in explanation.overrides if override.decided), None)
        by = f"（由第{decided.clause}条直接判定：{decided.reason_zh}）" if decided else ""
        return explanation.level_zh + by
    return f"数据不足（{explanation.reason_zh}）"


def _tree(node: NodeExplanation, depth: int) -> Iterator[str]:
    yield "  " * depth + node_words(node)
    for child in node.children:
        yield from _tree(child, depth + 1)


def node_words(node: NodeExplanation) -> str:
    """Return one node as a line: clause, label, score, what it looked at and which row matched."""
    head = f"{node.clause} {node.label_zh}" if node.clause else node.label_zh
    if node.applies is False:
        return f"{head}：不适用（{node.why_not_zh}）"
    shown = "未知" if node.value is None else plain_number(node.value)
    parts = []
    if node.reads_zh:
        parts.append(
            "；".join(node.reads_zh) + (f"，落入 {node.row.text_zh}" if node.row and not node.substituted else "")
        )
    if node.rounding_zh:
        parts.append(node.rounding_zh)
    if node.share is not None:
        parts.append(f"权重 {plain_number(node.weight or 0)}，占 {node.share * 100:.1f}%")
    if node.contribution is not None:
        parts.append(f"贡献 {plain_number(round(node.contribution, 6))}")
    if node.full is not None:
        parts.append(f"满分 {plain_number(node.full)}")
    if node.decides:
        parts.append("由此项决定")
    if node.why_not_zh:
        parts.append(node.why_not_zh)
    return f"{head}：{shown}" + (f"（{'；'.join(parts)}）" if parts else "")


def _override(override: OverrideExplanation) -> str:
    state = {True: "成立", False: "不成立", None: "不能判断"}[override.fired]
    words = f"{override.clause} {override.reason_zh}（{override.when_zh}）：{state}"
    if override.fired:
        words += f"，{override.effect_zh}" + ("，由此条决定" if override.decided else "，未改变等级")
    if override.fired is not False and override.basis:
        words += f"。依据：{override.basis}"
    return words + ("【后补依据】" if override.later else "")


def as_html(explanation: Explanation) -> str:
    """Return the explanation as HTML; all text of the standard and the data is escaped."""
    note = f"<p>⚠ {_MADE}</p>" if explanation.illustrative else ""
    inputs = "".join(
        f"<tr><th style='text-align:left'>{escape(value.label_zh)}</th><td>{escape(value.text_zh)}</td>"
        f"<td>{escape('= ' + value.formula_zh) if value.formula_zh else ''}</td></tr>"
        for value in explanation.inputs
    )
    tree = "".join(_html_node(node) for node in explanation.scores)
    overrides = "".join(f"<li>{escape(_override(override))}</li>" for override in explanation.overrides)
    changes = "".join(f"<li>{escape(change)}</li>" for change in explanation.changes_zh)
    return (
        f"<h4>{escape(explanation.title_zh)} {escape(explanation.row + _item(explanation))}</h4>{note}"
        f"<p><b>等级：{escape(_level(explanation))}</b></p>"
        f"<details><summary>采集值</summary><table>{inputs}</table></details>"
        f"<p>得分</p><ul>{tree}</ul><p>定级：{escape(explanation.level_step.text_zh)}</p>"
        + (f"<p>直接判定</p><ul>{overrides}</ul>" if overrides else "")
        + (f"<p>最小变动（其他采集值不变）</p><ul>{changes}</ul>" if changes else "")
    )


def _html_node(node: NodeExplanation) -> str:
    below = "".join(_html_node(child) for child in node.children)
    return f"<li>{escape(node_words(node))}" + (f"<ul>{below}</ul>" if below else "") + "</li>"
