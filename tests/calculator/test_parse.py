"""Bad input: every problem at once, each with the key, what was found and what is allowed; and never a crash."""

from __future__ import annotations

import math
from typing import Any, get_args

import pytest

from assumptions import load_library
from calculator import InputError, parse_scenario, resolve
from calculator.quantity import Quantity, Range
from calculator.scenario import MAX_PAYERS, Analysis, Capacity, Clinic, Payer, Program, Road, Setting
from tests.calculator.clinics import plain, with_changes
from tests.calculator.faults import MINIMAL, bad, only, problems
from tests.strategies import declared

NUMBERS: list[tuple[str, Quantity]] = [
    *((f"clinic.{key}", item) for key, item in declared(Clinic).items()),
    *((f"payers.1.{key}", item) for key, item in declared(Payer).items()),
    *((f"program.{key}", item) for key, item in declared(Program).items()),
    *((f"analysis.{key}", item) for key, item in declared(Analysis).items()),
]
IDS = [path for path, _ in NUMBERS]


def test_the_least_that_is_required() -> None:
    """Only setting, intakes a month and one payer are required (interfaces); even its price has a default."""
    parse_scenario({**MINIMAL, "payers": [{}]})
    scenario = parse_scenario(MINIMAL)
    assert scenario.clinic.intakes_per_month == 40.0
    assert scenario.program.evidence_road == "program"
    for setting in get_args(Setting):
        resolve(parse_scenario(with_changes(MINIMAL, {"clinic.setting": setting})), load_library())


def test_nothing_at_all() -> None:
    found = {problem.path for problem in problems({})}
    assert found == {"clinic.setting", "clinic.intakes_per_month", "payers"}


@pytest.mark.parametrize(("path", "item"), NUMBERS, ids=IDS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "some", "", [], [1.0], 10**400, -(10**400)])
def test_what_is_not_a_number(path: str, item: Quantity, value: Any) -> None:
    message = only(bad(path, value), path)
    assert item.allowed() in message
    if isinstance(value, bool):
        assert "true" in message
    if isinstance(value, str):
        assert repr(value) in message


@pytest.mark.parametrize(("path", "item"), NUMBERS, ids=IDS)
def test_bounds_are_kept(path: str, item: Quantity) -> None:
    below, above = math.nextafter(item.ge, -math.inf), math.nextafter(item.le, math.inf)
    for value in (item.ge - 1.0, item.le + 1.0, below, above):
        assert item.allowed() in only(bad(path, value), path)
    assert f"{item.le:,.10g}" in item.allowed()


@pytest.mark.parametrize(("path", "item"), [pair for pair in NUMBERS if pair[1].whole], ids=str)
def test_whole_numbers(path: str, item: Quantity) -> None:
    message = only(bad(path, item.ge + 1.5), path)
    assert "whole number" in message
    assert str(item.ge + 1.5) in message


@pytest.mark.parametrize(("path", "item"), [pair for pair in NUMBERS if pair[1].is_share], ids=str)
def test_percent_instead_of_a_share(path: str, item: Quantity) -> None:
    assert "For 35 percent write 0.35." in only(bad(path, 35), path)
    assert "For 35% write 0.35, without quotes." in only(bad(path, "35%"), path)


def test_numbers_in_quotes() -> None:
    assert "Write 140, without quotes." in only(bad("payers.1.allowed_per_unit", "$140"), "payers.1.allowed_per_unit")
    assert "Write 1200, without quotes." in only(bad("clinic.intakes_per_month", "1,200"), "clinic.intakes_per_month")


def test_the_message_of_the_style_guide() -> None:
    """Style guide, section 3: found, allowed, and what to write instead."""
    found = problems(bad("clinic.dropout_rate", 35))
    assert str(found[0]) == (
        "clinic.dropout_rate is 35; it is a share of episodes from 0 to 0.99. For 35 percent write 0.35."
    )


