"""The workbook, worked out by LibreOffice, says what the engine says: as delivered, and after cells were changed.

All files go through one start of the office, and the values that formulas were delivered with are taken out before, so
that what is compared was worked out from the cells.
"""

from __future__ import annotations

import io
import math
import random
import re
import shutil
import subprocess
import tomllib
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from python_calamine import CalamineWorkbook

from assumptions import Library, load_library
from calculator import FIGURES, evaluate, parse_scenario
from calculator.result import Result
from reports import build_workbook
from tests.strategies import scenarios

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
ANYWHERE, USUAL = 30, 24  # scenarios drawn from all that may be written, and from what clinics write
CENT = 0.005
DIGITS = 1e-12  # of the size of what is added up: doubles have sixteen digits, and sums of thousands lose some
RATIO = 1e-9
HIGHEST = 1e4  # a million percent a year: no internal rate of return above it

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


@dataclass
class Recalculated:
    """A workbook as the office worked it out."""

    places: dict[str, tuple[str, int, int]]
    sheets: dict[str, list[list[Any]]]

    def __getitem__(self, name: str) -> Any:
        """Return what a named cell holds."""
        sheet, row, column = self.places[name]
        return self.sheets[sheet][row][column]


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
        found.append(data)

    draw()
    return [*found[:ANYWHERE], *usual(random.Random(8))]  # noqa: S311


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


