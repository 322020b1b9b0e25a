"""What is known of a client on a day: by hand, by a second implementation, and without a look ahead."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import Caseload, caseload_of, day_number
from plugin.features import Features, features
from plugin.hazard import BASELINE, SLOPES, ChoiceCovariate, NumberCovariate, baseline, columns, design, moments_today
from plugin.records import COMPONENTS, MEASURES, VISIT_STATUSES, Covariate, Episode, Rating, Visit

INTAKE = dt.date(2026, 1, 5)
#: Where the middle client lies on a scale and how far clients differ, as printed in the evidence library's figures.
MEAN = {"bond": 0.75, "goals": 0.75, "tasks": 0.75, "alliance_total": 0.75, "symptoms": 0.45, "satisfaction": 0.8}
SD = {"bond": 0.175, "goals": 0.175, "tasks": 0.175, "alliance_total": 0.175, "symptoms": 0.22, "satisfaction": 0.18}
NOISE = 4.0 / 9.0  # four ratings are reliable to .9 = 4/(4 + 4/9)


def on(days: int) -> dt.date:
    return INTAKE + dt.timedelta(days)


def rating(measure: str, days: int, share: float) -> Rating:
    return Rating(on(days), measure, share, 0.0, 1.0)


def episode(
    number: int = 0, attended: int = 3, planned: int = 12, setting: str = "outpatient", **known: Covariate
) -> Episode:
    return Episode(f"e{number}", f"c{number}", "k", setting, INTAKE, planned, attended, INTAKE, covariates=known)


def seen(rated: list[Rating], booked: list[Visit], days: int) -> Features:
    caseload = caseload_of([episode()], [rated], [booked])
    return moments_today(caseload, day_number(on(days)))


def test_the_mean_of_the_last_four_by_hand() -> None:
    """.2 is the fifth back. (.6 + .7 + .5 + .6)/4 = .6; (.6 − .75)/.175 = −.857143; times 4/(4 + 4/9) = .9."""
    found = seen(
        [
            rating("bond", days, share)
            for days, share in zip((1, 8, 15, 22, 29), (0.2, 0.6, 0.7, 0.5, 0.6), strict=True)
        ],
        [],
        29,
    )
    assert found.measures["bond"] == pytest.approx([-0.771429], abs=1e-6)
    assert found.recent["bond"] == pytest.approx([0.6], abs=1e-15)
    assert np.isnan(found.measures["goals"]).all()
    assert np.isnan(found.recent["tasks"]).all()


def test_a_single_rating_is_trusted_less() -> None:
    """(.4 − .75)/.175 = −2, times 1/(1 + 4/9) = 9/13: −18/13."""
    assert seen([rating("tasks", 3, 0.4)], [], 3).measures["tasks"] == pytest.approx([-18.0 / 13.0], rel=1e-12)


def test_symptoms_change_from_the_first_score_to_the_last() -> None:
    """(.36 − .80)/.22 = −2: two standard deviations better. With one score there is no change to speak of."""
    scores = [rating("symptoms", 0, 0.8), rating("symptoms", 7, 0.1), rating("symptoms", 14, 0.36)]
    assert seen(scores, [], 20).symptoms_change == pytest.approx([-2.0], rel=1e-12)
    assert np.isnan(seen(scores[:1], [], 20).symptoms_change).all()
    assert np.isnan(seen(scores, [], 6).symptoms_change).all()  # by then there was one


def test_the_share_of_the_last_four_visits_that_were_missed() -> None:
    """The first no-show is the fifth back; of four, a no-show and a late cancellation count, a cancellation not."""
    words = ("no_show", "attended", "no_show", "late_cancel", "cancelled")
    booked = [Visit(on(7 * number), word) for number, word in enumerate(words)]
    assert seen([], booked, 28).missed_share.tolist() == [0.5]
    assert seen([], booked, 21).missed_share.tolist() == [0.75]
    assert seen([], booked, 0).missed_share.tolist() == [1.0]
    assert np.isnan(seen([], booked, -1).missed_share).all()
    assert np.isnan(seen([], [], 28).missed_share).all()


EVENTS = st.tuples(
    st.lists(st.tuples(st.sampled_from(MEASURES), st.integers(-3, 30), st.integers(0, 10)), max_size=14),
    st.lists(st.tuples(st.integers(-3, 30), st.sampled_from(VISIT_STATUSES)), max_size=8),
)
CLIENTS = st.lists(EVENTS, min_size=1, max_size=5)
Clients = list[tuple[list[tuple[str, int, int]], list[tuple[int, str]]]]


def made(clients: Clients) -> Caseload:
    """A caseload; of ratings of one measure on one day the last one listed counts."""
    rated = [{(m, day): rating(m, day, share / 10.0) for m, day, share in some}.values() for some, _ in clients]
    booked = [{day: Visit(on(day), status) for day, status in some}.values() for _, some in clients]
    return caseload_of(
        [episode(row) for row in range(len(clients))], [list(r) for r in rated], [list(v) for v in booked]
    )


def rows_of(known: Features) -> np.ndarray:
    """All that is known, a row for each moment, to compare bit by bit."""
    parts = [*known.measures.values(), *known.recent.values(), known.symptoms_change, known.missed_share]
    return np.column_stack(parts)


def same(left: np.ndarray, right: np.ndarray) -> bool:
    return left.tobytes() == right.tobytes() or np.array_equal(left, right, equal_nan=True)


def plainly(some: tuple[list[tuple[str, int, int]], list[tuple[int, str]]], day: int) -> list[float]:
    """The definition, client by client in plain Python, in the order of ``rows_of``."""
    ratings = {(m, d): share / 10.0 for m, d, share in some[0] if d <= day}
    visits = {d: status for d, status in some[1] if d <= day}
    last = {m: [ratings[key] for key in sorted(ratings) if key[0] == m][-4:] for m in MEASURES}
    mean = {m: sum(scores) / len(scores) if scores else math.nan for m, scores in last.items()}
    shrunken = [(mean[m] - MEAN[m]) / SD[m] * len(last[m]) / (len(last[m]) + NOISE) for m in MEASURES]
    symptoms = [ratings[key] for key in sorted(ratings) if key[0] == "symptoms"]
    change = (symptoms[-1] - symptoms[0]) / SD["symptoms"] if len(symptoms) > 1 else math.nan
    recent = [visits[d] for d in sorted(visits)][-4:]
    missed = sum(status in ("no_show", "late_cancel") for status in recent) / len(recent) if recent else math.nan
    return [*shrunken, *(mean[m] for m in COMPONENTS), change, missed]


@given(clients=CLIENTS, days=st.lists(st.integers(-5, 32), min_size=1, max_size=4))
def test_a_second_implementation_agrees(clients: Clients, days: list[int]) -> None:
    caseload = made(clients)
    rows = np.repeat(np.arange(len(clients)), len(days))
    moments = np.tile([day_number(on(day)) for day in days], len(clients))
    found = rows_of(features(caseload, rows, np.zeros(len(rows), dtype=np.int64), moments))
    expected = [plainly(client, day) for client in clients for day in days]
    assert found == pytest.approx(np.array(expected), abs=1e-12, nan_ok=True)


@given(clients=CLIENTS, later=CLIENTS, day=st.integers(-2, 30))
def test_nothing_dated_later_changes_what_is_known(clients: Clients, later: Clients, day: int) -> None:
    """Whatever happens after the day is replaced by something else that happens after it."""
    other = [*later, *[later[-1]] * len(clients)]
    changed = [
        (
            [r for r in rated if r[1] <= day] + [(m, day + 4 + d, share) for m, d, share in more],
            [v for v in booked if v[0] <= day] + [(day + 4 + d, status) for d, status in visited],
        )
        for (rated, booked), (more, visited) in zip(clients, other, strict=False)
    ]
    today = day_number(on(day))
    assert same(rows_of(moments_today(made(clients), today)), rows_of(moments_today(made(changed), today)))


@given(clients=CLIENTS, day=st.integers(-2, 30), data=st.data())
def test_what_is_known_of_a_client_does_not_depend_on_the_others(
    clients: Clients, day: int, data: st.DataObject
) -> None:
    """Bit by bit: alone, in another order, or beside others."""
    today = day_number(on(day))
    caseload = made(clients)
    together = rows_of(moments_today(caseload, today))
    order = np.array(data.draw(st.permutations(range(len(clients)))))
    assert same(rows_of(moments_today(caseload.take(order), today)), together[order])
    for row, client in enumerate(clients):
        assert same(rows_of(moments_today(made([client]), today)), together[[row]])


def x_of(
    caseload: Caseload, days: int, covariates: tuple[NumberCovariate | ChoiceCovariate, ...] = ()
) -> dict[str, tuple[float, bool]]:
    """x of the first client by the names of its columns, and whether it is unknown."""
    found = design(caseload, moments_today(caseload, day_number(on(days))), covariates)
    return dict(zip(columns(covariates), zip(found.x[0], found.missing[0], strict=True), strict=True))


def test_a_part_that_was_not_rated_is_as_the_parts_that_were() -> None:
    """bond .4 is −18/13 and goals .75 is 0, so that tasks are taken as −9/13; the total does not count beside them."""
    rated = [rating("bond", 1, 0.4), rating("goals", 1, 0.75), rating("alliance_total", 1, 0.9)]
    x = x_of(caseload_of([episode()], [rated]), 1)
    assert [x[name][0] for name in COMPONENTS] == pytest.approx([-18 / 13, 0.0, -9 / 13], abs=1e-12)
    assert not any(x[name][1] for name in COMPONENTS)


def test_the_total_stands_for_parts_that_nobody_rated() -> None:
    x = x_of(caseload_of([episode()], [[rating("alliance_total", 1, 0.4)]]), 1)
    assert [x[name] for name in COMPONENTS] == [(pytest.approx(-18 / 13), False)] * 3


def test_nothing_known_is_the_middle_client() -> None:
    x = x_of(caseload_of([episode()]), 1)
    assert [x[name] for name in SLOPES] == [(0.0, True)] * len(SLOPES)


def test_missed_visits_count_from_the_settings_usual_share_in_halves() -> None:
    """Half missed in outpatient care: (.5 − .2)/.5 = .6; in residential care, where .0 is usual, 1."""
    booked = [[Visit(on(1), "no_show"), Visit(on(2), "attended")]]
    assert x_of(caseload_of([episode()], [], booked), 2)["missed_share"] == (pytest.approx(0.6), False)
    assert x_of(caseload_of([episode(setting="residential")], [], booked), 2)["missed_share"] == (1.0, False)


def test_the_bends_of_the_course_by_hand() -> None:
    """Columns: 1, nothing attended yet, 1 to 3 attended, progress − ½ (no further than the plan)."""
    units, planned = np.array([0, 1, 3, 4, 8, 9]), np.full(6, 8)
    assert baseline(units, planned).tolist() == [
        [1.0, 1.0, 0.0, -0.5],
        [1.0, 0.0, 1.0, -0.375],
        [1.0, 0.0, 1.0, -0.125],
        [1.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.5],
        [1.0, 0.0, 0.0, 0.5],
    ]
    assert len(BASELINE) == 4


def test_facts_at_intake_enter_as_the_model_says() -> None:
    """Age 50 around 40 by 20: ½. A level never seen, a blank and a missing column are 0; only numbers are unknown."""
    specs = (NumberCovariate("age", 40.0, 20.0), ChoiceCovariate("referral", ("court", "self")))
    known = x_of(caseload_of([episode(age=50, referral="self")]), 0, specs)
    assert (known["age"], known["referral=court"], known["referral=self"]) == ((0.5, False), (0.0, False), (1.0, False))
    strange = x_of(caseload_of([episode(age=None, referral="friend")]), 0, specs)
    assert (strange["age"], strange["referral=court"], strange["referral=self"]) == (
        (0.0, True),
        (0.0, False),
        (0.0, False),
    )
    nothing = x_of(caseload_of([episode()]), 0, specs)
    assert [nothing[name] for name in ("age", "referral=court", "referral=self")] == [
        (0.0, True),
        (0.0, False),
        (0.0, False),
    ]
