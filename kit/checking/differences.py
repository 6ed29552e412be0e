"""What differs between two versions of a standard, by the stable ids of their parts.

Each difference says what was altered and, where that can be told from the text alone, whether it makes the standard
stricter: a score, level or condition that is nowhere milder than before is *tightened*, nowhere stricter *loosened*.
Which units change their level is a matter of data (impact) or of proof, not of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from kit.checking.difference import KIND_ZH, Difference, Differences, Effect, Kind
from kit.checking.differences_parts import (
    WORDS,
    by_id,
    clause_of,
    content_of,
    demand,
    from_to,
    in_words,
    plain,
    same_part,
    settings_of,
    title_of,
)
from kit.checking.differences_rules import condition_effect, level_effect, score_effect
from kit.standard.beside import MEASURES
from kit.standard.document import Control, Override, Reference
from kit.standard.fields import FieldSpec
from kit.standard.prose import ClauseText
from kit.standard.response import Resource, Scenario
from kit.standard.standard import ChecklistItem, Standard
from kit.standard.tree import Node


def diff(before: Standard, after: Standard) -> Differences:
    """Return what differs from `before` to `after`.

    Parts are matched by their stable ids: fields, derived values and nodes by name and place in the tree, overrides,
    references and checklist items by id. A part with a new id but the same content is renamed, a node with the same
    name elsewhere in the tree moved.

    Examples
    --------
    >>> half = variant(taxi, {"scores.likelihood.hazard.crash_history.weight": 0.5})   # doctest: +SKIP
    >>> [(item.kind, item.before, item.after) for item in diff(taxi, half)]  # doctest: +SKIP
    [('weight', 0.35, 0.5)]
    """
    return Differences(before.label, after.label, tuple(_Differ(before, after).run()))


class _Differ:
    def __init__(self, before: Standard, after: Standard) -> None:
        self.before, self.after = before, after
        self.found: list[Difference] = []
        self.worst_last = after.scale.worst == "last"

    def run(self) -> list[Difference]:
        old, new = self.before.document, self.after.document
        self.head()
        self.pairs("fields", old.fields, new.fields, self.field)
        self.pairs("tables", old.tables, new.tables, self.block)
        self.lookups()
        self.pairs("children", old.children, new.children, self.block)
        self.pairs("derived", old.derived, new.derived, self.block)
        self.nodes()
        self.level()
        self.pairs("overrides", by_id(old.overrides), by_id(new.overrides), self.override)
        self.override_order()
        self.rollup()
        self.pairs("controls", old.controls, new.controls, self.block)
        self.response()
        self.pairs("clauses", old.clauses, new.clauses, self.words_only)
        self.words_only("text", old.text, new.text)
        self.pairs("references", by_id(old.references), by_id(new.references), self.words_only)
        self.pairs("checklist", by_id(self.before.checklist), by_id(self.after.checklist), self.item)
        return self.found

    def add(
        self, kind: Kind, effect: Effect, address: str, before: Any, after: Any, text: str, clause: Any = None
    ) -> None:
        self.found.append(Difference(kind, effect, address, plain(before), plain(after), clause, text))

    # -- parts by id ---------------------------------------------------------------------------------

    def pairs(
        self, section: str, old: Mapping[str, Any], new: Mapping[str, Any], compare: Callable[[str, Any, Any], None]
    ) -> None:
        gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
        for name in list(gone):
            same = next((other for other in come if same_part(old[name], new[other])), None)
            if same is not None:
                self.add(
                    "renamed", "none", f"{section}.{same}", name, same, f"“{name}”改名为“{same}”", clause_of(new[same])
                )
                gone.remove(name)
                come.remove(same)
                self.labels(f"{section}.{same}", old[name], new[same])
        for name in gone:
            effect = self.presence(old[name], added=False)
            self.add("removed", effect, f"{section}.{name}", old[name], None, f"删除{title_of(old[name], name)}",
                     clause_of(old[name]))  # fmt: skip
        for name in come:
            effect = self.presence(new[name], added=True)
            self.add("added", effect, f"{section}.{name}", None, new[name], f"新增{title_of(new[name], name)}",
                     clause_of(new[name]))  # fmt: skip
        for name in old:
            if name in new and old[name] != new[name]:
                compare(f"{section}.{name}", old[name], new[name])

    def presence(self, part: Any, *, added: bool) -> Effect:
        """Return what a part that comes or goes does: an override that only raises tightens by coming."""
        if isinstance(part, Override) and part.set is None:
            return "tightened" if added == (part.at_least is not None) == self.worst_last else "loosened"
        if isinstance(part, FieldSpec | ChecklistItem | Reference | Control | ClauseText | Resource | Scenario):
            return "none"
        return "unknown"

    def response(self) -> None:
        """Compare required resources, reach and scenarios: none changes a level."""
        old, new = self.before.document, self.after.document
        self.pairs(
            "resources", {one.name.zh: one for one in old.resources}, {one.name.zh: one for one in new.resources},
            self.block,
        )  # fmt: skip
        if old.impact is not None and new.impact is not None:
            self.block("impact", old.impact, new.impact)
        elif old.impact != new.impact:
            self.add("text", "none", "impact", old.impact, new.impact, from_to(old.impact, new.impact))
        scenes = [{one.title.zh: one for one in document.scenarios} for document in (old, new)]
        self.pairs("scenarios", scenes[0], scenes[1], self.words_only)

    def head(self) -> None:
        old, new = self.before.document, self.after.document
        for key in ("id", "version", "status", "provenance", "department", "annex", "object", "applies_to", "effective",
                    "title", "method"):  # fmt: skip
            a, b = getattr(old, key), getattr(new, key)
            if a != b:
                rule = key in ("object", "applies_to")
                self.add("text" if rule else "editorial", "unknown" if rule else "none", key, a, b, from_to(a, b))

    def block(self, address: str, old: Any, new: Any) -> None:
        """Compare two blocks key by key; formulas and the rest by value."""
        for key in type(new).model_fields:
            a, b = getattr(old, key), getattr(new, key)
            if a == b:
                continue
            if key in WORDS or key in ("unit", "clause"):
                self.editorial(f"{address}.{key}", a, b, clause_of(new))
            elif isinstance(a, dict) and isinstance(b, dict):
                for name in {**a, **b}:
                    if a.get(name) != b.get(name):
                        self.value(f"{address}.{key}.{name}", a.get(name), b.get(name), new)
            else:
                self.value(f"{address}.{key}", a, b, new)

    def value(self, address: str, old: Any, new: Any, part: Any) -> None:
        kind: Kind = "formula" if address.rpartition(".")[2] in ("formula", "sum") else "text"
        effect: Effect = "none" if address.startswith(("controls", "resources", "impact")) else "unknown"
        if isinstance(old, BaseModel) and isinstance(new, BaseModel) and type(old) is type(new):
            self.block(address, old, new)
            return
        self.add(kind, effect, address, old, new, from_to(old, new), clause_of(part))

    def words_only(self, address: str, old: Any, new: Any) -> None:
        for key in type(new).model_fields:
            if getattr(old, key) != getattr(new, key):
                self.editorial(f"{address}.{key}", getattr(old, key), getattr(new, key))

    def labels(self, address: str, old: Any, new: Any) -> None:
        for key in WORDS & set(getattr(type(new), "model_fields", ())):
            if getattr(old, key) != getattr(new, key):
                self.editorial(f"{address}.{key}", getattr(old, key), getattr(new, key), clause_of(new))

    def editorial(self, address: str, old: Any, new: Any, clause: str | None = None) -> None:
        self.add("editorial", "none", address, old, new, from_to(old, new), clause)

    def lookups(self) -> None:
        for name, old in self.before.lookups.items():
            new = self.after.lookups.get(name)
            if new is None:
                continue
            for key in dict.fromkeys([*old.index, *new.index]):
                a = old.loc[key].to_dict() if key in old.index else None
                b = new.loc[key].to_dict() if key in new.index else None
                if plain(a) != plain(b):
                    kind: Kind = "added" if a is None else "removed" if b is None else "score"
                    self.add(kind, "unknown", f"tables.{name}.{key}", a, b, from_to(a, b))

    # -- fields --------------------------------------------------------------------------------------

    def field(self, address: str, old: FieldSpec, new: FieldSpec) -> None:
        self.labels(address, old, new)
        if old.range != new.range:
            self.add("range", "none", f"{address}.range", old.range, new.range, from_to(old.range, new.range))
        if old.required != new.required:
            text = "改为必填" if new.required else "改为选填"
            self.add("required", "tightened" if new.required else "loosened", f"{address}.required", old.required,
                     new.required, text)  # fmt: skip
        for value in {**(old.values or {}), **(new.values or {})}:
            a, b = (old.values or {}).get(value), (new.values or {}).get(value)
            if a != b and a is not None and b is not None:
                self.editorial(f"{address}.values.{value}", a, b)
            elif a != b:
                kind: Kind = "added" if a is None else "removed"
                self.add(kind, "none", f"{address}.values.{value}", a, b, f"{KIND_ZH[kind]}选项“{a or b}”")
        for key in ("type", "unit", "worse", "per", "lookup"):
            a, b = getattr(old, key), getattr(new, key)
            if a != b:
                kind = "editorial" if key == "worse" else "text"
                effect: Effect = "none" if key == "worse" else "unknown"
                self.add(kind, effect, f"{address}.{key}", a, b, from_to(a, b))

    # -- the tree ------------------------------------------------------------------------------------

    def nodes(self) -> None:
        old, new = self.before.nodes, self.after.nodes
        partner = {path: path for path in new if path in old}
        gone = [path for path in reversed(old) if path not in new]
        for path in reversed(new):  # parents first: what moved with its branch is not told again
            if path in partner:
                continue
            parent, _, name = path.rpartition(".")
            under = partner.get(parent)
            followed = f"{under}.{name}" if under is not None else None
            if followed in gone:
                partner[path] = followed
            else:
                moved = [other for other in gone if other.rpartition(".")[2] == name]
                renamed = [other for other in gone if other.rpartition(".")[0] == (under or parent)
                           and content_of(old[other]) == content_of(new[path])]  # fmt: skip
                if len(moved) == 1:
                    partner[path] = moved[0]
                    text = (
                        f"由{title_of(old.get(moved[0].rpartition('.')[0]), moved[0].rpartition('.')[0] or '树顶')}移到"
                        + (title_of(new.get(parent), parent or "树顶"))
                    )
                    self.add("moved", "unknown", f"scores.{path}", moved[0], path, text, new[path].clause)
                elif len(renamed) == 1:
                    partner[path] = renamed[0]
                    self.add("renamed", "none", f"scores.{path}", renamed[0], path,
                             f"“{renamed[0].rpartition('.')[2]}”改名为“{name}”", new[path].clause)  # fmt: skip
                else:
                    if parent in new and parent not in partner:
                        continue  # told with its parent
                    self.add("added", "unknown", f"scores.{path}", None, path, f"新增{title_of(new[path], name)}",
                             new[path].clause)  # fmt: skip
                    continue
            gone = [other for other in gone if other != partner[path]]
        for path in gone:
            if path.rpartition(".")[0] not in gone:
                self.add("removed", "unknown", f"scores.{path}", path, None, f"删除{title_of(old[path], path)}",
                         old[path].clause)  # fmt: skip
        for path, node in new.items():
            if path in partner:
                self.node(f"scores.{path}", old[partner[path]], node)

    def node(self, address: str, old: Node, new: Node) -> None:
        clause = new.clause or old.clause
        if old.clause != new.clause:
            self.editorial(f"{address}.clause", old.clause, new.clause, clause)
        self.labels(address, old, new)
        if old.weight != new.weight:
            self.add("weight", "unknown", f"{address}.weight", old.weight, new.weight, from_to(old.weight, new.weight),
                     clause)  # fmt: skip
        for key in ("full", "missing", "applies_when", "enough", "round"):
            a, b = getattr(old, key), getattr(new, key)
            if a != b:
                kind: Kind = {"full": "score", "applies_when": "condition"}.get(key, "rule")  # type: ignore[assignment]
                self.add(kind, "unknown", f"{address}.{key}", a, b, from_to(a, b), clause)
        if old.kind.key != new.kind.key:
            self.add("rule", "unknown", address, old.kind.key, new.kind.key,
                     f"计算方法由 {old.kind.key} 改为 {new.kind.key}", clause)  # fmt: skip
        elif not old.kind.is_branch and old.kind != new.kind:
            self.leaf(address, old, new, clause)
        elif old.kind.is_branch and settings_of(old) != settings_of(new):
            self.add("rule", "unknown", f"{address}.{new.kind.key}", settings_of(old), settings_of(new),
                     from_to(settings_of(old), settings_of(new)), clause)  # fmt: skip

    def leaf(self, address: str, old: Node, new: Node, clause: str | None) -> None:
        effect = score_effect(old.kind, new.kind, worst_high=self.worst_last)
        key = new.kind.key
        a, b = plain(old.kind), plain(new.kind)
        if not isinstance(a, dict) or not isinstance(b, dict):
            kind: Kind = "formula" if key == "formula" else "score"
            self.add(kind, effect, f"{address}.{key}", a, b, from_to(a, b), clause)
            return
        for part in dict.fromkeys([*a, *b]):
            if a.get(part) == b.get(part):
                continue
            kinds: dict[str, Kind] = {"at": "cut", "scores": "score", "to": "score", "of": "formula"}
            self.add(kinds.get(part, "rule"), effect, f"{address}.{key}.{part}", a.get(part), b.get(part),
                     from_to(a.get(part), b.get(part)), clause)  # fmt: skip

    def rollup(self) -> None:
        old, new = self.before.document.rollup, self.after.document.rollup
        for key in ("how", "weight"):
            a, b = getattr(old, key), getattr(new, key)
            if a != b:
                self.add("rule", "unknown", f"rollup.{key}", a, b, from_to(a, b), new.clause)
        if old.clause != new.clause:
            self.editorial("rollup.clause", old.clause, new.clause)

    # -- level and overrides -------------------------------------------------------------------------

    def level(self) -> None:
        old, new = self.before.document.level, self.after.document.level
        ranks = {name: place if self.worst_last else -place for place, name in enumerate(self.after.scale.names)}
        if old.cuts and new.cuts and old.cuts != new.cuts:
            effect = level_effect(old.cuts, new.cuts, ranks)
            for key in ("of", "at", "levels"):
                a, b = getattr(old.cuts, key), getattr(new.cuts, key)
                if a != b:
                    kind: Kind = {"of": "formula", "at": "cut"}.get(key, "level")  # type: ignore[assignment]
                    self.add(kind, effect, f"level.cuts.{key}", a, b, from_to(a, b))
        told = {"cuts": new.cuts} if old.cuts and new.cuts else {}
        if old.matrix and new.matrix:  # the cells of another matrix are told one by one
            told["matrix"] = old.matrix.model_copy(update={"use": new.matrix.use})  # type: ignore[assignment]
        rest = old.model_copy(update=told)
        if rest != new:
            self.block("level", rest, new)
        if self.before.matrix is not None and self.after.matrix is not None:
            self.matrix(ranks)

    def matrix(self, ranks: Mapping[str, int]) -> None:
        old, new = self.before.matrix, self.after.matrix
        assert old is not None and new is not None
        if (old.likelihood, old.severity) != (new.likelihood, new.severity):
            self.add("rule", "unknown", "level.matrix", [old.likelihood, old.severity], [new.likelihood, new.severity],
                     "矩阵的分级改变")  # fmt: skip
            return
        for row, likelihood in enumerate(new.likelihood):
            for column, severity in enumerate(new.severity):
                a, b = old.levels[row][column], new.levels[row][column]
                if a != b:
                    stricter = ranks.get(b, 0) > ranks.get(a, 0)
                    effect: Effect = "tightened" if stricter else "loosened"
                    place = f"可能性{likelihood:g}、后果{severity:g}"
                    text = f"{place}由{self.level_zh(a)}改为{self.level_zh(b)}"
                    self.add("level", effect, f"matrix.{likelihood:g}.{severity:g}", a, b, text)

    def level_zh(self, name: str) -> str:
        entry = self.after.scale.levels.get(name) or self.before.scale.levels.get(name)
        return entry.label.zh if entry else name

    def override(self, address: str, old: Override, new: Override) -> None:
        self.labels(address, old, new)
        raises = new.at_least is not None
        if old.when != new.when:
            effect: Effect = "unknown"
            kept = (old.at_least is None) == (new.at_least is None) and new.set is None and old.set is None
            wider = condition_effect(self.before, old.when, self.after, new.when)
            if kept and wider in ("wider", "narrower"):
                effect = "tightened" if (wider == "wider") == (raises == self.worst_last) else "loosened"
            elif wider == "same":
                effect = "none"
            text = f"由“{in_words(self.before, old.when)}”改为“{in_words(self.after, new.when)}”"
            self.add("condition", effect, f"{address}.when", old.when, new.when, text, new.clause)
        demands = [(part.at_least, part.at_most, part.set) for part in (old, new)]
        if demands[0] != demands[1]:
            ranks = {name: place if self.worst_last else -place for place, name in enumerate(self.after.scale.names)}
            effect = "unknown"
            if [entry is None for entry in demands[0]] == [entry is None for entry in demands[1]]:
                effect = "tightened" if ranks.get(new.target, 0) > ranks.get(old.target, 0) else "loosened"
            text = f"由{demand(old)}{self.level_zh(old.target)}改为{demand(new)}{self.level_zh(new.target)}"
            self.add("level", effect, address, old.target, new.target, text, new.clause)
        for key in ("clause", "later"):
            if getattr(old, key) != getattr(new, key):
                self.editorial(f"{address}.{key}", getattr(old, key), getattr(new, key), new.clause)

    def override_order(self) -> None:
        old = [entry.id for entry in self.before.document.overrides]
        new = [entry.id for entry in self.after.document.overrides]
        both = [name for name in new if name in old]
        if both != [name for name in old if name in new]:
            self.add("rule", "unknown", "overrides", old, new, "直接判定的先后次序改变")

    def item(self, address: str, old: ChecklistItem, new: ChecklistItem) -> None:
        for key in ChecklistItem.__dataclass_fields__:
            a, b = getattr(old, key), getattr(new, key)
            if a == b:
                continue
            if key == "fields":
                self.add("rule", "unknown", f"{address}.fields", a, b, from_to(a, b))
            elif key in MEASURES:
                self.add("text", "none", f"{address}.{key}", a, b, from_to(a, b))
            else:
                self.editorial(f"{address}.{key}", a, b)
