"""Spot checks (抽查): a stratified random sample of the risk sources, and what the checked ones say of all.

The draw depends on the seed and the risk sources alone, not on the order of rows, the machine or a library's random
numbers: each source has the number SHA-256 of "seed:source_id", and a stratum gives its smallest.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from kit.errors import KitError, did_you_mean
from kit.inventory.once import days_of, once
from kit.inventory.spot_estimate import Share, Stratum, stratified_share
from kit.periods import quarter_end
from kit.registers.codes_list import code_names
from kit.standard.loader import read_scales
from kit.standard.yaml_io import read_yaml

Tables = Mapping[str, pd.DataFrame]

LEAST = 2
"""Members that a stratum gives at least: from fewer no spread can be estimated."""
KEPT = ("level", "registered_level", "stratum")
"""What a form keeps of a drawn source besides what it shows."""
_PENDING, _NONE, _UNKNOWN = "pending", "none", ""


@cache
def texts() -> dict[str, Any]:
    """Return the words of spot checks."""
    return dict(read_yaml(Path(__file__).with_name("spot_checks.yaml"))[0])


@dataclass(frozen=True)
class SpotSample:
    """A drawn sample: what is to be checked, and all that is needed to estimate from it and to draw it again.

    Attributes
    ----------
    period, seed, size : of the draw.
    by : the variables of the strata.
    emphasis : level -> by how much more than its share it is drawn.
    strata : frame with `stratum` (its key), `label`, `level`, `population`, `drawn`.
    rows : frame with one row for each drawn source, ordered by district, street, unit and source.
    left_out : reason -> sources that are in no stratum, and rows that repeat a source.
    fingerprint : SHA-256 of the sources with their strata, by which a list can be shown to be the one drawn from.
    made : whether the data are made.
    """

    period: str
    seed: int
    size: int
    by: tuple[str, ...]
    emphasis: dict[str, float]
    strata: pd.DataFrame
    rows: pd.DataFrame
    left_out: dict[str, int]
    fingerprint: str
    made: bool = False

    @property
    def population(self) -> int:
        """Return the number of sources from which was drawn."""
        return int(self.strata["population"].sum())


@cache
def level_names() -> dict[str, str]:
    """Return what the registered level of a source can be, by id in order, worst first, with Chinese names.

    Levels count once confirmed; before that a source is `pending`. A confirmed one without a level is `none`.
    """
    scale = read_scales()["risk"]
    worst_first = scale.names if scale.worst_level == scale.names[0] else list(reversed(scale.names))
    words = texts()
    return {name: scale.levels[name].label.zh for name in worst_first} | {
        _PENDING: words["level_pending"],
        _NONE: words["level_none"],
    }


def draw_sample(
    tables: Tables,
    period: str,
    size: int,
    seed: int,
    *,
    emphasis: Mapping[str, float] | None = None,
    by: Sequence[str] | None = None,
    made: bool = False,
) -> SpotSample:
    """Return a stratified random sample of the risk sources of a quarter.

    Strata are area x sector x level. Where a stratum's share of the sample is below two it is merged with those that
    differ in the first variable only, then in the first two, and so on; the last variable always stays apart. Each
    stratum gives its share of the sample, at least two (all, where it has fewer).

    Parameters
    ----------
    tables : `units` and `risk_sources`. Sources of closed or unknown units are not drawn but counted in `left_out`.
    period : quarter, such as 2019Q4.
    size : how many to draw.
    seed : a whole number from 0; recorded with the sample.
    emphasis : level (`major`, …, `pending`, `none`) -> weight; with 3 its sources are drawn three times as often as
        their share. The estimate takes it back.
    by : variables of the strata out of `district`, `street`, `sector`, `supervision`, `level`, first merged first.

    Raises
    ------
    KitError
        When there are fewer sources than are to be drawn, or too few are to be drawn for two of each level.

    Examples
    --------
    >>> sample = draw_sample(quarter.tables, "2019Q4", 300, seed=20191125)                      # doctest: +SKIP
    >>> sample.rows[["source_id", "unit_name", "level_zh"]]                                     # doctest: +SKIP
    """
    chosen = list(by or texts()["by"])
    weights = _checked_weights(emphasis)
    if seed < 0:
        raise KitError(f"the seed must be a whole number from 0 (given: {seed})")
    frame, left_out = _population(tables, period)
    strange = [name for name in chosen if name not in _VARIABLES]
    if strange or not chosen or len(set(chosen)) < len(chosen):
        raise KitError(f"cannot stratify by {', '.join(chosen)}; {did_you_mean(''.join(strange[:1]), _VARIABLES)}")
    if not 1 <= size <= len(frame):
        raise KitError(f"{size} cannot be drawn: there are {len(frame)} risk sources of open units in {period}")
    frame["weight"] = frame["level"].map(weights).fillna(1.0).astype("float64")
    frame["stratum"] = _merged(frame, chosen, size)
    groups = frame.groupby("stratum", sort=True)
    strata = groups.agg(population=("source_id", "size"), weight=("weight", "sum")).reset_index()
    least = int(strata["population"].clip(upper=LEAST).sum())
    if size < least:
        raise KitError(
            f"{size} are too few: with at least {LEAST} of each of the {len(strata)} strata it takes {least}; "
            "draw more, or stratify by fewer variables"
        )
    strata["drawn"] = _allocated(strata["population"].tolist(), strata["weight"].tolist(), size)
    strata["label"] = [_label(stratum, chosen) for stratum in strata["stratum"]]
    one_level = groups["level"].nunique().eq(1)
    strata["level"] = groups["level"].first().where(one_level).reindex(strata["stratum"]).tolist()
    frame["random"] = [_random(seed, source) for source in frame["source_id"]]
    rows = frame.sort_values(["stratum", "random", "source_id"], kind="stable")
    taken = rows.groupby("stratum").cumcount() < rows["stratum"].map(strata.set_index("stratum")["drawn"])
    return SpotSample(
        period, seed, size, tuple(chosen), {name: weight for name, weight in weights.items() if weight != 1},
        strata[["stratum", "label", "level", "population", "drawn"]], _described(rows[taken]), left_out,
        _fingerprint(frame), made,
    )  # fmt: skip


def _checked_weights(emphasis: Mapping[str, float] | None) -> dict[str, float]:
    wrong = []
    for name, weight in (emphasis or {}).items():
        if name not in level_names():
            wrong.append(f"no level '{name}' to emphasise; {did_you_mean(name, level_names())}")
        elif not 0 < weight < float("inf"):
            wrong.append(f"the weight of '{name}' must be above 0 (given: {weight})")
    if wrong:
        raise KitError("\n".join(wrong))
    return {name: float(weight) for name, weight in (emphasis or {}).items()}


_VARIABLES = ("district", "street", "sector", "supervision", "level")


def _population(tables: Tables, period: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the sources that can be drawn, ordered by number, and how many rows cannot, by reason."""
    given = tables["risk_sources"]
    named = given[given["source_id"].notna()]
    units = once(tables["units"], "unit_id").set_index("unit_id")
    sources = once(named, "source_id")
    closed_at = days_of(sources["unit_id"], units["closed_at"])
    orphan = ~sources["unit_id"].isin(units.index)
    closed = closed_at.notna() & (closed_at <= pd.Timestamp(quarter_end(period)))
    left_out = {"orphan": int(orphan.sum()), "closed": int(closed.sum()), "twice": len(named) - len(sources)}
    frame = sources[~(orphan | closed)].sort_values("source_id", ignore_index=True)
    for column, source in (("unit_name", "name"), *((c, c) for c in ("district", "street", "address", "supervision"))):
        frame[column] = frame["unit_id"].map(units[source])
    confirmed = frame["review_state"].eq("confirmed").fillna(False).astype(bool)
    frame["level"] = frame["reviewed_level"].astype("object").where(frame["reviewed_level"].notna(), _NONE)
    frame["level"] = frame["level"].where(confirmed, _PENDING)
    # What is compared on site: the reviewed level, and the unit's own as long as there is none that counts.
    frame["registered_level"] = frame["reviewed_level"].where(confirmed, frame["self_level"])
    for column in ("district", "street", "sector", "supervision"):
        frame[column] = frame[column].astype("object").where(frame[column].notna(), _UNKNOWN)
    return frame, {reason: count for reason, count in left_out.items() if count}


