"""How full a programme is, and what that says about slots filled again; what is collected instead of allowed."""

from __future__ import annotations

from typing import Any

import pytest

from assumptions import load_library
from calculator import InputError, parse_scenario
from tests.calculator.clinics import PLAIN, resolved_of, result_of

PATHS = ("allowed_per_unit", "collection_rate")


def residential(**clinic: Any) -> dict[str, Any]:
    """30 admissions a month who all stay 24 days of a month of 30: 30 × 24/30 = 24 clients in care."""
    given = {"setting": "residential", "intakes_per_month": 30.0, "planned_units": 24, "units_per_month": 30.0}
    return {"clinic": given | {"dropout_rate": 0.0} | clinic, "payers": [{}]}


@pytest.mark.parametrize(
    ("clinic", "rate", "capacity"),
    [
        ({}, None, "mixed"),
        ({"places": 30}, 24 / 30, "slack"),
        ({"places": 27}, 24 / 27, "mixed"),
        ({"places": 25}, 24 / 25, "waitlist"),
        ({"occupancy_rate": 0.84}, 0.84, "slack"),
        ({"occupancy_rate": 0.85}, 0.85, "mixed"),
        ({"occupancy_rate": 0.95}, 0.95, "waitlist"),
        ({"places": 30, "occupancy_rate": 0.97}, 0.97, "waitlist"),
        ({"places": 30, "practice_capacity": "waitlist"}, 24 / 30, "waitlist"),
    ],
)
def test_how_full_it_is_decides_how_many_slots_are_filled_again(
    clinic: dict[str, Any], rate: float | None, capacity: str
) -> None:
    resolved = resolved_of(residential(**clinic))
    assert resolved.occupancy.rate == (None if rate is None else pytest.approx(rate))
    assert resolved.capacity == capacity
    figure = load_library().capacity[capacity]
    assert resolved.inputs["clinic.backfill_rate"].value == figure.value
    assert resolved.sources["clinic.backfill_rate"] == f"benchmark:{figure.id}"


def test_clients_who_leave_empty_their_places() -> None:
    """Two units, one a month, half leave after the first: 1 + 0.5 units, 1.5 months in care, 10 × 1.5 = 15 clients."""
    clinic = {"planned_units": 2, "units_per_month": 1.0, "dropout_rate": 0.5, "intakes_per_month": 10.0, "places": 20}
    assert resolved_of(residential(**clinic)).occupancy.implied == pytest.approx(15 / 20)


def test_what_the_clinic_says_about_backfill_goes_first() -> None:
    resolved = resolved_of(residential(occupancy_rate=0.99, backfill_rate=0.2))
    assert resolved.inputs["clinic.backfill_rate"].value == 0.2
    assert resolved.capacity == "waitlist"


def test_places_stand_among_the_inputs_of_a_result_only_where_given() -> None:
    given = result_of(residential(places=30, occupancy_rate=0.9)).to_dict()["inputs"]["clinic"]
    assert (given["places"], given["occupancy_rate"], given["practice_capacity"]) == (30.0, 0.9, "mixed")
    assert "places" not in result_of(residential()).to_dict()["inputs"]["clinic"]


def test_collected_a_unit_is_an_allowed_amount_of_which_all_is_collected() -> None:
    one = PLAIN | {"payers": [{"collected_per_unit": 128.0}]}
    other = PLAIN | {"payers": [{"allowed_per_unit": 128.0, "collection_rate": 1.0}]}
    assert result_of(one).point == result_of(other).point
    assert result_of(one).distribution == result_of(other).distribution


def test_collected_a_unit_goes_by_its_own_name_and_source() -> None:
    clinic = PLAIN["clinic"] | {"measured": ["payers.1.collected_per_unit"]}
    resolved = resolved_of(PLAIN | {"clinic": clinic, "payers": [{"collected_per_unit": 128.0}]})
    paid = resolved.inputs["payers.1.allowed_per_unit"]
    assert paid.quantity.named(resolved.setting.words) == "Collected a session"
    assert (paid.kind, paid.certain) == ("measured", True)


@pytest.mark.parametrize("key", PATHS)
def test_collected_and_allowed_together_are_one_too_many(key: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_scenario(PLAIN | {"payers": [{"collected_per_unit": 128.0, key: 0.9}]})
    (problem,) = caught.value.problems
    assert problem.path == "payers.1.collected_per_unit"
    assert key in problem.message
