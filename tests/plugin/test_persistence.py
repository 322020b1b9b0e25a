"""What is known of a client fades over the units to come, as fast as it did for earlier clients."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from plugin.caseload import Caseload, Ratings, Visits, caseload_of
from plugin.evaluation.calibration import Calibration, calibration
from plugin.evidence import evidence_model
from plugin.hazard import SLOPES, HazardModel
from plugin.learning import in_order, learn
from plugin.persistence import LONGEST_LAG, PRIOR_PAIRS, lags, persistence
from plugin.records import STATUSES, Episode, Visit
from plugin.retention import cumulative_hazard, usual_missed_share
from plugin.scores import score
from plugin.simulation import Simulated, Truth, simulate
from plugin.unit_days import unit_days


def test_a_column_by_hand() -> None:
    """Episodes 1, .5, .25 and 2, 1: at lag 1, both = .5 + .125 + 2 = 2.625 and alone = 1 + .25 + 4 = 5.25.

    At lag 2 only 1 and .25: both = .25, alone = 1. Pairs across the episodes do not count.
    """
    found = persistence(np.array([[1.0], [0.5], [0.25], [2.0], [1.0]]), np.array([0, 0, 0, 1, 1]))
    first = (2.625 + PRIOR_PAIRS) / (5.25 + PRIOR_PAIRS)
    assert found[0, 0] == 1.0
    assert found[1, 0] == pytest.approx(first)
    assert found[2, 0] == pytest.approx((0.25 + PRIOR_PAIRS * first) / (1.0 + PRIOR_PAIRS))
    assert found[3:, 0] == pytest.approx(found[2, 0])  # no pairs, so nothing new


def test_known_processes_are_recovered() -> None:
    """x = trait + error, each of variance 1, comes back to half; x_k = .8·x_{k−1} + error fades as .8^j.

    The standard error of a slope is at most about 1/sqrt(pairs) = 1/sqrt(8,000) = .011, more for related pairs.
    """
    rng = np.random.default_rng(1)
    people, units = 1000, 21
    trait = rng.normal(size=(people, 1)) + rng.normal(size=(people, units))
    course = np.empty((people, units))
    course[:, 0] = rng.normal(size=people)
    for unit in range(1, units):
        course[:, unit] = 0.8 * course[:, unit - 1] + 0.6 * rng.normal(size=people)
    never = np.zeros(people * units)  # not collected here: nothing is known, and nothing is said
    x = np.column_stack([trait.ravel(), course.ravel(), never])
    found = persistence(x, np.repeat(np.arange(people), units))
    assert found[1:, 0] == pytest.approx(np.full(LONGEST_LAG, 0.5), abs=0.04)
    assert found[:, 1] == pytest.approx(0.8 ** np.arange(LONGEST_LAG + 1), abs=0.04)
    assert (found[:, 2] == 1.0).all()


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_rows_leave_the_guess_that_nothing_changes(rows: int) -> None:
    found = persistence(np.ones((rows, 2)), np.zeros(rows, dtype=np.int64))
    assert found == pytest.approx(np.ones((LONGEST_LAG + 1, 2)))


def test_after_the_longest_lag_the_rest_holds_on() -> None:
    table = np.array([[1.0], [0.6], [0.5]])
    assert lags(table, 5)[:, 0].tolist() == [1.0, 0.6, 0.5, 0.5, 0.5]
    assert lags(table, 1)[:, 0].tolist() == [1.0]


START = dt.date(2026, 1, 5)


def missed_all_but_one() -> Caseload:
    """Two of four planned units attended, and the last three visits missed."""
    statuses = ["attended", "attended", "no_show", "no_show", "no_show"]
    visits = [Visit(START + dt.timedelta(days=7 * place), status) for place, status in enumerate(statuses)]
    own = Episode("e", "c", "", "outpatient", START, 4, 2, START + dt.timedelta(days=7))
    return caseload_of([own], visited=[visits])


def fading(model: HazardModel, part: float) -> HazardModel:
    table = np.ones((2, len(SLOPES)))
    table[1] = part
    return replace(model, persistence=table)


def test_the_risk_before_completion_lets_today_fade() -> None:
    """By hand: two units are ahead. The first has today's e, the second e with what is left of the term."""
    model, day = evidence_model(), 30_000
    caseload = missed_all_but_one()
    step = np.diff(cumulative_hazard(np.zeros(3, int), np.full(3, 4), np.array([2, 3, 4])))
    term = model.mean[model.columns.index("missed_share")] * (0.75 - usual_missed_share()[0]) / 0.5
    for part in (0.0, 0.4, 1.0):
        found = score(fading(model, part), caseload, day)
        hazards = step * np.exp([term, part * term])
        assert found.risk_next_unit[0] == pytest.approx(1.0 - np.exp(-hazards[0]))
        assert found.risk_before_completion[0] == pytest.approx(1.0 - np.exp(-hazards.sum()))
        assert found.expected_units_remaining[0] == pytest.approx(np.exp(-np.cumsum(hazards)).sum())
        assert found.completion_low[0] < found.risk_before_completion[0] < found.completion_high[0]


