"""The points of the calibration picture are those counted by hand."""

from __future__ import annotations

import pytest

from plugin.came_true import picture
from plugin.evidence_predictor import predictor
from plugin.person_units import person_units
from plugin.simulation import Truth, simulate


def test_points_hold_every_prediction_once_and_wilsons_interval() -> None:
    """Wilson (1927) for x of n, z = 1.96: (p + z²/2n ± z√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)."""
    caseload = simulate(Truth(), 400, 5).caseload
    found = picture(caseload, predictor(), None)
    assert found is not None
    assert found.basis == "everybody"
    assert [point.predicted for point in found.points] == sorted(point.predicted for point in found.points)
    every = person_units(caseload)
    assert sum(point.units for point in found.points) == len(every)
    assert found.left == int(every.left.sum()) == round(sum(point.observed * point.units for point in found.points))
    z = 1.959963984540054
    for point in found.points:
        p, n = point.observed, point.units
        middle, half = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
        assert (point.low, point.high) == pytest.approx(
            ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)), abs=1e-9
        )


def test_too_few_who_left_make_no_picture() -> None:
    assert picture(simulate(Truth(), 20, 5).caseload, predictor(), None) is None