@pytest.mark.parametrize(("path", "item"), [pair for pair in NUMBERS if not pair[1].ranged], ids=str)
def test_ranges_where_none_is_allowed(path: str, item: Quantity) -> None:
    message = only(bad(path, {"low": item.ge, "likely": item.ge, "high": item.le}), path)
    assert "cannot be a range" in message
    assert item.allowed() in message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"low": 0.3, "likely": 0.2, "high": 0.4}, ["out of order", "low 0.3", "likely 0.2", "high 0.4"]),
        ({"low": 0.1, "likely": 0.4, "high": 0.3}, ["out of order"]),
        ({"low": 0.1, "likely": 0.2}, ["lacks high"]),
        ({}, ["lacks low, likely, high"]),
        ({"low": 0.1, "likely": 0.2, "high": 0.3, "mean": 0.2}, ["'mean'"]),
        ({"low": 0.1, "likely": 20, "high": 30}, ["likely is 20", "high is 30", "write 0.2", "write 0.3"]),
        ({"low": math.nan, "likely": 0.2, "high": 0.3}, ["low is nan"]),
        ({"low": 0.1, "likely": "0.2", "high": 0.3}, ["likely is '0.2'"]),
        ({"low": 0.1, "likely": None, "high": 0.3}, ["likely"]),
        ({"low": False, "likely": 0.2, "high": 0.3}, ["low is false"]),
        ({"low": 0.1, "likely": {"low": 1}, "high": 0.3}, ["likely is a table"]),
        ({"low": -1, "likely": 0.2, "high": 10**400}, ["low is -1", "high is far too large"]),
    ],
)
def test_ranges_that_are_none(value: dict[str, Any], words: list[str]) -> None:
    message = only(bad("clinic.dropout_rate", value), "clinic.dropout_rate")
    for part in words:
        assert part in message


def test_a_range_becomes_a_range() -> None:
    scenario = parse_scenario(bad("clinic.dropout_rate", {"low": 0.1, "likely": 0.2, "high": 0.3}))
    assert scenario.clinic.dropout_rate == Range(low=0.1, likely=0.2, high=0.3)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("clinic.dropout_rte", "dropout_rate"),
        ("clinic.intake_per_month", "intakes_per_month"),
        ("payers.1.allowed_per_session", "allowed_per_unit"),
        ("program.odds_rato", "odds_ratio"),
        ("analysis.horizon_month", "horizon_months"),
        ("analysis.discount", "discount_rate"),
    ],
)
def test_unknown_keys_with_a_suggestion(path: str, meant: str) -> None:
    message = only(bad(path, 1.0), path)
    assert "not a known key" in message
    assert f"Did you mean {meant}?" in message


def test_unknown_keys_without_one_say_what_there_is() -> None:
    message = only(bad("program.zzz", 1.0), "program.zzz")
    assert "Did you mean" not in message
    assert "odds_ratio" in message


def test_unknown_tables() -> None:
    assert "Did you mean clinic?" in only({**MINIMAL, "clinics": {}}, "clinics")
    assert "analysis" in only({**MINIMAL, "xyz": 1}, "xyz")


@pytest.mark.parametrize("table", ["clinic", "program", "analysis"])
@pytest.mark.parametrize("value", [None, 3, "text", [], [{}], True])
def test_tables_that_are_none(table: str, value: Any) -> None:
    assert table in {problem.path for problem in problems({**MINIMAL, table: value})}


@pytest.mark.parametrize("value", [None, [], {}, 3, "text", [3], [None], [[]], ["a"], {"allowed_per_unit": 3}])
def test_payers_that_are_none(value: Any) -> None:
    found = problems({**MINIMAL, "payers": value})
    assert all(problem.path.startswith("payers") for problem in found)


def test_too_many_payers() -> None:
    rows = [{"share": 1.0 / 16, "allowed_per_unit": 100.0}] * 16
    message = only({**MINIMAL, "payers": rows}, "payers")
    assert "16" in message
    assert str(MAX_PAYERS) in message


@pytest.mark.parametrize(("shares", "total"), [((0.5, 0.4), "0.9"), ((0.7, 0.4), "1.1"), ((0.0, 0.0), "0")])
def test_shares_that_do_not_add_up(shares: tuple[float, ...], total: str) -> None:
    rows = [{"share": share, "allowed_per_unit": 100.0} for share in shares]
    message = only({**MINIMAL, "payers": rows}, "payers")
    assert f"add up to {total};" in message
    assert "must add up to 1" in message


def test_one_payer_with_half_a_share() -> None:
    assert "add up to 0.5" in only({**MINIMAL, "payers": [{"share": 0.5, "allowed_per_unit": 1.0}]}, "payers")


