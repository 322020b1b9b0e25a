"""What people write into cells, by the rules a person would read them by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assumptions import load_library
from reports.batch.cells import letters, read_quantity
from reports.batch.prospects import declared_at, nested, read_cell

SHARE, MONEY, COUNT = "clinic.no_show_rate", "payers.1.allowed_per_unit", "clinic.intakes_per_month"


@pytest.mark.parametrize(
    ("path", "cell", "value"),
    [
        (SHARE, "35%", 0.35),
        (SHARE, "35 %", 0.35),
        (SHARE, "0.35", 0.35),
        (SHARE, "0,35", 0.35),  # no other reading is possible
        (SHARE, 0.35, 0.35),  # of a workbook, formatted as percent or not
        (SHARE, "12,5%", 0.125),
        ("clinic.intake_growth_rate", "5%", 0.05),
        ("clinic.intake_growth_rate", "-5%", -0.05),
        (MONEY, "$1,200", 1200.0),
        (MONEY, "USD 1,200.50", 1200.5),
        (MONEY, "1.200,50 €", 1200.5),
        (MONEY, "120", 120.0),
        (COUNT, "1 200", 1200.0),
        (COUNT, "40", 40.0),
        (COUNT, 40.0, 40.0),
    ],
)
def test_numbers_as_people_write_them(path: str, cell: Any, value: float) -> None:
    assert read_cell(cell, path, load_library()) == value


@pytest.mark.parametrize(
    ("cell", "value"), [("1.200", 1200.0), ("1.200,5", 1200.5), ("143.26", 143.26), ("143,26", 143.26)]
)
def test_a_file_with_semicolons_has_decimal_commas(cell: str, value: float) -> None:
    assert read_cell(cell, MONEY, load_library(), comma=True) == value


@pytest.mark.parametrize("cell", ["", "  ", "n/a", "N/A", "-", "unknown", "#N/A", "?"])
def test_what_says_nothing_is_left_to_the_default(cell: str) -> None:
    for path in (SHARE, MONEY, COUNT, "clinic.setting"):
        assert read_cell(cell, path, load_library()) == ""


@pytest.mark.parametrize(
    ("path", "cell", "low", "high"),
    [
        (SHARE, "30-40%", 0.3, 0.4),
        (SHARE, "30% – 40%", 0.3, 0.4),
        (SHARE, "0.3 to 0.4", 0.3, 0.4),
        (MONEY, "$1,200-$1,500", 1200.0, 1500.0),
        ("clinic.intake_growth_rate", "-5% - 5%", -0.05, 0.05),
    ],
)
def test_a_range_has_its_middle_as_the_likely_value(path: str, cell: str, low: float, high: float) -> None:
    found = read_cell(cell, path, load_library())
    assert (found["low"], found["high"]) == (low, high)
    assert found["likely"] == pytest.approx((low + high) / 2)


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        (SHARE, "a third"),
        (SHARE, "40-30%"),
        (COUNT, "35%"),
        (COUNT, "2026-03-05"),  # what a spreadsheet made of 3-5
        ("analysis.horizon_months", "24-36"),  # takes no range
        (MONEY, "9" * 400),
    ],
)
def test_what_cannot_be_read_is_passed_on_as_it_is(path: str, cell: str) -> None:
    assert read_cell(cell, path, load_library()) == cell


@pytest.mark.parametrize(
    ("cell", "setting"),
    [
        ("Outpatient", "outpatient"),
        ("Intensive Outpatient (IOP)", "iop"),
        ("Intensive outpatient program", "iop"),
        ("Partial Hospitalization", "php"),
        ("RESIDENTIAL", "residential"),
        ("day spa", "day spa"),
    ],
)
def test_a_level_of_care_goes_by_its_id_its_label_and_what_staff_call_it(cell: str, setting: str) -> None:
    assert read_cell(cell, "clinic.setting", load_library()) == setting


def test_texts_keep_what_was_written_and_lists_are_taken_apart() -> None:
    library = load_library()
    assert read_cell("None & Sons", "clinic.name", library) == "None & Sons"
    assert read_cell(7.0, "clinic.name", library) == "7"
    assert read_cell("usd", "clinic.currency", library) == "USD"
    assert read_cell("Waitlist", "clinic.practice_capacity", library) == "waitlist"
    assert read_cell("dropout_rate; payers", "clinic.measured", library) == ["dropout_rate", "payers"]


@given(st.floats(0.0, 0.95), st.integers(0, 6))
def test_a_share_reads_the_same_with_and_without_its_sign(share: float, digits: int) -> None:
    declared = declared_at(SHARE)
    assert declared is not None
    rounded = round(share, digits + 2)
    percent, plain = f"{rounded * 100:.{digits}f}%", f"{rounded:.{digits + 2}f}"
    assert read_quantity(percent, declared) == pytest.approx(rounded, abs=1e-12)
    assert read_quantity(plain, declared) == pytest.approx(rounded, abs=1e-12)


@given(st.text(max_size=60))
def test_no_cell_stops_the_reading(text: str) -> None:
    for path in (SHARE, MONEY, COUNT, "clinic.setting", "clinic.name", "clinic.measured", "analysis.seed"):
        read_cell(text, path, load_library())
    letters(text)


def test_payers_are_numbered_from_one_and_there_is_always_one() -> None:
    assert nested({})["payers"] == [{}]
    assert nested({"payers.2.share": 0.4, "payers.1.share": 0.6})["payers"] == [{"share": 0.6}, {"share": 0.4}]
