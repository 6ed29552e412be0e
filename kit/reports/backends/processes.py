"""Sending jobs to worker processes and yielding outcomes as they come, for both backends."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence

from kit.errors import cut
from kit.reports.engine import Job, Outcome, job_json

# One thread for each library: the reports themselves are what runs side by side.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


def _environment(folder: str) -> dict[str, str]:
    return {**os.environ, **_ONE_THREAD, "PYTHONIOENCODING": "utf-8", "IPYTHONDIR": folder}


def _lost(job: Job, why: str) -> Outcome:
    return Outcome(job.kind, str(job.parameters.get("area", "")), "", 0.0, why)


def _key(kind: str, area: str) -> tuple[str, str]:
    return kind, area


def run_forked(jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """Yield the outcome of each job, made by a process that forks once a report (Linux)."""
    left = {_key(job.kind, str(job.parameters.get("area", ""))): job for job in jobs}
    command = [sys.executable, "-m", "kit.reports.backends.zygote", str(workers)]
    with tempfile.TemporaryDirectory(prefix="kit-batch-") as folder, tempfile.TemporaryFile() as log:
        # A session of its own: Ctrl-C reaches only us, and we end it in order.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
            env=_environment(folder), start_new_session=True,
        )  # fmt: skip
        try:
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("the batch process has no pipes")
            try:
                process.stdin.write("".join(job_json(job) + "\n" for job in jobs))
                process.stdin.close()
            except BrokenPipeError:
                pass
            for line in process.stdout:
                outcome = Outcome(**json.loads(line))
                left.pop(_key(outcome.kind, outcome.area), None)
                yield outcome
            process.wait()
            log.seek(0)
            words = cut(log.read()[-600:].decode("utf-8", "replace"), 400)
            for job in left.values():
                yield _lost(job, f"the batch process ended with code {process.returncode}: {words}")
        finally:
            process.terminate()
            process.wait()


def run_stock(jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """Yield the outcome of each job, made by `workers` long-lived processes with papermill."""
    todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    for job in jobs:
        todo.put(job)
    processes: list[subprocess.Popen[str]] = []
    with tempfile.TemporaryDirectory(prefix="kit-batch-") as folder:

        def work() -> None:
            process: subprocess.Popen[str] | None = None
            while True:
                try:
                    job = todo.get_nowait()
                except queue.Empty:
                    break
                if process is None or process.poll() is not None:
                    process = subprocess.Popen(
                        [sys.executable, "-m", "kit.reports.backends.worker"], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
                        env=_environment(folder),
                    )  # fmt: skip
                    processes.append(process)
                done.put(_ask(process, job))
            if process is not None and process.stdin is not None:
                process.stdin.close()
                process.wait()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(jobs)))]
        for thread in threads:
            thread.start()
        try:
            for _ in jobs:
                yield done.get()
            for thread in threads:
                thread.join()
        finally:
            while not todo.empty():
                todo.get_nowait()
            for process in processes:
                if process.poll() is None:
                    process.terminate()


def _ask(process: subprocess.Popen[str], job: Job) -> Outcome:
    try:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        process.stdin.write(job_json(job) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except BrokenPipeError:
        line = ""
    return Outcome(**json.loads(line)) if line else _lost(job, f"its process ended with code {process.wait()}")
