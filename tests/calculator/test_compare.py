"""Scenarios side by side: differences from the first, and the inputs that are not the same."""

from __future__ import annotations

import json

import pytest

from calculator import FIGURES
from calculator.compare import compare
from tests.calculator.clinics import PAYING, plain, result_of


def test_figures_and_their_difference_from_the_baseline() -> None:
    first, second = result_of(plain(**PAYING)), result_of(plain(program__subscription_per_clinician_month=5000.0))
    found = compare([first, second])
    assert [figure.name for figure in found.figures] == list(FIGURES)
    by_name = {figure.name: figure for figure in found.figures}
    assert by_name["npv"].point == (first.point["npv"], second.point["npv"])
    assert by_name["npv"].difference == (0.0, second.point["npv"] - first.point["npv"])
    assert by_name["npv"].p50 == (first.distribution["npv"].p50, second.distribution["npv"].p50)
    medians = by_name["npv"].p50
    assert by_name["npv"].p50_difference == (0.0, medians[1] - medians[0])
    assert found.figure("npv") == by_name["npv"]
    assert by_name["payback_months"].point[0] is not None
    assert by_name["payback_months"].point[1] is None
    assert by_name["payback_months"].difference[1] is None


def test_only_inputs_that_differ_are_listed() -> None:
    """One clinic with a price of its own and a third payer."""
    other = plain(clinic__dropout_rate=0.2)
    other["payers"] = [{"share": 1.0, "allowed_per_unit": 100.0, "collection_rate": 0.9}]
    rows = {row.path: row.values for row in compare([result_of(plain()), result_of(other)]).inputs}
    assert rows["clinic.dropout_rate"] == (0.35, 0.2)
    assert rows["payers.1.share"] == (0.7, 1.0)
    assert rows["payers.2.share"] == (0.3, None)
    assert "clinic.no_show_rate" not in rows
    assert "program.odds_ratio" not in rows


def test_the_same_twice_differs_in_nothing() -> None:
    result = result_of(plain())
    found = compare([result, result])
    assert found.inputs == ()
    assert all(figure.difference[1] in (0.0, None) for figure in found.figures)


def test_why_it_changed_is_told_beside_the_baseline() -> None:
    results = [result_of(plain()), result_of(plain(clinic__dropout_rate=0.2)), result_of(plain())]
    baseline, changed, same = compare(results).attributions
    assert baseline is None
    assert changed is not None
    assert [part.input for part in changed.parts] == ["clinic.dropout_rate"]
    assert changed.parts[0].amount == pytest.approx(results[1].point["npv"] - results[0].point["npv"])
    assert same is not None
    assert same.parts == ()


def test_money_in_another_currency_is_not_compared() -> None:
    found = compare([result_of(plain()), result_of(plain(clinic__currency="EUR")), result_of(plain())])
    assert found.attributions[1] is None
    assert found.attributions[2] is not None
    assert found.figure("npv").point[1] is not None
    assert found.figure("npv").difference[1:] == (None, 0.0)
    assert found.figure("npv").p50_difference[1:] == (None, 0.0)
    assert found.figure("dropout_rate_after").difference[1:] == (0.0, 0.0)


def test_comparison_is_plain_data() -> None:
    data = compare([result_of(plain()), result_of(plain(**PAYING))]).to_dict()
    assert json.loads(json.dumps(data, allow_nan=False))["schema"] == "rapport.comparison/1"
