"""Episodes as columns: the same whatever order they came in, and what belongs together stays together."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import NO_DAY, Caseload, caseload_of, covariate_column, day_number, day_of, ratings, visits
from plugin.records import MEASURES, SETTINGS, STATUSES, VISIT_STATUSES, Episode, Rating, Visit

FIRST = dt.date(2026, 1, 5)
DAYS = st.integers(0, 20).map(lambda days: FIRST + dt.timedelta(days))
RATINGS = st.lists(
    st.builds(
        Rating,
        date=DAYS,
        measure=st.sampled_from(MEASURES),
        score=st.integers(0, 10).map(float),
        scale_min=st.just(0.0),
        scale_max=st.just(10.0),
        unit=st.none() | st.integers(0, 3),
    ),
    max_size=8,
)
VISITS = st.lists(st.builds(Visit, date=DAYS, status=st.sampled_from(VISIT_STATUSES)), max_size=6)
CLIENTS = st.lists(st.tuples(st.sampled_from(SETTINGS), RATINGS, VISITS), min_size=1, max_size=6)
Clients = list[tuple[str, list[Rating], list[Visit]]]


def episode(number: int, setting: str = "outpatient") -> Episode:
    covariates = {"age": 30.0 + number} if number % 2 else {}
    return Episode(f"e{number}", f"c{number}", "k", setting, FIRST, 12, number, FIRST, covariates=covariates)


def caseload(clients: Clients) -> Caseload:
    return caseload_of(
        [episode(number, setting) for number, (setting, _, _) in enumerate(clients)],
        [rated for _, rated, _ in clients],
        [booked for _, _, booked in clients],
    )


def same(left: Caseload, right: Caseload) -> bool:
    plain = ("episode_id", "client", "clinician", "setting", "intake_day", "planned_units", "units_attended", "status")
    pairs = [(getattr(left, name), getattr(right, name)) for name in plain]
    pairs += [
        (getattr(left.ratings, n), getattr(right.ratings, n)) for n in ("episode", "measure", "day", "unit", "share")
    ]
    pairs += [(getattr(left.visits, name), getattr(right.visits, name)) for name in ("episode", "day", "status")]
    pairs += [(left.covariates[name], right.covariates[name]) for name in left.covariates]
    return set(left.covariates) == set(right.covariates) and all(
        np.array_equal(one, other, equal_nan=one.dtype == np.float64) for one, other in pairs
    )


@given(st.dates())
def test_a_day_is_a_number_and_back(day: dt.date) -> None:
    assert day_of(day_number(day)) == day
    assert day_number(day) == (np.datetime64(day) - np.datetime64("1970-01-01")).astype(int)


def test_no_day_is_none() -> None:
    assert day_number(None) == NO_DAY
    assert day_of(NO_DAY) is None


def test_records_become_columns() -> None:
    """9 on a scale of 1 to 9 is all of it, and 3 is a quarter; 2026-01-05 is day 20458."""
    found = caseload_of(
        [
            Episode("e1", "c1", "k1", "iop", FIRST, 30, 2, dt.date(2026, 1, 9), covariates={"referral": "court"}),
            Episode("e2", "c2", "", "residential", dt.date(2026, 1, 6), 90, 0, None, "dropped_out", {"age": 40}),
        ],
        [
            [],
            [
                Rating(dt.date(2026, 1, 8), "tasks", 3.0, 1.0, 9.0),
                Rating(dt.date(2026, 1, 7), "tasks", 9.0, 1.0, 9.0, 1),
            ],
        ],
        [[Visit(dt.date(2026, 1, 9), "attended", 50.0)], []],
    )
    assert found.setting.tolist() == [SETTINGS.index("iop"), SETTINGS.index("residential")]
    assert found.status.tolist() == [STATUSES.index("open"), STATUSES.index("dropped_out")]
    assert found.intake_day.tolist() == [20458, 20459]
    assert found.last_unit_day.tolist() == [20462, NO_DAY]
    assert found.planned_units.tolist() == [30, 90]
    assert found.units_attended.tolist() == [2, 0]
    assert found.clinician.tolist() == ["k1", ""]
    assert found.covariates["referral"].tolist() == ["court", None]
    assert np.array_equal(found.covariates["age"], [np.nan, 40.0], equal_nan=True)
    assert found.ratings.episode.tolist() == [1, 1]
    assert found.ratings.measure.tolist() == [MEASURES.index("tasks")] * 2
    assert found.ratings.day.tolist() == [20460, 20461]  # in the order of days
    assert found.ratings.share.tolist() == [1.0, 0.25]
    assert found.ratings.unit.tolist() == [1, -1]
    assert found.visits.episode.tolist() == [0]
    assert found.visits.status.tolist() == [VISIT_STATUSES.index("attended")]


@pytest.mark.parametrize(
    ("some", "rated", "booked"),
    [
        (episode(0, "ward"), [], []),
        (episode(0), [Rating(FIRST, "bonds", 1.0, 0.0, 10.0)], []),
        (episode(0), [], [Visit(FIRST, "came")]),
    ],
)
def test_a_word_that_is_none_of_ours_is_refused(some: Episode, rated: list[Rating], booked: list[Visit]) -> None:
    with pytest.raises(ValueError, match="tuple"):
        caseload_of([some], [rated], [booked])


@given(clients=CLIENTS, data=st.data())
def test_the_order_in_which_ratings_and_visits_come_does_not_matter(clients: Clients, data: st.DataObject) -> None:
    shuffled = [
        (setting, data.draw(st.permutations(rated)), data.draw(st.permutations(booked)))
        for setting, rated, booked in clients
    ]
    assert same(caseload(shuffled), caseload(clients))


@given(clients=CLIENTS)
def test_what_is_listed_twice_counts_once(clients: Clients) -> None:
    assert same(caseload([(s, rated * 2, booked * 2) for s, rated, booked in clients]), caseload(clients))


@given(clients=CLIENTS)
def test_columns_are_in_order_and_no_place_is_taken_twice(clients: Clients) -> None:
    r, v = caseload(clients).ratings, caseload(clients).visits
    rated = list(zip(r.episode, r.measure, r.day, r.unit, strict=True))
    booked = list(zip(v.episode, v.day, v.status, strict=True))
    assert rated == sorted(set(rated))
    assert booked == sorted(set(booked))
    assert len(rated) == sum(len({(x.date, x.measure, x.unit) for x in one}) for _, one, _ in clients)


@given(clients=CLIENTS, data=st.data())
def test_some_episodes_are_those_episodes_in_that_order(clients: Clients, data: st.DataObject) -> None:
    numbers = list(range(len(clients)))
    rows = data.draw(st.lists(st.sampled_from(numbers), unique=True))
    taken = caseload(clients).take(np.array(rows, dtype=np.int64))
    assert taken.episode_id.tolist() == [f"e{row}" for row in rows]
    mask = np.isin(numbers, rows)
    assert same(caseload(clients).take(mask), caseload(clients).take(np.flatnonzero(mask)))
    if rows:
        picked = caseload_of(
            [episode(row, clients[row][0]) for row in rows],
            [clients[r][1] for r in rows],
            [clients[r][2] for r in rows],
        )
        age = {"age": taken.covariates["age"]} if "age" in taken.covariates else {}
        assert np.array_equal(
            age.get("age", []), [30.0 + row if row % 2 else np.nan for row in rows if age], equal_nan=True
        )
        for name in ("episode", "measure", "day", "unit", "share"):
            assert np.array_equal(getattr(taken.ratings, name), getattr(picked.ratings, name))
        for name in ("episode", "day", "status"):
            assert np.array_equal(getattr(taken.visits, name), getattr(picked.visits, name))


@given(clients=CLIENTS, day=DAYS)
def test_known_on_a_day_is_what_is_dated_up_to_it(clients: Clients, day: dt.date) -> None:
    early = [
        (setting, [r for r in rated if r.date <= day], [v for v in booked if v.date <= day])
        for setting, rated, booked in clients
    ]
    assert same(caseload(clients).known_on(day), caseload(early))


def test_a_covariate_is_numbers_or_text() -> None:
    assert np.array_equal(covariate_column([1, None, 2.5]), [1.0, np.nan, 2.5], equal_nan=True)
    assert covariate_column([1, None, "high"]).tolist() == ["1", None, "high"]
    assert np.isnan(covariate_column([None])).all()


def test_nothing_is_a_caseload_too() -> None:
    empty = caseload_of([])
    assert len(empty) == 0
    assert len(empty.take(np.zeros(0, dtype=np.bool_))) == 0
    assert len(ratings([], [], [], [], []).day) == len(visits([], [], []).day) == 0
