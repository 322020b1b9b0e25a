"""The workbook, worked out by LibreOffice, says what the engine says: as delivered, and after cells were changed."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assumptions import Library, load_library
from calculator import evaluate, parse_scenario
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

pytestmark = needs_office

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))

BARE: dict[str, Any] = {
    "clinic": {"setting": "outpatient", "intakes_per_month": 30},
    "payers": [{"allowed_per_unit": 150.0}],
}
PLAIN: dict[str, Any] = tomllib.loads(EXAMPLES[2].read_text(encoding="utf-8"))
CORNERS: dict[str, dict[str, Any]] = {
    "one unit": {"clinic.planned_units": 1},
    "two units": {"clinic.planned_units": 2},
    "nobody leaves": {"clinic.dropout_rate": 0.0},
    "hardly anybody leaves": {"clinic.dropout_rate": 1e-8},
    "next to nobody leaves": {"clinic.dropout_rate": 1e-200},  # a power of it is an error in LibreOffice
    "few leave": {"clinic.dropout_rate": 0.0009},
    "nearly everybody leaves": {"clinic.dropout_rate": 0.99},
    "the median is late": {"clinic.planned_units": 12, "clinic.median_dropout_unit": 10.999999},
    "no ramp": {"program.ramp_months": 0},
    "everything refilled": {"clinic.backfill_rate": 1.0},
    "one month": {"analysis.horizon_months": 1},
    "five months, growing": {"analysis.horizon_months": 5, "clinic.intake_growth_rate": 2.0},
    "the most there is": {"clinic.planned_units": 400, "analysis.horizon_months": 120, "clinic.units_per_month": 62},
    "slow and long": {"clinic.planned_units": 400, "analysis.horizon_months": 120, "clinic.units_per_month": 0.25},
    "nothing paid": {
        "program.subscription_per_clinician_month": 0.0, "program.implementation_cost": 0.0,
        "program.training_hours_per_clinician": 0.0, "program.minutes_per_unit": 0.0,
    },
    "shrinking, with two rates of return": {
        "clinic.intake_growth_rate": -0.5, "program.odds_ratio": 0.6, "analysis.horizon_months": 120,
        "program.subscription_per_clinician_month": 30.0,
    },
    "flags, growth and refill": {
        "program.evidence_road": "targeted", "clinic.intake_growth_rate": 0.2, "clinic.backfill_rate": 0.4,
        "analysis.horizon_months": 31,
    },
    "eight payers": {},
}  # fmt: skip
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "dropout": (PLAIN, {"clinic.dropout_rate": 0.52}),
    "a plan of 400 and 120 months, defaults following": (
        BARE,
        {"clinic.planned_units": 400, "analysis.horizon_months": 120},
    ),
    "a plan of one": (BARE, {"clinic.planned_units": 1, "analysis.horizon_months": 7}),
    "the road to alliance": (PLAIN, {"program.evidence_road": "alliance", "program.alliance_lift_sd": 0.4}),
    "the road to targets": (PLAIN, {"program.evidence_road": "targeted"}),
    "no room, refill following": (BARE, {"clinic.practice_capacity": "waitlist"}),
    "few places, room and refill following": (BARE, {"clinic.places": 70}),
    "half full, room and refill following": (BARE, {"clinic.occupancy_rate": 0.5}),
    "a price, cost of delivery following": (BARE, {"payers.1.allowed_per_unit": 90.0, "payers.1.collection_rate": 0.8}),
    "a third payer": (
        PLAIN,
        {
            "payers.1.share": 0.5, "payers.3.share": 0.2, "payers.3.allowed_per_unit": 80.0,
            "payers.3.collection_rate": 0.7,
        },
    ),
    "growth, discount, ramp": (
        PLAIN,
        {"clinic.intake_growth_rate": 0.3, "analysis.discount_rate": 0.0, "program.ramp_months": 0},
    ),
}  # fmt: skip
WRONG = {
    "shares": {"payers.1.share": 0.9},
    "out of bounds": {"clinic.no_show_rate": 1.2},
    "a word": {"clinic.clinicians": "ten"},
    "a late median": {"clinic.median_dropout_unit": 11.5},
    "half a month": {"analysis.horizon_months": 30.5},
}


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return plain data with dotted keys set; the payers of a bare clinic have their share."""
    data = {key: [dict(row) for row in part] if isinstance(part, list) else dict(part) for key, part in base.items()}
    for path, value in changes.items():
        table, *rest = path.split(".")
        if table == "payers":
            rows = data["payers"]
            rows += [{} for _ in range(int(rest[0]) - len(rows))]
            rows[int(rest[0]) - 1][rest[1]] = value
        else:
            data.setdefault(table, {})[rest[0]] = value
    data.setdefault("analysis", {})["draws"] = 64
    return data


