"""The list of risk sources edited as text."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from kit.standard.beside import CHECKLIST_COLUMNS
from kit.standard.spreadsheet.checklist import NewRecord, edit_records, read_records
from tests.shipped import some_files

TEXT = 'id,name_zh\r\na, x \r\n\r\nb,"y, ""z""\r\nw"\r\nc,'


def test_rows_are_read_with_their_lines() -> None:
    heads, records = read_records(TEXT)
    assert heads == ["id", "name_zh"]
    assert [record.values for record in records] == [
        {"id": "a", "name_zh": " x "}, {"id": "b", "name_zh": 'y, "z"\r\nw'}, {"id": "c", "name_zh": ""}
    ]  # fmt: skip
    assert read_records("") == (list(CHECKLIST_COLUMNS), [])


def test_without_edits_nothing_changes() -> None:
    assert edit_records(TEXT, {}) == TEXT
    for path in some_files().values():
        if not (path.parent / "checklist.csv").exists():
            continue
        text = (path.parent / "checklist.csv").read_bytes().decode()
        assert edit_records(text, {}) == text
        assert edit_records("\ufeff" + text, {}) == "\ufeff" + text


def test_rows_are_changed_removed_and_added_with_the_line_ends_of_the_file() -> None:
    new = [NewRecord({"id": "d", "name_zh": "1,2"}, "c"), NewRecord({"id": "e"}, "d"), NewRecord({"id": "f"}, None)]
    edited = edit_records(TEXT, {"c": {"name_zh": "新"}}, ["b"], new)
    assert edited == 'id,name_zh\r\nf,\r\na, x \r\n\r\nc,新\r\nd,"1,2"\r\ne,\r\n'


def test_a_list_begins_with_its_heading() -> None:
    assert (
        edit_records("", {}, [], [NewRecord({"id": "a"}, None)])
        == ",".join(CHECKLIST_COLUMNS) + "\na" + "," * (len(CHECKLIST_COLUMNS) - 1) + "\n"
    )


CELLS = st.text(st.sampled_from('a,"\n；车 '), max_size=6)


@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    newline=st.sampled_from(["\n", "\r\n"]),
    source=st.data(),
)
def test_only_chosen_rows_change(cells: list[tuple[str, str]], newline: str, source: st.DataObject) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline, quoting=source.draw(st.sampled_from([csv.QUOTE_ALL, 0])))
    writer.writerow(["id", "x", "y"])
    writer.writerows((f"r{number}", *row) for number, row in enumerate(cells))
    text = out.getvalue()
    assert edit_records(text, {}) == text
    keys = [f"r{number}" for number in range(len(cells))]
    changed = source.draw(st.dictionaries(st.sampled_from(keys), CELLS, max_size=3))
    removed = source.draw(st.sets(st.sampled_from(keys), max_size=2)) - set(changed)
    before = {record.values["id"]: record for record in read_records(text)[1]}
    after = {record.values["id"]: record for record in read_records(edit_records(text, {k: {"x": v} for k, v in changed.items()}, removed))[1]}  # fmt: skip  # noqa: E501
    assert list(after) == [key for key in keys if key not in removed]
    for key, record in after.items():
        if key in changed:
            assert record.values == {**before[key].values, "x": changed[key]}
        else:
            assert record.text == before[key].text
