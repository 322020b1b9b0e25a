"""Who is predicted for, from what, and what became of them: by hand, and nothing from the future."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import NO_DAY, Caseload, caseload_of, day_number, ratings, visits
from plugin.evaluation.landmark import MOST_GAPS, Landmark, landmark
from plugin.evidence import evidence_model
from plugin.records import MEASURES, STATUSES, VISIT_STATUSES, Episode, Rating, Visit
from plugin.scores import score
from plugin.simulation import Truth, simulate
from plugin.unit_days import usual_gap

INTAKE = dt.date(2026, 1, 5)
NO_SHOW, CANCELLED = VISIT_STATUSES.index("no_show"), VISIT_STATUSES.index("cancelled")


def on(days: int) -> dt.date:
    return INTAKE + dt.timedelta(days=days)


def episode(name: str, attended: int, last: int | None, status: str, planned: int = 10) -> Episode:
    """Return an episode whose last unit was ``last`` days after intake."""
    day = None if last is None else on(last)
    return Episode(name, f"client {name}", "k", "outpatient", INTAKE, planned, attended, day, status)


def weekly(count: int) -> list[Visit]:
    return [Visit(on(7 * unit), "attended") for unit in range(1, count + 1)]


def test_the_clock_of_the_outcome_by_hand() -> None:
    """Plans of 10: left after 3 (3.5/10), still in care after 4, completed with 8, moved after 6, came to all ten."""
    people = caseload_of(
        [
            episode("a", 3, 21, "dropped_out"),
            episode("b", 4, 28, "open"),
            episode("c", 8, 56, "completed"),
            episode("d", 6, 42, "discharged_other"),
            episode("e", 10, 70, "open"),
            episode("f", 0, None, "dropped_out"),
        ]
    )
    found = landmark(people).outcome
    assert found.time.tolist() == pytest.approx([0.35, 0.4, 1.0, 0.6, 1.0, 0.05])
    assert found.left.tolist() == [True, False, False, False, False, True]
    assert found.followed.tolist() == [True, False, True, False, True, True]


def test_in_care_after_thirty_days() -> None:
    """Weekly visits. By day 30 four units were attended; the clock runs over the six that are left."""
    courses = {
        "goes on": (episode("goes on", 7, 49, "dropped_out"), weekly(7)),
        "left unseen": (episode("left unseen", 4, 28, "dropped_out"), weekly(4)),
        "gone": (episode("gone", 2, 14, "dropped_out"), weekly(2)),
        "done": (episode("done", 3, 21, "completed", planned=8), weekly(3)),
        "moved": (episode("moved", 4, 28, "discharged_other"), weekly(4)),
        "full": (episode("full", 6, 42, "open", planned=4), weekly(6)),
    }
    people = caseload_of([e for e, _ in courses.values()], visited=[v for _, v in courses.values()])
    assert usual_gap(people) == 7
    found = landmark(people, 30)
    assert found.caseload.episode_id.tolist() == ["goes on", "left unseen"]
    assert found.caseload.units_attended.tolist() == [4, 4]
    assert found.outcome.time.tolist() == pytest.approx([3.5 / 6, 0.5 / 6])
    assert found.left_out == {
        "had completed by then": 1,
        "had been discharged for another reason by then": 1,
        "had been silent for longer than 95 of 100 gaps last": 1,
        "had no planned unit left": 1,
    }
    assert sum(found.left_out.values()) + len(found) == len(people)


def test_who_is_overdue_is_told_by_the_silence_alone() -> None:
    """Visits a week apart but for one gap of two: three quarters of the gaps last 7 days, nearly all 14.

    On day 30 two were last seen on day 21. One of them comes back on day 35, the other never: both are overdue.
    """
    slower = [Visit(on(7 * unit), "attended") for unit in (1, 2, 3, 5, 6, 7)]
    courses = [
        (episode("comes back", 6, 49, "completed"), slower),
        (episode("stays away", 3, 21, "dropped_out"), weekly(3)),
        (episode("regular", 7, 49, "completed"), weekly(7)),
    ]
    people = caseload_of([e for e, _ in courses], visited=[v for _, v in courses])
    assert (usual_gap(people, MOST_GAPS), usual_gap(people)) == (7, 14)
    found = landmark(people, 30)
    assert found.caseload.units_attended.tolist() == [3, 3, 4]
    assert found.overdue.tolist() == [True, True, False]
    assert not landmark(people).overdue.any()


def test_gaps_are_those_of_the_setting() -> None:
    """Days in one programme, weeks in another: a week without a session is a long silence in the first alone."""
    daily = replace(episode("daily", 20, 20, "dropped_out", planned=60), setting="residential")
    people = caseload_of([daily, episode("weekly", 10, 70, "completed")], visited=[[], weekly(10)])
    assert landmark(people, 20).caseload.episode_id.tolist() == ["daily", "weekly"]
    later = landmark(people, 25)  # five and four days after the last unit
    assert later.caseload.episode_id.tolist() == ["weekly"]
    assert later.left_out == {"had been silent for longer than 95 of 100 gaps last": 1}
    assert not later.overdue.any()


def test_who_came_after_the_records_end_less_thirty_days_is_not_judged() -> None:
    late = replace(episode("late", 1, None, "open"), intake_date=on(60), last_unit_date=on(61))
    found = landmark(caseload_of([episode("a", 9, 63, "open"), late], visited=[weekly(9), []]), 30)
    assert found.left_out == {"had not been in care for 30 days when the records end": 1}


def test_at_intake_nothing_that_needs_a_unit_is_known() -> None:
    """The first unit is on the day of intake: its rating and its visit bear that day, and tell that it took place."""
    at_intake = [
        Rating(INTAKE, "bond", 5.0, 1.0, 7.0, unit=1),
        Rating(INTAKE, "tasks", 5.0, 1.0, 7.0),
        Rating(INTAKE, "symptoms", 12.0, 0.0, 27.0),
        Rating(INTAKE, "goals", 4.0, 1.0, 7.0, unit=0),
        Rating(on(7), "symptoms", 9.0, 0.0, 27.0),
    ]
    people = caseload_of([episode("a", 3, 14, "completed")], [at_intake], [[Visit(INTAKE, "attended")]])
    known = landmark(people).caseload
    assert [MEASURES[m] for m in known.ratings.measure] == ["goals", "symptoms"]
    assert not len(known.visits.day)
    assert known.units_attended.tolist() == [0]
    assert known.last_unit_day.tolist() == [NO_DAY]


@pytest.fixture(scope="module")
def clinic() -> Caseload:
    return simulate(Truth(), 250, 3).caseload


def with_future(clinic: Caseload, days: int, seed: int) -> Caseload:
    """Return the clinic with other ratings after each landmark, and visits that were not attended.

    The ratings say exactly who leaves, so that a model that saw them would be perfect.
    """
    random = np.random.default_rng(seed)
    moment = clinic.intake_day + days
    r, v = clinic.ratings, clinic.visits
    past = r.day <= moment[r.episode]
    rows = np.arange(len(clinic))
    leaves = clinic.status == STATUSES.index("dropped_out")
    return replace(
        clinic,
        ratings=ratings(
            np.concatenate([r.episode[past], rows]),
            np.concatenate([r.measure[past], np.full(len(rows), MEASURES.index("bond"))]),
            np.concatenate([r.day[past], moment + random.integers(1, 40, len(rows))]),
            np.concatenate([r.unit[past], clinic.units_attended]),
            np.concatenate([r.share[past], 1.0 - leaves]),
        ),
        visits=visits(
            np.concatenate([v.episode, rows]),
            np.concatenate([v.day, moment + random.integers(1, 40, len(rows))]),
            np.concatenate([v.status, np.where(leaves, NO_SHOW, CANCELLED)]),
        ),
    )


@given(days=st.integers(1, 120), seed=st.integers(0, 1000))
def test_ratings_and_missed_visits_of_the_future_are_not_seen(clinic: Caseload, days: int, seed: int) -> None:
    plain, changed = landmark(clinic, days), landmark(with_future(clinic, days, seed), days)
    place = {name: number for number, name in enumerate(changed.caseload.episode_id)}
    # more visits make the records end later, so that a few more have been in care for long enough
    chosen = changed.take(np.array([place[name] for name in plain.caseload.episode_id], dtype=np.int64))
    found = [score(evidence_model(), people.caseload, 10**5) for people in (plain, chosen)]
    assert np.array_equal(found[0].risk_before_completion, found[1].risk_before_completion)
    assert np.array_equal(found[0].terms, found[1].terms)


@given(days=st.integers(1, 60), cut=st.integers(0, 6))
def test_how_an_episode_goes_on_changes_nothing_that_is_known(days: int, cut: int) -> None:
    """Two clients alike up to the day: one goes on to the end, the other comes ``cut`` times more."""
    by_then = days // 7
    attended = min(10, by_then + cut)
    other = episode("b", attended, 7 * attended or None, "dropped_out" if attended < 10 else "completed")
    found = landmark(
        caseload_of([episode("a", 10, 70, "completed"), other], visited=[weekly(10), weekly(attended)]), days
    )
    assert len(found) == 2  # nobody can know yet, even where the second never comes again
    assert found.caseload.units_attended.tolist() == [by_then, by_then]
    assert found.caseload.last_unit_day[0] == found.caseload.last_unit_day[1]
    assert (found.caseload.visits.day <= day_number(on(days))).all()


def test_taking_some_people_keeps_them_whole(clinic: Caseload) -> None:
    everybody = landmark(clinic, 30)
    some: Landmark = everybody.take(np.arange(0, len(everybody), 7))
    assert some.caseload.episode_id.tolist() == everybody.caseload.episode_id[::7].tolist()
    assert some.outcome.time.tolist() == everybody.outcome.time[::7].tolist()
    assert len(some.day) == len(some)
