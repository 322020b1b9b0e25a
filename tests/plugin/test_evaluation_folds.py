"""Folds hold out whole clinicians and clients; the bootstrap draws them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.caseload import Caseload, texts
from plugin.evaluation.bootstrap import draws, interval
from plugin.evaluation.folds import FOLDS, clusters, folds, usual_grouping
from plugin.simulation import Truth, simulate


def caseload(clinicians: list[str], clients: list[str]) -> Caseload:
    """Return episodes of these clinicians and clients."""
    plain = simulate(Truth(), len(clients), 1).caseload
    columns = {name: getattr(plain, name) for name in Caseload.__dataclass_fields__ if name not in ("covariates",)}
    return Caseload(**columns | {"clinician": texts(clinicians), "client": texts(clients)})


@given(st.integers(0, 500), st.sampled_from(["clinician", "client"]))
def test_nobody_is_judged_by_a_model_that_saw_them(seed: int, by: str) -> None:
    random = np.random.default_rng(seed)
    clinicians = [f"k{number}" if number else "" for number in random.integers(0, 9, 80)]
    clients = [f"c{number}" for number in random.integers(0, 50, 80)]
    people = caseload(clinicians, clients)
    group = clusters(people, by)
    judged = []
    for fold in folds(people, random.uniform(size=80) < 0.3, by, seed):
        assert not set(group[fold.train]) & set(group[fold.test])
        assert not set(people.client[fold.train]) & set(people.client[fold.test])
        judged += fold.test.tolist()
    assert sorted(judged) == list(range(80))


def test_folds_do_not_depend_on_how_people_are_called() -> None:
    names = [f"c{number % 30}" for number in range(60)]
    other = [f"z{(number % 30) * 7919 % 31}" for number in range(60)]
    left = np.arange(60) % 3 == 0
    first, second = (
        [fold.test.tolist() for fold in folds(caseload([""] * 60, clients), left, "client", 1)]
        for clients in (names, other)
    )
    assert first == second
    assert len(first) == FOLDS


def test_clinicians_are_held_out_where_there_are_ten() -> None:
    clients = [f"c{number}" for number in range(40)]
    assert usual_grouping(caseload([f"k{number % 10}" for number in range(40)], clients)) == "clinician"
    assert usual_grouping(caseload([f"k{number % 9}" for number in range(40)], clients)) == "client"
    assert usual_grouping(caseload([""] * 40, clients)) == "client"


def test_a_draw_takes_clusters_whole() -> None:
    people = caseload([f"k{number % 8}" for number in range(64)], [f"c{number}" for number in range(64)])
    group = clusters(people, "clinician")
    drawn = list(draws(people, "clinician", 30, 5))
    for count in drawn:
        assert count.sum() == 64.0  # clusters of eight, eight of them
        assert all(len(set(count[group == each])) == 1 for each in range(8))
    again = list(draws(people, "clinician", 30, 5))
    assert all(np.array_equal(one, two) for one, two in zip(drawn, again, strict=True))
    assert not np.array_equal(drawn[0], next(draws(people, "clinician", 1, 6)))


def test_clustered_intervals_are_as_wide_as_clusters_make_them() -> None:
    """Twenty clusters of ten whose members are all alike: the mean has the error of twenty values, not of 200.

    The bootstrap of clusters must show it (within a fifth, for its 400 draws); that of clients does not.
    """
    values = np.repeat(np.random.default_rng(1).normal(size=20), 10)
    people = caseload([f"k{number // 10}" for number in range(200)], [f"c{number}" for number in range(200)])
    spread = {
        by: np.std([(count * values).sum() / count.sum() for count in draws(people, by, 400, 2)])
        for by in ("clinician", "client")
    }
    assert spread["clinician"] == pytest.approx(values.std() / math.sqrt(20), rel=0.2)
    assert spread["client"] == pytest.approx(values.std() / math.sqrt(200), rel=0.2)


def test_a_figure_that_rarely_exists_has_no_interval() -> None:
    assert interval(np.append(np.arange(95.0), [np.nan] * 5)) == pytest.approx((2.35, 91.65))
    assert all(math.isnan(end) for end in interval(np.append(np.arange(80.0), [np.nan] * 20)))
    assert all(math.isnan(end) for end in interval(np.empty(0)))
