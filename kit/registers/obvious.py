"""Risk sources that a unit has by its own answers: lines of suggestion lists, in `obvious_sources.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kit.standard.yaml_io import read_yaml

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Obvious:
    """A checklist item that no unit lacks whose survey answers are as in `when`: field -> one of the values."""

    sector: str
    item: str
    when: dict[str, tuple[str, ...]]

    def concerns(self, survey: pd.DataFrame) -> pd.Series:
        """Return which rows of a survey are of units that must have the source; blank answers are not."""
        import pandas as pd

        found = pd.Series(True, index=survey.index)
        for name, allowed in self.when.items():
            found &= survey[name].isin(allowed)
        return found


@cache
def obvious_sources() -> tuple[Obvious, ...]:
    """Return every such line.

    Examples
    --------
    >>> obvious_sources()[0].item
    'catering_s01'
    """
    data, _ = read_yaml(Path(__file__).with_name("obvious_sources.yaml"))
    return tuple(
        Obvious(str(sector), str(line["item"]), {str(k): tuple(map(str, v)) for k, v in line["when"].items()})
        for sector, lines in data.items()
        for line in lines
    )