def without_values(data: bytes) -> bytes:
    """Take out the values that formulas were delivered with."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part.startswith("xl/worksheets/sheet"):
                content, count = re.subn(rb"(<f>[^<]*</f>)<v>[^<]*</v>", rb"\1", content)
                assert count or b"<f>" not in content
            target.writestr(part, content)
    return out.getvalue()


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


def places_of(data: bytes) -> dict[str, tuple[str, int, int]]:
    text = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()
    found = re.findall(r'<definedName name="([a-z]\w*)"[^>]*>\'?([^\'!]+)\'?!\$([A-Z]+)\$(\d+)</definedName>', text)
    index = openpyxl.utils.column_index_from_string
    return {name: (sheet, int(row) - 1, index(column) - 1) for name, sheet, column, row in found}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def engine(library: Library) -> dict[str, Result]:
    """What the engine says of each scenario that a file must agree with."""
    data = {path.stem: changed(tomllib.loads(path.read_text(encoding="utf-8")), {}) for path in EXAMPLES}
    data |= {name: corner(name) for name in CORNERS}
    data |= {f"drawn {number}": scenario for number, scenario in enumerate(drawn())}
    data |= {f"changed: {name}": changed(base, changes) for name, (base, changes) in CHANGES.items()}
    return {name: evaluate(parse_scenario(scenario), library) for name, scenario in data.items()}


@pytest.fixture(scope="module")
def books(
    engine: dict[str, Result], library: Library, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Recalculated]:
    """Build all files, change cells in some, and let one office work all of them out."""
    folder = tmp_path_factory.mktemp("workbooks")
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
    sources = []
    for number, data in enumerate(files.values()):
        sources.append(folder / f"{number}.xlsx")
        sources[-1].write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(folder / "out"),
        *map(str, sources),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    found = {}
    for number, (name, data) in enumerate(files.items()):
        book = CalamineWorkbook.from_path(folder / "out" / f"{number}.xlsx")
        sheets = {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names}
        found[name] = Recalculated(places_of(data), sheets)
    return found


def highest_rate(result: Result) -> float | None:
    """Return the highest yearly rate up to ``HIGHEST`` at which the flows are worth nothing, by a fine scan.

    A second way to what the sheet does, for flows whose sign changes more than once: there several rates may exist.
    """
    first = result.monthly[0]
    flows = np.array(
        [-first.go_live_cost, first.net_benefit + first.go_live_cost, *(m.net_benefit for m in result.monthly[1:])]
    )
    months = np.arange(len(flows))

    def worth(x: float) -> float:
        return float((flows * np.exp(months * x - max(0.0, (len(flows) - 1) * x))).sum())

    scan = np.concatenate([np.arange(-math.log1p(HIGHEST) / 12.0, 1.0, 1e-4), np.geomspace(1.0, 50.0, 2_000)])
    signs = np.sign([worth(x) for x in scan])
    (turns,) = np.nonzero(signs[1:] * signs[:-1] <= 0.0)
    if not turns.size or signs[0] != np.sign(flows[np.nonzero(flows)[0][0]]):
        return None
    low, high = scan[turns[0]], scan[turns[0] + 1]
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if np.sign(worth(middle)) == signs[0] else (low, middle)
    return math.expm1(-12.0 * low)


def changes_of_sign(result: Result) -> int:
    first = result.monthly[0]
    flows = [-first.go_live_cost, first.net_benefit + first.go_live_cost, *(m.net_benefit for m in result.monthly[1:])]
    signs = [math.copysign(1.0, flow) for flow in flows if flow]
    return sum(one != other for one, other in pairwise(signs))


def size(result: Result) -> float:
    """Return how much is added up on the way to the figures of money."""
    return math.fsum(abs(step.amount) for step in result.bridge) + math.fsum(
        abs(month.contribution_kept) + month.acquisition_saved + month.program_cost for month in result.monthly
    )


def close(name: str, value: Any, expected: float | None, result: Result) -> bool:
    if expected is None or not isinstance(value, (int, float)):
        return value == "none" and expected is None
    if name in ("hazard_ratio", "odds_ratio", "dropout_rate_after", "irr", "roi", "payback_months"):
        return math.isclose(value, expected, rel_tol=RATIO * 10, abs_tol=RATIO)
    return abs(value - expected) <= max(CENT, DIGITS * size(result))


def test_every_point_figure_is_the_engines_to_the_cent(
    engine: dict[str, Result], books: dict[str, Recalculated]
) -> None:
    wrong = []
    for scenario, result in engine.items():
        for name in FIGURES:
            expected = result.point[name]
            if name == "irr" and changes_of_sign(result) > 1:
                expected = highest_rate(result)
            if not close(name, books[scenario][name], expected, result):
                wrong.append((scenario, name, books[scenario][name], expected))
    assert not wrong


def test_the_draws_meet_every_case_that_matters(engine: dict[str, Result]) -> None:
    """What is compared above is not all of one kind: figures that exist and that do not, several rates of return."""
    results = list(engine.values())
    for name in ("irr", "roi", "payback_months"):
        assert {result.point[name] is None for result in results} == {True, False}, name
    assert {result.resolved.road for result in results} == {"program", "alliance", "targeted"}
    assert {changes_of_sign(result) for result in results} >= {0, 1, 2}
    assert sum(name.startswith("drawn") for name in engine) >= 50


def test_all_three_roads_agree(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    for scenario, result in engine.items():
        for road in result.roads.values():
            for figure in ("odds_ratio", "hazard_ratio", "dropout_rate_after"):
                found = books[scenario][f"road_{road.name}_{figure}"]
                assert found == pytest.approx(getattr(road, figure), rel=RATIO, abs=RATIO), (
                    scenario,
                    road.name,
                    figure,
                )


def test_when_you_will_know_agrees(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    for scenario, result in engine.items():
        for name in ("months_per_period", "months_after_with_history"):
            found, expected = books[scenario][name], getattr(result.detection, name)
            assert found == ("none" if expected is None else pytest.approx(expected, rel=1e-6)), (scenario, name)


def test_months_and_bridge_are_the_engines(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    for scenario, result in engine.items():
        room = max(CENT, DIGITS * size(result))
        sheets = books[scenario].sheets
        cash = sheets["Cash flow"]
        (start,) = (row for row, line in enumerate(cash) if line[0] == "go-live")
        for month, line in zip(result.monthly, cash[start + 1 :], strict=False):
            expected = (month.revenue_kept, month.contribution_kept, month.acquisition_saved)
            assert line[3:6] == pytest.approx(expected, abs=room), (scenario, month.month)
            assert line[8] == pytest.approx(month.cumulative_net_benefit, abs=room), (scenario, month.month)
        (start,) = (row for row, line in enumerate(sheets["Bridge"]) if line[0] == "Step")
        amounts = [line[1] for line in sheets["Bridge"][start + 1 : start + 1 + len(result.bridge)]]
        assert amounts == pytest.approx([step.amount for step in result.bridge], abs=room), scenario


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
