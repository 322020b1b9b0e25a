"""The fitted predictor: recovers a known truth, stays near the evidence with few episodes, sees no future."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugin.caseload import Caseload, caseload_of, day_number, day_of, texts
from plugin.contract import LocalRecord
from plugin.covariates import FEWEST, MOST_LEVELS, covariate_specs
from plugin.errors import PluginError
from plugin.evaluation.calibration import calibration
from plugin.evidence import evidence_model
from plugin.fitted import fit_caseload, fit_predictor, latest_day
from plugin.hazard import BASELINE, SLOPES, ChoiceCovariate, HazardModel, NumberCovariate
from plugin.learning import in_order, learn, prior_model
from plugin.model_file import model_bytes
from plugin.out_of_time import next_risk, out_of_time
from plugin.person_units import PersonUnits, person_units
from plugin.records import MEASURES, SETTINGS, STATUSES, VISIT_STATUSES, Episode, Rating, Visit
from plugin.simulation import Simulated, Truth, simulate
from plugin.training import fewest_episodes
from plugin.unit_days import as_known_on, usual_gap

REFERRALS = ("referral=court", "referral=physician", "referral=self")
PRIOR = prior_model((NumberCovariate("age", 0.0, 1.0), ChoiceCovariate("referral", ("court", "physician", "self"))))
Z90 = 1.6449  # a normal variable lies within this many standard deviations nine times in ten


def drawn_truth(seed: int, **more: Any) -> Truth:
    """A clinic whose slopes are one draw from the prior that the fit starts from."""
    draw = np.random.default_rng(seed).multivariate_normal(PRIOR.mean, PRIOR.covariance)
    value = dict(zip(PRIOR.columns, draw.tolist(), strict=True))
    return Truth(
        bends={name: value[name] for name in BASELINE},
        slopes={name: value[name] for name in SLOPES},
        covariates={name: value[name] for name in ("age", *REFERRALS)},
        **more,
    )


def halves(clinic: Simulated, first: int) -> tuple[Caseload, Caseload]:
    """Learn from some episodes and judge on the others, of the same clinicians."""
    rows = np.arange(len(clinic.caseload))
    return in_order(clinic.caseload.take(rows < first)), clinic.caseload.take(rows >= first)


def log_score(model: HazardModel, rows: PersonUnits) -> float:
    """Mean log-likelihood of what happened, by person-unit; higher is better."""
    risk = next_risk(model, rows)
    return float(np.where(rows.left, np.log(risk), np.log1p(-risk)).mean())


def written(caseload: Caseload, as_of: dt.date | None = None) -> bytes:
    fitted = fit_caseload(caseload, as_of)
    return model_bytes(fitted.predictor, fitted.training)


def test_known_slopes_lie_in_their_intervals_nine_times_in_ten() -> None:
    """60 clinics of 1,000 episodes, each with slopes drawn from the prior; 14 slopes each.

    840 intervals at 90 percent: the standard error of the share is sqrt(.9·.1/840) = .0104. Slopes of one clinic are
    not independent; four standard errors leave room for that.
    """
    inside: list[bool] = []
    for seed in range(60):
        truth = drawn_truth(seed)
        model = learn(in_order(simulate(truth, 1000, seed).caseload)).model
        age = next(spec for spec in model.covariates if isinstance(spec, NumberCovariate))
        known = truth.bends | truth.slopes | truth.covariates
        known["age"] *= age.sd / 12.0  # the fit's unit is the standard deviation seen, the truth's is 12 years
        for name in (*BASELINE[1:], *SLOPES, "age", *REFERRALS):
            if name in model.columns:
                place = model.columns.index(name)
                error = np.sqrt(model.covariance[place, place])
                inside.append(bool(abs(known[name] - model.mean[place]) <= Z90 * error))
    assert len(inside) >= 800
    assert abs(np.mean(inside) - 0.90) < 4.0 * np.sqrt(0.90 * 0.10 / len(inside))


def test_the_spread_between_clinicians_is_recovered() -> None:
    """Twice and half the published spread, with 60 clinicians: the estimate lies on the right side, near the truth.

    With 60 effects the standard error of ln τ is about 1/sqrt(2·60) = .09, more for effects that are known roughly.
    """
    for spread in (0.2, 0.8):
        clinic = simulate(Truth(clinicians=60, clinician_sd=spread), 6000, seed=11)
        model = learn(in_order(clinic.caseload)).model
        assert np.log(np.sqrt(model.clinician_variance)) == pytest.approx(np.log(spread), abs=0.35)
        effects = np.array([[model.clinicians[name][0], b] for name, b in clinic.effects.items()])
        errors = np.sqrt([model.clinicians[name][1] for name in clinic.effects])
        inside = np.abs(effects[:, 0] - effects[:, 1]) <= Z90 * errors
        assert inside.mean() > 0.9 - 3.0 * np.sqrt(0.9 * 0.1 / 60)


@pytest.mark.parametrize("seed", range(4))
def test_predictions_come_true_with_five_thousand_episodes(seed: int) -> None:
    """Judged on 20,000 other episodes of the same clinicians, so that chance on that side is small."""
    clinic = simulate(drawn_truth(seed, clinicians=20), 25_000, seed)
    earlier, others = halves(clinic, 5000)
    rows = person_units(others)
    agreement = calibration(next_risk(learn(earlier).model, rows), rows.left)
    assert 0.9 < agreement.slope < 1.1
    assert 0.9 < agreement.expected_observed < 1.1


def gains(truths: list[Truth], episodes: int) -> NDArray[np.float64]:
    """How much better the fitted model's log score is than the evidence's, on 1,000 other episodes of each clinic."""
    found = []
    for seed, truth in enumerate(truths):
        earlier, others = halves(simulate(truth, episodes + 1000, seed), episodes)
        rows = person_units(others)
        found.append(log_score(learn(earlier).model, rows) - log_score(evidence_model(), rows))
    return np.array(found)


def test_with_a_hundred_episodes_it_beats_the_evidence_where_clinics_differ() -> None:
    """Paired over 60 clinics drawn from the prior: the mean gain is above 0 by two standard errors."""
    gain = gains([drawn_truth(seed) for seed in range(60)], 100)
    assert gain.mean() > 2.0 * gain.std() / np.sqrt(len(gain))


def test_with_a_hundred_episodes_it_loses_next_to_nothing_where_the_evidence_is_right() -> None:
    """Clinics that are exactly as published have least to teach: the mean loss is below a hundredth of the score."""
    gain = gains([Truth()] * 60, 100)
    rows = person_units(simulate(Truth(), 1000, 1).caseload)
    assert gain.mean() > 0.01 * log_score(evidence_model(), rows)


def test_with_few_episodes_it_stays_near_the_evidence_and_with_many_it_follows_the_data() -> None:
    """A clinic where missed visits mean nothing, against a published hazard ratio of 2."""
    truth = Truth(slopes={"missed_share": 0.0}, clinicians=20)
    place = evidence_model().columns.index("missed_share")
    found = [learn(in_order(simulate(truth, n, 3).caseload)).model.mean[place] for n in (30, 20_000)]
    published = evidence_model().mean[place]
    assert abs(found[0] - published) < abs(found[0] - 0.0)
    assert abs(found[1]) < 0.15 * published


@pytest.fixture(scope="module")
def clinic() -> Simulated:
    return simulate(Truth(covariates={"age": -0.2, "referral=court": 0.4}), 400, seed=8)


@pytest.fixture(scope="module")
def model_file(clinic: Simulated) -> bytes:
    return written(clinic.caseload)


def test_the_order_of_rows_and_columns_changes_no_byte(clinic: Simulated, model_file: bytes) -> None:
    turned = clinic.caseload.take(np.random.default_rng(1).permutation(len(clinic.caseload)))
    turned = replace(turned, covariates=dict(reversed(list(turned.covariates.items()))))
    assert written(turned) == model_file


@given(days=st.integers(40, 700), seed=st.integers(0, 1000))
@settings(max_examples=12)
def test_later_episodes_units_ratings_and_visits_never_change_a_past_fit(
    clinic: Simulated, days: int, seed: int
) -> None:
    """Records read on a day, and the same records read years later: the model as of that day has the same bytes."""
    day = dt.date(2024, 7, 1) + dt.timedelta(days=days)
    then = simulate(clinic.truth, 120, seed, as_of=day)
    later = seen_later(then.caseload, seed)
    try:
        before = written(then.caseload, day)
    except PluginError:
        with pytest.raises(PluginError):
            written(later, day)
    else:
        assert written(later, day) == before


def seen_later(caseload: Caseload, seed: int) -> Caseload:
    """The same clinic some time on: open episodes went on or ended, everybody was rated again, new clients came."""
    rng = np.random.default_rng(seed)
    latest = latest_day(caseload)
    episodes, rated, visited = [], [], []
    for row in range(len(caseload)):
        mine = caseload.ratings.episode == row
        ratings = [
            Rating(day_of(d), MEASURES[m], float(s), 0.0, 1.0, int(u))
            for d, m, s, u in zip(
                caseload.ratings.day[mine],
                caseload.ratings.measure[mine],
                caseload.ratings.share[mine],
                caseload.ratings.unit[mine],
                strict=True,
            )
        ]
        mine = caseload.visits.episode == row
        visits = [
            Visit(day_of(d), VISIT_STATUSES[s])
            for d, s in zip(caseload.visits.day[mine], caseload.visits.status[mine], strict=True)
        ]
        attended, last = int(caseload.units_attended[row]), day_of(int(caseload.last_unit_day[row]))
        status = STATUSES[caseload.status[row]]
        if status == "open":
            for number in range(int(rng.integers(0, 4))):
                last = latest + dt.timedelta(days=7 * (number + 1))
                attended += 1
                visits.append(Visit(last, "attended"))
            went_on = attended > caseload.units_attended[row]
            # whoever has not come again is left open: on that day nobody knew, unless the silence was long already
            status = str(rng.choice(["open", "dropped_out", "discharged_other"])) if went_on else "open"
        ratings += [
            Rating(latest + dt.timedelta(days=int(rng.integers(1, 400))), name, float(rng.random()), 0.0, 1.0)
            for name in MEASURES
        ]
        visits += [Visit(latest + dt.timedelta(days=int(rng.integers(1, 400))), "no_show")]
        episodes.append(
            Episode(
                caseload.episode_id[row],
                caseload.client[row],
                caseload.clinician[row],
                SETTINGS[caseload.setting[row]],
                day_of(int(caseload.intake_day[row])),
                int(caseload.planned_units[row]),
                attended,
                last,
                status,
                {name: _value(values[row]) for name, values in caseload.covariates.items()},
            )
        )
        rated.append(ratings)
        visited.append(visits)
    for number in range(30):
        start = latest + dt.timedelta(days=int(rng.integers(1, 300)))
        episodes.append(
            Episode(f"new-{number}", f"n-{number}", "someone new", "php", start, 10, 0, None, "dropped_out")
        )
        rated.append([])
        visited.append([])
    return caseload_of(episodes, rated, visited)


def _value(cell: Any) -> float | str | None:
    return None if cell is None or cell != cell else cell if isinstance(cell, str) else float(cell)


def test_a_fit_as_of_a_day_is_that_of_what_was_known_on_it(clinic: Simulated) -> None:
    """It differs from the fit of everything, and bears the day."""
    day = dt.date(2025, 6, 30)
    early, late = fit_caseload(clinic.caseload, day), fit_caseload(clinic.caseload)
    assert early.training.as_of == "2025-06-30"
    assert early.training.last_intake <= "2025-06-30"
    assert early.training.episodes < late.training.episodes
    assert early.predictor.version.startswith("2025-06-30.")


def test_an_unseen_clinician_gets_the_middle_and_the_spread_of_all(clinic: Simulated) -> None:
    predictor = fit_predictor(clinic.caseload)
    open_ones = clinic.caseload.take(clinic.caseload.status == 0)
    strangers = replace(open_ones, clinician=texts(["nobody"] * len(open_ones)))
    known, unknown = predictor.score(open_ones, clinic.as_of), predictor.score(strangers, clinic.as_of)
    scored = unknown.reason == 0
    place = unknown.term_names.index("clinician")
    assert scored.any()
    assert np.abs(unknown.terms[scored, place]).max() < 1e-12
    assert np.abs(known.terms[scored, place]).max() > 0.05
    width = [np.log(scores.next_high[scored] / scores.next_low[scored]).mean() for scores in (unknown, known)]
    assert width[0] > width[1]  # less is known of a stranger


def test_an_episode_without_a_clinician_is_learnt_from_and_scored(clinic: Simulated) -> None:
    names = clinic.caseload.clinician.copy()
    names[::2] = ""
    fitted = fit_caseload(replace(clinic.caseload, clinician=names))
    assert "" not in fitted.predictor.model.clinicians
    assert fitted.training.episodes == 400
    scores = fitted.predictor.score(replace(clinic.caseload, clinician=names), clinic.as_of)
    assert np.isfinite(scores.risk_next_unit[scores.reason == 0]).all()


def test_the_card_says_what_it_was_fitted_to_and_that_it_is_small(clinic: Simulated) -> None:
    few = clinic.caseload.take(np.arange(120))
    card = fit_predictor(few).card()
    assert "120 episodes" in card.trained_on
    assert str(fewest_episodes()) in card.limits[0]
    assert "small" in card.limits[0]
    assert not any("{" in text for text in (card.trained_on, card.performance, card.version, card.date))
    assert not any("small" in limit for limit in fit_predictor(clinic.caseload).card().limits)


def test_the_local_record_comes_from_later_clients_judged_by_an_earlier_model() -> None:
    """By hand: the earliest three quarters by intake as they were known on the day of the split."""
    clinic = simulate(Truth(clinicians=8), 1500, seed=4)
    fitted = fit_caseload(clinic.caseload)
    record = fitted.predictor.local_record
    assert isinstance(record, LocalRecord)
    days = np.sort(clinic.caseload.intake_day)
    split = int(days[int(0.75 * (len(days) - 1))])
    day = day_of(split)
    assert day is not None
    earlier = as_known_on(in_order(clinic.caseload), day)
    model = learn(earlier, day_number(day) - usual_gap(earlier)).model
    later = clinic.caseload.take(clinic.caseload.intake_day > split)
    rows = person_units(later)
    agreement = calibration(next_risk(model, rows), rows.left)
    assert record.episodes == len(later)
    assert record.events == int((later.status == 2).sum())
    assert record.calibration_slope[0] == pytest.approx(agreement.slope)
    assert record.expected_observed[0] == pytest.approx(agreement.expected_observed)
    for value, low, high in (record.calibration_slope, record.expected_observed, record.c_index):
        assert low < value < high
    assert f"{record.c_index[0]:.2f}" in fitted.predictor.card().performance


def test_the_local_record_does_not_know_how_earlier_clients_ended() -> None:
    """What became of the earlier clients after the split changes the model, and not the record of the later ones."""
    clinic = simulate(Truth(clinicians=8), 1500, seed=4).caseload
    split = np.quantile(clinic.intake_day, 0.75, method="lower")
    after = (clinic.intake_day <= split) & (clinic.last_unit_day > split) & (clinic.status == 2)
    changed = replace(clinic, status=np.where(after, 3, clinic.status))
    assert after.sum() > 10
    first, second = fit_predictor(clinic), fit_predictor(changed)
    assert first.local_record == second.local_record
    assert not np.array_equal(first.model.mean, second.model.mean)


def test_with_few_later_dropouts_the_record_says_why_there_is_none(clinic: Simulated) -> None:
    record, why = out_of_time(in_order(clinic.caseload.take(np.arange(60))), "2026-06-30")
    assert record is None
    assert "fewer than 20" in why


@pytest.mark.parametrize("attended", [0, 1])
def test_nothing_to_learn_from_is_said(attended: int) -> None:
    day = dt.date(2026, 1, 5)
    one = Episode("e", "c", "k", "iop", day, 9, 0, None, "open")
    with pytest.raises(PluginError, match="nothing to learn from"):
        fit_predictor(caseload_of([one] * attended))
    with pytest.raises(PluginError, match="2025-12-31"):
        fit_predictor(caseload_of([one]), dt.date(2025, 12, 31))


class TestCovariates:
    def caseload(self, **covariates: list[float | str | None]) -> Caseload:
        rows = len(next(iter(covariates.values())))
        episodes = [
            Episode(
                f"e{row}", "c", "k", "iop", dt.date(2026, 1, 5), 9, 1, dt.date(2026, 1, 6), "open",
                {name: values[row] for name, values in covariates.items()},
            )
            for row in range(rows)
        ]  # fmt: skip
        return caseload_of(episodes)

    def test_numbers_are_centred_and_scaled_by_themselves(self) -> None:
        specs, left_out = covariate_specs(self.caseload(age=[20.0, 40.0] * FEWEST + [None]))
        assert specs == (NumberCovariate("age", 30.0, 10.0),)
        assert left_out == {}

    def test_levels_of_few_episodes_are_left_out_and_said(self) -> None:
        specs, left_out = covariate_specs(self.caseload(town=["a"] * FEWEST + ["b"] * (FEWEST - 1) + ["c"] * 99))
        assert specs == (ChoiceCovariate("town", ("a", "c")),)
        assert "1 of 3 levels" in left_out["town"]

    def test_of_many_levels_the_most_frequent_stay(self) -> None:
        words = [f"level {number}" for number in range(12) for _ in range(FEWEST + number)]
        (spec,), left_out = covariate_specs(self.caseload(town=list(words)))
        assert isinstance(spec, ChoiceCovariate)
        assert spec.levels == tuple(sorted(f"level {number}" for number in range(12 - MOST_LEVELS, 12)))
        assert "4 of 12 levels" in left_out["town"]

    @pytest.mark.parametrize(
        "values", [[1.0] * 50, [None] * 50, [1.0, 2.0] * 5, ["same"] * 50, [f"w{n}" for n in range(50)]]
    )
    def test_what_says_nothing_is_left_out(self, values: list[float | str | None]) -> None:
        specs, left_out = covariate_specs(self.caseload(fact=values))
        assert specs == ()
        assert "fact" in left_out

    @pytest.mark.parametrize("name", ["bond", "intercept", "clinician", "a=b"])
    def test_a_name_that_the_model_uses_itself_is_left_out(self, name: str) -> None:
        specs, left_out = covariate_specs(self.caseload(**{name: [1.0, 2.0] * 50}))
        assert specs == ()
        assert "call it something else" in left_out[name]
