"""The simulator against what it promises: the published course, exact features, and nothing from after the day."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest

from assumptions import load_library
from plugin.caseload import day_number, ratings, visits
from plugin.features import features, scales
from plugin.hazard import SLOPES, design
from plugin.records import STATUSES, VISIT_STATUSES
from plugin.simulation import LABEL, Simulated, Truth, simulate
from plugin.simulation import clinic as clinic_module
from plugin.simulation.truth import COVARIATES

OPEN, COMPLETED, DROPPED, OTHER = (STATUSES.index(name) for name in STATUSES)
ATTENDED, NO_SHOW = (VISIT_STATUSES.index(name) for name in ("attended", "no_show"))
FULL = Truth(
    covariates={"age": 0.3, "referral=court": 0.8},
    bends={"intercept": 0.4, "early": 0.3, "late": -0.5},
    planned_units=(1, 5, 12),
)


@pytest.fixture(scope="module", params=["outpatient", "php", "residential"])
def simulated(request: pytest.FixtureRequest) -> Simulated:
    """A clinic of each pace, made in several blocks."""
    truth = Truth(
        setting=request.param,
        covariates=FULL.covariates,
        bends=FULL.bends,
        planned_units=FULL.planned_units,
        intake_days=120,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clinic_module, "_BLOCK", 400)
        return simulate(truth, 1100, seed=0)


def moments(simulated: Simulated) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Episode, unit and day of every unit that took place and of intake, read off the visits."""
    v, n = simulated.caseload.visits, len(simulated.caseload)
    attended = v.status == ATTENDED
    episode, day = v.episode[attended], v.day[attended]
    unit = np.arange(len(episode)) - np.searchsorted(episode, episode) + 1
    episode = np.concatenate([np.arange(n), episode])
    unit, day = np.concatenate([np.zeros(n, int), unit]), np.concatenate([simulated.caseload.intake_day, day])
    before_end = unit < simulated.caseload.planned_units[episode]
    return episode[before_end], unit[before_end], day[before_end]


def test_the_hazard_is_made_of_exactly_what_the_records_show_at_each_unit(simulated: Simulated) -> None:
    """x_k from the records as they are on the last day, with what came after unit k in them, gives the same hazard."""
    episode, unit, day = moments(simulated)
    x = design(simulated.caseload, features(simulated.caseload, episode, unit, day), COVARIATES).x
    own = np.array([simulated.effects[name] for name in simulated.caseload.clinician])
    assert len(episode) > 2000
    assert simulated.log_hazard[episode, unit] == pytest.approx(x @ simulated.truth.beta + own[episode], abs=1e-12)


def test_records_hold_together(simulated: Simulated) -> None:
    case, as_of = simulated.caseload, day_number(simulated.as_of)
    r, v = case.ratings, case.visits
    assert np.bincount(v.episode[v.status == ATTENDED], minlength=len(case)).tolist() == case.units_attended.tolist()
    assert max(r.day.max(), v.day.max(), case.intake_day.max(), case.last_unit_day.max()) <= as_of
    assert (r.day >= case.intake_day[r.episode]).all()
    assert (v.day > case.intake_day[v.episode]).all()
    assert (r.unit <= case.units_attended[r.episode]).all()
    assert ((r.share >= 0.0) & (r.share <= 1.0)).all()
    assert set(case.status) == {OPEN, COMPLETED, DROPPED, OTHER}
    assert (case.units_attended[case.status == COMPLETED] == case.planned_units[case.status == COMPLETED]).all()
    not_done = case.status != COMPLETED
    assert (case.units_attended[not_done] < case.planned_units[not_done]).all()
    ended = case.status != OPEN
    assert (case.status[ended] == simulated.fate[ended]).all()
    assert (case.units_attended[ended] == simulated.last_unit[ended]).all()
    assert (case.units_attended <= simulated.last_unit).all()


