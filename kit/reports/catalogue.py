"""The catalogue of report kinds, one file each in `kinds/`, and the check of parameters before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from kit.errors import KitError, Problem, ProblemsError, cut, did_you_mean
from kit.maps.boundaries import areas, find_area
from kit.paths import project_root
from kit.standard.fields import Label, Model
from kit.standard.loader import find_standard, load_standard
from kit.standard.yaml_io import model_problems, read_yaml

KINDS = Path(__file__).with_name("kinds")
ParameterType = Literal["period", "area", "standard", "folder", "text", "integer", "number", "boolean"]
_PERIOD = re.compile(r"(19|20)\d{2}Q[1-4]")


class Parameter(Model):
    """One parameter of a report notebook; without a default it has to be given."""

    type: ParameterType
    label: Label
    default: str | int | float | bool | None = None


class Kind(Model):
    """One kind of report.

    Attributes
    ----------
    one_per : what one report is about; a batch makes one for each area, or one for the city. Reports about a standard
        have nothing to do with a quarter and stand in no batch.
    formats : what a report is written as; the notebook of a kind with more than html gives the finished files.
    notebook : file in `notebooks/reports`.
    file_name : name of the output without suffix; parameters, `area_zh` and `standard_id` may stand in it.
    order : place in lists.
    """

    format: Literal[1]
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    order: int = 100
    title: Label
    one_per: Literal["area", "city", "standard"]
    audience: Label
    notebook: str = Field(pattern=r"^[a-z][a-z0-9_]*\.ipynb$")
    formats: list[Literal["html", "docx", "pdf"]] = Field(min_length=1)
    file_name: str = Field(pattern=r"^[\w{}.-]+$")
    parameters: dict[str, Parameter]

    @property
    def path(self) -> Path:
        """Path of the notebook.

        Raises
        ------
        KitError
            When the file is not there.
        """
        folder = project_root() / "notebooks" / "reports"
        path = folder / self.notebook
        if not path.is_file():
            there = [entry.name for entry in folder.glob("*.ipynb")]
            raise KitError(
                f"report kind {self.id}: notebook {self.notebook} is missing; "
                + did_you_mean(self.notebook, there, allowed="notebooks/reports has")
            )
        return path


def _read(path: Path) -> Kind:
    data, locate = read_yaml(path)
    try:
        kind = Kind.model_validate(data)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, Kind, data, locate, str(path))) from None
    if kind.id != path.stem:
        line, column = locate(("id",))
        raise ProblemsError(
            [Problem(f"id '{kind.id}' must be the file's name, {path.stem}", str(path), line, column, "id")]
        )
    return kind


@cache
def kinds() -> dict[str, Kind]:
    """Return every report kind by its id, in the order of the catalogue.

    Examples
    --------
    >>> list(kinds())[:2]
    ['district_assessment', 'district_capability']
    """
    found = [_read(path) for path in sorted(KINDS.glob("*.yaml"))]
    return {kind.id: kind for kind in sorted(found, key=lambda kind: (kind.order, kind.id))}


def load_kind(name: str) -> Kind:
    """Return the report kind `name`.

    Raises
    ------
    KitError
        When there is none; names the nearest.
    """
    known = kinds()
    if name not in known:
        raise KitError(f"no report kind '{cut(name)}'; {did_you_mean(name, known)}")
    return known[name]


def _checked(name: str, spec: Parameter, given: Any) -> Any:
    """Return the value as the notebook gets it; raise KitError or ValueError saying what is allowed."""
    kind = spec.type
    if kind == "area":
        return find_area(given, name).code
    if kind == "period":
        if isinstance(given, str) and _PERIOD.fullmatch(given):
            return given
        raise ValueError(f"{cut(repr(given))} is no quarter; write year and quarter as 2019Q4")
    if kind == "standard":
        # As an absolute path: the notebook runs in its own folder.
        return str(find_standard(str(given)).resolve())
    if kind == "folder":
        path = Path(str(given)).expanduser()
        if not path.is_dir():
            raise ValueError(f"folder {cut(given)} does not exist; run `kit assess` for the period first")
        return str(path.resolve())
    types: dict[str, tuple[type, ...]] = {
        "text": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
    }  # fmt: skip
    if not isinstance(given, types[kind]) or (isinstance(given, bool) and kind != "boolean"):
        raise ValueError(f"must be {kind}, not {type(given).__name__} ({cut(repr(given))})")
    return given


def check_parameters(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as the notebook gets them: defaults filled in, area as its code, folder absolute.

    Raises
    ------
    ProblemsError
        With every mistake at once: unknown parameter (nearest named), missing one, wrong type, unknown area, bad
        quarter,
        folder that does not exist.

    Examples
    --------
    >>> kind = load_kind("district_assessment")
    >>> check_parameters(kind, {"period": "2019Q4", "area": "朝阳区", "data_dir": "."})["area"]
    '110105'
    """
    problems = [
        Problem(f"unknown parameter; {did_you_mean(name, kind.parameters)}", key=f"{kind.id}.{name}")
        for name in given
        if name not in kind.parameters
    ]
    values: dict[str, Any] = {}
    for name, spec in kind.parameters.items():
        key = f"{kind.id}.{name}"
        value = given.get(name, spec.default)
        if value is None:
            problems.append(Problem(f"parameter is missing ({spec.label.zh}, {spec.type})", key=key))
            continue
        try:
            values[name] = _checked(name, spec, value)
        except (KitError, ValueError) as error:
            problems.append(Problem(str(error), key=key))
    if problems:
        raise ProblemsError(problems, f"report {kind.id}: {len(problems)} parameter problem(s)")
    return values


def file_stem(kind: Kind, values: Mapping[str, Any]) -> str:
    """Return the name of the output without suffix, for example ``110105_朝阳区``.

    Parameters are checked before, so no text from data gets into a file name; what is not a letter, digit, - or _ is
    replaced all the same.
    """
    names = dict(values)
    if "area" in names:
        names["area_zh"] = areas()[names["area"]].name
    for name, spec in kind.parameters.items():
        if spec.type == "standard" and name in names:
            names["standard_id"] = load_standard(names[name]).label
    return re.sub(r"[^\w-]+", "_", kind.file_name.format(**names)).strip("_")
