"""The sectors of the work plan: by department and annex, with the date by which each needs its standard."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from kit.standard.common_parts import common_folder, common_list, common_order
from kit.standard.yaml_io import read_yaml


@dataclass(frozen=True)
class Sector:
    """One sector (行业领域) of annex 1 or 2.

    Attributes
    ----------
    id : identifier, also that of its standard.
    name_zh : name as the plan prints it.
    department : key in `departments.yaml`.
    annex, annex_row : table of the plan (1 published, 2 new) and its row, which is the department's.
    object_kind : premises, network, project, route or facility.
    industries : classes of GB/T 4754-2017.
    due : day by which the standard has to be there.
    """

    id: str
    name_zh: str
    name_en: str
    department: str
    annex: int
    annex_row: int
    object_kind: str
    industries: tuple[str, ...]
    due: dt.date


def plan() -> dict[str, Any]:
    """Return what `standards/common/plan.yaml` says of the plan's dates."""
    return dict(read_yaml(common_folder() / "plan.yaml")[0])


def due_date(annex: int) -> dt.date:
    """Return the day by which the plan wants the standards of an annex.

    Examples
    --------
    >>> due_date(1).isoformat(), due_date(2).isoformat()
    ('2019-07-31', '2019-09-30')
    """
    found = plan()["standards"][str(annex)]["due"]
    return found if isinstance(found, dt.date) else dt.date.fromisoformat(str(found))


def sectors() -> list[Sector]:
    """Return the sectors in the order of the plan: by annex, by department, by name as printed.

    Examples
    --------
    >>> [sector.id for sector in sectors()][:3]
    ['building_construction', 'electric_power', 'city_gas']
    """
    order = common_order("departments")
    due = {annex: due_date(annex) for annex in (1, 2)}
    found = [
        Sector(
            row["code"], row["name_zh"], row["name_en"], row["department"], int(row["annex"]), int(row["annex_row"]),
            row["object_kind"], tuple(code for code in row["industries"].split(";") if code), due[int(row["annex"])],
        )
        for row in common_list("sectors")
    ]  # fmt: skip
    return sorted(found, key=lambda sector: (sector.annex, order.get(sector.department, 99)))
