"""A result that does not pay says so and what would make it pay; what nobody would believe is flagged."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings

from assumptions import load_library
from calculator import InputError, display, parse_scenario, resolve, verdict
from tests.calculator.clinics import PAYING, plain, result_of
from tests.strategies import scenarios

LIBRARY = load_library()
LOSING = plain(clinic__variable_cost_per_unit=30.0, program__minutes_per_unit=0.0, program__odds_ratio=0.9)


def ways(data: dict[str, Any]) -> dict[str, str]:
    return {way.name: way.text for way in verdict.ways(result_of(data))}


def flags(data: dict[str, Any]) -> dict[str, str]:
    return {flag.name: flag.text for flag in verdict.flags(result_of(data), LIBRARY)}


def first_number(text: str) -> float:
    return float(re.search(r"[\d,]+(?:\.\d+)?", text)[0].replace(",", ""))


def test_it_pays_where_half_of_all_futures_do() -> None:
    paying, losing = result_of(plain(**PAYING)), result_of(plain())
    assert verdict.pays(paying) is (paying.probability_npv_positive >= 0.5) is True
    assert verdict.pays(losing) is (losing.probability_npv_positive >= 0.5) is False
    assert display.chance(losing.probability_npv_positive) in verdict.verdict(losing)
    assert "does not pay" in verdict.verdict(losing)


def test_the_price_the_volume_and_the_effect_that_are_named_do_pay() -> None:
    """Each is put back into the scenario by itself: the net present value at likely values is then not below zero."""
    losing = result_of(LOSING)
    assert losing.point["npv"] < 0.0
    said = ways(LOSING)
    changed = {
        "price": plain_of(LOSING, "program", "subscription_per_clinician_month", first_number(said["price"])),
        "volume": plain_of(LOSING, "clinic", "intakes_per_month", first_number(said["volume"])),
    }
    for name, data in changed.items():
        assert result_of(data).point["npv"] >= 0.0, (name, said[name])
    least, rate = first_number(said["effect"]) / 100.0, 0.35
    after = rate * (1.0 - least)
    odds = (after / (1.0 - after)) / (rate / (1.0 - rate))
    assert result_of(plain_of(LOSING, "program", "odds_ratio", odds)).point["npv"] >= 0.0
    barely = plain_of(LOSING, "clinic", "intakes_per_month", first_number(said["volume"]) - 2.0)
    assert result_of(barely).point["npv"] < 0.0


def plain_of(data: dict[str, Any], table: str, key: str, value: float) -> dict[str, Any]:
    return data | {table: data[table] | {key: value}}


def test_where_no_price_would_do_the_time_is_named_if_it_would() -> None:
    """Twenty minutes a session eat more than the programme brings; the number of minutes named does pay."""
    slow = plain(**PAYING | {"program__minutes_per_unit": 20.0})
    said = ways(slow)
    assert said["price"].startswith("Price: none would do")
    minutes = first_number(said["time"])
    assert result_of(plain_of(slow, "program", "minutes_per_unit", minutes)).point["npv"] >= 0.0
    assert result_of(plain_of(slow, "program", "minutes_per_unit", minutes + 0.2)).point["npv"] < 0.0


def test_what_is_out_of_reach_is_said() -> None:
    never = ways(plain(clinic__dropout_rate=0.0))
    assert "none would do" in never["price"]
    assert "would not help" in never["volume"]
    assert "not even if nobody left" in never["effect"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"clinic__dropout_rate": 0.75}, "dropout"),
        ({"clinic__dropout_rate": 0.05}, "dropout"),
        ({"program__odds_ratio": 0.4}, "effect"),
        ({"program__implementation_cost": 0.0, "program__training_hours_per_clinician": 0.0} | PAYING, "payback"),
        (PAYING | {"clinic__intakes_per_month": 4000, "program__minutes_per_unit": 0.0}, "roi"),
    ],
)
def test_what_no_cfo_believes_is_flagged_with_its_field(changes: dict[str, Any], name: str) -> None:
    data = plain(**changes, program__ramp_months=0) if name == "payback" else plain(**changes)
    if name == "payback":
        data["program"] |= {"subscription_per_clinician_month": 0.0, "minutes_per_unit": 0.0}
    result = result_of(data)
    found = {flag.name: flag for flag in verdict.flags(result, LIBRARY)}
    assert name in found
    assert found[name].input in result.resolved.inputs


@pytest.mark.parametrize("rate", [0.10, 0.2, 0.35, 0.5, 0.65])
def test_a_dropout_rate_near_the_studies_is_not_flagged(rate: float) -> None:
    """Pooled studies span 15.9 % to 46.8 %; 2.7 times those odds are 6.5 % and 70.5 %."""
    low, high = 0.159 / 0.841 / math.e, 0.468 / 0.532 * math.e
    assert low / (1 + low) < rate < high / (1 + high)
    assert "dropout" not in flags(plain(clinic__dropout_rate=rate))


def test_places_that_do_not_fit_what_was_said_are_flagged() -> None:
    clinic = {"setting": "residential", "intakes_per_month": 30.0, "planned_units": 24, "units_per_month": 30.0,
              "dropout_rate": 0.0, "places": 30}  # fmt: skip
    assert "occupancy" not in flags({"clinic": clinic, "payers": [{}]})
    assert "occupancy" not in flags({"clinic": clinic | {"occupancy_rate": 0.75}, "payers": [{}]})
    said = flags({"clinic": clinic | {"occupancy_rate": 0.4}, "payers": [{}]})["occupancy"]
    assert "40%" in said
    assert "80%" in said
    assert "160%" in flags({"clinic": clinic | {"places": 15}, "payers": [{}]})["occupancy"]


@settings(max_examples=60)
@given(data=scenarios())
def test_any_result_has_a_verdict_in_whole_sentences(data: dict[str, Any]) -> None:
    scenario = parse_scenario(data)
    try:
        resolve(scenario, LIBRARY)
    except InputError:
        return
    result = result_of(data)
    texts = [verdict.verdict(result), *(remark.text for remark in verdict.ways(result))]
    texts += [remark.text for remark in verdict.flags(result, LIBRARY)]
    for text in texts:
        assert text.endswith(".")
        assert not re.search(r"\bnan\b|\binf\b|None|%\(|\{", text)


def test_where_it_pays_at_likely_values_no_way_is_named() -> None:
    """The ways are solved at likely values: where those pay already, each would be met already."""
    spread = plain(**PAYING, analysis__draws=1024)
    spread["program"] |= {"odds_ratio": {"low": 0.7, "likely": 0.72, "high": 2.0}}
    result = result_of(spread)
    assert result.point["npv"] > 0.0
    assert result.probability_npv_positive < 0.5
    assert verdict.ways(result) == ()
    assert "would pay" in verdict.verdict(result)


@pytest.mark.parametrize(
    ("road", "path"), [("alliance", "program.alliance_lift_sd"), ("targeted", "program.save_rate")]
)
def test_the_effect_leads_to_the_number_of_its_road(road: str, path: str) -> None:
    ways_there = {way.name: way.input for way in verdict.ways(result_of(plain(program__evidence_road=road)))}
    assert ways_there["effect"] == path


def test_dollars_of_the_evidence_are_not_taken_for_another_currency() -> None:
    assert "currency" not in flags({"clinic": {"setting": "outpatient", "intakes_per_month": 40.0}, "payers": [{}]})
    yen = {"setting": "outpatient", "intakes_per_month": 40.0, "currency": "JPY"}
    assert "JPY" in flags({"clinic": yen, "payers": [{}]})["currency"]


def test_a_course_longer_than_the_months_looked_at_is_flagged() -> None:
    """199 sessions later at 4.33 a month are 46 months, and 6 of ramp: more than 36."""
    assert "46 months" in flags(plain(clinic__planned_units=200))["horizon"]
    assert "horizon" not in flags(plain(clinic__planned_units=100))  # 23 months and 6