def test_columns_are_in_the_order_that_the_caseload_promises(simulated: Simulated) -> None:
    """They are built in it and not sorted: sorting them must change nothing."""
    r, v = simulated.caseload.ratings, simulated.caseload.visits
    again = ratings(r.episode, r.measure, r.day, r.unit, r.share)
    for name in ("episode", "measure", "day", "unit", "share"):
        assert np.array_equal(getattr(again, name), getattr(r, name))
    visited = visits(v.episode, v.day, v.status)
    for name in ("episode", "day", "status"):
        assert np.array_equal(getattr(visited, name), getattr(v, name))


def test_who_drops_out_is_last_seen_as_a_no_show(simulated: Simulated) -> None:
    case, v = simulated.caseload, simulated.caseload.visits
    last = np.searchsorted(v.episode, np.arange(len(case)), side="right") - 1
    dropped = np.flatnonzero(case.status == DROPPED)
    assert len(dropped) > 100
    assert (v.episode[last[dropped]] == dropped).all()
    assert (v.status[last[dropped]] == NO_SHOW).all()
    assert (v.day[last[dropped]] > case.last_unit_day[dropped]).all()


def test_who_stays_or_leaves_follows_the_stated_probabilities() -> None:
    """Left − p sums to 0 for whoever is at risk, also weighted by x: each sum within 4 of its standard errors."""
    made = simulate(replace(FULL, other_rate=0.2), 20_000, seed=3)  # so many that their order with leaving shows
    unit = np.arange(made.leaving.shape[1])
    # one whose care ended otherwise after unit k was not at risk of leaving after it
    risk = (unit < made.last_unit[:, None]) | ((unit == made.last_unit[:, None]) & (made.fate == DROPPED)[:, None])
    left = ((unit == made.last_unit[:, None]) & (made.fate == DROPPED)[:, None])[risk].astype(float)
    p, log_hazard = made.leaving[risk], made.log_hazard[risk]
    assert not np.isnan(p).any()
    late = (np.broadcast_to(unit, risk.shape)[risk] > 3).astype(float)
    for weight in (np.ones(len(p)), late, log_hazard, np.exp(log_hazard)):
        assert abs(((left - p) * weight).sum()) < 4.0 * math.sqrt((p * (1.0 - p) * weight**2).sum())


@pytest.mark.parametrize(("factor", "rate"), [(1.0, 0.197), (2.0, 1.0 - (1.0 - 0.197) ** 2)])
def test_without_slopes_clients_leave_as_published(factor: float, rate: float) -> None:
    """Outpatient care loses 15.9 percent before the first unit, and 19.7 percent of the others before the last.

    Twice the hazard squares the share that stays: .159 becomes 1 − .841² = .293. Within 4 standard errors.
    """
    n = 20_000
    bends = {"intercept": math.log(factor)}
    made = simulate(Truth(slopes={}, bends=bends, clinician_sd=0.0, other_rate=0.0), n, seed=5)
    before = 1.0 - (1.0 - 0.159) ** factor
    never_came = made.last_unit == 0
    assert np.mean(never_came) == pytest.approx(before, abs=4.0 * math.sqrt(before * (1.0 - before) / n))
    came = made.fate[~never_came]
    assert np.mean(came == DROPPED) == pytest.approx(rate, abs=4.0 * math.sqrt(rate * (1.0 - rate) / len(came)))


def test_ratings_are_as_reliable_and_as_related_as_published() -> None:
    """Two means of four ratings correlate by the published reliability, .9, and those of two parts by .9·.7 = .63.

    The top of the scale cuts a little off both, hence the tolerance of .05. Nobody leaves, so nobody is selected.
    """
    roles = load_library().roles
    reliability = float(roles["risk_rating_reliability"].value or 0.0)
    related = float(roles["risk_component_correlation"].value or 0.0)
    stay = Truth(slopes={}, bends={"intercept": -30.0}, rating_rate=1.0, planned_units=(8,), other_rate=0.0)
    made = simulate(stay, 4000, seed=2, as_of=dt.date(2026, 6, 30))
    done = made.caseload.take(made.caseload.status == COMPLETED)
    bond, goals = (done.ratings.share[done.ratings.measure == place].reshape(-1, 8) for place in (0, 1))
    first, second = bond[:, :4].mean(axis=1), bond[:, 4:].mean(axis=1)
    assert len(first) > 3000
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(reliability, abs=0.05)
    assert np.corrcoef(first, goals[:, :4].mean(axis=1))[0, 1] == pytest.approx(reliability * related, abs=0.05)
    assert first.mean() == pytest.approx(scales().mean["bond"], abs=0.02)


