"""Where each value of a YAML text begins and ends, and the text with one of them replaced, removed or added.

What comes back is not checked here; `kit.standard.editing` reads every result again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode

from kit.errors import KitError, Problem, ProblemsError, did_you_mean
from kit.standard.editing_text import ScalarStyle, block_text, flow_text, literal_text, scalar_text
from kit.standard.yaml_io import read_yaml_text

Step = str | int | float | bool | None
Address = tuple[Step, ...]


class EditMismatchError(AssertionError):
    """The edited text does not say what was wanted: an error of the kit, not of the user; nothing is to be written."""


def value_at(data: Any, address: Address) -> Any:
    """Return what stands at `address` in plain data."""
    for step in address:
        data = data[step]
    return data


class EditedText:
    """A YAML text, what it says, and where each value stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        _refuse_aliases(text)
        self.data, _ = read_yaml_text(text)
        self.root = YAML(typ="safe", pure=True).compose(text)
        self.newline = "\r\n" if "\r\n" in text else "\n"

    # -- finding ---------------------------------------------------------------------------------------

    def indices(self, address: Address) -> tuple[int, ...]:
        """Return the address as places in the order of the text."""
        found: list[int] = []
        data = self.data
        for depth, step in enumerate(address):
            steps = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
            where = next((n for n, one in enumerate(steps) if type(one) is type(step) and one == step), None)
            if where is None:
                path = ".".join(map(str, address[: depth + 1]))
                raise KitError(
                    f"the text has no '{path}'; {did_you_mean(str(step), map(str, steps), allowed='there are')}"
                )
            found.append(where)
            data = data[step]
        return tuple(found)

    def order(self, address: Address) -> tuple[int, ...]:
        return self.indices(address)

    def node(self, address: Address) -> Any:
        node = self.root
        for where in self.indices(address):
            child = node.value[where]
            node = child[1] if isinstance(child, tuple) else child
        return node

    def end(self, node: Any) -> int:
        """Return where the content of a node ends, without the blank and comment lines that follow it."""
        if isinstance(node, ScalarNode):
            if node.style in ("|", ">"):
                return self.block_scalar_end(node)
            return int(node.end_mark.index)
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        return self.entry(node, len(node.value) - 1)[1]

    def block_scalar_end(self, node: Any) -> int:
        end = at = self.line_end(node.start_mark.index)
        indent: int | None = None
        while at < len(self.text):
            start, at = at + 1, self.line_end(at + 1)
            line = self.text[start:at].rstrip("\r")
            if not line.strip():
                continue
            lead = len(line) - len(line.lstrip(" "))
            indent = lead if indent is None else indent
            if lead < indent or start >= node.end_mark.index:
                break
            end = start + len(line)
        return end - (self.text[end - 1 : end] == "\r")

    def entry(self, parent: Any, index: int) -> tuple[int, int]:
        """Return where an entry of a collection begins (its key or dash) and where its content ends."""
        child = parent.value[index]
        if isinstance(child, tuple):
            key, value = child
            if not self.empty(value):
                return key.start_mark.index, self.end(value)
            return key.start_mark.index, self.after_colon(key)
        if parent.flow_style:
            return child.start_mark.index, self.end(child)
        dash = self.dash(parent, index)
        return dash, dash + 1 if self.empty(child) else self.end(child)

    def dash(self, parent: Any, index: int) -> int:
        if index == 0:
            return int(parent.start_mark.index)
        at = self.line_end(self.entry(parent, index - 1)[1])
        column = parent.start_mark.column
        while at < len(self.text):
            start, at = at + 1, self.line_end(at + 1)
            if self.text[start:at].lstrip(" ").startswith("-") and self.text[start + column] == "-":
                return start + column
        raise EditMismatchError("the dash of a list entry was not found")

    def empty(self, node: Any) -> bool:
        return isinstance(node, ScalarNode) and node.style is None and node.value == ""

    def after_colon(self, key: Any) -> int:
        at = end = int(key.end_mark.index)
        while self.text[at : at + 1] in (" ", "\t"):
            at += 1
        return at + 1 if self.text[at : at + 1] == ":" else end

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found

    # -- changing --------------------------------------------------------------------------------------

    def with_values(self, changes: Mapping[Address, Any]) -> str:
        spans = [span for address, value in changes.items() for span in self.replacement(address, value)]
        text = self.text
        edge = len(text) + 1
        for start, stop, new in sorted(spans, reverse=True):
            if stop > edge:
                raise KitError("two changes name the same place, or one lies inside the other; give one of them")
            text = text[:start] + new + text[stop:]
            edge = start
        return text

    def replacement(self, address: Address, value: Any) -> list[tuple[int, int, str]]:
        node = self.node(address)
        flow = self.in_flow(address)
        parent = self.node(address[:-1]) if address else None
        if self.empty(node):
            where = self.indices(address)[-1]
            at = self.entry(parent, where)[1]
            lead = ":" if isinstance(parent, MappingNode) and self.text[at - 1] != ":" else ""
            return [(at, at, f"{lead} {self.plain(value, flow, None)}")]
        if isinstance(node, ScalarNode):
            body = self.text[self.line_end(node.start_mark.index) + 1 :]
            indent = len(body) - len(body.lstrip(" "))
            if node.style == "|" and isinstance(value, str):
                literal = literal_text(value, indent, self.newline)
                if literal is not None:
                    return [(node.start_mark.index, self.end(node), literal)]
            return [(node.start_mark.index, self.end(node), self.plain(value, flow, node.style))]
        if node.flow_style:
            return [(node.start_mark.index, self.end(node), self.plain(value, flow, None))]
        first, last = node.start_mark.index, self.end(node)
        start = self.line_start(first)
        if self.text[start:first].strip() or parent is None:
            # The block begins beside a dash, or is the whole document.
            return [(first, last, self.plain(value, flow, None))]
        stop = min(self.line_end(last) + 1, len(self.text))
        where = self.indices(address)[-1]
        child = parent.value[where]
        at = self.after_colon(child[0]) if isinstance(child, tuple) else self.dash(parent, where) + 1
        return [(start, stop, ""), (at, at, f" {self.plain(value, flow, None)}")]

    def plain(self, value: Any, flow: bool, style: ScalarStyle) -> str:
        return flow_text(value) if isinstance(value, dict | list) else scalar_text(value, flow, style)

    def in_flow(self, address: Address) -> bool:
        return any(self.node(address[:depth]).flow_style for depth in range(len(address)))

    def without(self, address: Address) -> str:
        if not address:
            raise KitError("the whole document cannot be removed")
        parent = self.node(address[:-1])
        where = self.indices(address)[-1]
        if len(parent.value) == 1:
            return self.with_values({address[:-1]: {} if isinstance(parent, MappingNode) else []})
        start, stop = self.flow_hole(parent, where) if parent.flow_style else self.block_hole(parent, where)
        return self.text[:start] + self.text[stop:]

    def flow_hole(self, parent: Any, where: int) -> tuple[int, int]:
        start, stop = self.entry(parent, where)
        last = where == len(parent.value) - 1
        if not last:
            following = self.entry(parent, where + 1)[0]
            if "#" not in self.text[stop:following]:
                return start, following
            return start, self.comma(stop) + 1
        before = self.entry(parent, where - 1)[1]
        if "#" not in self.text[before:start]:
            return before, stop
        # A comment in between belongs to what stays; a comma too many is allowed. A second one is not.
        comma = self.comma(stop)
        return start, comma + 1 if comma < self.end(parent) else stop

    def comma(self, at: int) -> int:
        while at < len(self.text) and self.text[at] not in ",]}":
            at = self.line_end(at) if self.text[at] == "#" else at + 1
        return at if self.text[at : at + 1] == "," else len(self.text)

    def block_hole(self, parent: Any, where: int) -> tuple[int, int]:
        start, stop = self.entry(parent, where)
        line = self.line_start(start)
        if self.text[line:start].strip() == "?":
            raise KitError("a key written with ? is not removed; write it as key: value first")
        if self.text[line:start].strip():
            # The entry stands beside the dash of its parent: the next one moves up to it.
            return start, self.entry(parent, where + 1)[0]
        return line, min(self.line_end(stop) + 1, len(self.text))

    def with_entry(self, address: Address, value: Any, after: Step) -> str:
        if not address:
            raise KitError("give the address of the new entry")
        parent, where = self.node(address[:-1]), address[-1]
        path = ".".join(map(str, address))
        count = len(parent.value) if not isinstance(parent, ScalarNode) else 0
        if isinstance(parent, ScalarNode):
            raise KitError(f"'{path}' cannot be added: what stands above it is a single value")
        if isinstance(parent, MappingNode):
            keys = list(value_at(self.data, address[:-1]))
            if (type(where), where) in {(type(key), key) for key in keys}:
                raise KitError(f"'{path}' is already there; change it instead")
            index = keys.index(after) + 1 if after in keys else count
        else:
            if not isinstance(where, int) or isinstance(where, bool) or not 0 <= where <= count:
                raise KitError(f"'{path}': the list has {count} entries; give a place from 0 to {count}")
            index = where
        if count == 0 and not parent.flow_style:
            raise KitError(f"'{path}' cannot be added here")
        if parent.flow_style or self.in_flow(address):
            return self.flow_entry(parent, index, address, value)
        return self.block_entry(parent, index, address, value)

    def flow_entry(self, parent: Any, index: int, address: Address, value: Any) -> str:
        new = flow_text({address[-1]: value})[1:-1] if isinstance(parent, MappingNode) else flow_text(value)
        if not parent.value:
            at = parent.start_mark.index + 1
            return self.text[:at] + new + self.text[at:]
        if index == 0:
            at = self.entry(parent, 0)[0]
            return f"{self.text[:at]}{new}, {self.text[at:]}"
        at = self.entry(parent, index - 1)[1]
        # "a:," would be a key of that name.
        gap = " , " if self.text[at - 1] == ":" else ", "
        return f"{self.text[:at]}{gap}{new}{self.text[at:]}"

    def block_entry(self, parent: Any, index: int, address: Address, value: Any) -> str:
        model = max(index - 1, 0)
        child = parent.value[model]
        start = self.entry(parent, model)[0]
        column = start - self.line_start(start)
        other = child[1] if isinstance(child, tuple) else child
        below = isinstance(child, tuple) and "\n" in self.text[child[0].end_mark.index : other.start_mark.index]
        block = not isinstance(other, ScalarNode) and not other.flow_style
        key = [address[-1]] if isinstance(parent, MappingNode) else []
        lines = block_text(key, value, column, block=block, below=below)
        new = "".join(f"{line}\n" for line in lines).replace("\n", self.newline)
        if index == 0:
            line = self.line_start(start)
            if not self.text[line:start].strip():
                return self.text[:line] + new + self.text[line:]
            return f"{self.text[:start]}{new.lstrip(' ')}{' ' * column}{self.text[start:]}"
        at = self.line_end(self.entry(parent, index - 1)[1])
        if at == len(self.text):
            return self.text + self.newline + new.removesuffix(self.newline)
        return self.text[: at + 1] + new + self.text[at + 1 :]


def _refuse_aliases(text: str) -> None:
    problems = []
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            name = getattr(event, "anchor", None)
            if name is not None:
                mark = "*" if isinstance(event, AliasEvent) else "&"
                message = (
                    f"the text names a block once and uses it elsewhere ({mark}{name}); a change in one place would "
                    "change the others. Write the values out, then edit"
                )
                problems.append(Problem(message, None, line, column))
            elif getattr(event, "value", None) == "<<" and getattr(event, "style", None) is None:
                problems.append(Problem("the merge key << is not edited; write its values out", None, line, column))
    except YAMLError:
        return  # told by the reading that follows
    if problems:
        raise ProblemsError(problems)