def test_shares_that_add_up_but_for_float_noise() -> None:
    rows = [{"share": share, "allowed_per_unit": 100.0} for share in (0.7, 0.2, 0.1)]
    assert sum(row["share"] for row in rows) != 1.0
    parse_scenario({**MINIMAL, "payers": rows})


def test_shares_that_are_missing() -> None:
    rows = [{"allowed_per_unit": 100.0}, {"share": 0.5, "allowed_per_unit": 100.0}, {"allowed_per_unit": 100.0}]
    assert [problem.path for problem in problems({**MINIMAL, "payers": rows})] == ["payers.1.share", "payers.3.share"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("clinic.setting", Setting), ("clinic.practice_capacity", Capacity), ("program.evidence_road", Road)],
)
@pytest.mark.parametrize("value", ["Outpatient ", "", 3, True, [], {}, "x" * 10_000])
def test_choices(path: str, allowed: Any, value: Any) -> None:
    message = only(bad(path, value), path)
    for choice in get_args(allowed):
        assert choice in message


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("clinic.name", "x" * 301, "301 characters long; at most 300"),
        ("clinic.name", 3, "text"),
        ("clinic.name", ["a"], "text"),
        ("clinic.currency", "usd", "three capital letters"),
        ("clinic.currency", "USD\n", "three capital letters"),
        ("clinic.currency", "", "three capital letters"),
        ("clinic.currency", 5, "text"),
        ("payers.1.name", "x" * 101, "at most 100"),
        ("clinic.measured", "dropout_rate", "list"),
        ("clinic.measured", [3], "list"),
        ("clinic.measured", {"a": 1}, "list"),
        ("clinic.measured", ["dropout_rte"], "Did you mean dropout_rate?"),
        ("clinic.measured", ["payers.2.share"], "payers.2.share"),
        ("clinic.measured", ["name"], "not a number"),
    ],
)
def test_texts_and_lists(path: str, value: Any, words: str) -> None:
    assert words in only(bad(path, value), path)


@pytest.mark.parametrize(
    ("planned", "median", "fits"),
    [
        (12, 3, True),
        (12, 10.9, True),
        (12, 11, False),
        (12, 12, False),
        (3, 1.9, True),
        (3, 2, False),
        (2, 1, True),
        (1, 1, True),
        ({"low": 6, "likely": 12, "high": 20}, 11, False),
        ({"low": 6, "likely": 12, "high": 20}, 10.9, True),
        (12, {"low": 1, "likely": 3, "high": 11}, True),
        (12, {"low": 1, "likely": 11, "high": 12}, False),
    ],
)
def test_half_of_the_dropouts_leave_before_the_end(planned: Any, median: Any, fits: bool) -> None:
    """1 ≤ m < N − 1 (model, section 1); with up to two units the timing has no effect.

    Of ranges the likely values must fit; where a draw does not, the curve takes m as just below N − 1.
    """
    data = plain(clinic__planned_units=planned, clinic__median_dropout_unit=median)
    if fits:
        parse_scenario(data)
    else:
        assert "planned_units" in only(data, "clinic.median_dropout_unit")


@pytest.mark.parametrize("setting", get_args(Setting))
def test_the_median_must_fit_the_default_plan_too(setting: str) -> None:
    data = with_changes(MINIMAL, {"clinic.setting": setting, "clinic.median_dropout_unit": 399})
    with pytest.raises(InputError) as caught:
        resolve(parse_scenario(data), load_library())
    assert [problem.path for problem in caught.value.problems] == ["clinic.median_dropout_unit"]


def test_all_problems_at_once() -> None:
    data = {
        "clinic": {"setting": "hospital", "dropout_rate": 35, "no_show_rate": "12%", "planed_units": 3},
        "payers": [{"allowed_per_unit": -1}, {"share": 2.0}],
        "program": {"fidelity": math.nan, "evidence_road": "magic"},
        "analysis": {"seed": -1, "draws": 1.5},
        "extra": {},
    }
    assert {problem.path for problem in problems(data)} == {
        "clinic.setting",
        "clinic.intakes_per_month",
        "clinic.dropout_rate",
        "clinic.no_show_rate",
        "clinic.planed_units",
        "payers.1.allowed_per_unit",
        "payers.2.share",
        "program.fidelity",
        "program.evidence_road",
        "analysis.seed",
        "analysis.draws",
        "extra",
    }