def test_what_holds_is_what_a_model_without_a_table_says() -> None:
    caseload = simulate(Truth(), 300, seed=3)
    model = evidence_model()
    plain, held = (score(one, caseload.caseload, 30_000) for one in (model, fading(model, 1.0)))
    assert held.risk_before_completion == pytest.approx(plain.risk_before_completion, nan_ok=True)
    assert held.expected_units_remaining == pytest.approx(plain.expected_units_remaining, nan_ok=True)


def after_unit(clinic: Simulated, unit: int, rows: np.ndarray) -> tuple[Caseload, np.ndarray]:
    """The clients who came to a unit, as they were known on its day, and whether they dropped out in the end."""
    reached = rows & (clinic.last_unit >= unit) & (clinic.caseload.planned_units > unit)
    full = clinic.caseload.take(reached)
    day = unit_days(full).day(np.arange(len(full)), np.full(len(full), unit))
    r, v = full.ratings, full.visits
    rated, visited = r.day <= day[r.episode], v.day <= day[v.episode]
    then = replace(
        full,
        units_attended=np.full(len(full), unit),
        last_unit_day=day,
        status=np.full(len(full), STATUSES.index("open")),
        ratings=Ratings(r.episode[rated], r.measure[rated], r.day[rated], r.unit[rated], r.share[rated]),
        visits=Visits(v.episode[visited], v.day[visited], v.status[visited]),
    )
    return then, clinic.fate[reached] == STATUSES.index("dropped_out")


def test_risks_before_completion_come_true_with_five_thousand_episodes() -> None:
    """Four clinics; 5,000 episodes learnt from, and others judged whose plan was over before the records end."""
    found: dict[tuple[int, bool], list[Calibration]] = {}
    for seed in range(4):
        clinic = simulate(Truth(clinicians=20, other_rate=0.0), 20_000, seed)
        rows = np.arange(20_000)
        model = learn(in_order(clinic.caseload.take(rows < 5000))).model
        over = clinic.caseload.intake_day < clinic.caseload.intake_day.max() - 250
        for unit in (1, 4):
            then, happened = after_unit(clinic, unit, (rows >= 5000) & over)
            for fades, one in ((True, model), (False, replace(model, persistence=None))):
                risk = score(one, then, 30_000).risk_before_completion
                found.setdefault((unit, fades), []).append(calibration(risk, happened))
    slope = {key: np.mean([one.slope for one in some]) for key, some in found.items()}
    for unit in (1, 4):
        assert 0.9 < slope[unit, True] < 1.1
        assert 0.9 < np.mean([one.expected_observed for one in found[unit, True]]) < 1.1
        assert abs(slope[unit, True] - 1.0) < abs(slope[unit, False] - 1.0)
    assert slope[1, False] < 0.9  # as if every client stayed as extreme as they are today
