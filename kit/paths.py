"""Where the project keeps things.

The kit works on a checkout: standards, notebooks and samples are text under git beside the package. `KIT_HOME` names
another checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

from kit.errors import KitError


def project_root() -> Path:
    """Return the folder that holds `standards/` and `notebooks/`.

    Looked for in `KIT_HOME`, then upwards from the working folder, then beside the package.

    Raises
    ------
    KitError
        When none of them is a checkout of the kit.
    """
    home = os.environ.get("KIT_HOME")
    candidates = [Path(home)] if home else [Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parent.parent]
    for folder in candidates:
        if (folder / "standards").is_dir() and (folder / "notebooks").is_dir():
            return folder.resolve()
    raise KitError(
        f"no folder with standards/ and notebooks/ found (looked in {candidates[0]} and above). "
        "Run the command inside a checkout of the kit, or set KIT_HOME to one."
    )


def package_assets() -> Path:
    """Return the folder of files shipped inside the package (fonts, map scripts)."""
    return Path(__file__).resolve().parent / "assets"
