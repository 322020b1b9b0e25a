"""Three roads of evidence to the hazard ratio, against published conversions and a numerical integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from calculator import roads
from tests.calculator.clinics import plain, point_of, result_of

TRIAL_ODDS_RATIO = 1.0 / 1.19  # de Jong et al. (2021): odds of staying 1.19 times as high
HALF_DIGIT = 0.0005  # the table prints a tenth of a percent


def after(rate: float, odds_ratio: float) -> float:
    """Return D' for an odds ratio."""
    return rate * float(roads.relative_dropout(np.array([rate]), np.array([odds_ratio]))[0])


@pytest.mark.parametrize(("rate", "printed"), [(0.197, 0.171), (0.262, 0.230), (0.35, 0.312), (0.47, 0.427)])
def test_odds_ratio_of_the_trials_at_published_dropout_rates(rate: float, printed: float) -> None:
    """The evidence library's table of conversions: OR 1/1.19 turns 19.7 % into 17.1 %, 26.2 into 23.0, and so on."""
    assert after(rate, TRIAL_ODDS_RATIO) == pytest.approx(printed, abs=HALF_DIGIT)


@pytest.mark.parametrize(("odds_ratio", "printed"), [(0.72, 0.151), (0.97, 0.192)])
def test_interval_of_the_trials_at_the_pooled_rate(odds_ratio: float, printed: float) -> None:
    """The same table: at 19.7 % the interval 0.72 to 0.97 gives 15.1 to 19.2 % (the interval is rounded itself)."""
    assert after(0.197, odds_ratio) == pytest.approx(printed, abs=2.0 * HALF_DIGIT)


@pytest.mark.parametrize(("rate", "printed"), [(0.197, 0.13), (0.262, 0.12), (0.35, 0.11), (0.47, 0.09)])
def test_an_odds_ratio_of_084_is_not_16_percent_fewer_dropouts(rate: float, printed: float) -> None:
    result = result_of(plain(clinic__dropout_rate=rate, program__odds_ratio=TRIAL_ODDS_RATIO))
    assert result.roads["program"].relative_reduction == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize(
    ("lift", "causal_share", "printed"),
    [(0.07, 1.0, 0.191), (0.2, 1.0, 0.180), (0.3, 1.0, 0.172), (0.5, 1.0, 0.157), (0.3, 0.5, 0.184), (0.5, 0.5, 0.176)],
)
def test_alliance_table_of_the_evidence_library(lift: float, causal_share: float, printed: float) -> None:
    """That table shifts the mean risk without averaging over clients, so it is the individual odds ratio exp(−φ·d·Δ).

    Averaging takes away a twentieth of the shift (c²d² = 0.105, 1/√1.105 = 0.951): at most 0.2 points of 4.
    """
    ratio = float(roads.alliance_odds_ratio(np.array([lift]), np.array([0.55]), np.array([causal_share]))[0])
    individual = ratio ** math.sqrt(1.0 + (16.0 * math.sqrt(3.0) / (15.0 * math.pi)) ** 2 * 0.55**2)
    assert after(0.197, individual) == pytest.approx(printed, abs=HALF_DIGIT)
    assert after(0.197, ratio) == pytest.approx(printed, abs=0.0025)
    assert after(0.197, ratio) > after(0.197, individual)


def test_alliance_odds_ratio_by_hand() -> None:
    """c = 16·1.732051/(15·3.141593) = 0.588084, c²d² = 0.345843·0.3025 = 0.104617, root 1.051008.

    φ·d·Δ = 0.5·0.55·0.3 = 0.0825; −0.0825/1.051008 = −0.078496; exp = 0.924506.
    """
    found = roads.alliance_odds_ratio(np.array([0.3]), np.array([0.55]), np.array([0.5]))
    assert found[0] == pytest.approx(0.924506, abs=1e-6)


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(100)  # Gauss-Hermite: exact far beyond what is compared


def average(intercept: float, slope: float, shift: float = 0.0) -> float:
    """Return mean dropout where log-odds are intercept − slope·x − shift and alliance x is standard normal."""
    return float(special.expit(intercept - slope * NODES - shift) @ WEIGHTS / WEIGHTS.sum())


@pytest.mark.parametrize("rate", [0.1, 0.197, 0.35, 0.6])
@pytest.mark.parametrize(("gap", "tolerance"), [(0.3, 0.02), (0.55, 0.03), (1.0, 0.08)])
@pytest.mark.parametrize("shift", [0.05, 0.3])
def test_attenuation_against_numerical_integration(rate: float, gap: float, tolerance: float, shift: float) -> None:
    """Clients' log-odds fall by d for each SD of alliance; all are shifted by φ·d·Δ and the clinic's average is taken.

    The approximation of Zeger, Liang and Albert is for c·d well below 1 and dropout not rare; its log odds ratio must
    be within 2, 3 and 8 percent of the integral's at d = 0.3, 0.55 and 1, an error far below that of d itself.
    """
    intercept = optimize.brentq(lambda a: average(a, gap) - rate, -12.0, 12.0, xtol=1e-13)
    moved = average(intercept, gap, shift)
    exact = special.logit(moved) - special.logit(rate)
    # φ·d·Δ = shift: φ = 1/2 and Δ = 2·shift/d
    found = roads.alliance_odds_ratio(np.array([2.0 * shift / gap]), np.array([gap]), np.array([0.5]))
    assert math.log(found[0]) == pytest.approx(exact, rel=tolerance)


