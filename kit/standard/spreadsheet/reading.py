"""Taking an edited workbook back into the text of a standard: only what was edited, or nothing at all."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.errors import KitError, Problem, ProblemsError, cut
from kit.files import whole_file
from kit.standard.beside import CHECKLIST
from kit.standard.editing import differences, rewrite_yaml
from kit.standard.finding import FILE, find_standard
from kit.standard.history import frozen_folder
from kit.standard.loader import load_standard
from kit.standard.spreadsheet.changes import Changes, GivenRow, GivenSheet, Place
from kit.standard.spreadsheet.checklist import edit_records
from kit.standard.spreadsheet.columns import CellMistakeError, Column, Row, Sheet, Shown, same_cell
from kit.standard.spreadsheet.export import sheets_of
from kit.standard.spreadsheet.tables import BANDS, CHECKLIST_SHEET, NODES
from kit.standard.spreadsheet.workbook import Book, BookRow, place_text, read_book, read_rows
from kit.standard.standard import Standard
from kit.standard.yaml_io import read_yaml_text


@dataclass(frozen=True)
class FileChange:
    """A file before and after; `before` is None where there was none."""

    path: Path
    before: str | None
    after: str

    def diff(self) -> str:
        """Return the unified diff."""
        old, new = (self.before or "").splitlines(), self.after.splitlines()
        name = f"{self.path.parent.name}/{self.path.name}"
        return "\n".join(difflib.unified_diff(old, new, name, name, lineterm="", n=1))


@dataclass(frozen=True)
class Imported:
    """What an import changes.

    Attributes
    ----------
    standard : the standard as it was before.
    files : the files that change; none when nothing was edited.
    values : address in the text, value before, value after.
    written : whether the files were replaced.
    """

    standard: Standard
    files: tuple[FileChange, ...]
    values: tuple[tuple[tuple[Any, ...], Any, Any], ...]
    written: bool


def import_workbook(
    workbook: str | Path, to: str | Path | None = None, *, dry_run: bool = False, common: str | Path | None = None
) -> Imported:
    """Apply the edits of a workbook to the standard it came from, and return what changed.

    Each cell is compared with what it showed at export; only edits are applied. The edited text is checked as a whole
    before it replaces anything; `standard.yaml` and `checklist.csv` are both written, or neither.

    Parameters
    ----------
    workbook : a file written by `kit.standard.spreadsheet.export_workbook` and edited since.
    to : id or path of the standard; the one whose id the workbook names by default.
    dry_run : write nothing.
    common : folder of the shared scales and matrices; that of the checkout by default.

    Raises
    ------
    ProblemsError
        With every mistake at once: sheet, cell, what was given, what is allowed. Also when the text has been changed
        since the export where the workbook changes it too; then nothing is applied.
    KitError
        When the workbook or the standard cannot be found, or the standard is frozen (below `versions/`).
    """
    found, book = read_book(workbook)
    path = _target(found, to)
    standard = load_standard(path, common=common)
    if standard.id != found.meta["id"]:
        raise KitError(f"{workbook} holds the standard '{found.meta['id']}', but {path} is '{standard.id}'")
    sheets = sheets_of(standard)
    read_rows(found, book, sheets)
    return _Import(found, standard, sheets, common).done(dry_run)


def _target(found: Book, to: str | Path | None) -> Path:
    try:
        # An id alone means the working text here: nothing else may be edited.
        name = str(to if to is not None else found.meta["id"])
        path = find_standard(name if "@" in name or Path(name).exists() else f"{name}@draft")
    except KitError as error:
        hint = "" if to is not None else " The workbook came from elsewhere: name the standard with --to."
        raise KitError(f"{error}{hint}") from None
    if frozen_folder(path) is not None:
        raise KitError(f"{path}: a published version is never changed; import into the working file of the standard")
    return path


class _Import:
    def __init__(self, found: Book, standard: Standard, sheets: list[Sheet], common: str | Path | None) -> None:
        self.found = found
        self.standard = standard
        self.sheets = sheets
        self.common = common
        self.problems: list[tuple[tuple[str, int], Problem]] = []
        self.done_groups: set[str] = set()

    # -- messages --------------------------------------------------------------------------------------

    def wrong(self, place: Place, message: str, value: Any = None) -> None:
        title, row, name = place
        columns = next((sheet.columns for sheet in self.sheets if sheet.title == title), ())
        head = next((one.head for one in columns if one.name == name), None)
        where = place_text(title, row, self.found.letters.get((title, name)), head)
        given = f" (given: {cut(value)})" if value is not None else ""
        self.problems.append(((title, row), Problem(f"{where}: {message}{given}", self.found.file)))

    def stop_if_wrong(self, summary: str) -> None:
        if self.problems:
            order = [sheet.title for sheet in self.sheets]
            self.problems.sort(key=lambda one: (order.index(one[0][0]) if one[0][0] in order else -1, one[0][1]))
            raise ProblemsError([problem for _, problem in self.problems], f"{self.found.file}: {summary}")

    # -- comparing -------------------------------------------------------------------------------------

    def given(self, sheet: Sheet) -> GivenSheet:
        """Return the rows of a sheet with their edits."""
        then = dict(self.found.then.get(sheet.title, {}))
        now = {row.key: row for row in sheet.rows}
        changed_groups = self._groups_changed(sheet, then, now) if sheet.grouped else set()
        rows: list[GivenRow] = []
        above: str | None = None
        for line in self._lines(sheet, then, now, changed_groups):
            if line.key is None:
                if not sheet.grows:
                    self.wrong((sheet.title, line.number, sheet.columns[0].name), "rows cannot be added here")
                    continue
                row: GivenRow | None = self._added(sheet, line, above)
                if self._group_of(line) in changed_groups:
                    message = "conflict: other rows of the same indicator were changed in the text since the export"
                    self.wrong((sheet.title, line.number, sheet.columns[0].name), message)
            else:
                row = self._edited(sheet, line, then[line.key], now.get(line.key), changed_groups)
            if row is not None:
                rows.append(row)
                first = row.values.get(sheet.columns[0].name)
                above = row.key if row.key is not None else str(first) if first is not None else above
        seen = {row.key for row in rows} | {line.key for line in self.found.rows.get(sheet.title, [])}
        deleted = []
        for key in then:
            if key in seen or key not in now or now[key].group in self.done_groups:
                continue
            if now[key].group in changed_groups or self._differ(sheet, then[key], now[key]):
                message = f"conflict: the row '{key}' is deleted here, but was changed in the text since the export"
                self.wrong((sheet.title, 1, sheet.columns[0].name), message)
            deleted.append(key)
        # What the text has gained since the export stays where it is.
        for place, one in enumerate(sheet.rows):
            if (one.key not in then and one.key not in seen) or one.group in self.done_groups:
                before = sheet.rows[place - 1].key if place else None
                at = next((n + 1 for n, row in enumerate(rows) if row.key == before), 0 if place == 0 else len(rows))
                rows.insert(at, GivenRow(sheet.title, 0, one.key, one.values))
        return GivenSheet(rows, deleted)

    def _lines(
        self, sheet: Sheet, then: dict[str, dict[str, Shown]], now: Mapping[str, Row], changed: set[str]
    ) -> list[BookRow]:
        """Return the rows of a sheet; new ones that the text has gained meanwhile (imported before) are known rows."""
        lines = self.found.rows.get(sheet.title, [])
        self.done_groups = set()
        if not sheet.grouped:
            first = sheet.columns[0].name
            for line in lines:
                key = str(line.cells.get(first) or "").strip()
                if line.key is None and key in now and key not in then and self._says(sheet, line, now[key]):
                    line.key = key
                    then[key] = now[key].values
            return lines
        for group in changed:
            mine = [line for line in lines if self._group_of(line) == group]
            theirs = [row for row in now.values() if row.group == group]
            rest = list(theirs)
            for line in mine:
                rest = [row for row in rest if not self._says(sheet, line, row)]
            met = all(any(self._says(sheet, line, row) for row in theirs) for line in mine)
            if met and not rest and len(mine) == len(theirs):
                self.done_groups.add(group)
        changed -= self.done_groups
        return [line for line in lines if self._group_of(line) not in self.done_groups]

    def _group_of(self, line: BookRow) -> str:
        return line.key.partition("#")[0] if line.key is not None else str(line.cells.get("path") or "").strip()

    def _says(self, sheet: Sheet, line: BookRow, row: Row) -> bool:
        columns = [one for one in sheet.columns if one.edit or one.new]
        return all(same_cell(line.cells[one.name], row.values.get(one.name)) for one in columns)

    def _differ(self, sheet: Sheet, then: Mapping[str, Shown], now: Row) -> bool:
        return any(not same_cell(then.get(one.name), now.values.get(one.name)) for one in sheet.columns)

    def _groups_changed(
        self, sheet: Sheet, then: Mapping[str, Mapping[str, Shown]], now: Mapping[str, Row]
    ) -> set[str]:
        keys = [
            key
            for key in {*then, *now}
            if key not in then or key not in now or self._differ(sheet, then[key], now[key])
        ]
        return {key.partition("#")[0] for key in keys}

    def _added(self, sheet: Sheet, line: BookRow, above: str | None) -> GivenRow:
        row = GivenRow(sheet.title, line.number, None, line.cells, after=above)
        for column in sheet.columns:
            if column.edit or column.new:
                value = self._parsed(sheet, line, column)
                if value is not None:
                    row.values[column.name] = value
        return row

    def _parsed(self, sheet: Sheet, line: BookRow, column: Column) -> Any:
        try:
            return column.parsed(line.cells[column.name])
        except CellMistakeError as error:
            self.wrong((sheet.title, line.number, column.name), str(error), line.cells[column.name])
            return None

    def _edited(
        self, sheet: Sheet, line: BookRow, then: Mapping[str, Shown], now: Row | None, changed_groups: set[str]
    ) -> GivenRow | None:
        row = GivenRow(sheet.title, line.number, line.key, line.cells)
        for column in sheet.columns:
            cell, old = line.cells[column.name], then.get(column.name)
            if same_cell(cell, old) or self._same_meaning(column, cell, old):
                continue
            place = (sheet.title, line.number, column.name)
            current = now.values.get(column.name) if now is not None else None
            if now is not None and same_cell(cell, current):
                continue
            if not column.edit or (now is not None and column.name in now.fixed):
                self.wrong(place, f"{self._why_fixed(sheet, column)}; it was '{cut(old)}'", cell)
            elif now is None or not same_cell(old, current) or now.group in changed_groups:
                was, here = ("empty" if value is None else f"'{cut(value)}'" for value in (old, current))
                what = f"is {here} now" if now is not None else "its row is no longer in the text"
                if now is not None and same_cell(old, current):
                    what = "other rows of the same indicator have been changed"
                message = (
                    f"conflict: edited here and in the text since the export; it was {was} then, {what}. "
                    "Export again and repeat the edit"
                )
                self.wrong(place, message, "empty" if cell is None else cell)
            else:
                count = len(self.problems)
                value = self._parsed(sheet, line, column)
                if len(self.problems) == count:
                    row.values[column.name] = value
        return row if now is not None else None

    def _same_meaning(self, column: Column, cell: Any, old: Shown) -> bool:
        """Whether another program has only written the cell otherwise: 3 as text, an item list with other line ends."""
        if column.kind not in ("number", "missing", "cell", "choice", "clause", "text"):
            return False
        return isinstance(cell, str) and isinstance(old, str | int | float) and cell.strip() == str(old).strip() != ""

    def _why_fixed(self, sheet: Sheet, column: Column) -> str:
        if sheet.title == BANDS and column.name == "high":
            return "the upper end is only shown; change the lower end of the next band"
        if column is sheet.columns[0] or column.name in ("id", "key", "kind"):
            return "cannot be changed, since formulas and other files name it; add a new row and delete this one"
        if sheet.title == NODES and column.name == "of":
            return "this kind of indicator has no single source; its parts stand in other sheets or in the YAML"
        return "is only shown here"

    # -- the whole -------------------------------------------------------------------------------------

    def done(self, dry_run: bool) -> Imported:
        standard = self.standard
        path = standard.path
        text = path.read_bytes().decode("utf-8")
        data, _ = read_yaml_text(text.removeprefix("\ufeff"), str(path))
        levels = {name: level.label.zh for name, level in standard.scale.levels.items()}
        changes = Changes(data, standard.document, levels, self.wrong)
        given = [(sheet, self.given(sheet)) for sheet in self.sheets]
        self.stop_if_wrong("nothing was changed")
        for sheet, rows in given:
            changes.apply(sheet, rows)
        self.stop_if_wrong("nothing was changed")
        # Untouched rows are not written anew, so the text changes only where the data does.
        edited = rewrite_yaml(text, changes.data)
        files = [FileChange(path, text, edited)] if edited != text else []
        checklist = self._checklist(changes)
        files += [checklist] if checklist else []
        values = list(differences(data, changes.data))
        if files:
            self._check(changes, files)
            if not dry_run:
                _write(files)
        return Imported(standard, tuple(files), tuple(values), bool(files) and not dry_run)

    def _checklist(self, changes: Changes) -> FileChange | None:
        file = self.standard.path.parent / CHECKLIST
        before = file.read_bytes().decode("utf-8") if file.exists() else None
        if not (changes.checklist_changed or changes.checklist_added or changes.checklist_removed):
            return None
        after = edit_records(
            before or "", changes.checklist_changed, changes.checklist_removed, changes.checklist_added
        )
        return FileChange(file, before, after) if after != before else None

    def _check(self, changes: Changes, files: list[FileChange]) -> None:
        """Load the edited files in a folder of their own; mistakes are told with their cells."""
        folder = self.standard.path.parent
        with tempfile.TemporaryDirectory() as name:
            trial = Path(name) / folder.name
            trial.mkdir()
            for table in [CHECKLIST, *(one.file for one in self.standard.document.tables.values())]:
                if (folder / table).is_file():
                    (trial / table).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(folder / table, trial / table)
            shutil.copyfile(self.standard.path, trial / FILE)
            for file in files:
                (trial / (FILE if file.path == self.standard.path else file.path.name)).write_bytes(file.after.encode())
            try:
                load_standard(trial / FILE, common=self.common)
            except ProblemsError as error:
                for problem in error.problems:
                    self._told(problem, changes, trial)
        self.stop_if_wrong("the edited standard would not be right; nothing was changed")

    def _told(self, problem: Problem, changes: Changes, trial: Path) -> None:
        file = problem.file or ""
        if Path(file).name == CHECKLIST:
            rows = self.found.rows.get(CHECKLIST_SHEET, [])
            row = next((one for one in rows if str(one.cells.get("id") or "").strip() == problem.key), None)
            if row is not None:
                column = "fields" if "field" in problem.message else "id"
                self.wrong((CHECKLIST_SHEET, row.number, column), problem.message)
                return
        key = problem.key or ""
        best: Place | None = None
        length = -1
        for address, place in changes.cells.items():
            dotted = ".".join(map(str, address))
            if (key == dotted or key.startswith(f"{dotted}.")) and len(dotted) > length and place[1]:
                best, length = place, len(dotted)
        if best is not None:
            self.wrong(best, f"{problem.message} [{key}]")
            return
        where = str(self.standard.path.parent / Path(file).relative_to(trial)) if file.startswith(str(trial)) else file
        told = Problem(problem.message, where, None, None, problem.key)
        self.problems.append((("", 0), told))


def _write(files: list[FileChange]) -> None:
    with ExitStack() as stack:
        # All temporary files are whole before the first takes its place.
        for file in files:
            target = stack.enter_context(whole_file(file.path))
            target.write_bytes(file.after.encode("utf-8"))


__all__ = ["FileChange", "Imported", "import_workbook"]
