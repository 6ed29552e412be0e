"""Great Expectations' Data Docs of a run, as a folder of pages that fetch nothing from outside."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.quality.registry import Context, table_title
from kit.quality.run import expectation, great_expectations, prepare
from kit.quality.suites import Check
from kit.quality.texts import state

if TYPE_CHECKING:
    import pandas as pd

# Scripts, styles, pictures and the sign-up form that the pages would fetch: without a network they only delay.
_OUTSIDE = re.compile(
    r"""<script\b[^>]*\bsrc=["']https?://[^>]*>\s*</script>|<(?:link|img)\b[^>]*(?:href|src)=["']https?://[^>]*>""",
    re.IGNORECASE | re.DOTALL,
)
_STYLE = """<style>
body{font-family:"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:24px;line-height:1.5;color:#1b2733}
table{border-collapse:collapse;margin:8px 0}
td,th{border:1px solid #cfd8e0;padding:4px 8px;text-align:left;vertical-align:top}
footer,.modal,.navbar button,#page-action-card,.cooltip::after{display:none}.fa-check-circle::before{content:"✓"}
.fa-times::before{content:"✗"}.fa-exclamation-triangle::before{content:"!"}
</style></head>"""


def write_data_docs(
    folder: str | Path,
    tables: Mapping[str, pd.DataFrame],
    checks: Sequence[Check],
    *,
    as_of: dt.date,
    standards: Mapping[str, Any] | None = None,
    made: bool = False,
) -> Path:
    """Write Data Docs of the checks into a new folder and return its ``index.html``.

    One suite and one validation for each table; a rule over columns or tables is a column ``rule <id>`` of marks, 0
    fine and 1 breach. Each expectation is described by its title and what is allowed. What the pages would fetch from
    outside (scripts, styles, pictures) is taken out: they can be read offline, without searching and sorting.

    Parameters
    ----------
    folder : must not exist, or be empty.
    tables, checks, as_of, standards : as for `kit.quality.validate`.
    made : whether the data are made; every page then says so.

    Raises
    ------
    KitError
        When the folder has something in it.

    Examples
    --------
    >>> write_data_docs("docs", {"units": units}, checks_for(["units"]), as_of=day)      # doctest: +SKIP
    """
    target = Path(folder)
    if target.is_dir() and any(target.iterdir()):
        raise KitError(f"{target} is not empty; give a new folder for the Data Docs")
    mark = f"<p><b>{state('made')}</b></p>" if made else ""
    # Beside the target, so that the finished folder is put in place by one renaming.
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".data_docs_", dir=target.parent))
    try:
        _build(fresh, tables, checks, Context(tables, as_of, standards or {}))
        for page in fresh.rglob("*.html"):
            text = _OUTSIDE.sub("", page.read_text(encoding="utf-8")).replace("</head>", _STYLE, 1)
            text = text.replace("<body>", f"<body>{mark}", 1)
            page.write_text(text, encoding="utf-8", newline="\n")
        fresh.chmod(0o755)
        if target.is_dir():
            target.rmdir()
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target / "index.html"


def _build(folder: Path, tables: Mapping[str, pd.DataFrame], checks: Sequence[Check], context: Context) -> None:
    gx = great_expectations()
    project = gx.get_context(mode="ephemeral")
    project.enable_analytics(False)
    from great_expectations.data_context.types.base import ProgressBarsConfig

    project.variables.progress_bars = ProgressBarsConfig(globally=False)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())}
    index = {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False}
    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": index,
        "store_backend": store,
        "show_how_to_buttons": False,
    }
    project.add_data_docs_site(site_name="kit", site_config=site)
    source = project.data_sources.add_pandas("kit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for table in dict.fromkeys(check.table for check in checks if check.table in tables):
            prepared = prepare(tables[table], [check for check in checks if check.table == table], context)
            if not prepared.ready:
                continue
            title = table_title(table)
            name = (table if title == table else f"{title} {table}").replace("/", "_")
            suite = gx.ExpectationSuite(name)
            for check, column, kwargs in prepared.ready:
                # A description is a template, in which a dollar sign begins a name.
                told = f"{check.title_zh}（{check.allowed_zh}）".replace("$", "$$")
                suite.add_expectation(expectation(check.expectation, column, {}, {**kwargs, "description": told}))
            project.suites.add(suite)
            whole = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
            definition = gx.ValidationDefinition(name=name, data=whole, suite=suite)
            definition = project.validation_definitions.add(definition)
            run = gx.Checkpoint(name=name, validation_definitions=[definition], result_format="BASIC")
            project.checkpoints.add(run).run(batch_parameters={"dataframe": prepared.frame})
        project.build_data_docs(site_names=["kit"])
