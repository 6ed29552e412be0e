"""The tables that people fill in: declarations, code lists, reading and writing files, the made sample."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "FormData": "kit.registers.form.reader",
        "ReadResult": "kit.registers.reader",
        "ReadSummary": "kit.registers.streaming",
        "RegisterField": "kit.registers.schema",
        "RegisterSchema": "kit.registers.schema",
        "SampleStandard": "kit.registers.sample",
        "SampleSummary": "kit.registers.sample",
        "answers_schema": "kit.registers.schema",
        "code_names": "kit.registers.codes_list",
        "convert_coordinates": "kit.registers.coordinates",
        "form_frames": "kit.registers.form.data",
        "form_layout": "kit.registers.form.layout",
        "form_mark": "kit.registers.form.file",
        "form_workbook": "kit.registers.form.writer",
        "load_codes": "kit.registers.codes_list",
        "load_schema": "kit.registers.schema",
        "make_sample": "kit.registers.sample",
        "read_batches": "kit.registers.reader",
        "read_form": "kit.registers.form.reader",
        "read_into": "kit.registers.streaming",
        "read_register": "kit.registers.reader",
        "read_table": "kit.registers.reader",
        "schema_names": "kit.registers.schema",
        "table_schema": "kit.registers.dictionary",
        "to_wgs84": "kit.registers.coordinates",
        "write_form": "kit.registers.form.writer",
        "write_import": "kit.registers.form.tables",
        "write_rejects": "kit.registers.writer",
        "write_table": "kit.registers.writer",
    },
)
