"""Publish a standard again and again, killed before the n-th thing it does to a file; tell what state each kill left.

Run by `test_publishing.py` in a process of its own; prints one line for each kill: n, state before, state after another
publication.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from tests.checking.published import STANDARD, checkout, minutes

EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.copyfile", "shutil.rmtree"}


def state(folder: Path) -> dict[str, object]:
    """Return what anyone who looks now sees."""
    from kit.standard import find_standard, load_standard, read_history
    from kit.standard.history import verify

    return {
        "in_force": load_standard(find_standard("probe")).label,
        "draft": load_standard("probe@draft").document.status,
        "history": [[release.version, release.status] for release in read_history(folder)],
        "damage": [str(p) for release in read_history(folder) for p in verify(folder, release.version)],
        "line": next(line for line in (folder / "standard.yaml").read_text().splitlines() if line.startswith("status")),
        "left": sorted(path.name for path in (folder / "versions").iterdir()) if (folder / "versions").exists() else [],
    }


def publishing(folder: Path, kill_before: int | None) -> int:
    """Publish in a child process; return its wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    from kit.checking.publishing import PublishRefused, publish

    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in EVENTS and arguments and str(folder) in str(arguments[0]):
            if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
                return
            count += 1
            if count == kill_before:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    try:
        publish("probe")
    except PublishRefused:
        os._exit(1)
    os._exit(0)


def main(home: Path) -> None:
    os.environ["KIT_HOME"] = str(home)
    import kit.checking.proofs.proofs
    import kit.checking.publishing  # noqa: F401

    folder = checkout(home, STANDARD.replace("1.0.0", "0.9.0"), record=minutes("probe@0.9.0"))
    assert publishing(folder, None) == 0
    checkout(home, record=minutes("probe@1.0.0"))
    safe = home / "safe"
    shutil.copytree(folder, safe)
    for number in range(1, 500):
        shutil.rmtree(folder)
        shutil.copytree(safe, folder)
        status = publishing(folder, number)
        killed = os.WIFSIGNALED(status)
        seen = state(folder)
        publishing(folder, None)
        print(json.dumps({"n": number, "killed": killed, "seen": seen, "again": state(folder)}))
        if not killed:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
