"""The plugin's course of dropout is the financial model's, by two codes that do not know each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assumptions import load_library
from calculator.retention import log_survival, weibull_shape
from plugin import retention
from plugin.records import SETTINGS
from plugin.retention import Course, course, cumulative_hazard, usual_missed_share


def hazard(setting: int, planned_units: int) -> np.ndarray:
    """Return H(0) … H(N)."""
    units = np.arange(planned_units + 1)
    return cumulative_hazard(np.full(len(units), setting), np.full(len(units), planned_units), units)


@given(rate=st.floats(0.0, 0.99), share=st.floats(0.02, 0.98), units=st.integers(1, 400))
@example(rate=0.99, share=0.3, units=1)
@example(rate=0.35, share=0.3, units=2)
@example(rate=0.0, share=0.3, units=12)
def test_who_had_a_first_unit_stays_as_in_the_financial_model(rate: float, share: float, units: int) -> None:
    """S_k = exp(−(H(k) − H(1))) for k = 1 … N against ``calculator.retention``, m being a share of N − 1."""
    median = share * max(units - 1, 1)
    d, n = np.array([rate]), np.array([float(units)])
    shape = weibull_shape(d, np.array([median]), n)
    expected = np.exp(log_survival(n, d, shape))[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "course", lambda name: Course(rate, 0.159, float(shape[0])))
        found = hazard(0, units)
    assert found[0] == 0.0
    assert np.exp(-(found[1:] - found[1])) == pytest.approx(expected, rel=1e-12)
    assert math.exp(-found[1]) == pytest.approx(1.0 - 0.159, rel=1e-12)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("units", [3, 12, 90])
def test_each_settings_course_is_that_of_its_defaults(setting: str, units: int) -> None:
    """The same defaults through the calculator: D, and m as a share of N − 1."""
    defaults = load_library().settings[setting].defaults
    d, n = np.array([defaults["clinic.dropout_rate"].value]), np.array([float(units)])
    median = np.array([defaults["clinic.median_dropout_unit"].value * (units - 1)])
    expected = np.exp(log_survival(n, d, weibull_shape(d, median, n)))[0]
    found = hazard(SETTINGS.index(setting), units)
    assert np.exp(-(found[1:] - found[1])) == pytest.approx(expected, rel=1e-12)


def test_outpatient_care_by_hand() -> None:
    """D = .197, m = .27·(N − 1): s = ln(ln .9015/ln .803)/ln .27 = ln(.103695/.219401)/−1.309333 = .572385.

    With N = 5, H(1) = −ln .841 = .173164, H(3) = .173164 + .219401·.5^.572385 = .173164 + .147548 = .320712, and
    H(5) = .173164 + .219401 = .392564.
    """
    assert course("outpatient").shape == pytest.approx(0.572385, abs=1e-6)
    assert hazard(SETTINGS.index("outpatient"), 5)[[0, 1, 3, 5]] == pytest.approx(
        [0.0, 0.173164, 0.320712, 0.392564], abs=2e-6
    )


def test_settings_and_plans_may_differ_from_row_to_row() -> None:
    setting, planned, unit = np.array([0, 1, 3, 0]), np.array([5, 30, 1, 5]), np.array([3, 30, 1, 0])
    expected = [hazard(s, n)[u] for s, n, u in zip(setting, planned, unit, strict=True)]
    assert cumulative_hazard(setting, planned, unit).tolist() == expected


@pytest.mark.parametrize("setting", range(len(SETTINGS)))
def test_hazard_rises_up_to_the_last_unit_and_no_further(setting: int) -> None:
    assert (np.diff(hazard(setting, 20)) > 0.0).all()
    assert cumulative_hazard(np.array([setting]), np.array([20]), np.array([25])) == hazard(setting, 20)[-1]


def test_missed_visits_are_the_published_share_of_each_setting() -> None:
    """Printed in the settings' files: .20 outpatient, .15 intensive, .10 partial hospital, 0 residential."""
    assert usual_missed_share().tolist() == [0.2, 0.15, 0.1, 0.0]
