"""Workbooks worked out by LibreOffice, and whether what they say is what the engine says.

All files go through one start of the office, and the values that formulas were delivered with are taken out before, so
that what is compared was worked out from the cells.
"""

from __future__ import annotations

import io
import math
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from calculator import FIGURES
from calculator.result import Result

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")

CENT = 0.005
DIGITS = 1e-12  # of the size of what is added up: doubles have sixteen digits, and sums of thousands lose some
RATIO = 1e-9
HIGHEST = 1e4  # a million percent a year: no internal rate of return above it


@dataclass
class Recalculated:
    """A workbook as the office worked it out."""

    places: dict[str, tuple[str, int, int]]
    sheets: dict[str, list[list[Any]]]

    def __getitem__(self, name: str) -> Any:
        """Return what a named cell holds."""
        sheet, row, column = self.places[name]
        return self.sheets[sheet][row][column]


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


def places_of(data: bytes) -> dict[str, tuple[str, int, int]]:
    text = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()
    found = re.findall(r'<definedName name="([a-z]\w*)"[^>]*>\'?([^\'!]+)\'?!\$([A-Z]+)\$(\d+)</definedName>', text)
    index = openpyxl.utils.column_index_from_string
    return {name: (sheet, int(row) - 1, index(column) - 1) for name, sheet, column, row in found}


def recalculated(files: dict[str, bytes], folder: Path) -> dict[str, Recalculated]:
    """Let one office work out all files, which are written into the folder."""
    sources = []
    for number, data in enumerate(files.values()):
        sources.append(folder / f"{number}.xlsx")
        sources[-1].write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out")]
    subprocess.run([*command, *map(str, sources)], check=True, capture_output=True, timeout=600)
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


def compare_points(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    """Every figure of the point estimate is the engine's, to the cent."""
    wrong = []
    for scenario, result in engine.items():
        for name in FIGURES:
            expected = result.point[name]
            if name == "irr" and changes_of_sign(result) > 1:
                expected = highest_rate(result)
            if not close(name, books[scenario][name], expected, result):
                wrong.append((scenario, name, books[scenario][name], expected))
    assert not wrong, wrong


def compare_roads(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    """So are the three roads from the programme to fewer dropouts."""
    for scenario, result in engine.items():
        for road in result.roads.values():
            for figure in ("odds_ratio", "hazard_ratio", "dropout_rate_after"):
                found = books[scenario][f"road_{road.name}_{figure}"]
                assert found == pytest.approx(getattr(road, figure), rel=RATIO, abs=RATIO), (
                    scenario,
                    road.name,
                    figure,
                )


def compare_detection(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    """So is when one will know."""
    for scenario, result in engine.items():
        for name in ("months_per_period", "months_after_with_history"):
            found, expected = books[scenario][name], getattr(result.detection, name)
            assert found == ("none" if expected is None else pytest.approx(expected, rel=1e-6)), (scenario, name)


def compare_months_and_bridge(engine: dict[str, Result], books: dict[str, Recalculated]) -> None:
    """So are the months and the bridge."""
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
