"""The reporting checklists: complete, numbered as published, and filled from the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assumptions import Library
from calculator import evaluate, parse_scenario
from calculator.display import money, share
from calculator.result import Result
from reports.checklists import SECTIONS, Item, budget_impact, cheers

# Husereau et al. (2022), table 1: item numbers and a word of each topic.
PUBLISHED = {
    1: "title", 2: "abstract", 3: "background", 4: "plan", 5: "population", 6: "setting", 7: "comparators",
    8: "perspective", 9: "horizon", 10: "discount", 11: "selection of outcomes", 12: "measurement of outcomes",
    13: "valuation of outcomes", 14: "resources and costs", 15: "currency", 16: "description of the model",
    17: "analytics and assumptions", 18: "heterogeneity", 19: "distributional", 20: "characterising uncertainty",
    21: "approach to engagement", 22: "parameters", 23: "main results", 24: "effect of uncertainty",
    25: "effect of engagement", 26: "limitations", 27: "funding", 28: "conflicts",
}  # fmt: skip
# Sullivan et al. (2014): a word of each recommended element, in the order of the report.
RECOMMENDED = (
    "health system", "perspective", "eligible population", "current interventions", "uptake", "off-label",
    "cost of the", "other costs: of the condition", "other costs: indirect", "horizon", "discounting",
    "computing framework", "uncertainty and scenario", "validation", "data sources", "objectives", "methods",
    "results", "limitations", "tables", "access",
)  # fmt: skip
NOT_DONE = (4, 18, 19, 21, 25)
LONGEST = 300  # signs of an answer: two short sentences, three at most


def answers(items: tuple[Item, ...]) -> dict[int, str]:
    return {item.number: item.answer for item in items}


def whole(items: tuple[Item, ...]) -> str:
    return " ".join(item.answer for item in items)


def changed(make: Callable[..., dict[str, Any]], library: Library, **sections: dict[str, Any]) -> Result:
    return evaluate(parse_scenario(make(**sections)), library)


def test_cheers_has_its_28_items_under_their_numbers(result: Result, library: Library) -> None:
    items = cheers(result, library)
    assert [item.number for item in items] == list(range(1, 29))
    for item in items:
        assert PUBLISHED[item.number] in item.topic.lower()


def test_budget_impact_has_each_recommended_element(result: Result, library: Library) -> None:
    items = budget_impact(result, library)
    assert [item.number for item in items] == list(range(1, len(RECOMMENDED) + 1))
    for item, word in zip(items, RECOMMENDED, strict=True):
        assert word in item.topic.lower()


@pytest.mark.parametrize("checklist", [cheers, budget_impact])
@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"clinic": {"planned_units": 1, "median_dropout_unit": 1, "dropout_rate": 0.0}},
        {"clinic": {"setting": "residential", "intakes_per_month": 0.5, "currency": "EUR"}},
        {"program": {"evidence_road": "targeted", "minutes_per_flag": 15.0, "sensitivity": 0.6, "specificity": 0.7}},
        {"program": {"odds_ratio": 1.0, "minutes_per_unit": 0.0}},
    ],
)
def test_every_item_asks_and_is_answered_shortly(
    checklist: Callable[[Result, Library], tuple[Item, ...]],
    sections: dict[str, dict[str, Any]],
    changed_clinic: Callable[..., dict[str, Any]],
    library: Library,
) -> None:
    for item in checklist(changed(changed_clinic, library, **sections), library):
        assert item.topic
        assert item.asks.endswith(".")
        assert item.answer.endswith(".")
        assert len(item.answer) <= LONGEST, item
        assert item.section in SECTIONS
        assert not any(sign in item.answer for sign in ("None", "nan", "%(", "{", "—"))


def test_what_is_not_done_is_said(result: Result, library: Library) -> None:
    found = answers(cheers(result, library))
    for number in NOT_DONE:
        assert found[number].startswith("Not done")
    assert "no common price date" in found[15]
    assert "sells the programme" in found[28]


def test_answers_are_those_of_the_result(result: Result, library: Library) -> None:
    found, text = answers(cheers(result, library)), whole(budget_impact(result, library))
    spread, made = result.distribution, result.reproducibility
    assert money(spread["revenue_lost_per_year"].p50) in found[3]
    assert made.version in found[4]
    assert "35%" in found[5]
    assert "Outpatient therapy; 2 payers" in found[6]
    assert "provider" in found[8]
    assert "35.0%" in found[12]
    assert share(result.point["dropout_rate_after"], 1) in found[12]
    assert money(result.workings["program_cost_per_year"]) in found[14]
    assert "USD" in found[15]
    assert "512 futures" in found[20]
    assert f"({len(result.resolved.uncertain)})" in found[20]
    assert library.sha256[:12] in found[22]
    assert "2 measured" in found[22]
    assert money(spread["revenue_kept_per_year"].p50) in found[23]
    assert money(spread["npv"].p5) in found[23]
    assert money(result.cases["sceptic"].figures["npv"]) in found[24]
    assert "80%" in text
    assert made.evidence_sha256[:12] in text


def test_the_count_of_parameters_adds_up(result: Result, library: Library) -> None:
    numbers = [int(word) for word in answers(cheers(result, library))[22].split(" (")[0].split() if word.isdigit()]
    total, *kinds = numbers
    assert total == sum(kinds)
    assert total == sum(result.resolved.matters(path) for path in result.resolved.inputs)


@pytest.mark.parametrize(
    ("sections", "number", "said"),
    [
        ({"analysis": {"horizon_months": 17}}, 9, "17 months from go-live, your choice"),
        ({"analysis": {"draws": 64}}, 9, "the usual one for this setting"),
        ({"analysis": {"discount_rate": 0.043}}, 10, "4.3% a year, your choice"),
        ({"analysis": {"draws": 64, "seed": 77}}, 20, "64 futures, seed 77"),
        ({"clinic": {"currency": "EUR"}}, 15, "EUR"),
        ({"clinic": {"dropout_rate": 0.2}}, 5, "20%"),
        ({"program": {"evidence_road": "alliance"}}, 7, "a stronger alliance"),
        ({"program": {"odds_ratio": 0.5}}, 12, "21.2%"),  # 0.5·0.35/(0.65 + 0.5·0.35) = 0.2121
        ({"analysis": {"draws": 64}}, 24, "horizon and discount rate are not varied"),
        ({"analysis": {"discount_rate": {"low": 0.0, "likely": 0.1, "high": 0.2}}}, 24, "the horizon is not varied"),
    ],
)
def test_answers_change_with_the_result(
    sections: dict[str, dict[str, Any]],
    number: int,
    said: str,
    changed_clinic: Callable[..., dict[str, Any]],
    library: Library,
) -> None:
    assert said in answers(cheers(changed(changed_clinic, library, **sections), library))[number]


def test_growth_is_told_with_the_population(changed_clinic: Callable[..., dict[str, Any]], library: Library) -> None:
    grown = changed(changed_clinic, library, clinic={"intake_growth_rate": 0.05})
    assert "5.0% a year" in answers(budget_impact(grown, library))[3]
    still = changed(changed_clinic, library, clinic={"intake_growth_rate": 0.0})
    assert "do not grow" in answers(budget_impact(still, library))[3]
