"""Tables of any size passed through the reader into files: accepted rows, and rejected rows with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean
from kit.files import whole_file
from kit.registers.coordinates import SYSTEMS
from kit.registers.reader import ReadResult, as_text, read_batches
from kit.registers.schema import RegisterSchema, load_schema
from kit.registers.sources import BATCH_ROWS
from kit.registers.writer import csv_frame

if TYPE_CHECKING:
    import pandas as pd

    from kit.standard.fields import FieldSpec

FORMATS = (".parquet", ".csv")


@dataclass
class ReadSummary:
    """What came of a table that was passed through.

    Attributes
    ----------
    n_read, n_accepted, n_rejected : rows; accepted and rejected are always as many as read.
    out : the file of accepted rows.
    rejects : the file of rejected rows; None, and no file, when there are none.
    first : the first rejected rows (10 at most), to be shown.
    encoding, sheet, absent, extra, notes, converted : as in `kit.registers.reader.ReadResult`.
    """

    out: Path
    rejects: Path | None = None
    n_read: int = 0
    n_accepted: int = 0
    n_rejected: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    encoding: str | None = None
    sheet: str | None = None
    absent: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    converted: dict[str, int] = field(default_factory=dict)

    def add(self, batch: ReadResult) -> None:
        """Count one batch."""
        self.n_read += batch.n_read
        self.n_accepted += len(batch.frame)
        self.n_rejected += batch.n_rejected
        self.encoding, self.sheet = batch.encoding, batch.sheet
        self.absent, self.extra, self.notes = batch.absent, batch.extra, batch.notes
        if len(self.first) < 10:
            shown = batch.rejects.head(10 - len(self.first))
            self.first += [{str(name): value for name, value in row.items()} for row in shown.to_dict("records")]
        for system in SYSTEMS:
            if count := batch.converted.get(system, 0):
                self.converted[system] = self.converted.get(system, 0) + count


def read_into(
    path: str | Path,
    register: str | RegisterSchema,
    out: str | Path,
    *,
    rejects: str | Path | None = None,
    fields: Mapping[str, FieldSpec] | None = None,
    sheet: str | None = None,
    rows: int = BATCH_ROWS,
) -> ReadSummary:
    """Write the accepted rows of a register's table to the file `out` and return what came of it.

    Only one batch of rows is in memory at a time. Both files are written whole or not at all. Undeclared columns are
    kept as text. A file of rejects of an earlier reading is removed when nothing was rejected.

    Parameters
    ----------
    path : file or SQLAlchemy URL, as for `kit.registers.reader.read_table`.
    out : .parquet or .csv.
    rejects : CSV for the rejected rows; beside `out`, named ``<out>.rejects.csv``, when not given.
    fields : declared elsewhere (in a standard), on top of the register's own.
    rows : of a batch.

    Raises
    ------
    KitError
        As `read_table`, and when `out` has another suffix.

    Examples
    --------
    >>> read_into("units.csv", "units", "units.parquet").n_rejected          # doctest: +SKIP
    3
    """
    schema = load_schema(register) if isinstance(register, str) else register
    target = Path(out)
    if target.suffix.lower() not in FORMATS:
        suffix = target.suffix.lower()
        raise KitError(f"{out}: cannot write the format '{suffix}'; {did_you_mean(suffix, FORMATS)}")
    refused = Path(rejects) if rejects is not None else target.with_name(f"{target.stem}.rejects.csv")
    summary = ReadSummary(target)
    declared: dict[str, FieldSpec] = {**schema.fields, **(fields or {})}
    batches = read_batches(path, declared, key=schema.keys, sheet=sheet, wgs84=True, rows=rows)
    with ExitStack() as stack:
        stack.callback(batches.close)
        first = next(batches)  # what cannot be read at all leaves no trace beside `out`
        # The rejects take their name first: accepted rows without them would look like all rows.
        accepted = stack.enter_context(_writer(target))
        rejected = stack.enter_context(_csv(refused))
        for batch in chain([first], batches):
            summary.add(batch)
            accepted(_steady(batch.frame, batch.extra))
            rejected(batch.rejects)
    if summary.n_rejected:
        summary.rejects = refused
    else:
        refused.unlink(missing_ok=True)
    return summary


def _steady(frame: pd.DataFrame, extra: Sequence[str]) -> pd.DataFrame:
    """Return the rows with undeclared columns as text, so that every batch has the same types."""
    return frame.assign(**{name: as_text(frame[name]) for name in extra if name in frame})


@contextmanager
def _writer(path: Path) -> Iterator[Any]:
    with (_csv if path.suffix.lower() == ".csv" else _parquet)(path) as write:
        yield write


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with whole_file(path) as target, ExitStack() as stack:
        writer: Any = None

        def write(frame: pd.DataFrame) -> None:
            nonlocal writer
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if writer is None:
                # A whole batch without a value says nothing of its type; the frame's dtype does.
                writer = stack.enter_context(pq.ParquetWriter(target, table.schema, compression="zstd"))
            writer.write_table(table.cast(writer.schema))

        yield write


@contextmanager
def _csv(path: Path) -> Iterator[Any]:
    with whole_file(path) as target, target.open("w", encoding="utf-8-sig", newline="") as handle:
        headed = False

        def write(frame: pd.DataFrame) -> None:
            nonlocal headed
            csv_frame(frame).to_csv(handle, index=False, header=not headed, lineterminator="\n")
            headed = True

        yield write
