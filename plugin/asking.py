"""What of a request reaches a predictor: what it declared, dated up to the day, without identifiers; or why nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from plugin.contract import Abstention, Need, Request
from plugin.records import MEASURES, Covariate

#: Why a request got no score, for the audit trail.
Cause = Literal["not open", "lacks data", "abstained", "unsound answer", "failed", "too late", "busy"]

KINDS: Final = ("ratings", "visits", "covariate")
MEASURE_WORDS: Final = {"alliance_total": "the alliance as a whole"}


def need_problem(need: object) -> str:
    """Return what is wrong with a declared need; empty where it can be met."""
    if not isinstance(need, Need):
        return f"is a {type(need).__name__}, not a Need"
    if need.kind not in KINDS:
        return f"has the kind {need.kind!r}; write one of {', '.join(KINDS)}"
    if not isinstance(need.names, tuple) or not all(isinstance(name, str) and name for name in need.names):
        return f"{need.kind}: names are no tuple of text"
    if need.kind == "visits" and need.names:
        return "visits: has names; visits have none"
    if need.kind != "visits" and not need.names:
        return f"{need.kind}: names nothing; say which"
    unknown = [name for name in need.names if name not in MEASURES] if need.kind == "ratings" else []
    if unknown:
        return f"ratings: {', '.join(unknown)} is no measure; there are {', '.join(MEASURES)}"
    prefixed = [name for name in need.names if name.startswith("x_")] if need.kind == "covariate" else []
    if prefixed:
        return f"covariate: {', '.join(prefixed)}: leave out x_, which only the files have"
    if not isinstance(need.required, bool):
        return f"{need.kind}: required is neither True nor False"
    days = need.look_back_days
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        return f"{need.kind}: look_back_days is {days!r}; write a number of days from 1, or None"
    return ""


def known_by_then(request: Request) -> Request:
    """Return a request without ratings and visits dated after its day."""
    day = request.as_of
    return replace(
        request,
        ratings=tuple(rating for rating in request.ratings if rating.date <= day),
        visits=tuple(visit for visit in request.visits if visit.date <= day),
    )


def as_declared(request: Request, needs: Sequence[Need]) -> Request:
    """Return a request with nothing but what was declared.

    Episode and client have no name in it: one question is about one client, so a name could only be used to recognise
    somebody. The clinician's stays, since clinicians differ. Covariates are a plain dict, which can be sent to another
    process.
    """
    reach: dict[str, dt.date] = {}
    visits_from = dt.date.max
    covariates: set[str] = set()
    for need in needs:
        since = _since(need, request.as_of)
        if need.kind == "visits":
            visits_from = min(visits_from, since)
        elif need.kind == "covariate":
            covariates.update(need.names)
        else:
            reach.update({name: min(since, reach.get(name, dt.date.max)) for name in need.names})
    kept = {name: value for name, value in request.episode.covariates.items() if name in covariates}
    return replace(
        request,
        episode=replace(request.episode, episode_id="", client_id="", covariates=kept),
        ratings=tuple(r for r in request.ratings if r.measure in reach and r.date >= reach[r.measure]),
        visits=tuple(visit for visit in request.visits if visit.date >= visits_from),
    )


def _since(need: Need, day: dt.date) -> dt.date:
    if need.look_back_days is None:
        return dt.date.min
    return day - dt.timedelta(days=min(need.look_back_days, day.toordinal() - 1))


def unaskable(request: Request) -> Abstention | None:
    """Return why an episode cannot be asked about on its day, whatever the predictor; None where it can."""
    episode, day = request.episode, request.as_of
    if episode.status != "open":
        return Abstention("the episode is not open")
    if episode.units_attended >= episode.planned_units:
        return Abstention("the planned units are done: there is nothing left to predict")
    if episode.intake_date > day:
        return Abstention("the intake lies after the day of the prediction")
    if episode.last_unit_date is not None and episode.last_unit_date > day:
        return Abstention("units after the day of the prediction are counted already, so what was known then is lost")
    return None


def lacking(request: Request, needs: Sequence[Need]) -> Abstention | None:
    """Return what is missing of the needs that are required; None where all of it is there."""
    missing: list[str] = []
    for need in needs:
        if not need.required:
            continue
        within = "" if need.look_back_days is None else f" in the last {need.look_back_days} days"
        since = _since(need, request.as_of)
        if need.kind == "visits":
            if not any(visit.date >= since for visit in request.visits):
                missing.append(f"visits{within}")
        elif need.kind == "ratings":
            rated = {rating.measure for rating in request.ratings if rating.date >= since}
            missing += [f"ratings of {measure_words(name)}{within}" for name in need.names if name not in rated]
        else:
            known = request.episode.covariates
            missing += [name.replace("_", " ") for name in need.names if _unknown(known.get(name))]
    if not missing:
        return None
    return Abstention(f"the model needs {_listed(missing)}, and the record has none")


def measure_words(measure: str) -> str:
    """Return a measure as a clinician would call it.

    >>> measure_words("alliance_total"), measure_words("bond")
    ('the alliance as a whole', 'bond')
    """
    return MEASURE_WORDS.get(measure, measure.replace("_", " "))


def _unknown(value: Covariate) -> bool:
    return value is None or value == "" or value != value  # the last is NaN


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