def test_a_rise_in_alliance_without_cause_changes_nothing() -> None:
    assert roads.alliance_odds_ratio(np.array([1.0]), np.array([0.55]), np.array([0.0]))[0] == 1.0
    assert roads.alliance_odds_ratio(np.array([1.0]), np.array([0.0]), np.array([1.0]))[0] == 1.0


def test_fidelity_scales_the_log_odds_ratio() -> None:
    """0.84 ** 0.5 = 0.916515; none delivered, nothing changed."""
    found = roads.program_odds_ratio(np.array([0.84, 0.84, 0.84]), np.array([0.0, 0.5, 1.0]))
    assert found == pytest.approx([1.0, 0.916515, 0.84], abs=1e-6)


def test_targeted_road_by_hand() -> None:
    """1 − 0.6·0.7·0.2 = 0.916; flags an intake: 0.35·0.6 + 0.65·(1 − 0.7) = 0.21 + 0.195 = 0.405."""
    sensitivity, acted, saved = np.array([0.6]), np.array([0.7]), np.array([0.2])
    assert roads.targeted_relative_dropout(sensitivity, acted, saved)[0] == pytest.approx(0.916, abs=1e-15)
    flags = roads.flags_per_intake(np.array([0.35]), sensitivity, np.array([0.7]))
    assert flags[0] == pytest.approx(0.405, abs=1e-15)


def test_targeted_road_reaches_the_result() -> None:
    targeted = {"program__sensitivity": 0.6, "program__action_rate": 0.7, "program__save_rate": 0.2}
    result = result_of(plain(program__evidence_road="targeted", **targeted))
    assert result.point["dropout_rate_after"] == pytest.approx(0.35 * 0.916, rel=1e-12)
    assert result.roads["targeted"].used
    assert not result.roads["program"].used


def test_all_three_roads_are_shown_whichever_is_used() -> None:
    """Roads never multiply: what a road says does not depend on which one the result rests on."""
    extra = {"program__alliance_lift_sd": 0.3, "program__sensitivity": 0.6, "program__save_rate": 0.2}
    names = ("program", "alliance", "targeted")
    shown = [result_of(plain(program__evidence_road=road, **extra)).roads for road in names]
    for name in names:
        assert len({found[name].odds_ratio for found in shown}) == 1
        assert len({found[name].hazard_ratio_p5 for found in shown}) == 1


def test_hazard_ratio_by_hand() -> None:
    """D = 0.36, D' = 0.2: ln 0.8 / ln 0.64 = ln 0.8 / (2·ln 0.8) = 1/2."""
    assert roads.hazard_ratio(np.array([0.36]), np.array([0.2 / 0.36]))[0] == pytest.approx(0.5, rel=1e-12)


def test_hazard_ratio_to_risk_of_the_evidence_library() -> None:
    """Proportional hazards: p1 = 1 − (1 − p) ** HR; HR = 2 at p = 0.2 gives 1 − 0.64 = 0.36, which is 1.8 times p."""
    assert roads.hazard_ratio(np.array([0.2]), np.array([1.8]))[0] == pytest.approx(2.0, rel=1e-12)


def test_a_programme_that_harms_raises_dropout() -> None:
    """OR 1.5 at D = 0.2: D' = 0.3/(0.8 + 0.3) = 0.272727, HR = −0.318454/−0.223144 = 1.427125."""
    point = point_of(plain(clinic__dropout_rate=0.2, program__odds_ratio=1.5))
    assert point["dropout_rate_after"] == pytest.approx(0.3 / 1.1, rel=1e-12)
    assert point["hazard_ratio"] == pytest.approx(1.427125, abs=1e-5)
    assert point["revenue_kept_per_year"] < 0.0


@given(rate=st.floats(0.0, 0.99), odds_ratio=st.floats(0.05, 2.0))
def test_odds_ratio_of_is_the_inverse_of_relative_dropout(rate: float, odds_ratio: float) -> None:
    there = roads.relative_dropout(np.array([rate]), np.array([odds_ratio]))
    assert roads.odds_ratio_of(np.array([rate]), there)[0] == pytest.approx(odds_ratio, rel=1e-9)


@given(rate=st.floats(1e-6, 0.99), odds_ratio=st.floats(0.05, 2.0))
def test_hazard_ratio_puts_the_dropout_rate_where_the_odds_ratio_does(rate: float, odds_ratio: float) -> None:
    relative = roads.relative_dropout(np.array([rate]), np.array([odds_ratio]))
    ratio = roads.hazard_ratio(np.array([rate]), relative)
    assert 1.0 - (1.0 - rate) ** ratio[0] == pytest.approx(rate * relative[0], rel=1e-7)


@pytest.mark.parametrize("rate", [0.0, 1e-300, 1e-17, 1e-12, 1e-8])
@pytest.mark.parametrize("odds_ratio", [0.05, 0.84, 2.0])
def test_hazard_ratio_tends_to_the_odds_ratio_as_dropout_vanishes(rate: float, odds_ratio: float) -> None:
    """For D → 0, ln(1 − D')/ln(1 − D) → D'/D → OR; the next term is of the order of D."""
    relative = roads.relative_dropout(np.array([rate]), np.array([odds_ratio]))
    assert roads.hazard_ratio(np.array([rate]), relative)[0] == pytest.approx(odds_ratio, rel=1e-7)
