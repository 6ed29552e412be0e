"""Finding and running the checks: each module in `kit/checking/checks` is one.

A check is a function `check(context)` that yields findings; the first line of its module says what it looks for. A
check that fails is itself a finding, for silence would read as "nothing wrong".
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import kit.checking.checks as check_modules
from kit.checking.bounds import Reach
from kit.checking.findings import SEVERITIES, Finding, Severity
from kit.standard.nodes.base import Address
from kit.standard.standard import Standard
from kit.standard.tree import Node, nodes
from kit.standard.yaml_io import Locate, read_yaml


class Context:
    """A standard as the checks see it: with the places of its text and the bounds of its values."""

    def __init__(self, standard: Standard, check: str = "") -> None:
        self.standard = standard
        self.document = standard.document
        self.check = check  # name of the check that is running

    @cached_property
    def locate(self) -> Locate:
        """Return the function from an address in the file to its line."""
        return read_yaml(self.standard.path)[1]

    @cached_property
    def reach(self) -> Reach:
        """Return the bounds of terms and nodes."""
        return Reach(self.standard)

    @cached_property
    def tree(self) -> list[tuple[str, Address, Node]]:
        """Return every node: dotted path, address in the file, the node; children before parents."""
        return [(".".join(path), ("scores", *address), node) for path, address, node in nodes(self.document.scores)]

    def leaves(self) -> Iterator[tuple[str, Address, Node]]:
        """Yield the nodes that read fields (or other scores) themselves."""
        return ((path, address, node) for path, address, node in self.tree if not node.kind.is_branch)

    def name_of(self, path: str) -> str:
        """Return the Chinese label of a node, else its path."""
        label = self.standard.nodes[path].label
        return label.zh if label else path

    def reads(self, node: Node) -> set[str]:
        """Return the fields a node reads itself, through derived values."""
        sources = [source for _, source, _ in node.kind.formulas()]
        sources += [node.applies_when] if node.applies_when else []
        return set().union(*(self.standard.fields_of(self.standard.names.parse(source)) for source in sources))

    def names_read(self, node: Node) -> set[str]:
        """Return the fields and derived values a node reads itself."""
        sources = [source for _, source, _ in node.kind.formulas()]
        return set().union(*(self.standard.names_of(self.standard.names.parse(source)) for source in sources))

    def find(
        self,
        severity: Severity,
        message_zh: str,
        message_en: str,
        address: Iterable[Any] = (),
        *,
        file: Path | None = None,
        line: int | None = None,
        clause: str | None = None,
        counter_example: Mapping[str, Any] | None = None,
        remedy_zh: str | None = None,
    ) -> Finding:
        """Return a finding placed at `address` of the standard, or at `line` of another `file`."""
        steps = tuple(address)
        if file is None and line is None:
            line = self.locate(steps)[0] or 1
        return Finding(
            self.check,
            severity,
            message_zh,
            message_en,
            str(file or self.standard.path),
            line,
            ".".join(str(step) for step in steps) or None,
            clause,
            counter_example,
            remedy_zh,
        )


@dataclass(frozen=True)
class Check:
    """One check: its name, what it looks for, the function, and the kinds of nodes it looks into (`EXAMINES`)."""

    name: str
    looks_for: str
    run: Callable[[Context], Iterable[Finding]]
    examines: tuple[str, ...] = ()


def all_checks() -> dict[str, Check]:
    """Return every check by name."""
    found = {}
    for info in sorted(pkgutil.iter_modules(check_modules.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{check_modules.__name__}.{info.name}")
        looks_for = (module.__doc__ or "").strip().splitlines()[0]
        found[info.name] = Check(info.name, looks_for, module.check, getattr(module, "EXAMINES", ()))
    return found


def check_standard(standard: Standard, checks: Mapping[str, Check] | None = None) -> list[Finding]:
    """Return everything the checks find in `standard`, errors first, then by place.

    Parameters
    ----------
    standard : a loaded standard; what the loader refuses never gets here.
    checks : those to run; all by default.

    Examples
    --------
    >>> from kit.standard import load_standard
    >>> [finding for finding in check_standard(load_standard("taxi")) if finding.severity == "error"]
    []
    """
    found: list[Finding] = []
    context = Context(standard)
    for name, one in (checks if checks is not None else all_checks()).items():
        context.check = name
        mine: list[Finding] = []
        try:
            mine.extend(one.run(context))
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            mine.append(
                Finding(
                    name,
                    "error",
                    f"这项检查没有做成：{told}",
                    f"could not be checked: {told}",
                    str(standard.path),
                    remedy_zh="先改正其他问题再检查一次；仍然不行，把标准和这条信息交给维护者",
                )
            )
        found += mine
    return sorted(
        found, key=lambda finding: (SEVERITIES.index(finding.severity), finding.file or "", finding.line or 0)
    )
