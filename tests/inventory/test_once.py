"""Rows counted once, whatever their order."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from kit.inventory.once import once


@given(
    st.lists(st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["x", "y", None])), max_size=8), st.randoms()
)
def test_one_row_for_each_key_in_any_order(rows: list[tuple[str | None, str | None]], random: object) -> None:
    frame = pd.DataFrame(rows, columns=["key", "value"], dtype="str")
    found = once(frame, "key")
    assert found["key"].tolist() == sorted({key for key, _ in rows if key is not None})
    random.shuffle(rows)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(found, once(pd.DataFrame(rows, columns=["key", "value"], dtype="str"), "key"))
