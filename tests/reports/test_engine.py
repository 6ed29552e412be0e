"""Running notebooks: both backends give the same, a failure stays alone, nothing is half-written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from kit.errors import KitError
from kit.reports import batch, render
from kit.reports.backends.stock import execute as stock_execute
from kit.reports.engine import Job, make_job, run_job
from kit.reports.page import page_html


def _same(text: str) -> str:
    """Take out what folium draws anew each time: the ids of its elements."""
    return re.sub(r"[0-9a-f]{32}", "ID", text)


def test_the_report_is_one_file_with_everything_inside(rendered: Path) -> None:
    for path in sorted(rendered.glob("*/*.html")):
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) < 1_200_000, path.name
        assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=[\"']?https?:", text)
        assert "Notebook Trusted" not in text
        assert 'class="input' not in text and "import tables" not in text
        assert "示例数据" in text and "标准为示意" in text
        assert "Traceback" not in text and ">nan<" not in text and ">None<" not in text
    assert len(list(rendered.glob("*/*.html"))) == 7
    assert not list(rendered.glob("**/*.ipynb"))


def test_names_of_units_are_text_in_every_report(rendered: Path) -> None:
    for path in rendered.glob("*/*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>window.__hit" not in text and "<img src=x" not in text


def test_tables_of_the_report_add_up(rendered: Path) -> None:
    text = (rendered / "district_assessment" / "110105_朝阳区.html").read_text(encoding="utf-8")
    block = text[text.index("数据核对表") :]
    cells = re.findall(
        r'<td class="n">(-?[\d.]+)</td><td class="n">(-?[\d.]+)</td><td class="n">(-?[\d.]+)</td>', block
    )
    assert len(cells) >= 15
    assert all(float(whole) - float(parts) == float(rest) == 0 for whole, parts, rest in cells)


def test_the_record_of_the_batch_names_every_report(rendered: Path) -> None:
    record = json.loads((rendered / "batch.json").read_text(encoding="utf-8"))
    assert len(record["reports"]) == 7
    assert record["reports"][0]["path"] == "district_assessment/110101_东城区.html"
    assert all(not row["error"] for row in record["reports"])


@pytest.mark.parametrize("kind", ["district_assessment", "district_capability"])
def test_fork_and_stock_give_the_same_page(kind: str, data_dir: Path, tmp_path: Path) -> None:
    values = {"period": "2019Q4", "area": "朝阳区", "data_dir": str(data_dir)}
    fast = render(kind, values, tmp_path / "fork", backend="fork").read_text(encoding="utf-8")
    slow = render(kind, values, tmp_path / "stock", backend="stock").read_text(encoding="utf-8")
    assert _same(fast) == _same(slow)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Path:
    """A checkout whose assessment notebook fails for 东城区 in one of several ways."""
    from kit.paths import project_root

    root = project_root()
    (tmp_path / "standards").mkdir()
    shutil.copytree(root / "notebooks" / "reports", tmp_path / "notebooks" / "reports")
    monkeypatch.setenv("KIT_HOME", str(tmp_path))
    return tmp_path


def _spoil(root: Path, line: str) -> None:
    path = root / "notebooks" / "reports" / "district_capability.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[4].source = f'if area == "110101":\n    {line}\n' + notebook.cells[4].source
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    ("backend", "line", "words", "kept"),
    [
        ("fork", "raise ValueError('坏[/b]数据')", "cell 6: ValueError: 坏[/b]数据", True),
        ("fork", "import os; os._exit(3)", "ended with code 3", False),
        ("stock", "raise ValueError('坏[/b]数据')", "cell 6: ValueError: 坏[/b]数据", True),
    ],
)
def test_one_failure_does_not_stop_the_rest(
    broken: Path, data_dir: Path, tmp_path: Path, backend: str, line: str, words: str, kept: bool
) -> None:
    from rich.console import Console

    _spoil(broken, line)
    out = tmp_path / "out"
    stale = out / "district_capability" / "110101_东城区.html"
    stale.parent.mkdir(parents=True)
    stale.write_text("old", encoding="utf-8")
    console = Console(record=True, width=200, force_terminal=False)
    result = batch(
        "2019Q4", kinds=["district_capability"], areas=["110101", "110102"], out=out, data_dir=data_dir,
        backend=backend,
        console=console,
    )  # fmt: skip
    assert [outcome.ok for outcome in result.outcomes] == [False, True]
    assert words in result.failures[0].error
    assert (out / "district_capability" / "110102_西城区.html").is_file()
    notebook = out / "district_capability" / "110101_东城区.failed.ipynb"
    assert notebook.is_file() == kept
    if kept:
        errors = [
            o
            for c in nbformat.read(notebook, as_version=4).cells
            for o in c.get("outputs", [])
            if o.output_type == "error"
        ]
        assert errors[0].ename == "ValueError"
        # The report of an earlier run must not pass for this one's.
        assert not stale.exists()
    shown = console.export_text()
    assert ("失败的报告（1）" in shown and "东城区" in shown and "坏[/b]数据" in shown) or not kept


def test_a_report_that_hangs_is_stopped(broken: Path, data_dir: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    from kit.reports.backends.processes import run_forked

    _spoil(broken, "import time; time.sleep(60)")
    values = {"period": "2019Q4", "area": "110101", "data_dir": str(data_dir)}
    job = replace(make_job("district_capability", values, tmp_path / "out"), timeout=3)
    outcome = next(run_forked([job], 1))
    assert "took longer than 3 s" in outcome.error and outcome.seconds < 15


def test_reports_do_not_leak_into_each_other(broken: Path, data_dir: Path, tmp_path: Path) -> None:
    _spoil(broken, "import pandas, os; pandas.broken = 1; os.environ['KIT_LEAK'] = '1'")
    path = broken / "notebooks" / "reports" / "district_capability.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[5].source = (
        'import os, pandas\nassert area == "110101" or not (hasattr(pandas, "broken") or "KIT_LEAK" in os.environ)\n'
        + notebook.cells[5].source
    )
    nbformat.write(notebook, path)
    result = batch(
        "2019Q4", kinds=["district_capability"], areas=["110101", "110102"], out=tmp_path / "out", data_dir=data_dir,
        jobs=1, backend="fork",
    )  # fmt: skip
    assert not result.failures


def test_a_notebook_whose_parameters_differ_from_the_catalogue_is_refused(
    broken: Path, data_dir: Path, tmp_path: Path
) -> None:
    path = broken / "notebooks" / "reports" / "district_capability.ipynb"
    path.write_text(
        path.read_text(encoding="utf-8").replace('area = \\"110105\\"', 'aera = \\"110105\\"'), encoding="utf-8"
    )
    with pytest.raises(KitError, match="do not name the same parameters"):
        make_job("district_capability", {"period": "2019Q4", "area": "110101", "data_dir": str(data_dir)}, tmp_path)


def test_an_external_link_in_a_notebook_fails_that_report(data_dir: Path, tmp_path: Path) -> None:
    def execute(*_: object) -> nbformat.NotebookNode:
        html = '<img src="https://example.org/x.png">'
        output = nbformat.v4.new_output("display_data", data={"text/html": html})
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])

    target = tmp_path / "x.html"
    outcome = run_job(Job("k", "k", "n.ipynb", {"data_dir": str(data_dir)}, str(target)), execute)
    assert "not in offline.yaml" in outcome.error and not target.exists()


def test_warnings_of_libraries_do_not_reach_the_reader(data_dir: Path) -> None:
    noise = nbformat.v4.new_output("stream", name="stderr", text="Ignoring fixed x limits")
    told = nbformat.v4.new_output("stream", name="stdout", text="合计")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[noise, told])])
    meta = json.loads((data_dir / "meta.json").read_text(encoding="utf-8"))
    page = page_html(notebook, meta=meta, kind_zh="报告")
    assert "Ignoring fixed" not in page and "合计" in page


def test_the_stock_backend_runs_this_interpreter_whatever_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    told = {"argv": ["/nowhere/python", "-f", "{connection_file}"], "display_name": "bad", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(told))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    cells = [
        nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import sys\nsys.executable"),
    ]
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    )
    nbformat.write(notebook, tmp_path / "n.ipynb")
    done = stock_execute(tmp_path / "n.ipynb", {"x": 2}, 60)
    assert done.cells[-1].outputs[0].data["text/plain"] == repr(sys.executable)
