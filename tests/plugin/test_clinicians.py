"""Clinicians: shrinkage, the minimum, and no league table."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from scipy.stats import gamma

from assumptions import load_library
from plugin.caseload import Caseload, caseload_of
from plugin.clinicians import MINIMUM, clinician_estimates
from plugin.records import Episode


def _ended(counts: dict[str, tuple[int, int]]) -> tuple[Caseload, np.ndarray]:
    """Return episodes by clinician (all, dropped out) and who dropped out."""
    rows = [(name, place < dropped) for name, (ended, dropped) in counts.items() for place in range(ended)]
    episodes = [
        Episode(f"e{n}", "c", name, "outpatient", dt.date(2026, 1, 1), 12, 5, dt.date(2026, 2, 1), "completed")
        for n, (name, _) in enumerate(rows)
    ]
    return caseload_of(episodes), np.array([1.0 if dropped else 0.0 for _, dropped in rows])


def test_estimate_and_interval_are_those_of_the_gamma_after_the_data() -> None:
    """A: 15 of 50, B: 5 of 50; equal clients, so each is expected 10 of the 20. a = 1/(exp(.446²) − 1)."""
    caseload, dropped = _ended({"k-b": (50, 5), "k-a": (50, 15)})
    first, second = clinician_estimates(caseload, np.full(100, 0.3), dropped)
    assert [first.clinician, second.clinician] == ["k-a", "k-b"]  # by name, whatever the figures
    spread = load_library().roles["risk_clinician_logit_sd"].value
    assert spread is not None
    a = 1.0 / (math.exp(spread**2) - 1.0)
    assert first.expected == pytest.approx(10.0)
    assert first.ratio == pytest.approx((a + 15) / (a + 10))
    after = gamma(a + 15, scale=1.0 / (a + 10))  # scipy's own distribution as the second implementation
    assert (first.low, first.high) == pytest.approx((after.ppf(0.05), after.ppf(0.95)))
    assert 1.0 < first.ratio < 1.5  # pulled towards 1 from 15/10
    assert not first.differs
    assert 0.5 < (second.ratio or 0.0) < 1.0


def test_few_ended_episodes_show_no_estimate() -> None:
    caseload, dropped = _ended({"few": (MINIMUM - 1, 10), "enough": (MINIMUM, 2)})
    enough, few = clinician_estimates(caseload, np.full(len(caseload), 0.3), dropped)
    assert (few.ratio, few.low, few.high, few.differs) == (None, None, None, False)
    assert enough.ratio is not None


def test_clients_who_leave_more_anyway_are_allowed_for() -> None:
    """Both lose 10 of 50, but A's clients are three times as likely to leave."""
    caseload, dropped = _ended({"a": (50, 10), "b": (50, 10)})
    a, b = clinician_estimates(caseload, np.repeat([0.3, 0.1], 50), dropped)
    assert (a.expected, b.expected) == pytest.approx((15.0, 5.0))
    assert (a.ratio or 0) < 1.0 < (b.ratio or 0)


def test_a_clinician_far_from_the_rest_is_marked_and_unknown_ones_are_left_out() -> None:
    caseload, dropped = _ended({"a": (200, 5), "b": (200, 95), "": (40, 40)})
    a, b = clinician_estimates(caseload, np.full(440, 0.2), dropped)
    assert (a.differs, b.differs) == (True, True)
    assert a.expected == pytest.approx(50.0)  # half of a hundred: those of unknown clinicians do not count