def _merged(frame: pd.DataFrame, by: Sequence[str], size: int) -> pd.Series[Any]:
    """Return the stratum of each source: its values with | between, * where strata were merged."""
    total = float(frame["weight"].sum())
    stratum = pd.Series("", index=frame.index, dtype="object")
    open_ = pd.Series(True, index=frame.index)
    for merged in range(len(by)):
        parts = [frame[name].astype(str) if at >= merged else "*" for at, name in enumerate(by)]
        key = pd.Series("", index=frame.index, dtype="object")
        for at, part in enumerate(parts):
            key = key + ("|" if at else "") + part
        expected = frame["weight"].where(open_, 0.0).groupby(key).transform("sum") * size / total
        ready = open_ & ((expected >= LEAST) | (merged == len(by) - 1))
        stratum[ready] = key[ready]
        open_ &= ~ready
    return stratum


def _allocated(population: Sequence[int], weight: Sequence[float], size: int) -> list[int]:
    """Return how many each stratum gives: at least two, the rest by shares (Sainte-Laguë), never more than it has."""
    given = [min(LEAST, members) for members in population]
    queue = [(-weight[at] / (2 * given[at] + 1), at) for at in range(len(given)) if given[at] < population[at]]
    heapq.heapify(queue)
    for _ in range(size - sum(given)):
        _, at = heapq.heappop(queue)
        given[at] += 1
        if given[at] < population[at]:
            heapq.heappush(queue, (-weight[at] / (2 * given[at] + 1), at))
    return given


