"""A process that has everything loaded and forks once for each report (Linux).

Run as ``python -m kit.reports.backends.zygote WORKERS``: jobs come as JSON lines on standard input, outcomes leave as
JSON
lines on standard output. Loading the libraries takes seconds and is done once; a fork takes milliseconds, and each
report still has a process of its own, so a report that crashes, hangs or changes global state harms no other.

It stays single-threaded until it forks, and it loads libraries but never runs a notebook itself.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import IO, Any

from kit.reports.engine import Job, Outcome, run_job


@dataclass
class _Child:
    job: Job
    pid: int
    waiter: int
    result: int
    log: IO[bytes]
    start: float


def warm() -> None:
    """Load what report notebooks use, so that the children have it: libraries, font, outlines, page template."""
    import folium.plugins
    import matplotlib.backends.backend_agg
    import matplotlib.figure
    import pandas
    import pyarrow.parquet

    import kit.emergency.tables
    import kit.inventory.tables
    import kit.maps.folium_map
    import kit.maps.static
    import kit.reports.charts
    import kit.reports.document
    from kit.maps.boundaries import areas, outline_features
    from kit.maps.fonts import use_font
    from kit.reports.backends import shell
    from kit.reports.catalogue import kinds
    from kit.reports.document import load_text
    from kit.reports.page import warm as warm_page

    del folium, matplotlib, pandas, pyarrow, kit, shell
    for name, kind in kinds().items():
        if kind.one_per != "standard":
            load_text(name)
    use_font()
    areas()
    outline_features()
    warm_page()


def _run_child(job: Job, result: int, log: IO[bytes]) -> None:
    """Make the report in the forked process and leave it; never returns."""
    code = 1
    try:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        import numpy

        from kit.reports.backends.shell import execute

        # Every fork starts with the same state of the generator.
        numpy.random.seed()
        outcome = run_job(job, execute)
        os.write(result, json.dumps(asdict(outcome), ensure_ascii=False).encode("utf-8"))
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _start(job: Job) -> _Child:
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child is done
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _run_child(job, writer, log)
    os.close(writer)
    return _Child(job, pid, os.pidfd_open(pid), reader, log, time.perf_counter())


def _end(child: _Child, late: bool) -> Outcome:
    """Collect a child that has ended (or kill one that is late) and return its outcome."""
    if late:
        os.kill(child.pid, signal.SIGKILL)
    _, status = os.waitpid(child.pid, 0)
    chunks = []
    while chunk := os.read(child.result, 65536):
        chunks.append(chunk)
    os.close(child.result)
    os.close(child.waiter)
    child.log.seek(0)
    tail = child.log.read()[-1500:].decode("utf-8", "replace").strip()
    child.log.close()
    if chunks and not late:
        return Outcome(**json.loads(b"".join(chunks)))
    seconds = time.perf_counter() - child.start
    code = os.waitstatus_to_exitcode(status)
    why = f"took longer than {child.job.timeout} s and was stopped" if late else f"its process ended with code {code}"
    last = f"; last words: {' '.join(tail.split())[-300:]}" if tail else ""
    return Outcome(child.job.kind, str(child.job.parameters.get("area", "")), "", seconds, why + last)


def _tell(outcome: Outcome) -> None:
    sys.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def serve(jobs: list[Job], workers: int) -> None:
    """Run the jobs, at most `workers` at once, and tell each outcome as soon as it is known."""
    waiting, running = list(reversed(jobs)), {}  # type: list[Job], dict[int, _Child]

    def stop(*_: Any) -> None:
        for child in running.values():
            os.kill(child.pid, signal.SIGKILL)
        os._exit(1)

    signal.signal(signal.SIGTERM, stop)
    while waiting or running:
        while waiting and len(running) < workers:
            child = _start(waiting.pop())
            running[child.waiter] = child
        ended, _, _ = select.select(list(running), [], [], 1.0)
        now = time.perf_counter()
        late = [key for key, child in running.items() if now - child.start > child.job.timeout and key not in ended]
        for key in [*ended, *late]:
            child = running.pop(key)
            try:
                _tell(_end(child, key in late))
            except BrokenPipeError:
                stop()


def main() -> None:
    jobs = [Job(**json.loads(line)) for line in sys.stdin if line.strip()]
    warm()
    # Objects made so far are never looked at again by the collector: their memory stays shared with the children.
    gc.collect()
    gc.freeze()
    serve(jobs, max(1, int(sys.argv[1])))


if __name__ == "__main__":
    main()