def test_missed_visits_come_at_the_rate_asked_for() -> None:
    """The average client misses 30 percent; gaps are cut at three, which takes away less than 4 points of it."""
    stay = Truth(slopes={}, bends={"intercept": -30.0}, no_show_rate=0.3, planned_units=(30,), other_rate=0.0)
    v = simulate(stay, 2000, seed=2).caseload.visits
    share = np.mean(np.isin(v.status, [NO_SHOW, VISIT_STATUSES.index("late_cancel")]))
    assert 0.22 < share < 0.31


def test_the_hazard_may_follow_the_true_alliance_instead() -> None:
    """With a slope on the bond alone it is then the same at every unit, whatever the ratings say."""
    hidden = Truth(slopes={"bond": -1.0}, clinician_sd=0.0, observed=False, planned_units=(10,))
    made = simulate(hidden, 500, seed=4)
    assert np.ptp(made.log_hazard, axis=1) == pytest.approx(np.zeros(500), abs=1e-12)
    assert np.std(made.log_hazard[:, 0]) == pytest.approx(1.0, abs=4.0 / math.sqrt(2 * 500))  # that of z, times 1
    shown = simulate(Truth(slopes={"bond": -1.0}, clinician_sd=0.0, planned_units=(10,)), 500, seed=4)
    assert (np.ptp(shown.log_hazard, axis=1) > 0.01).mean() > 0.9


def test_clinicians_differ_by_the_spread_asked_for() -> None:
    made = simulate(Truth(clinicians=400, clinician_sd=0.7), 10, seed=8)
    effects = np.array(list(made.effects.values()))
    assert effects.std() == pytest.approx(0.7, abs=4.0 * 0.7 / math.sqrt(2 * 400))
    assert set(made.caseload.clinician) <= set(made.effects)


def test_the_same_seed_gives_the_same_clinic_and_another_one_does_not() -> None:
    first, again, other = (simulate(Truth(), 200, seed) for seed in (0, 0, 1))
    for name in ("episodes", "ratings", "visits"):
        assert getattr(first.frames(), name).equals(getattr(again.frames(), name))
    assert not first.frames().episodes.equals(other.frames().episodes)


def test_it_says_everywhere_that_it_is_simulated() -> None:
    made = simulate(Truth(), 50, seed=1)
    assert made.label == LABEL == "Simulated clients: no real person"
    for table in made.frames():
        assert table["episode_id"].str.startswith("sim-").all()
    episodes = made.frames().episodes
    assert episodes["client_id"].str.startswith("sim-").all()
    assert episodes["clinician_id"].str.startswith("sim-").all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slopes": {"bonds": 1.0}}, "no slope is called bonds; there are bond"),
        ({"bends": {"bond": 1.0}}, "no slope is called bond; there are intercept"),
        ({"covariates": {"x_age": 1.0}}, "no slope is called x_age; there are age"),
        ({"setting": "inpatient"}, "setting is one of outpatient"),
        ({"planned_units": (0,)}, "from 1 to 400"),
        ({"clinicians": 0}, "at least one clinician"),
        ({"no_show_rate": 0.95}, "a tenth of visits"),
        ({"rating_rate": 1.2}, "shares from 0 to 1"),
    ],
)
def test_a_truth_that_is_none_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Truth(**wrong)


def test_an_empty_clinic_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one episode"):
        simulate(Truth(), 0, seed=1)


def test_left_out_slopes_are_the_published_ones_or_none() -> None:
    assert set(Truth().slopes) == set(SLOPES)
    assert Truth().beta[:4].tolist() == [0.0] * 4
    assert not Truth(slopes={}).beta.any()
