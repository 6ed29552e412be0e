"""Fields declared too loosely: a number without a range or unit, or without saying which way is worse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.standard.fields import FieldSpec
from kit.standard.nodes.bands import Bands


def check(context: Context) -> Iterator[Finding]:
    """Yield what a declaration leaves open."""
    banded: set[str] = set()
    for _, _, node in context.leaves():
        if isinstance(node.kind, Bands):
            banded |= context.standard.fields_of(context.standard.names.parse(node.kind.of))
    yield from _fields(context, context.document.fields, ("fields",), banded)
    for child, rows in context.document.children.items():
        yield from _fields(context, rows.fields, ("children", child, "fields"), set())


def _fields(
    context: Context, fields: Mapping[str, FieldSpec], place: tuple[str, ...], banded: set[str]
) -> Iterator[Finding]:
    for name, spec in fields.items():
        if not spec.numeric:
            continue
        zh = spec.label.zh
        if spec.range is None:
            yield context.find(
                "error" if spec.required else "warning",
                f"“{zh}”（{name}）没有取值范围，填错的数查不出来",
                f"the field {name} has no range, so a wrong figure cannot be told",
                (*place, name),
                remedy_zh="写明range: [最小值, 最大值]",
            )
        if spec.unit is None:
            yield context.find(
                "note",
                f"“{zh}”（{name}）没有单位",
                f"the field {name} has no unit",
                (*place, name),
                remedy_zh="写明unit；没有量纲的写“无量纲”或“分”",
            )
        if name in banded and spec.worse == "none":
            yield context.find(
                "note",
                f"“{zh}”（{name}）用来分档，但没有说明高了不利还是低了不利，单调性无从证明",
                f"the field {name} is used in bands but does not say which way is worse",
                (*place, name),
                remedy_zh="写明worse: higher或lower",
            )