def corner(name: str) -> dict[str, Any]:
    if name == "eight payers":
        rows = [{"share": 1 / 8, "allowed_per_unit": 50.0 * row, "collection_rate": row / 8} for row in range(1, 9)]
        return changed({**PLAIN, "payers": rows}, {})
    data = changed(PLAIN, CORNERS[name])
    if "clinic.median_dropout_unit" not in CORNERS[name] and "clinic.planned_units" in CORNERS[name]:
        del data["clinic"]["median_dropout_unit"]
    return data


def with_cells(data: bytes, changes: dict[str, Any]) -> bytes:
    """Return the workbook after a person wrote into cells, found by their names."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for path, value in changes.items():
        name = path.replace("payers.", "payer_").replace(".", "_")
        ((sheet, address),) = book.defined_names[name].destinations
        book[sheet][address.replace("$", "")] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def engine(library: Library) -> dict[str, Result]:
    """What the engine says of each scenario that a file must agree with."""
    data = {path.stem: changed(tomllib.loads(path.read_text(encoding="utf-8")), {}) for path in EXAMPLES}
    data |= {name: corner(name) for name in CORNERS}
    data |= {f"changed: {name}": changed(base, changes) for name, (base, changes) in CHANGES.items()}
    return {name: evaluate(parse_scenario(scenario), library) for name, scenario in data.items()}


@pytest.fixture(scope="module")
def books(
    engine: dict[str, Result], library: Library, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Recalculated]:
    """Build all files, change cells in some, and let one office work all of them out."""
    plain = build_workbook(evaluate(parse_scenario(changed(PLAIN, {})), library), library)
    bare = build_workbook(evaluate(parse_scenario(changed(BARE, {})), library), library)
    files = {
        name: without_values(build_workbook(result, library))
        for name, result in engine.items()
        if not name.startswith("changed: ")
    }
    for name, (base, changes) in CHANGES.items():
        files[f"changed: {name}"] = with_cells(bare if base is BARE else plain, changes)
    files |= {f"wrong: {name}": with_cells(plain, changes) for name, changes in WRONG.items()}
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


def test_the_scenarios_meet_every_case_that_matters(engine: dict[str, Result]) -> None:
    """What is compared above is not all of one kind: figures that exist and that do not, several rates of return."""
    results = list(engine.values())
    for name in ("irr", "roi", "payback_months"):
        assert {result.point[name] is None for result in results} == {True, False}, name
    assert {result.resolved.road for result in results} == {"program", "alliance", "targeted"}
    assert {changes_of_sign(result) for result in results} >= {0, 1, 2}


def test_every_check_is_in_order_for_every_scenario_that_may_be_written(
    engine: dict[str, Result], books: dict[str, Recalculated]
) -> None:
    beyond = {"changed: a plan of 400 and 120 months, defaults following"}  # past the print area, and it says so
    states = {scenario: books[scenario]["checks_state"] for scenario in engine}
    assert {scenario for scenario, state in states.items() if state != "OK"} == beyond


@pytest.mark.parametrize("fault", WRONG)
def test_the_checks_point_at_what_is_wrong(fault: str, books: dict[str, Recalculated]) -> None:
    assert books[f"wrong: {fault}"]["checks_state"] == "look here"
    assert "look here" in [cell for line in books[f"wrong: {fault}"].sheets["Summary"] for cell in line]


@pytest.mark.parametrize("example", [path.stem for path in EXAMPLES])
def test_what_formulas_were_delivered_with_is_what_they_come_to(
    example: str, engine: dict[str, Result], library: Library, books: dict[str, Recalculated]
) -> None:
    """A reader that does not calculate, such as a preview, shows the same as one that does."""
    delivered = openpyxl.load_workbook(io.BytesIO(build_workbook(engine[example], library)), data_only=True)
    compared = 0
    for sheet in delivered:
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, (int, float)):
                    found = books[example].sheets[sheet.title][cell.row - 1][cell.column - 1]
                    assert found == pytest.approx(cell.value, rel=1e-9, abs=1e-6), (sheet.title, cell.coordinate)
                    compared += 1
    assert compared > 4_000
