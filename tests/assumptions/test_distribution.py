"""Distributions against publications and hand calculation. Only the standard library is used to check them."""

from __future__ import annotations

import math
import re
from datetime import date
from statistics import NormalDist

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assumptions import AssumptionError, Distribution, Figure, Interval, Reference, load_library


def figure(kind: str, value: float | None, interval: Interval | None, unit: str = "SD") -> Figure:
    """A figure of which only the numbers matter."""
    reference = Reference("Doe (2012)", "10.0000/invented", None, "Table 1", None, date(2026, 11, 20))
    return Figure(
        "alliance/doe_2012", "alliance", "An invented figure", unit, kind, value, interval, "descriptive", "Adults",
        "Any", "Survey", 2012, "As printed.", (), "study", True, "", (reference,),
    )  # fmt: skip


def test_feedback_has_the_standard_error_that_its_printed_interval_implies() -> None:
    """de Jong 2021 prints OR 1.19 [1.03, 1.38] for staying: log OR 0.174, SE ln(1.38/1.03)/3.92 = 0.0746."""
    found = load_library()["programs/feedback_dropout_or_dejong_2021"].distribution()
    assert found.kind == "lognormal"
    mu, sigma = found.parameters
    assert mu == pytest.approx(-math.log(1.19), abs=1e-6)  # the value is stored with seven digits
    assert sigma == pytest.approx(0.0746, abs=0.00005)
    assert sigma == pytest.approx(math.log(1.38 / 1.03) / 3.92, rel=2e-5)  # 3.92 for 2 x 1.959964


def test_alliance_gap_has_the_assumed_standard_error() -> None:
    """Sharf 2010: d 0.55; the interval in the file is 0.55 -/+ 1.96 x 0.12."""
    found = load_library()["alliance/completer_gap_sharf_2010"].distribution()
    assert found.kind == "normal"
    assert found.parameters == pytest.approx((0.55, 0.12), abs=1e-5)


def test_alliance_lift_has_the_assumed_standard_error() -> None:
    """0.07 -/+ 1.96 x 0.23: from -0.38 to 0.52, so no lift at all is well within it."""
    mean, sd = load_library()["programs/pcoms_alliance_2012"].distribution().parameters
    assert (mean, sd) == pytest.approx((0.07, 0.23), abs=1e-4)
    assert NormalDist(mean, sd).cdf(0.0) > 0.3


def test_proportion_becomes_the_beta_with_its_mean_and_standard_error() -> None:
    """0.20 [0.16, 0.24]: SE 0.04/1.96 = 0.020408, variance 0.00041649; 0.16/0.00041649 - 1 = 383.16.

    alpha = 0.2 x 383.16 = 76.63, beta = 306.53.
    """
    found = figure("proportion", 0.20, Interval(0.95, 0.16, 0.24), "share").distribution()
    assert found.kind == "beta"
    alpha, beta = found.parameters
    assert alpha == pytest.approx(76.63, abs=0.02)  # 1.96 for 1.959964 in the hand calculation
    assert beta == pytest.approx(306.53, abs=0.05)


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.2))
@example(0.005, 0.2)
def test_beta_has_the_moments_it_was_made_from(mean: float, half_width: float) -> None:
    """Mean alpha/(alpha + beta), variance mean (1 - mean)/(alpha + beta + 1)."""
    sd = half_width / NormalDist().inv_cdf(0.975)
    wide = figure("proportion", mean, Interval(0.95, mean - half_width, mean + half_width), "share")
    if sd**2 >= mean * (1.0 - mean):
        with pytest.raises(AssumptionError, match="too wide for a beta"):
            wide.distribution()
        return
    alpha, beta = wide.distribution().parameters
    total = alpha + beta
    assert alpha / total == pytest.approx(mean)
    assert math.sqrt(mean * (1.0 - mean) / (total + 1.0)) == pytest.approx(sd)


@pytest.mark.parametrize(("level", "z"), [(0.95, 1.959964), (0.90, 1.644854), (0.99, 2.575829)])
def test_the_level_of_the_interval_decides_its_width(level: float, z: float) -> None:
    """Quantiles of the normal distribution from a printed table."""
    _, sd = figure("difference", 0.0, Interval(level, -z, z)).distribution().parameters
    assert sd == pytest.approx(1.0, abs=1e-6)


def test_an_amount_with_a_confidence_interval_is_lognormal_when_it_is_positive_and_normal_otherwise() -> None:
    assert figure("amount", 2.0, Interval(0.95, 1.0, 4.0)).distribution().kind == "lognormal"
    assert figure("amount", 2.0, Interval(0.95, -1.0, 5.0)).distribution().kind == "normal"


