"""A covariate that is a number for one client and text for another is read client by client."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from plugin.caseload import caseload_of, day_number
from plugin.hazard import BASELINE, SLOPES, ChoiceCovariate, CovariateSpec, HazardModel, NumberCovariate
from plugin.records import Covariate, Episode
from plugin.scores import score

DAY = dt.date(2024, 3, 15)


def risk(spec: CovariateSpec, slopes: list[float], *values: Covariate) -> list[float]:
    plain = len(BASELINE) + len(SLOPES)
    model = HazardModel(np.array([0.0] * plain + slopes), np.zeros((plain + len(slopes),) * 2), (spec,))
    episodes = [
        Episode(f"e{place}", "c", "t", "outpatient", dt.date(2024, 1, 1), 12, 3, DAY, covariates={spec.name: value})
        for place, value in enumerate(values)
    ]
    return score(model, caseload_of(episodes), day_number(DAY)).risk_next_unit.tolist()


@pytest.mark.parametrize("other", ["not asked", None, "31", 31.0])
def test_a_number_counts_whatever_stands_with_other_clients(other: Covariate) -> None:
    age = NumberCovariate("age", mean=40.0, sd=10.0)
    [alone] = risk(age, [0.5], 30.5)
    assert alone != risk(age, [0.5], 40.0)[0]
    assert risk(age, [0.5], 30.5, other)[0] == alone


def test_a_text_that_is_no_number_counts_as_unknown() -> None:
    age = NumberCovariate("age", mean=40.0, sd=10.0)
    middle = risk(age, [0.5], 40.0)[0]
    assert risk(age, [0.5], "not asked", "inf", "nan", None) == [middle] * 4


@pytest.mark.parametrize("other", ["other", None, "2", 3.0])
def test_a_level_that_looks_like_a_number_is_the_same_level(other: Covariate) -> None:
    site = ChoiceCovariate("site", ("1", "2"))
    [alone] = risk(site, [0.0, 0.5], "2")
    assert alone != risk(site, [0.0, 0.5], "1")[0]
    assert risk(site, [0.0, 0.5], 2.0) == [alone]
    assert risk(site, [0.0, 0.5], 2.0, other)[0] == alone
