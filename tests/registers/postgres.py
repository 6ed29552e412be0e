"""A PostgreSQL of the test's own: started from the system's package in a temporary folder, stopped at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "kit", "p:w/示例"


class NoPostgresError(Exception):
    """Why there is no PostgreSQL to start."""


def binaries() -> Path:
    """Return the folder of initdb and pg_ctl, the newest version first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(packaged[-1]) if packaged else shutil.which("initdb")
    if found is None:
        raise NoPostgresError("no PostgreSQL on this machine (apt-get install postgresql)")
    return Path(found).parent


def _as_server() -> list[str]:
    """Return the words before a command so that it runs as an unprivileged user, which PostgreSQL demands."""
    if os.geteuid() != 0:
        return []
    if shutil.which("runuser") is None:
        raise NoPostgresError("PostgreSQL cannot be started by root, and there is no runuser")
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgresError("PostgreSQL cannot be started by root, and there is no user postgres") from None
    return ["runuser", "-u", "postgres", "--"]


@contextmanager
def cluster() -> Iterator[tuple[str, int]]:
    """Yield host and port of a fresh cluster with the user USER, who needs PASSWORD."""
    folder, before = binaries(), _as_server()
    home = Path(tempfile.mkdtemp(prefix="kit-postgres-"))
    data = home / "data"
    try:
        (home / "password").write_text(PASSWORD, encoding="utf-8")
        if before:
            for path in (home, home / "password"):
                shutil.chown(path, "postgres")

        def run(*command: str) -> None:
            done = subprocess.run(
                [*before, *command], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180
            )
            assert done.returncode == 0, done.stdout

        made = ["-D", str(data), "-U", USER, "-A", "scram-sha-256", "--pwfile", str(home / "password")]
        run(str(folder / "initdb"), *made, "--encoding=UTF8", "--locale=C", "--no-sync")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
        # The server keeps the pipe of pg_ctl open, so its log goes to a file.
        start = [
            *before,
            str(folder / "pg_ctl"),
            "-D",
            str(data),
            "-o",
            options,
            "-l",
            str(home / "log"),
            "-w",
            "start",
        ]
        with (home / "pg_ctl.log").open("w") as log:
            started = subprocess.run(start, cwd=home, stdout=log, stderr=log, timeout=180)
        assert started.returncode == 0, (home / "pg_ctl.log").read_text()
        try:
            yield "127.0.0.1", port
        finally:
            run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