@pytest.mark.parametrize(
    ("kind", "value", "interval"),
    [
        ("proportion", 0.0, Interval(0.95, 0.0, 0.1)),  # a beta has no mean of 0
        ("proportion", 0.5, Interval(0.95, 0.5 - 1e-200, 0.5 + 1e-17)),  # no width left in a float
        ("ratio", 1.0, Interval(0.95, 1e-320, 1e300)),  # the ratio of the bounds is beyond a float
    ],
)
def test_an_interval_without_a_distribution_is_refused_by_name(kind: str, value: float, interval: Interval) -> None:
    with pytest.raises(AssumptionError, match="alliance/doe_2012: no distribution can be built"):
        figure(kind, value, interval, "share").distribution()


def test_a_range_and_a_judgement_become_pert() -> None:
    assert figure("amount", 10.0, Interval(None, 8.0, 12.0)).distribution() == Distribution("pert", (8.0, 10.0, 12.0))
    assert figure("judgement", 0.7, Interval(None, 0.4, 0.9)).distribution() == Distribution("pert", (0.4, 0.7, 0.9))


def test_a_judgement_without_a_range_is_fixed_and_anything_else_without_one_is_refused() -> None:
    assert figure("judgement", 6.0, None).distribution() == Distribution("fixed", (6.0,))
    with pytest.raises(AssumptionError, match=re.escape("alliance/doe_2012: has no interval")):
        figure("amount", 6.0, None).distribution()
    with pytest.raises(AssumptionError, match="kind range has no value"):
        figure("range", None, Interval(None, 0.1, 0.2)).distribution()
    with pytest.raises(AssumptionError, match="kind direction has no value"):
        figure("direction", None, None, "direction").distribution()


def test_unmeasured_outpatient_dropout_runs_from_5_to_52_percent() -> None:
    """logit 0.197 = -1.405; -/+ 1.96 x 0.75 = 1.47; expit(-2.875) = 0.053 and expit(0.065) = 0.516."""
    default = load_library().settings["outpatient"].defaults["clinic.dropout_rate"]
    assert default.distribution.kind == "logitnormal"
    mu, sigma = default.distribution.parameters
    low, high = (1.0 / (1.0 + math.exp(-(mu + sign * 1.96 * sigma))) for sign in (-1.0, 1.0))
    assert (low, high) == pytest.approx((0.053, 0.516), abs=0.0005)


def test_the_spread_between_programmes_is_that_of_the_printed_prediction_interval() -> None:
    """Lappan 2020 prints 6.25% to 74.15%: log-odds -2.708 and 1.054, half the width 1.881, over 1.96 is 0.96."""
    low, high = (math.log(p / (1.0 - p)) for p in (0.0625, 0.7415))
    assert load_library()["uncertainty/between_clinics_lappan_2020"].value == pytest.approx(
        (high - low) / 2.0 / 1.96, abs=0.0005
    )


def test_the_spread_of_fees_is_lognormal_around_the_mean_fee() -> None:
    """ln 143.26 = 4.9647; SD 35 on 143 gives sqrt(ln(1 + (35/143)^2)) = 0.241."""
    mu, sigma = load_library().settings["outpatient"].defaults["payers.allowed_per_unit"].distribution.parameters
    assert mu == pytest.approx(4.9647, abs=0.00005)
    assert sigma == pytest.approx(math.sqrt(math.log(1.0 + (35.0 / 143.0) ** 2)), abs=0.005)


def test_scaling_multiplies_the_variable() -> None:
    """A normal of 3X has three times mean and SD; a log-normal moves by ln 3 and keeps its width."""
    assert Distribution("fixed", (2.0,)).scaled(3.0) == Distribution("fixed", (6.0,))
    assert Distribution("normal", (2.0, 0.5)).scaled(3.0) == Distribution("normal", (6.0, 1.5))
    assert Distribution("pert", (1.0, 2.0, 4.0)).scaled(0.5) == Distribution("pert", (0.5, 1.0, 2.0))
    mu, sigma = Distribution("lognormal", (1.0, 0.2)).scaled(3.0).parameters
    assert (mu, sigma) == pytest.approx((1.0 + math.log(3.0), 0.2))


@pytest.mark.parametrize("share", [Distribution("beta", (2.0, 8.0)), Distribution("logitnormal", (-1.4, 0.75))])
def test_a_share_can_only_be_multiplied_by_one(share: Distribution) -> None:
    assert share.scaled(1.0) == share
    with pytest.raises(ValueError, match="would not stay within 0 to 1"):
        share.scaled(2.0)


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_a_factor_must_be_positive_and_finite(factor: float) -> None:
    with pytest.raises(ValueError, match="by a number above 0"):
        Distribution("normal", (0.0, 1.0)).scaled(factor)


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [("gamma", (1.0, 2.0), "write one of: fixed"), ("normal", (1.0,), "takes 2"), ("fixed", (math.nan,), "finite")],
)
def test_a_distribution_that_does_not_exist_is_refused(kind: str, parameters: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Distribution(kind, parameters)