def _names(variable: str) -> dict[str, str]:
    lists = {"district": "districts", "street": "streets_towns", "sector": "sectors"}
    if variable in lists:
        return code_names(lists[variable])
    if variable == "level":
        return level_names()
    from kit.registers.schema import load_schema

    return dict(load_schema("units").fields["supervision"].values or {})


def _label(stratum: str, by: Sequence[str]) -> str:
    words = texts()
    parts = []
    for name, value in zip(by, stratum.split("|"), strict=True):
        if value == "*":
            parts.append(words["every"].get(name, "*"))
        else:
            parts.append(_names(name).get(value, value or words["unknown"]))
    return " / ".join(parts)


def _random(seed: int, source: str) -> str:
    return hashlib.sha256(f"{seed}:{source}".encode()).hexdigest()


def _fingerprint(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for source, stratum in zip(frame["source_id"], frame["stratum"], strict=True):
        digest.update(f"{source}\x00{stratum}\n".encode())
    return digest.hexdigest()


def _described(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.sort_values(["district", "street", "unit_id", "source_id"], ignore_index=True)
    unknown = texts()["unknown"]
    for variable in ("district", "street", "sector", "level"):
        names = _names(variable)
        rows[f"{variable}_zh"] = [names.get(str(value), str(value) or unknown) for value in rows[variable]]
    own = rows["level"].eq(_PENDING) & rows["registered_level"].notna()
    said = [texts()["pending_self"].format(level=level_names().get(str(name))) for name in rows["registered_level"]]
    rows["level_zh"] = rows["level_zh"].where(~own, said)
    rows["position"] = range(1, len(rows) + 1)
    columns = [*texts()["given"], *KEPT]
    return rows[list(dict.fromkeys(columns))]


def estimate(strata: pd.DataFrame, rows: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the estimated share of sources that fail, for each question, over all and for each registered level.

    What was not checked or not answered is unknown: it is taken as missing at random within its stratum in `share`,
    and as failing in `share_worst` and `high_worst`; it never counts as passing.

    Parameters
    ----------
    strata : as `SpotSample` has them.
    rows : the drawn sources with `stratum`, `registered_level`, and the answers `exists`, `level_right`, `measures`,
        `owner` (true or false, null where there is none) and `level_found`.

    Returns
    -------
    Frame with `question`, `group` (`all` or a level), `population`, `drawn`, `checked`, `missing`, `failing`, `share`,
    `error`, `low`, `high` (fractions; `share` null where a stratum was not checked at all), `method`, `share_worst`,
    `high_worst`, and the words of question, group and method.
    """
    words = texts()
    fails = failing_answers(rows)
    groups: dict[str, pd.DataFrame] = {"all": strata}
    # A stratum with several levels says nothing of one of them.
    apart = strata["level"].notna().all()
    for level in level_names():
        if apart and strata["level"].eq(level).any():
            groups[level] = strata[strata["level"] == level]
    found = []
    for question, label in words["results"].items():
        for group, part in groups.items():
            mine = rows["stratum"].isin(part["stratum"])
            share, worst = _shares(part, rows["stratum"][mine], fails[question][mine], confidence)
            drawn = int(part["drawn"].sum())
            found.append(
                {
                    "question": question, "question_zh": label, "group": group,
                    "group_zh": words["overall"] if group == "all" else level_names()[group],
                    "population": share.population, "drawn": drawn, "checked": share.checked,
                    "missing": drawn - share.checked, "failing": share.failing, "share": share.share,
                    "error": share.error, "low": share.low, "high": share.high, "share_worst": worst.share,
                    "high_worst": worst.high, "method": share.method, "method_zh": words["methods"][share.method],
                }
            )  # fmt: skip
    columns = ("share", "error", "low", "high", "share_worst", "high_worst")
    return pd.DataFrame(found).astype(dict.fromkeys(columns, "float64"))


def _shares(strata: pd.DataFrame, of: pd.Series[Any], fails: pd.Series[Any], confidence: float) -> tuple[Share, Share]:
    checked = fails.notna().groupby(of).sum()
    failing = fails.eq(True).fillna(False).astype(bool).groupby(of).sum()
    plain, worst = [], []
    for row in strata.to_dict("records"):
        known, failed = int(checked.get(row["stratum"], 0)), int(failing.get(row["stratum"], 0))
        drawn = int(row["drawn"])
        plain.append(Stratum(int(row["population"]), known, failed))
        worst.append(Stratum(int(row["population"]), drawn, failed + drawn - known))
    return stratified_share(plain, confidence), stratified_share(worst, confidence)


def failing_answers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each source and question whether it fails; null where that is not known.

    A source that is not there fails in everything. `any` is true as soon as one answer is no, false only when all are
    yes. `underrated` is whether the level found on site is worse than the registered one.
    """
    asked = {"exists": "exists", "level": "level_right", "measures": "measures", "owner": "owner"}
    gone = rows["exists"].astype("boolean").eq(False).fillna(False).astype(bool)
    fails = pd.DataFrame(index=rows.index)
    for question, column in asked.items():
        fails[question] = (~rows[column].astype("boolean")).mask(gone, True)
    together = fails["exists"]
    for question in asked:
        together = together | fails[question]
    fails["any"] = together
    worst_first = [name for name in level_names() if name not in (_PENDING, _NONE)]
    rank = {name: -position for position, name in enumerate(worst_first)}
    registered, found = rows["registered_level"].map(rank), rows["level_found"].map(rank)
    lower = (found > registered).astype("boolean").mask(found.isna() | registered.isna(), pd.NA)
    same = rows["level_right"].astype("boolean").eq(True).fillna(False).astype(bool)
    # A source that is not there, or whose level is right, is not rated too low.
    fails["underrated"] = lower.mask(gone | (same & found.isna()), False)
    return fails
