"""What a standard says of the response: required emergency resources, reach of an accident, typical scenarios."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from kit.standard.fields import Label, Model, Number

Provenance = Literal["illustrative", "found", "memory", "official"]
Kind = Literal["team", "expert", "equipment", "supply", "other"]
Amount = Annotated[Number, Field(ge=0)]


class Resource(Model):
    """应急资源配备: what a unit of each level must hold or be able to call.

    Attributes
    ----------
    name : what it is, as the survey sheet prints it.
    kind : type of DB11/T 1580-2018: team, expert, equipment, supply or other.
    category (`class` in the file) : class below the type, a code of `standards/common/resource_classes.csv`.
    unit : unit of the amounts (人, 具, m³).
    at_least : lowest amount by level, in `unit`; a level that is not named needs none.
    per : formula by which the amount is multiplied (storeys of a building, vehicles of a fleet); 1 without it. Where
        it is unknown the requirement is unknown, not nought.
    minutes : time in which it must be at work, in minutes.
    basis : where the requirement comes from.
    """

    name: Label
    kind: Kind
    category: str = Field(alias="class")
    unit: str
    at_least: dict[str, Amount]
    per: str | None = None
    minutes: Amount
    basis: str | None = None
    provenance: Provenance | None = None


class Impact(Model):
    """影响范围: how far an accident reaches by level of the source, and who is there.

    Attributes
    ----------
    radius_m : radius in metres by level; a level that is not named reaches nobody outside.
    targets : exposed places and people that a plan must look for.
    """

    radius_m: dict[str, Amount]
    targets: list[str] = []
    provenance: Provenance | None = None


class Scenario(Model):
    """典型情景: a course of events and what is done first, for plans and drills.

    Attributes
    ----------
    items : ids of the checklist items whose accident it is.
    course : what happens, with times.
    first_actions : what is done first, in order.
    """

    title: Label
    items: list[str] = Field(min_length=1)
    course: Label
    first_actions: list[str] = Field(min_length=1)


def level_maps(resources: list[Resource], impact: Impact | None) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Return every table by level with its address in the file."""
    found: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        (("resources", place, "at_least"), resource.at_least) for place, resource in enumerate(resources)
    ]
    if impact is not None:
        found.append((("impact", "radius_m"), impact.radius_m))
    return found
