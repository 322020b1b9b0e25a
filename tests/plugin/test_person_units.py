"""Which rows a fit sees, on which day each stands, and what was known then."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import Caseload, caseload_of, day_number
from plugin.person_units import PersonUnits, person_units
from plugin.records import Episode, Rating, Visit
from plugin.retention import cumulative_hazard
from plugin.simulation import Simulated, Truth, simulate
from plugin.unit_days import as_known_on, unit_days, usual_gap

DAY = dt.timedelta(days=1)
START = dt.date(2025, 1, 6)


def episode(number: int = 1, attended: int = 0, status: str = "open", days: int = 7, planned: int = 4) -> Episode:
    """An episode of ``attended`` units, one every ``days`` days from intake on."""
    last = START + attended * days * DAY if attended else None
    return Episode(f"e{number}", f"c{number}", "k1", "outpatient", START, planned, attended, last, status)


def day_after(days: int) -> int:
    return day_number(START + days * DAY)


def rows_of(caseload: Caseload, settled_by: int | None = None) -> list[tuple[int, int, bool]]:
    rows = person_units(caseload, settled_by)
    return list(zip(rows.episode.tolist(), rows.unit.tolist(), rows.left.tolist(), strict=True))


@pytest.mark.parametrize(
    ("status", "attended", "expected"),
    [
        ("open", 0, []),  # nobody can tell yet
        ("open", 2, [(0, False), (1, False)]),
        ("completed", 4, [(0, False), (1, False), (2, False), (3, False)]),
        ("completed", 2, [(0, False), (1, False)]),  # ended early by agreement
        ("discharged_other", 2, [(0, False), (1, False)]),
        ("dropped_out", 0, [(0, True)]),  # never came
        ("dropped_out", 2, [(0, False), (1, False), (2, True)]),
        ("dropped_out", 3, [(0, False), (1, False), (2, False), (3, True)]),
        ("dropped_out", 4, [(0, False), (1, False), (2, False), (3, False)]),  # the plan was done: nothing fell short
        ("completed", 6, [(0, False), (1, False), (2, False), (3, False)]),  # beyond the plan nothing can fall short
    ],
)
def test_rows_of_one_episode_of_four_planned_units(
    status: str, attended: int, expected: list[tuple[int, bool]]
) -> None:
    found = rows_of(caseload_of([episode(attended=attended, status=status)]))
    assert found == [(0, unit, left) for unit, left in expected]


def test_rows_stand_in_the_order_of_episode_and_unit() -> None:
    caseload = caseload_of([episode(1, 1, "dropped_out"), episode(2, 0, "open"), episode(3, 1, "open")])
    assert rows_of(caseload) == [(0, 0, False), (0, 1, True), (2, 0, False)]


def test_days_are_those_of_attended_visits_where_there_is_one_for_each_unit() -> None:
    days = [(3, "attended"), (5, "no_show"), (9, "attended"), (12, "cancelled"), (14, "attended")]
    visits = [Visit(START + days * DAY, status) for days, status in days]
    caseload = caseload_of([episode(attended=3, days=5)], visited=[visits])
    assert (person_units(caseload).day - day_after(0)).tolist() == [0, 3, 9]  # of units 0, 1 and 2


def test_without_visits_units_are_spread_evenly_and_rounded_down() -> None:
    """Three units from day 0 to day 10: 10/3 = 3.3 and 20/3 = 6.7 days."""
    own = Episode("e", "c", "k", "outpatient", START, 8, 3, START + 10 * DAY, "open")
    days = unit_days(caseload_of([own]))
    assert (days.day(np.zeros(4, int), np.arange(4)) - day_after(0)).tolist() == [0, 3, 6, 10]


def test_visits_that_do_not_add_up_to_the_units_do_not_date_them() -> None:
    visits = [Visit(START + DAY, "attended")]  # records of visits began late, or one is missing
    caseload = caseload_of([episode(attended=2, days=5)], visited=[visits])
    assert (person_units(caseload).day - day_after(0)).tolist() == [0, 5]


def test_a_row_knows_what_is_dated_up_to_its_day_and_nothing_later() -> None:
    """Units on days 7 and 14, a rating on each and one on day 8; the second row stands on day 7."""
    rated = [Rating(START + days * DAY, "bond", score, 0.0, 10.0) for days, score in [(7, 9.0), (8, 1.0), (14, 1.0)]]
    rows = person_units(caseload_of([episode(attended=2, status="dropped_out")], [rated]))
    recent = rows.known().recent["bond"]
    assert np.isnan(recent[0])
    assert recent[1] == 0.9
    assert recent[2] == pytest.approx((0.9 + 0.1 + 0.1) / 3)


def test_the_hazard_of_a_row_is_the_step_of_the_published_course() -> None:
    rows = person_units(caseload_of([episode(attended=3, status="dropped_out")]))
    course = cumulative_hazard(np.zeros(5, int), np.full(5, 4), np.arange(5))
    assert rows.hazard() == pytest.approx(np.diff(course))


def test_rows_too_recent_to_be_settled_are_left_out() -> None:
    caseload = caseload_of([episode(1, 3, "open"), episode(2, 2, "dropped_out")])
    assert rows_of(caseload, day_after(7)) == [(0, 0, False), (0, 1, False), (1, 0, False), (1, 1, False)]


def test_the_usual_gap_is_one_that_nineteen_of_twenty_do_not_exceed() -> None:
    """One gap of 30 days among 60 of a week is a rare one, among 10 it is not."""
    week, month = [episode(number, 1) for number in range(60)], episode(99, 1, days=30)
    assert usual_gap(caseload_of([*week, month])) == 7
    assert usual_gap(caseload_of([*week[:10], month])) == 30
    assert usual_gap(caseload_of([episode(1, 0)])) == 0


class TestAsKnownOn:
    """Units a week apart; episode 0 has 3 and drops out, 1 has 3 and is open, 2 has 4 and completed."""

    caseload = caseload_of([episode(1, 3, "dropped_out"), episode(2, 3, "open"), episode(3, 4, "completed")])

    def known(self, days: int) -> tuple[list[int], list[int]]:
        then = as_known_on(self.caseload, START + days * DAY)
        return then.units_attended.tolist(), then.status.tolist()

    def test_later_units_are_taken_away(self) -> None:
        assert self.known(20) == ([2, 2, 2], [0, 0, 0])

    def test_a_completed_episode_was_open_before_its_last_unit(self) -> None:
        assert self.known(27)[1][2] == 0
        assert self.known(28)[1][2] == 1

    def test_who_left_is_known_to_have_left_after_the_usual_gap_and_not_before(self) -> None:
        assert self.known(27)[1][0] == 0  # the last unit was on day 21, and a gap of seven days is usual
        assert self.known(28)[1][0] == 2

    def test_the_last_day_goes_with_the_units(self) -> None:
        then = as_known_on(self.caseload, START + 15 * DAY)
        assert (then.last_unit_day - day_after(0)).tolist() == [14, 14, 14]

    def test_nothing_is_known_before_intake(self) -> None:
        assert len(as_known_on(self.caseload, START - DAY)) == 0

    def test_ratings_and_visits_of_later_days_are_taken_away(self) -> None:
        rated = [[Rating(START + days * DAY, "bond", 5.0, 0.0, 10.0) for days in (1, 9)]]
        visited = [[Visit(START + days * DAY, "no_show") for days in (1, 9)]]
        then = as_known_on(caseload_of([episode(1, 3)], rated, visited), START + 8 * DAY)
        assert then.ratings.day.tolist() == then.visits.day.tolist() == [day_after(1)]


@pytest.fixture(scope="module")
def clinic() -> Simulated:
    return simulate(Truth(), 300, seed=5)


@given(first=st.integers(0, 800), second=st.integers(0, 800))
def test_what_was_known_on_a_day_does_not_depend_on_when_one_asks(clinic: Simulated, first: int, second: int) -> None:
    """Hindsight from a later day, itself seen in hindsight, is the same: nothing of the future gets in."""
    start = dt.date(2024, 6, 1)
    early, late = start + min(first, second) * DAY, start + max(first, second) * DAY
    once, twice = as_known_on(clinic.caseload, early), as_known_on(as_known_on(clinic.caseload, late), early)
    for column in ("episode_id", "units_attended", "last_unit_day", "status"):
        assert np.array_equal(getattr(once, column), getattr(twice, column)), column
    assert np.array_equal(once.ratings.share, twice.ratings.share)
    assert np.array_equal(once.visits.status, twice.visits.status)


def test_rows_of_a_simulated_clinic_are_those_at_which_its_clients_could_leave(clinic: Simulated) -> None:
    """The simulator draws whoever is in care after unit k; a row is one draw, and its fate is what was drawn."""
    rows: PersonUnits = person_units(clinic.caseload)
    assert not np.isnan(clinic.leaving[rows.episode, rows.unit]).any()
    gone = rows.left
    assert np.array_equal(rows.unit[gone], clinic.last_unit[rows.episode[gone]])
    assert gone.sum() == (clinic.caseload.status == 2).sum()
    assert (rows.unit[~gone] < clinic.last_unit[rows.episode[~gone]]).all()


def test_the_expected_dropouts_of_a_simulated_clinic_are_those_that_came() -> None:
    """Σ p over the rows against the dropouts, in standard errors of a sum of such draws: within 3."""
    clinic = simulate(Truth(), 4000, seed=6)
    rows = person_units(clinic.caseload)
    p = clinic.leaving[rows.episode, rows.unit]
    assert abs(rows.left.sum() - p.sum()) < 3.0 * np.sqrt((p * (1.0 - p)).sum())
