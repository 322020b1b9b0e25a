"""What of a request reaches a predictor, and why some are never asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from bad_predictors import DAY, request
from hypothesis import given
from hypothesis import strategies as st

from plugin.asking import as_declared, known_by_then, lacking, need_problem, unaskable
from plugin.contract import Abstention, Need, Request
from plugin.records import MEASURES, VISIT_STATUSES, Rating, Visit

NAMES = ("age", "site", "referral_source")


def ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days)


def bond(days: int) -> Rating:
    return Rating(ago(days), "bond", 3.0, 1.0, 5.0)


def asked(days: tuple[int, ...] = (), visited: tuple[int, ...] = (), **known: Any) -> Request:
    about = request(3, covariates=known)
    return replace(about, ratings=tuple(map(bond, days)), visits=tuple(Visit(ago(day), "attended") for day in visited))


days_ago = st.integers(-400, 400).map(ago)
look_back = st.none() | st.integers(1, 500) | st.just(10**9)
requests = st.builds(
    lambda known, ratings, visits: replace(request(3, covariates=known), ratings=tuple(ratings), visits=tuple(visits)),
    st.dictionaries(st.sampled_from(NAMES), st.none() | st.floats() | st.text(max_size=3)),
    st.lists(st.builds(Rating, days_ago, st.sampled_from(MEASURES), st.just(3.0), st.just(1.0), st.just(5.0))),
    st.lists(st.builds(Visit, days_ago, st.sampled_from(VISIT_STATUSES))),
)
needs = st.lists(
    st.builds(
        Need, st.just("ratings"), st.lists(st.sampled_from(MEASURES), min_size=1).map(tuple), st.booleans(), look_back
    )
    | st.builds(Need, st.just("visits"), st.just(()), st.booleans(), look_back)
    | st.builds(
        Need, st.just("covariate"), st.lists(st.sampled_from(NAMES), min_size=1).map(tuple), st.booleans(), st.none()
    ),
    max_size=4,
)


def reaches(need: Need, day: dt.date) -> bool:
    return need.look_back_days is None or (DAY - day).days <= need.look_back_days


@given(requests, needs)
def test_a_fact_gets_through_if_and_only_if_it_is_declared_and_known_by_then(
    about: Request, wanted: list[Need]
) -> None:
    assert not any(map(need_problem, wanted))
    seen = as_declared(known_by_then(about), wanted)
    assert seen.ratings == tuple(
        rating
        for rating in about.ratings
        if rating.date <= DAY and any(rating.measure in n.names and reaches(n, rating.date) for n in wanted)
    )
    assert seen.visits == tuple(
        visit
        for visit in about.visits
        if visit.date <= DAY and any(n.kind == "visits" and reaches(n, visit.date) for n in wanted)
    )
    declared = {name for n in wanted if n.kind == "covariate" for name in n.names}
    assert dict(seen.episode.covariates).keys() == about.episode.covariates.keys() & declared
    assert type(seen.episode.covariates) is dict
    assert (seen.episode.episode_id, seen.episode.client_id) == ("", "")
    told = replace(seen.episode, episode_id="episode-3", client_id="client-3", covariates=about.episode.covariates)
    assert told == about.episode  # the rest is as it was, the clinician too


@given(requests, needs)
def test_the_longest_way_back_counts_and_declaring_more_never_takes_away(about: Request, wanted: list[Need]) -> None:
    less, more = as_declared(about, wanted[:-1]), as_declared(about, wanted)
    assert set(less.ratings) <= set(more.ratings)
    assert set(less.visits) <= set(more.visits)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "completed"}, "the episode is not open"),
        ({"status": "dropped_out"}, "the episode is not open"),
        ({"units_attended": 200}, "the planned units are done: there is nothing left to predict"),
        ({"intake_date": ago(-1)}, "the intake lies after the day of the prediction"),
        (
            {"last_unit_date": ago(-1)},
            "units after the day of the prediction are counted already, so what was known then is lost",
        ),
    ],
)
def test_an_episode_that_cannot_be_asked_about(changed: dict[str, Any], said: str) -> None:
    assert unaskable(request(3, **changed)) == Abstention(said)


def test_an_episode_on_the_edge_can_be_asked_about() -> None:
    assert unaskable(request(199, intake_date=DAY, last_unit_date=DAY)) is None


@pytest.mark.parametrize(
    ("need", "about", "missing"),
    [
        (Need("visits", (), True), asked(), "visits"),
        (Need("visits", (), True), asked(visited=(300,)), None),
        (Need("visits", (), True, 14), asked(visited=(15,)), "visits in the last 14 days"),
        (Need("visits", (), True, 14), asked(visited=(14,)), None),
        (Need("ratings", ("bond",), True, 14), asked((15,)), "ratings of bond in the last 14 days"),
        (Need("ratings", ("bond",), True, 14), asked((14,)), None),
        (Need("ratings", ("bond", "goals", "tasks"), True), asked((1,)), "ratings of goals and ratings of tasks"),
        (Need("covariate", ("referral_source",), True), asked(), "referral source"),
        (Need("covariate", ("age",), True), asked(age=None), "age"),
        (Need("covariate", ("age",), True), asked(age=float("nan")), "age"),
        (Need("covariate", ("site",), True), asked(site=""), "site"),
        (Need("covariate", ("age",), True), asked(age=0.0), None),
        (Need("covariate", ("age",)), asked(), None),
    ],
)
def test_what_is_required_and_missing_is_said(need: Need, about: Request, missing: str | None) -> None:
    expected = missing and Abstention(f"the model needs {missing}, and the record has none")
    assert lacking(about, [need]) == expected


def test_all_that_is_missing_is_said_at_once() -> None:
    wanted = [Need("ratings", ("alliance_total",), True), Need("visits", (), True), Need("covariate", ("age",), True)]
    assert lacking(asked(), wanted) == Abstention(
        "the model needs ratings of the alliance as a whole, visits and age, and the record has none"
    )


@given(requests, needs)
def test_what_a_client_is_never_stands_in_the_reason(about: Request, wanted: list[Need]) -> None:
    """The reason is made of what was declared alone: another client who lacks the same reads the same."""
    found = lacking(about, wanted)
    bare = replace(about, episode=replace(about.episode, client_id="x", episode_id="y", clinician_id="z"))
    assert found == lacking(bare, wanted)
    if not any(need.required for need in wanted):
        assert found is None
