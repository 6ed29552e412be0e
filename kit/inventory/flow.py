"""The flow of reviews in two tracks: which act is possible where, by whom, and where a risk source stands after it.

The flow itself is declared in `flow.yaml`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kit.errors import did_you_mean
from kit.inventory.store_texts import Finding, Word, word
from kit.standard.fields import Model
from kit.standard.yaml_io import read_model

if TYPE_CHECKING:
    import pandas as pd

STREET, UNIT, DEPARTMENT = "street", "unit", "department"
BEFORE_REVIEW = ("draft", "self_assessed", "returned")
"""States without a reviewed level: a new round takes the level out of force, history keeps it."""


class ActRule(Model):
    """One act of the flow.

    Attributes
    ----------
    by : who may do it: street, unit, department (the one of the unit's track).
    unit : whether it is about a unit's basic information, not about a risk source.
    before (`from` in the file), to : states in which it is possible, and the state after it.
    level : none – the record gives no level; given – it gives one; kept – the level stays.
    result : what `basic_review` of the unit becomes.
    """

    by: list[Literal["street", "unit", "department"]]
    unit: bool = False
    before: list[str] = Field(default_factory=list, alias="from")
    to: str | None = None
    level: Literal["none", "given", "kept"]
    result: str | None = None


class Flow(Model):
    """The declared flow; see `flow.yaml`."""

    format: int
    tracks: dict[str, str]
    levels: list[str]
    start: str
    acts: dict[str, ActRule]

    def possible(self, state: str) -> list[str]:
        """Return the acts that are possible for a source in `state`."""
        return [name for name, act in self.acts.items() if state in act.before]

    def missing(self, state: str, wanted: str, *, public_impact: bool) -> list[str]:
        """Return the shortest row of acts from `state` to `wanted`; nothing where there is none.

        Examples
        --------
        >>> flow().missing("self_assessed", "confirmed", public_impact=True)
        ['sector_accept', 'reassess', 'confirm']
        """
        queue: deque[tuple[str, list[str]]] = deque([(state, [])])
        seen = {state}
        while queue:
            at, path = queue.popleft()
            for name in self.possible(at):
                to = self.acts[name].to
                if to is None or to in seen or (name == "confirm" and public_impact and at != "reassessed"):
                    continue
                if to == wanted:
                    return [*path, name]
                seen.add(to)
                queue.append((to, [*path, name]))
        return []

    def department(self, supervision: str | None) -> str | None:
        """Return the stage that reviews the units of a track; None when the track is not known."""
        return self.tracks.get(supervision or "")


@cache
def flow() -> Flow:
    """Return the flow of reviews."""
    return read_model(Flow, Path(__file__).with_name("flow.yaml"))


@dataclass(frozen=True)
class Act:
    """A review record, as it stands in row `row` (from 1) of the table of reviews."""

    review_id: str
    row: int
    act: str
    stage: str | None
    at: pd.Timestamp
    from_level: str | None
    to_level: str | None
    reason: str | None


@dataclass(frozen=True)
class Standing:
    """Where a risk source stands.

    Attributes
    ----------
    state, self_level, level : as the register has them; `level` is the reviewed level in force.
    last_level : the last reviewed level there was, also before a new round.
    last_at : time of the last record.
    filed, reassessed : whether a new round began, or a re-assessment was made, while acts were applied.
    """

    state: str = "draft"
    self_level: str | None = None
    level: str | None = None
    last_level: str | None = None
    last_at: pd.Timestamp | None = None
    filed: bool = False
    reassessed: bool = False


@dataclass(frozen=True)
class Subject:
    """The risk source and its unit, as far as the flow asks for them.

    Attributes
    ----------
    basic_review : of the unit, as its register says now.
    basic_acts : time and result of the street's records on the unit, in the order of time.
    self_level : what the unit says now.
    filing_changed : whether the unit sent something new since the quarter before.
    measures_changed : whether a measure of the source changed since then.
    """

    source_id: str
    unit_id: str | None
    supervision: str | None
    basic_review: str | None
    public_impact: bool
    self_level: str | None
    filing_changed: bool = True
    measures_changed: bool = False
    basic_acts: tuple[tuple[pd.Timestamp, str], ...] = ()

    def basic_at(self, at: pd.Timestamp) -> str | None:
        """Return how the street had reviewed the unit's basic information at a time.

        What the register says now counts where no record is that old: a unit that was accepted then may have changed
        its information since, and waits again.
        """
        before = [result for when, result in self.basic_acts if when <= at]
        return before[-1] if before else self.basic_review


def walk(
    subject: Subject, standing: Standing, acts: Sequence[Act], *, go_on: bool
) -> tuple[Standing, list[Act], list[Finding]]:
    """Return where a source stands after `acts`, the acts that were taken, and what is wrong with the others.

    Parameters
    ----------
    acts : in the order in which they were done.
    go_on : what follows a wrong act is judged as though that act had been right, so that one mistake is told once;
        otherwise a wrong act is left out.
    """
    taken: list[Act] = []
    findings: list[Finding] = []
    for act in acts:
        rule = flow().acts[act.act]
        # The unit's own filing is its row in the register; a record of it is welcome, not needed.
        silent = "self_assessed" in rule.before and standing.state not in rule.before
        new = subject.filing_changed or standing.state == flow().start
        if silent and new and subject.self_level is not None:
            standing = file(standing, subject.self_level)
        wrong = [
            Finding(name, "reviews", act.row, act.review_id, values)
            for name, values in _faults(subject, standing, act, rule)
        ]
        findings += wrong
        if wrong and not go_on:
            continue
        if not wrong:
            taken.append(act)
        standing = _after(subject, standing, act, rule)
    return standing, taken, findings


def file(standing: Standing, self_level: str | None) -> Standing:
    """Return the standing after the unit assessed itself: a new round, so no reviewed level is in force."""
    return replace(standing, state="self_assessed", self_level=self_level, level=None, filed=True)


def _after(subject: Subject, standing: Standing, act: Act, rule: ActRule) -> Standing:
    last = act.at if standing.last_at is None else max(act.at, standing.last_at)
    if act.act == "self_assess":
        return replace(file(standing, act.to_level or subject.self_level), last_at=last)
    state = rule.to or standing.state
    level = {"none": None, "given": act.to_level, "kept": standing.level}[rule.level]
    return replace(
        standing,
        state=state,
        level=level,
        last_level=standing.last_level if level is None else level,
        last_at=last,
        reassessed=standing.reassessed or act.act == "reassess",
    )


Fault = tuple[str, dict[str, object]]


def _faults(subject: Subject, standing: Standing, act: Act, rule: ActRule) -> Iterator[Fault]:
    """Yield what is wrong with an act at this point, as message and values."""
    name = word("act", act.act)
    wrong_stage = next(stage_faults(subject.unit_id, subject.supervision, act, rule), None)
    if wrong_stage is not None:
        yield wrong_stage
    if standing.last_at is not None and act.at < standing.last_at:
        yield "earlier", {"act": name, "at": _when(act.at), "last": _when(standing.last_at)}
    if standing.state not in rule.before:
        possible = word("act", *flow().possible(standing.state))
        yield "not_possible", {"act": name, "state": word("state", standing.state), "possible": possible}
    elif act.act == "confirm" and subject.public_impact and standing.state != "reassessed":
        yield "not_reassessed", {}
    basic = subject.basic_at(act.at)
    if act.act == "sector_accept" and basic != "accepted":
        yield "not_basic", {"act": name, "unit": subject.unit_id, "basic": word("basic", basic)}
    yield from _level_faults(subject, standing, act, rule)


def stage_faults(unit_id: str | None, supervision: str | None, act: Act, rule: ActRule) -> Iterator[Fault]:
    """Yield what is wrong with who did an act: a street with a level, or the department of the other track."""
    name = word("act", act.act)
    department = flow().department(supervision)
    if DEPARTMENT in rule.by and department is None:
        hint = did_you_mean(supervision or "", flow().tracks)
        yield "no_track", {"unit": unit_id, "supervision": supervision, "hint": hint}
        return
    allowed = [department if who == DEPARTMENT else who for who in rule.by]
    if act.stage in allowed:
        return
    if act.stage == STREET:
        yield "street_level", {"act": name, "allowed": word("stage", *allowed)}
    else:
        values: dict[str, object] = {"act": name, "stage": word("stage", act.stage), "allowed": word("stage", *allowed)}
        yield "wrong_stage", values | {"track": word("track", supervision)}


def _level_faults(subject: Subject, standing: Standing, act: Act, rule: ActRule) -> Iterator[Fault]:
    name, given = word("act", act.act), act.to_level
    if rule.level == "none" and given is not None:
        yield "level_not_allowed", {"act": name, "level": word("level", given)}
    if rule.level == "kept" and given is not None and given != standing.level:
        yield "other_level", {"level": word("level", standing.level), "given": word("level", given)}
    if act.act == "self_assess" or rule.level == "none":
        return
    own = [subject.self_level, standing.last_level] if act.act == "sector_accept" else [standing.level]
    if act.from_level is not None and act.from_level not in own:
        yield "other_from", {"given": word("level", act.from_level), "level": _shown_levels(own)}
    if rule.level != "given":
        return
    if given is None:
        if act.reason is None:
            yield "no_level", {"act": name}
        return
    before = standing.last_level or subject.self_level
    if before is None or rank(given) >= rank(before) or act.reason is not None or subject.measures_changed:
        return
    yield "lowered", {"before": word("level", before), "level": word("level", given)}


def _shown_levels(levels: Sequence[str | None]) -> Word:
    known = list(dict.fromkeys(level for level in levels if level is not None))
    return word("level", *known)


def rank(level: str) -> int:
    """Return the position of a level, low first.

    Examples
    --------
    >>> rank("low"), rank("major")
    (0, 3)
    """
    return flow().levels.index(level)


def _when(at: pd.Timestamp) -> str:
    return at.isoformat(sep=" ", timespec="minutes") if at.time().isoformat() != "00:00:00" else at.date().isoformat()
