"""Random YAML documents as people write them: block and flow style, comments, several quotes, Chinese text."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kit.standard.editing_text import double_quoted, flow_text, key_text, scalar_text

WORDS = st.one_of(
    st.sampled_from(
        ["5.10", "5.10.1", "yes", "null", "~", "", " a", "a ", "a: b", "a #b", "- x", "=1+1", "车龄", "起/百车·年",
         "a, b", "{x}", "'", '"', "it's", "%", "@x", "!y", "&z", "*w", "?", "2019-10-01", "0x1F", "1e3",
         "说明：见5.2，“例”", "#"]
    ),
    st.text(max_size=12),
)  # fmt: skip
SCALARS = st.one_of(
    WORDS,
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
KEYS = st.one_of(st.text("abcxyz_", min_size=1, max_size=5), st.sampled_from(["车", "a b", "5.2", "true"]))
COMMENTS = st.sampled_from(["# 说明", "# a: b", "# - [x", "#"])


def values(*, least: int = 1) -> st.SearchStrategy[Any]:
    """Return random data; collections have at least `least` entries."""
    return st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, min_size=least, max_size=4),
            st.dictionaries(KEYS, inner, min_size=least, max_size=4),
        ),
        max_leaves=12,
    )


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Return random data that is a mapping at the top."""
    return st.dictionaries(KEYS, values(), min_size=1, max_size=4)


def written(data: Any, draw: Any) -> str:
    """Return `data` as a text in one of the many ways to write it."""
    lines = _block(data, 0, draw)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    end = draw(st.sampled_from(["", newline, f"{newline}# 完{newline}"]))
    return draw(st.sampled_from(["", "\ufeff"])) + newline.join(lines) + end


def _block(value: Any, indent: int, draw: Any) -> list[str]:
    pad = " " * indent
    lines: list[str] = []
    entries = value.items() if isinstance(value, dict) else [(None, item) for item in value]
    for name, item in entries:
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(st.sampled_from([f"{pad}{draw(COMMENTS)}", "", f"{draw(COMMENTS)}"])))
        head = "-" if name is None else f"{key_text(name)}:"
        note = f"   {draw(COMMENTS)}" if draw(st.integers(0, 3)) == 0 else ""
        if isinstance(item, dict | list) and item and draw(st.booleans()):
            inner = _block(item, indent + 2, draw)
            first = next(iter(inner))
            compact = name is None and not first.lstrip().startswith("#") and first.strip()
            if compact and draw(st.booleans()):
                lines += [f"{pad}- {first.lstrip(' ')}", *inner[1:]]
            else:
                lines += [f"{pad}{head}{note}", *inner]
        elif isinstance(item, dict | list):
            text = _flow(item, indent + 3, draw)
            if name is not None and draw(st.booleans()):
                lines += [f"{pad}{head}{note}", *f"{pad}  {text}".split("\n")]
            else:
                lines += f"{pad}{head} {text}{note}".split("\n")
        elif item is None and draw(st.booleans()):
            lines.append(f"{pad}{head}{note}")
        else:
            lines.append(f"{pad}{head} {_scalar(item, draw)}{note}")
    return lines


def _flow(value: Any, indent: int, draw: Any) -> str:
    if not isinstance(value, dict | list):
        return scalar_text(value, True, draw(st.sampled_from([None, "'", '"'])))
    if not value:
        return flow_text(value)
    if isinstance(value, dict):
        parts = [f"{key_text(name)}: {_flow(item, indent, draw)}" for name, item in value.items()]
    else:
        parts = [_flow(item, indent, draw) for item in value]
    text = parts[0]
    for part in parts[1:]:
        gap = draw(st.sampled_from([", ", ", ", ",\n" + " " * indent, f",  {draw(COMMENTS)}\n" + " " * indent]))
        text += gap + part
    tail = draw(st.sampled_from(["", "", ", ", " "]))
    return f"{{{text}{tail}}}" if isinstance(value, dict) else f"[{text}{tail}]"


def _scalar(value: Any, draw: Any) -> str:
    if isinstance(value, str) and draw(st.integers(0, 3)) == 0:
        return double_quoted(value)
    return scalar_text(value, False, draw(st.sampled_from([None, "'", '"'])))


def leaves(value: Any, address: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the addresses of all scalars and empty collections."""
    if not isinstance(value, dict | list) or not value:
        return [address]
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    return [found for key, item in entries for found in leaves(item, (*address, key))]


def collections(value: Any, address: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the addresses of all lists and mappings."""
    if not isinstance(value, dict | list):
        return []
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    return [address, *(found for key, item in entries for found in collections(item, (*address, key)))]
