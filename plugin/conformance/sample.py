"""The questions of the kit: simulated clients of every setting, their edges, and whatever a predictor needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from plugin.asking import as_declared, lacking
from plugin.contract import Need, Request
from plugin.records import COMPONENTS, SETTINGS, STATUSES, Covariate, Episode, Rating, Visit
from plugin.risk_table import requests
from plugin.simulation import Truth, simulate

SEED: Final = 20
PER_SETTING: Final = 10
LONGEST_PLAN: Final = 400
_CANDIDATES: Final = 80
_FIRST_DAY: Final = dt.date(2025, 3, 31)  # each setting is asked about on a day of its own
_MINUTES: Final = 50.0


@cache
def everyone() -> tuple[Request, ...]:
    """Return open simulated clients with all that is known of them; the same ones each time.

    Every setting is there, clients before their first unit and before their last, plans of 1 and of 400 units, scales
    of ratings that differ, visits with and without minutes, ratings without a unit, and a client without clinician.
    """
    found = [request for place, name in enumerate(SETTINGS) for request in _of_setting(name, place)]
    return (*found, *_edges(found))


def questions(needs: Sequence[Need]) -> tuple[Request, ...]:
    """Return the clients as the host would ask a predictor about them: what it requires is there, nothing undeclared.

    Covariates that simulated clients do not have are numbers for one client and text for the next.
    """
    return tuple(as_declared(request, needs) for request in in_full(needs))


def in_full(needs: Sequence[Need]) -> tuple[Request, ...]:
    """Return the same clients with what a predictor requires and also all that it did not declare."""
    return tuple(_complete(request, needs, place) for place, request in enumerate(everyone()))


def _of_setting(setting: str, place: int) -> list[Request]:
    day = _FIRST_DAY + dt.timedelta(days=37 * place)
    clinic = simulate(Truth(setting=setting, intake_days=120, clinicians=4), _CANDIDATES, SEED + place, day).caseload
    open_ones = np.flatnonzero(clinic.status == STATUSES.index("open"))
    chosen = open_ones[np.linspace(0, len(open_ones) - 1, PER_SETTING).round().astype(np.int64)]
    return [_varied(each, number) for number, each in enumerate(requests(clinic.take(np.unique(chosen)), day))]


def _varied(request: Request, number: int) -> Request:
    """Return a client whose records are kept in one of the ways in which clinics keep them."""
    low, high = ((0.0, 1.0), (1.0, 7.0), (0.0, 10.0))[number % 3]
    rated = [replace(r, score=low + r.score * (high - low), scale_min=low, scale_max=high) for r in request.ratings]
    if number % 2:
        rated = [replace(rating, unit=None) for rating in rated]
    totals = [replace(rating, measure="alliance_total") for rating in rated if rating.measure == COMPONENTS[0]]
    minutes = _MINUTES if number % 2 else None
    booked = tuple(replace(visit, minutes=minutes if visit.status == "attended" else None) for visit in request.visits)
    return replace(request, ratings=(*rated, *totals), visits=booked)


def _edges(found: Sequence[Request]) -> list[Request]:
    under_way = [request for request in found if request.episode.units_attended > 1]
    new = next(request for request in found if request.episode.units_attended == 0)

    def edge(request: Request, **changes: object) -> Request:
        return replace(request, episode=replace(request.episode, **changes))  # type: ignore[arg-type]

    almost = under_way[0].episode
    return [
        edge(new, planned_units=1),
        edge(under_way[1], planned_units=LONGEST_PLAN),
        edge(under_way[0], planned_units=almost.units_attended + 1),
        edge(under_way[-1], clinician_id=""),
        edge(under_way[2], covariates=dict.fromkeys(under_way[2].episode.covariates)),
        replace(under_way[3], as_of=under_way[3].as_of + dt.timedelta(days=200)),  # nothing was heard of them since
    ]


def _complete(request: Request, needs: Sequence[Need], place: int) -> Request:
    """Return a request with declared covariates, and with what is required where the records have none."""
    episode = request.episode
    covariates = dict(episode.covariates)
    for name in (name for need in needs if need.kind == "covariate" for name in need.names):
        covariates.setdefault(name, _made_up(place))
    request = replace(request, episode=replace(episode, covariates=covariates))
    for need in needs:
        if need.required and lacking(request, [need]) is not None:
            request = _supplied(request, need, place)
    return request


def _supplied(request: Request, need: Need, place: int) -> Request:
    day = request.as_of
    if need.kind == "visits":
        return replace(request, visits=(*request.visits, Visit(day, "attended", _MINUTES)))
    if need.kind == "ratings":
        added = tuple(Rating(day, name, float(1 + place % 6), 0.0, 7.0) for name in need.names)
        return replace(request, ratings=(*request.ratings, *added))
    known = {**request.episode.covariates}
    known |= {name: _made_up(place) for name in need.names if known.get(name) in (None, "")}
    return replace(request, episode=replace(request.episode, covariates=known))


def _made_up(place: int) -> Covariate:
    return "no" if place % 2 else float(place % 5)


def without_history(request: Request) -> Request:
    """Return a client of whom nothing is known but that they came to intake: no rating, visit, unit or covariate."""
    episode = replace(request.episode, units_attended=0, last_unit_date=None, clinician_id="", covariates={})
    return replace(request, episode=episode, ratings=(), visits=())


def told(request: Request) -> str:
    """Return a simulated client in words, to find again: setting, progress and day."""
    episode: Episode = request.episode
    rated, booked = len(request.ratings), len(request.visits)
    return (
        f"a simulated client ({episode.setting}, {episode.units_attended} of {episode.planned_units} units, "
        f"{rated} ratings, {booked} visits, as of {request.as_of})"
    )
