"""Why a row has no level, in words."""

from __future__ import annotations

from kit.standard.standard import Standard

KINDS = {
    "missing": ("{label}未填报", "{label} is missing"),
    "out_of_range": ("{label}超出值域{range}", "{label} is outside {range}"),
    "not_integer": ("{label}应为整数", "{label} must be a whole number"),
    "not_finite": ("{label}不是有限的数", "{label} is no finite number"),
    "not_allowed": ("{label}不在可选项内", "{label} is none of the allowed values"),
    "not_computable": ("{label}无法计算（如除数为零）", "{label} cannot be computed (division by zero?)"),
    "no_indicator": ("{label}没有适用的指标", "{label} has no indicator that applies"),
    "too_few": ("{label}可用的指标太少", "too few of the indicators of {label} are known"),
    "not_on_matrix": ("得分不在风险矩阵上", "the scores are not on the matrix"),
    "not_in_table": ("判定表中没有一行（或不止一行）与之相符", "no row of the table, or more than one, fits"),
    "unknown_item": ("风险源条目不在标准清单内", "the checklist item is not in the standard"),
    "child_fault": ("{label}明细有缺项或错误", "the rows of {label} have a missing or wrong value"),
    "child_none": ("没有{label}明细", "there are no rows of {label}"),
    "undecided": ("等级不能确定", "the level cannot be decided"),
}


def reason_text(standard: Standard, reason: str | None, lang: str = "zh") -> str:
    """Return the `reason` of a scored row in words; empty where there is none.

    Examples
    --------
    >>> reason_text(taxi, "out_of_range:vehicle_age")        # doctest: +SKIP
    '平均车龄超出值域[0, 15]年'
    """
    if not isinstance(reason, str) or not reason:
        return ""
    position = 1 if lang == "en" else 0
    words = []
    for part in reason.split(";"):
        kind, _, name = part.partition(":")
        pattern = KINDS.get(kind, ("{label}：" + kind, "{label}: " + kind))[position]
        words.append(pattern.format(label=_label(standard, name, lang), range=_range(standard, name)))
    return ("；" if lang == "zh" else "; ").join(words)


def _label(standard: Standard, name: str, lang: str) -> str:
    if name in standard.fields:
        return standard.fields[name].label.text(lang)
    if name in standard.nodes:
        label = standard.nodes[name].label
        return label.text(lang) if label else name
    child = standard.document.children.get(name)
    if child and child.label:
        return child.label.text(lang)
    symbol = standard.names.symbols.get(name)  # a total or derived value
    return symbol.words if symbol and symbol.words else name


def _range(standard: Standard, name: str) -> str:
    spec = standard.fields.get(name)
    if spec is None or spec.range is None:
        return ""
    return f"[{spec.range[0]:.12g}, {spec.range[1]:.12g}]{spec.unit or ''}"
