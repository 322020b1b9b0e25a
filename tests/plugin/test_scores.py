"""From the hazard to risks: one client by hand, the closed form against its product, and each client alone."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import Caseload, caseload_of, day_number
from plugin.evidence import evidence_model
from plugin.features import Features
from plugin.hazard import SLOPES, HazardModel, NumberCovariate, bent_hazard, columns, linear, moments_today
from plugin.records import COMPONENTS, SETTINGS, Episode, Rating, Visit
from plugin.scores import REASONS, Scores, score, weakest_component
from plugin.simulation import Truth, simulate

INTAKE = dt.date(2026, 1, 5)
TODAY = day_number(dt.date(2026, 2, 2))
NAMES = columns(())


def model(**slopes: float) -> HazardModel:
    """A model that is certain of its slopes."""
    mean = np.array([slopes.get(name, 0.0) for name in NAMES])
    return HazardModel(mean, np.zeros((len(mean), len(mean))))


def client(**changes: object) -> Episode:
    usual = Episode("e", "c", "k", "outpatient", INTAKE, 5, 2, dt.date(2026, 1, 19))
    return replace(usual, **changes)


def rated(measure: str, *scores: float) -> list[Rating]:
    return [Rating(INTAKE + dt.timedelta(7 * place), measure, x, 0.0, 10.0) for place, x in enumerate(scores)]


@pytest.fixture(scope="module")
def by_hand() -> Scores:
    """Outpatient, 5 units planned, 2 attended; bond rated 6, 7, 5, 6 of 10; one of four visits missed.

    Course (test_retention): H(1) = .173164, and H(2), H(3), H(4), H(5) lie .219401·((u − 1)/4)^.572385 above it:
    .099227, .147548, .186091, .219401.
    x: bond (.6 − .75)/.175·.9 = −.771429, goals as the bond, missed (.25 − .2)/.5 = .1.
    x·β = .1 + .5·.771429 + .2·.771429 + .7·.1 = .1 + .385714 + .154286 + .07 = .71, and e^.71 = 2.033991.
    Symptoms are unknown and have a slope of .3, so the error is .3; 1.644854·.3 = .493456.
    """
    certain = model(intercept=0.1, bond=-0.5, goals=-0.2, symptoms=0.3, missed_share=0.7)
    words = ("attended", "no_show", "attended", "cancelled")
    visits = [Visit(INTAKE + dt.timedelta(7 * place), word) for place, word in enumerate(words)]
    return score(certain, caseload_of([client()], [rated("bond", 6, 7, 5, 6)], [visits]), TODAY)


def test_the_risk_before_the_next_unit_by_hand(by_hand: Scores) -> None:
    """ΔH = .147548 − .099227 = .048321; 1 − e^(−2.033991·.048321) = 1 − e^−.098285 = .093610."""
    assert by_hand.risk_next_unit == pytest.approx([0.093610], abs=3e-6)


def test_the_risk_before_completion_by_hand(by_hand: Scores) -> None:
    """H(5) − H(2) = .120174; 1 − e^(−2.033991·.120174) = 1 − e^−.244433 = .216852."""
    assert by_hand.risk_before_completion == pytest.approx([0.216852], abs=3e-6)


def test_the_units_to_come_by_hand(by_hand: Scores) -> None:
    """e^−.098285 + e^(−2.033991·.086864) + e^−.244433 = .906390 + .838046 + .783148 = 2.527584."""
    assert by_hand.expected_units_remaining == pytest.approx([2.527584], abs=5e-6)


def test_the_interval_by_hand(by_hand: Scores) -> None:
    """e^(.71 ∓ .493456) = 1.241778 and 3.331566, times .048321: 1 − e^−.060004 = .058239, 1 − e^−.160985 = .148696."""
    assert by_hand.next_low == pytest.approx([0.058239], abs=3e-6)
    assert by_hand.next_high == pytest.approx([0.148696], abs=3e-6)


def test_the_terms_by_hand(by_hand: Scores) -> None:
    terms = dict(zip(by_hand.term_names, by_hand.terms[0], strict=True))
    assert by_hand.term_names == (*SLOPES, "clinician")
    assert terms["bond"] == pytest.approx(0.385714, abs=1e-6)
    assert terms["goals"] == pytest.approx(0.154286, abs=1e-6)
    assert terms["missed_share"] == pytest.approx(0.07, abs=1e-12)
    assert terms["clinician"] == pytest.approx(0.0, abs=1e-12)
    assert terms["symptoms"] == terms["tasks"] == 0.0


def test_the_error_by_hand() -> None:
    """x = (1, …, bond −18/13 = −1.384615); variance of both .04, covariance .01, of the clinician .09.

    .04 + 2·.01·(−1.384615) + .04·1.917160 + .09 = .04 − .027692 + .076686 + .09 = .178994. Of what is unknown, only
    satisfaction has a slope: .2² = .04 more; the parts of the alliance that were not rated are as the bond was.
    """
    doubtful = model(bond=-0.3, goals=-0.1, satisfaction=-0.2)
    covariance = np.zeros_like(doubtful.covariance)
    bond = NAMES.index("bond")
    covariance[0, 0] = covariance[bond, bond] = 0.04
    covariance[0, bond] = covariance[bond, 0] = 0.01
    doubtful = replace(doubtful, covariance=covariance, clinician_variance=0.09)
    caseload = caseload_of([client()], [rated("bond", 4)])
    assert linear(doubtful, caseload, moments_today(caseload, TODAY)).error ** 2 == pytest.approx([0.218994], abs=1e-6)


def test_an_alliance_that_nobody_rated_is_one_unknown_not_three() -> None:
    """(.3 + .1 + .2)² = .36 rather than .09 + .01 + .04."""
    caseload = caseload_of([client()])
    fact = linear(model(bond=-0.3, goals=-0.1, tasks=-0.2), caseload, moments_today(caseload, TODAY))
    assert fact.error**2 == pytest.approx([0.36], rel=1e-12)


def test_a_clinicians_effect_counts_where_it_is_known() -> None:
    own = replace(model(intercept=0.2), clinicians={"k": (0.5, 0.01)}, clinician_variance=0.16)
    caseload = caseload_of([client(), client(clinician_id="new"), client(clinician_id="")])
    fact = linear(own, caseload, moments_today(caseload, TODAY))
    assert fact.value == pytest.approx([0.7, 0.2, 0.2])
    assert fact.error == pytest.approx([0.1, 0.4, 0.4])
    found = score(own, caseload, TODAY)
    assert found.terms[:, -1] == pytest.approx([0.5, 0.0, 0.0], abs=1e-12)
    assert found.risk_next_unit[0] > found.risk_next_unit[1] == found.risk_next_unit[2]


def some_model(rng: np.random.Generator, doubt: float = 0.1) -> HazardModel:
    root = doubt * rng.normal(size=(len(NAMES) + 1, len(NAMES) + 1))
    return HazardModel(
        rng.normal(0.0, 0.4, len(NAMES) + 1),
        root @ root.T,
        (NumberCovariate("age", 38.0, 12.0),),
        {"sim-clinician-01": (0.3, 0.02)},
        0.1,
    )


@given(seed=st.integers(0, 2**32), setting=st.sampled_from(SETTINGS), planned=st.integers(1, 60), data=st.data())
def test_the_closed_form_is_the_product_of_the_hazards_of_each_unit(
    seed: int, setting: str, planned: int, data: st.DataObject
) -> None:
    """Unit by unit, as the model is written: each ΔH_k bent by its own unit's columns, times what the client adds."""
    attended = data.draw(st.integers(0, planned - 1))
    bent = some_model(np.random.default_rng(seed), doubt=0.0)
    bent = replace(bent, clinicians={})
    caseload = caseload_of(
        [client(setting=setting, planned_units=planned, units_attended=attended, covariates={"age": 44.0})],
        [rated("bond", 6, 7) + rated("symptoms", 8, 3)],
    )
    found = score(bent, caseload, TODAY)
    stay, units = [1.0], 0.0
    own = float(linear(bent, caseload, moments_today(caseload, TODAY)).value[0])
    today = _bend(bent, attended, planned)
    middle = bent_hazard(replace(bent, mean=np.zeros_like(bent.mean)), SETTINGS.index(setting), planned)
    for unit in range(attended, planned):
        hazard = (middle[unit + 1] - middle[unit]) * math.exp(own - today + _bend(bent, unit, planned))
        stay.append(stay[-1] * math.exp(-hazard))
        units += stay[-1]
    assert found.risk_next_unit[0] == pytest.approx(1.0 - stay[1], abs=1e-12)
    assert found.risk_before_completion[0] == pytest.approx(1.0 - stay[-1], abs=1e-12)
    assert found.expected_units_remaining[0] == pytest.approx(units, rel=1e-12)


