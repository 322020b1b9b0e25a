"""Workbooks of scenarios drawn at random, worked out by LibreOffice, say what the engine says."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from assumptions import Library, load_library
from calculator import evaluate, parse_scenario, resolve
from calculator.result import Result
from reports import build_workbook
from tests.reports.recalculation import (
    Recalculated,
    changes_of_sign,
    compare_detection,
    compare_months_and_bridge,
    compare_points,
    compare_roads,
    needs_office,
    recalculated,
    without_values,
)
from tests.strategies import scenarios

pytestmark = needs_office

ANYWHERE, USUAL = 30, 24  # scenarios drawn from all that may be written, and from what clinics write


def drawn() -> list[dict[str, Any]]:
    """Return scenarios from everywhere and from the usual; the same ones each time."""
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=ANYWHERE,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def draw(data: dict[str, Any]) -> None:
        assume(fits_a_spreadsheet(data))
        found.append(data)

    draw()
    return [*found[:ANYWHERE], *usual(random.Random(8))]  # noqa: S311


def fits_a_spreadsheet(data: dict[str, Any]) -> bool:
    """Whether fifteen digits, which is what cells are compared by, tell the latest median from the end of the plan."""
    inputs = resolve(parse_scenario(data), load_library()).inputs
    planned, median = inputs["clinic.planned_units"].value, inputs["clinic.median_dropout_unit"].value
    return not math.isclose(median, planned - 1.0, rel_tol=1e-14)


def usual(source: random.Random) -> list[dict[str, Any]]:
    found = []
    for number in range(USUAL):
        clinic = {
            "setting": ("outpatient", "iop", "php", "residential")[number % 4],
            "intakes_per_month": source.uniform(5, 100),
            "intake_growth_rate": source.choice([0.0, source.uniform(-0.5, 0.3)]),
            "dropout_rate": source.uniform(0.05, 0.8),
            "variable_cost_per_unit": source.uniform(0, 60),
        }
        program = {
            "evidence_road": ("program", "alliance", "targeted")[number % 3],
            "alliance_lift_sd": source.uniform(-0.1, 1.0),
            "odds_ratio": source.uniform(0.4, 1.0),
            "ramp_months": source.choice([0.0, source.uniform(0, 24)]),
            "subscription_per_clinician_month": source.uniform(0, 60),
            "implementation_cost": source.choice([0.0, source.uniform(0, 20_000)]),
            "minutes_per_unit": source.uniform(0, 1),
        }
        analysis = {"horizon_months": source.randint(3, 120), "draws": 64}
        payers = [{"allowed_per_unit": source.uniform(80, 400)}]
        found.append({"clinic": clinic, "payers": payers, "program": program, "analysis": analysis})
    return found


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def engine(library: Library) -> dict[str, Result]:
    """What the engine says of each scenario that a file must agree with."""
    return {f"drawn {number}": evaluate(parse_scenario(scenario), library) for number, scenario in enumerate(drawn())}


@pytest.fixture(scope="module")
def books(
    engine: dict[str, Result], library: Library, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Recalculated]:
    files = {name: without_values(build_workbook(result, library)) for name, result in engine.items()}
    return recalculated(files, tmp_path_factory.mktemp("workbooks"))


def test_every_point_figure_is_the_engines_to_the_cent(
    engine: dict[str, Result], books: dict[str, Recalculated]
) -> None:
    compare_points(engine, books)


def test_all_three_roads_agree(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    compare_roads(engine, books)


def test_when_you_will_know_agrees(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    compare_detection(engine, books)


def test_months_and_bridge_are_the_engines(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    compare_months_and_bridge(engine, books)


def test_the_draws_meet_every_case_that_matters(engine: dict[str, Result]) -> None:
    """What is compared above is not all of one kind: figures that exist and that do not, several rates of return."""
    results = list(engine.values())
    for name in ("irr", "payback_months"):  # roi: test_workbook_recalculated, where nothing is paid
        assert {result.point[name] is None for result in results} == {True, False}, name
    assert {result.resolved.road for result in results} == {"program", "alliance", "targeted"}
    assert {changes_of_sign(result) for result in results} >= {0, 1, 2}
    assert sum(name.startswith("drawn") for name in engine) >= 50


def test_every_check_is_in_order(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    assert {scenario: books[scenario]["checks_state"] for scenario in engine} == dict.fromkeys(engine, "OK")
