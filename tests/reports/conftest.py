"""A clinic that pays and one that does not, as results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assumptions import Library, load_library
from calculator import evaluate, parse_scenario
from calculator.result import Result

CLINIC: dict[str, Any] = {
    "clinic": {
        "name": "Riverbend Counseling",
        "setting": "outpatient",
        "clinicians": 10,
        "intakes_per_month": 60.0,
        "planned_units": 12,
        "dropout_rate": 0.35,
        "median_dropout_unit": 3,
        "no_show_rate": 0.12,
        "backfill_rate": 0.1,
        "variable_cost_per_unit": 45.0,
        "acquisition_cost_per_intake": 180.0,
        "measured": ["dropout_rate", "intakes_per_month"],
    },
    "payers": [
        {"name": "commercial", "share": 0.7, "allowed_per_unit": 140.0, "collection_rate": 0.95},
        {"name": "self-pay", "share": 0.3, "allowed_per_unit": 130.0, "collection_rate": 0.98},
    ],
    "program": {
        "adoption_rate": 0.8,
        "ramp_months": 6,
        "alliance_lift_sd": 0.3,
        "subscription_per_clinician_month": 12.0,
        "implementation_cost": 2500.0,
        "minutes_per_unit": 1.0,
    },
    "analysis": {"draws": 512},
}


def clinic(**sections: dict[str, Any]) -> dict[str, Any]:
    """Return the clinic with some keys changed."""
    return {name: {**part, **sections.get(name, {})} if name != "payers" else part for name, part in CLINIC.items()}


@pytest.fixture(scope="session")
def changed_clinic() -> Callable[..., dict[str, Any]]:
    """What ``clinic`` does, for tests that need a clinic of their own."""
    return clinic


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def paying(library: Library) -> Result:
    return evaluate(parse_scenario(clinic()), library)


@pytest.fixture(scope="session")
def losing(library: Library) -> Result:
    changed = clinic(clinic={"intakes_per_month": 10.0}, program={"subscription_per_clinician_month": 60.0})
    return evaluate(parse_scenario(changed), library)


@pytest.fixture(params=["paying", "losing"])
def result(request: pytest.FixtureRequest) -> Result:
    found: Result = request.getfixturevalue(request.param)
    return found