def _bend(bent: HazardModel, unit: int, planned: int) -> float:
    before_first, early, late = bent.mean[1:4]
    return before_first * (unit == 0) + early * (1 <= unit <= 3) + late * (unit / planned - 0.5)


@pytest.fixture(scope="module")
def clinic() -> Caseload:
    return simulate(Truth(planned_units=(1, 6, 15), intake_days=60), 400, seed=11).caseload


@given(seed=st.integers(0, 2**32))
def test_risks_are_in_order_and_units_within_the_plan(seed: int, clinic: Caseload) -> None:
    found = score(some_model(np.random.default_rng(seed)), clinic, day_number(dt.date(2026, 6, 30)))
    scored = found.reason == 0
    assert scored.sum() > 100
    for low, value, high in (
        (found.next_low, found.risk_next_unit, found.next_high),
        (found.completion_low, found.risk_before_completion, found.completion_high),
    ):
        assert (low[scored] >= 0.0).all()
        assert (low[scored] <= value[scored]).all()
        assert (value[scored] <= high[scored]).all()
        assert (high[scored] <= 1.0).all()
    assert (found.risk_before_completion[scored] >= found.risk_next_unit[scored]).all()
    left = (clinic.planned_units - clinic.units_attended)[scored]
    units = found.expected_units_remaining[scored]
    assert ((units >= 0.0) & (units <= left)).all()
    assert (units >= left * (1.0 - found.risk_before_completion[scored]) - 1e-9).all()
    unscored = [found.risk_next_unit, found.next_low, found.completion_high, found.expected_units_remaining]
    assert all(np.isnan(column[~scored]).all() for column in unscored)


