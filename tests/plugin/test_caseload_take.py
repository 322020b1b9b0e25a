"""Some episodes of a caseload, in any order, with what belongs to them and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import Caseload, ratings, visits
from plugin.simulation import Truth, simulate

PEOPLE = 12


@pytest.fixture(scope="module")
def caseload() -> Caseload:
    return simulate(Truth(), PEOPLE, seed=1).caseload


@given(picked=st.lists(st.integers(0, PEOPLE - 1), unique=True, max_size=PEOPLE), ascending=st.booleans())
def test_what_belongs_to_the_episodes_comes_along_in_its_own_order(
    caseload: Caseload, picked: list[int], ascending: bool
) -> None:
    """Gathered episode by episode, and put in order by the same rule that any ratings and visits are."""
    rows = np.array(sorted(picked) if ascending else picked, dtype=np.int64)
    found = caseload.take(rows)
    r, v = caseload.ratings, caseload.visits
    rated = [(new, at) for new, old in enumerate(rows) for at in np.flatnonzero(r.episode == old)]
    booked = [(new, at) for new, old in enumerate(rows) for at in np.flatnonzero(v.episode == old)]
    at = [place for _, place in rated]
    wanted = ratings([new for new, _ in rated], r.measure[at], r.day[at], r.unit[at], r.share[at])
    assert all(np.array_equal(mine, vars(wanted)[name]) for name, mine in vars(found.ratings).items())
    at = [place for _, place in booked]
    expected = visits([new for new, _ in booked], v.day[at], v.status[at])
    assert all(np.array_equal(mine, vars(expected)[name]) for name, mine in vars(found.visits).items())
    assert found.episode_id.tolist() == caseload.episode_id[rows].tolist()
    assert found.covariates["age"] == pytest.approx(caseload.covariates["age"][rows], nan_ok=True)


def test_a_mask_picks_in_the_caseloads_order(caseload: Caseload) -> None:
    mask = np.arange(PEOPLE) % 3 == 0
    assert caseload.take(mask).episode_id.tolist() == caseload.episode_id[mask].tolist()
