"""The registers that a filled-in form gives, and writing them into a folder, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kit.errors import KitError
from kit.files import fingerprint, write_text
from kit.registers.form.layout import ITEM, FormLayout, words
from kit.registers.schema import load_schema
from kit.registers.writer import write_rejects, write_table
from kit.standard.standard import Standard

if TYPE_CHECKING:
    import pandas as pd

    from kit.registers.form.reader import FormData

MANIFEST = "import.json"
MADE = "MADE_DATA.txt"


def form_tables(standard: Standard, layout: FormLayout, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the registers that the sheets of a form fill, by name.

    Of a standard of risk sources: `survey_unit/<id>` (answers of units), `survey/<id>` (answers for each source, where
    it asks any), `risk_sources` (the register: sector and standard are those of the form; a name or accident class left
    empty is that of the checklist item; what departments decide is empty; the review state is 已自评 where the unit
    gave a level of its own, else 草稿), and `score_input/<id>`, every source with the answers of its unit. Of the
    others: `survey_<object>/<id>`. Child rows: `children/<id>/<register>`.
    """
    document = standard.document
    tables: dict[str, pd.DataFrame] = {}
    if document.object == "risk_source":
        units, sources = frames["units"], frames["sources"]
        by_source = [column.id for column in layout.sheet("sources").columns if column.asked]
        tables[f"survey_unit/{standard.id}"] = units
        if by_source:
            tables[f"survey/{standard.id}"] = sources[list(dict.fromkeys(["source_id", *by_source]))]
        tables["risk_sources"] = _sources(standard, sources)
        tables[f"score_input/{standard.id}"] = _joined(standard, units, sources)
    else:
        tables[f"survey_{document.object}/{standard.id}"] = frames[layout.main.id]
    for sheet in layout.sheets:
        if sheet.kind == "child":
            tables[f"children/{standard.id}/{sheet.id}"] = frames[sheet.id]
    return tables


def _joined(standard: Standard, units: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    by_unit = [name for name, spec in standard.fields.items() if name in units.columns and spec.per == "unit"]
    by_source = [name for name, spec in standard.fields.items() if spec.per == "source" and name in sources.columns]
    own = [name for name in ("source_id", "unit_id", ITEM) if name in sources.columns and name not in by_source]
    answers = units[list(dict.fromkeys(["unit_id", *by_unit]))]
    return sources[[*own, *by_source]].merge(answers, on="unit_id", how="left")


def _sources(standard: Standard, given: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as the register of risk sources has them."""
    import pandas as pd

    schema = load_schema("risk_sources")
    frame = given[[name for name in schema.fields if name in given.columns]].copy()
    if ITEM in frame.columns:
        items = {item.id: item for item in standard.checklist}
        for column, attribute in (("name", "name_zh"), ("accident_class", "accident_class")):
            if column in frame.columns:
                known = {name: getattr(item, attribute) or None for name, item in items.items()}
                frame[column] = frame[column].where(frame[column].notna(), frame[ITEM].map(known)).astype("str")
    frame["sector"], frame["standard"] = standard.id, standard.label
    done = frame["self_level"].notna() if "self_level" in frame.columns else pd.Series(False, index=frame.index)
    frame["review_state"] = done.map({True: "self_assessed", False: "draft"})
    types = {"number": "float64", "integer": "float64", "boolean": "boolean", "date": "datetime64[ms]"}
    empty = {
        name: pd.Series(None, index=frame.index, dtype=types.get(spec.type, "str"))
        for name, spec in schema.fields.items()
    }
    columns = {name: frame[name] if name in frame.columns else empty[name] for name in schema.fields}
    return pd.DataFrame(columns).astype(
        {name: "str" for name, spec in schema.fields.items() if spec.type in ("text", "category")}
    )


def write_import(
    filled: FormData,
    folder: str | Path,
    *,
    source: str | Path,
    kind: Literal["parquet", "csv"] = "parquet",
    names: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write what a form says into a folder, all files or none, and return their paths.

    One file for each table, `rejects.csv` and `remarks.csv` where there are any, `import.json` (standard, fingerprint,
    counts, hash of the form), and MADE_DATA.txt where the data are made. A folder that an earlier import of a form of
    this name and standard wrote is replaced as a whole; another one that is not empty is left alone.

    Parameters
    ----------
    source : the form that was read.
    kind : format of the tables.
    names : other names for tables, for readers that expect them.

    Raises
    ------
    KitError
        When the folder holds something else: other files, or the import of another form.
    """
    target = Path(folder)
    _refuse_other(target, filled, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        new = work / "new"
        new.mkdir()
        tables = {(names or {}).get(name, name): frame for name, frame in filled.tables().items()}
        written = []
        for name, frame in tables.items():
            path = new / f"{name}.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(write_table(frame, path))
        for name, frame in (("rejects", filled.rejects), ("remarks", filled.remarks)):
            listed = write_rejects(new / f"{name}.csv", frame)
            written += [listed] if listed else []
        if filled.made:
            written.append(write_text(new / MADE, words()["made"] + "\n"))
        manifest = json.dumps(describe(filled, source, tables), ensure_ascii=False, indent=1)
        written.append(write_text(new / MANIFEST, manifest))
        if target.exists():
            target.rename(work / "old")
        try:
            new.rename(target)
        except OSError:
            if (work / "old").exists():
                (work / "old").rename(target)
            raise
        return [target / path.relative_to(new) for path in written]
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refuse_other(target: Path, filled: FormData, source: str | Path) -> None:
    """Raise KitError when the folder holds what an import of this form did not write."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    manifest = target / MANIFEST
    if not manifest.is_file():
        raise KitError(
            f"{target} is there already and was not written by an import; name a new folder, so that nothing is lost"
        )
    try:
        before = json.loads(manifest.read_text(encoding="utf-8"))
        form, standard = str(before["form"]), str(before["standard"]).partition("@")[0]
    except (ValueError, KeyError, TypeError):
        raise KitError(f"{manifest} is damaged; name a new folder, or remove this one") from None
    if (form, standard) != (Path(source).name, filled.standard.id):
        raise KitError(
            f"{target} holds the import of another form ({form}, {standard}); name a new folder for "
            f"{Path(source).name}, so that nothing is lost"
        )


def describe(filled: FormData, source: str | Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an import was: from which form, with which standard, how many rows."""
    standard = filled.standard
    return {
        "form": Path(source).name,
        "form_sha256": fingerprint(source),
        "standard": standard.label,
        "title": standard.title,
        "fingerprint": standard.fingerprint,
        "provenance": standard.document.provenance,
        "form_of": f"{filled.mark.standard}@{filled.mark.version}" if filled.mark else None,
        "form_fingerprint": filled.mark.fingerprint if filled.mark else None,
        "made": filled.made,
        "sheets": {
            filled.layout.sheet(name).title: {
                "read": count.read, "accepted": count.accepted, "rejected": count.rejected,
            }
            for name, count in filled.counts.items()
        },
        "remarks": len(filled.remarks),
        "tables": {name: len(frame) for name, frame in tables.items()},
        "notes": filled.notes,
        "kit": version("kit"),
    }  # fmt: skip