@given(seed=st.integers(0, 2**32))
def test_a_clients_score_does_not_depend_on_the_others(seed: int, clinic: Caseload) -> None:
    """Bit by bit, for some of the clients in any order: what is written must not depend on how a file is cut."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(clinic))[: rng.integers(1, 60)]
    chosen, day = some_model(rng), day_number(dt.date(2026, 6, 30))
    whole, part = score(chosen, clinic, day), score(chosen, clinic.take(rows), day)
    for name in (
        "risk_next_unit",
        "next_low",
        "next_high",
        "risk_before_completion",
        "completion_low",
        "completion_high",
        "expected_units_remaining",
        "weakest",
        "reason",
        "terms",
    ):
        assert np.ascontiguousarray(getattr(whole, name)[rows]).tobytes() == getattr(part, name).tobytes(), name


def test_who_has_no_score_and_why() -> None:
    cases = [
        client(status="dropped_out"),
        client(units_attended=5),
        client(intake_date=dt.date(2026, 2, 3), units_attended=0, last_unit_date=None),
        client(intake_date=dt.date(2026, 2, 2), units_attended=0, last_unit_date=None),
        client(status="completed", units_attended=5),
    ]
    found = score(evidence_model(), caseload_of(cases), TODAY)
    assert found.reason.tolist() == [1, 2, 3, 0, 1]
    assert REASONS[0] == ""
    assert "is not open" in REASONS[1]
    assert "planned units are done" in REASONS[2]
    assert "intake lies after" in REASONS[3]
    assert np.isnan(found.risk_next_unit).tolist() == [True, True, True, False, True]


def test_no_client_gives_no_scores() -> None:
    assert len(score(evidence_model(), caseload_of([]), TODAY).reason) == 0


@pytest.mark.parametrize(
    ("bond", "goals", "tasks", "weakest"),
    [
        (0.5, 0.8, 0.7, 0),
        (0.8, 0.5, 0.7, 1),
        (0.8, 0.7, 0.5, 2),
        (0.8, 0.71, 0.70, -1),  # .01 apart, less than a tenth of .175
        (0.8, 0.72, 0.70, 2),  # .02 apart
        (math.nan, 0.8, 0.7, 2),
        (math.nan, math.nan, 0.2, -1),  # of one alone nothing is the weakest
        (math.nan, math.nan, math.nan, -1),
    ],
)
def test_the_weakest_part_is_the_one_clearly_lowest(bond: float, goals: float, tasks: float, weakest: int) -> None:
    recent = {name: np.array([value]) for name, value in zip(COMPONENTS, (bond, goals, tasks), strict=True)}
    nothing = np.zeros(1, dtype=np.int64)
    assert weakest_component(Features(nothing, nothing, {}, np.zeros(1), np.zeros(1), recent)).tolist() == [weakest]
