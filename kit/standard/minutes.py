"""The written minutes of the experts' review (专家评审纪要), without which no standard is published.

The three-year plan asks that what is handed in passes a review by at least seven experts with written minutes
(北京市城市安全风险评估三年工作方案, 四（五）). They lie beside the standard as `minutes.yaml`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import Field

from kit.errors import Problem
from kit.standard.fields import Model
from kit.standard.yaml_io import read_yaml, validate_model

MINUTES = "minutes.yaml"
FEWEST = 7


class Expert(Model):
    """A member of the panel.

    Attributes
    ----------
    conflict : whether the expert has an interest in the matter; such a one does not count among the seven.
    signed : whether the minutes bear the expert's signature.
    """

    name: str = Field(min_length=1)
    employer: str = Field(min_length=1)
    title: str | None = None
    speciality: str = Field(min_length=1)
    conflict: bool = False
    signed: bool = False


class Opinion(Model):
    """A demand of the panel, and what became of it."""

    text: str = Field(min_length=1)
    adopted: bool | None = None
    reply: str | None = None


class Minutes(Model):
    """`minutes.yaml`.

    Attributes
    ----------
    subject : what was reviewed, as `id@version`.
    verdict : `passed`, `passed_after_changes` (every opinion must then have an answer) or `rejected`.
    made : the minutes are an example, no such meeting was held.
    """

    format: Literal[1]
    subject: str
    held_at: dt.date
    place: str | None = None
    chair: str = Field(min_length=1)
    experts: list[Expert]
    opinions: list[Opinion] = []
    verdict: Literal["passed", "passed_after_changes", "rejected"]
    made: bool = False


def minutes_problems(folder: Path, label: str) -> list[Problem]:
    """Return why the minutes in `folder` do not carry the publication of `label` (`id@version`); nothing when they do.

    Raises
    ------
    ProblemsError
        When the file has unknown keys or values that cannot be meant.
    """
    file = folder / MINUTES
    if not file.is_file():
        return [
            Problem(
                f"no minutes of an expert review; a panel of at least {FEWEST} experts has to pass {label}. "
                f"Put its minutes beside the standard as {MINUTES}: subject, held_at, chair, experts, verdict",
                str(file),
            )
        ]
    data, locate = read_yaml(file)
    minutes = validate_model(Minutes, data, locate, file)
    found: list[Problem] = []

    def wrong(message: str, *address: str | int) -> None:
        line, column = locate(address)
        found.append(Problem(message, str(file), line, column, ".".join(map(str, address)) or None))

    if minutes.subject != label:
        wrong(f"the minutes are about {minutes.subject}, not {label}; the panel has to see this version", "subject")
    seen: dict[tuple[str, str], int] = {}
    counting = 0
    for position, expert in enumerate(minutes.experts):
        key = (expert.name.strip(), expert.employer.strip())
        if key in seen:
            wrong(f"{expert.name} of {expert.employer} stands twice; each expert counts once", "experts", position)
        elif expert.conflict:
            pass
        elif not expert.signed:
            wrong(f"{expert.name} has not signed; write signed: true once the paper is signed", "experts", position)
        else:
            counting += 1
        seen.setdefault(key, position)
    if counting < FEWEST:
        wrong(
            f"{counting} expert{'s' if counting != 1 else ''} without conflict of interest signed, at least {FEWEST} "
            f"are needed; {FEWEST - counting} more",
            "experts",
        )
    if minutes.chair.strip() not in {expert.name.strip() for expert in minutes.experts}:
        wrong(f"the chair {minutes.chair} is not among the experts", "chair")
    if minutes.verdict == "rejected":
        wrong("the panel rejected the text", "verdict")
    for position, opinion in enumerate(minutes.opinions):
        if minutes.verdict == "passed_after_changes" and opinion.adopted is None:
            wrong("passed after changes, but the opinion has no answer; write adopted: true or false and reply:",
                  "opinions", position)  # fmt: skip
        if opinion.adopted is False and not opinion.reply:
            wrong("an opinion that was not adopted needs its reason in reply:", "opinions", position)
    return found
