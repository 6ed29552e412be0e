"""Code lists that registers refer to (districts, streets, sectors, accident classes, …)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError, did_you_mean
from kit.standard.common_parts import common_folder

if TYPE_CHECKING:
    import pandas as pd

_FOLDER = Path(__file__).resolve().parent / "codes"


def code_lists() -> list[str]:
    """Return the names of the code lists that ship with the kit, sorted."""
    return sorted(_files())


def _files() -> dict[str, Path]:
    """Return the file of each list: the kit's own, and those that standards share."""
    return {path.stem: path for folder in (common_folder(), _FOLDER) for path in folder.glob("*.csv")}


@cache
def _read(name: str) -> pd.DataFrame:
    import pandas as pd

    if name not in code_lists():
        raise KitError(f"no code list named {name!r}; {did_you_mean(name, code_lists())}")
    return pd.read_csv(_files()[name], dtype=str, keep_default_na=False)


def load_codes(name: str) -> pd.DataFrame:
    """Return a code list: all columns text, an unknown value is the empty text, `code` first and `name_zh` second.

    The file is read once; each call returns its own copy.

    Raises
    ------
    KitError
        When there is no list of that name; the message has the names there are.

    Examples
    --------
    >>> districts = load_codes("districts")
    >>> len(districts), districts.loc[0, "name_zh"]
    (17, '东城区')
    """
    return _read(name).copy()


def code_names(name: str) -> dict[str, str]:
    """Return code -> Chinese name of a list.

    Examples
    --------
    >>> code_names("districts")["110115403"]
    '北京经济技术开发区'
    """
    table = _read(name)
    return dict(zip(table["code"], table["name_zh"], strict=True))
