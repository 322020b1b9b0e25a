"""The data request as a file: who is asked what, what may be changed, what is filled in; it comes back whole."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from assumptions import Library, load_library
from calculator import InputError, Result, Scenario, parse_scenario, resolve
from calculator.quantity import Quantity, quantity_of
from calculator.scenario import Analysis, Clinic, Payer, Program, Setting
from reports import build_data_request
from reports.brand import Brand
from reports.data_request import read
from reports.data_request.owners import OWNERS, SELLER
from tests.reports.filled_request import answers_of, cells, opened, payer_is_measured, put
from tests.strategies import scenarios

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=30)
TABLES = {"clinic": Clinic, "payers": Payer, "program": Program, "analysis": Analysis}
SHEETS = ["Read me", "Front office", "Billing", "Clinical lead"]


def declared() -> dict[str, Quantity]:
    found = {f"{name}.{key}": quantity_of(field) for name, table in TABLES.items()
             for key, field in table.model_fields.items()}  # fmt: skip
    return {path: quantity for path, quantity in found.items() if quantity is not None}


def expected(data: dict[str, Any], *, left_out: tuple[str, ...] = ()) -> Scenario:
    """Return the part of a scenario that a practice is asked about, worked out from its plain data."""
    measured = set(data["clinic"].get("measured", ()))
    clinic = {key: value for key, value in data["clinic"].items() if key != "measured" and key not in left_out}
    no_source = ("name", "setting", "currency", "practice_capacity", "places", "occupancy_rate")
    told = [key for key in clinic if key not in no_source and {key, f"clinic.{key}"} & measured]
    for number, payer in enumerate(data["payers"], 1):
        if payer_is_measured(payer, number, measured):
            told += [f"payers.{number}.{key}" for key in payer if key != "name"]
    asked = {key: value for key, value in data.get("analysis", {}).items() if f"analysis.{key}" in OWNERS}
    return parse_scenario({"clinic": clinic | {"measured": told}, "payers": data["payers"], "analysis": asked})


def held(value: Any) -> Any:
    """Return plain data with the 15 digits that a spreadsheet's file holds of each number."""
    if isinstance(value, dict):
        return {key: held(part) for key, part in value.items()}
    if isinstance(value, list):
        return [held(part) for part in value]
    return float(f"{value:.15g}") if isinstance(value, float) else value


def same(found: Scenario, wanted: Scenario) -> None:
    assert set(found.clinic.measured) == set(wanted.clinic.measured)
    assert found.model_dump(exclude={"clinic": {"measured"}}) == wanted.model_dump(exclude={"clinic": {"measured"}})


def plan_fits(data: dict[str, Any]) -> bool:
    """Return whether the median still lies below the plan less one after its last digits went."""
    try:
        resolve(parse_scenario(data), load_library())
    except InputError:
        return False
    return True


def blank(library: Library, setting: str = "outpatient") -> bytes:
    return build_data_request(setting, library)


# --- who is asked what ------------------------------------------------------------------------------------------


def test_every_number_is_asked_of_one_owner_or_is_the_sellers() -> None:
    numbers = set(declared())
    assert set(OWNERS) & SELLER == set()
    assert numbers <= set(OWNERS) | SELLER
    assert numbers >= SELLER
    assert set(OWNERS) - numbers == {"clinic.name", "clinic.practice_capacity", "payers.name"}


def test_whatever_a_clinic_can_look_up_is_asked() -> None:
    found = {path for path, quantity in declared().items() if quantity.find and quantity.find != "The quote."}
    assert found <= set(OWNERS)
    assert {path for path in OWNERS if path.startswith("program")} == set()


@pytest.mark.parametrize("setting", get_args(Setting))
def test_each_question_stands_once_in_the_settings_own_words(library: Library, setting: str) -> None:
    book = opened(blank(library, setting))
    words = library.settings[setting].words
    assert book.sheetnames[:4] == SHEETS
    keys = [row[0].value for sheet in book.worksheets[1:4] for row in sheet.iter_rows()]
    asked = [key for key in keys if isinstance(key, str) and key in OWNERS]
    left_out = {"clinic.places", "clinic.occupancy_rate"} if setting == "outpatient" else {"clinic.practice_capacity"}
    assert sorted(asked) == sorted({path for path in OWNERS if not path.startswith("payers.")} - left_out)
    text = "\n".join(str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    assert f"{words['units'].capitalize()} in {words['course']}" in text
    assert f"Cost of delivering a {words['unit']}" in text
    assert "Discharge report: ended before plan, divided by all ended episodes." in text  # where to look
    assert "{" not in text.replace('{"', "")


# --- what may be changed ----------------------------------------------------------------------------------------


def test_only_answer_cells_are_unlocked_and_every_sheet_is_protected_without_a_password(library: Library) -> None:
    book = opened(blank(library))
    answers = {(sheet.title, address) for sheet, address in cells(book).values()}
    assert len(answers) > 100
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        assert not sheet.protection.password
        unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
        wanted = {address for title, address in answers if title == sheet.title}
        joined = {"D6", "E6"} if sheet.title == "Front office" else set()  # the name's cell reaches over these
        assert unlocked - joined == ({"C9"} if sheet.title == "Read me" else wanted)


def test_keys_roles_and_lists_are_hidden(library: Library) -> None:
    book = opened(blank(library))
    assert book["lists"].sheet_state == "hidden"
    for sheet in book.worksheets[:4]:
        assert sheet.column_dimensions["A"].hidden
        assert '"rapport.request"' in sheet["A1"].value
        for row in sheet.iter_rows():
            assert sheet.row_dimensions[row[0].row].hidden == (row[0].value == "columns")


def test_each_number_is_checked_against_its_own_bounds_with_words_about_them(library: Library) -> None:
    book = opened(blank(library))
    quantities = declared()
    checked = 0
    for path, (sheet, address) in cells(book).items():
        section, *rest = path.removesuffix(".low").removesuffix(".high").split(".")
        quantity = quantities.get(f"{section}.{rest[-1]}")
        check = next(each for each in sheet.data_validations.dataValidation if address in each.sqref)
        assert check.showErrorMessage
        assert 0 < len(check.errorTitle) <= 32
        assert 0 < len(check.error) <= 255
        if quantity is not None:
            assert (float(check.formula1), float(check.formula2)) == (quantity.ge, quantity.le)
            assert check.type == ("whole" if quantity.whole else "decimal")
            assert check.error.startswith("Write a")
            checked += 1
        elif path.endswith(".sure"):
            assert check.formula1 == "lists!$B$1:$B$2"
    assert checked > 100


# --- what is filled in ------------------------------------------------------------------------------------------


def test_what_is_known_is_filled_in_and_the_rest_is_blank(library: Library, paying: Result) -> None:
    book = opened(build_data_request(paying, library))
    found = {path: sheet[address].value for path, (sheet, address) in cells(book).items()}
    assert {path: value for path, value in found.items() if value not in (None, "")} == {
        "clinic.name": "Riverbend Counseling",
        "clinic.intakes_per_month": 60,
        "clinic.intakes_per_month.sure": "taken from our records",
        "clinic.no_show_rate": 0.12,
        "clinic.no_show_rate.sure": "our estimate",
        "clinic.backfill_rate": 0.1,
        "clinic.backfill_rate.sure": "our estimate",
        "payers.1.name": "commercial",
        "payers.1.share": 0.7,
        "payers.1.allowed_per_unit": 140,
        "payers.1.collection_rate": 0.95,
        "payers.1.sure": "our estimate",
        "payers.2.name": "self-pay",
        "payers.2.share": 0.3,
        "payers.2.allowed_per_unit": 130,
        "payers.2.collection_rate": 0.98,
        "payers.2.sure": "our estimate",
        "clinic.variable_cost_per_unit": 45,
        "clinic.variable_cost_per_unit.sure": "our estimate",
        "clinic.acquisition_cost_per_intake": 180,
        "clinic.acquisition_cost_per_intake.sure": "our estimate",
        "clinic.clinicians": 10,
        "clinic.clinicians.sure": "our estimate",
        "clinic.planned_units": 12,
        "clinic.planned_units.sure": "our estimate",
        "clinic.dropout_rate": 0.35,
        "clinic.dropout_rate.sure": "taken from our records",
        "clinic.median_dropout_unit": 3,
        "clinic.median_dropout_unit.sure": "our estimate",
    }


def test_nothing_of_the_sellers_is_in_the_file(library: Library, changed_clinic: Any) -> None:
    priced = changed_clinic(program={"subscription_per_clinician_month": 4711.25, "implementation_cost": 8642.5})
    book = opened(build_data_request(parse_scenario(priced), library))
    text = " ".join(str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    assert "Riverbend Counseling" in text
    assert "4711" not in text
    assert "8642" not in text


def test_a_benchmark_is_a_hint_and_no_answer(library: Library) -> None:
    book = opened(blank(library))
    sheet, address = cells(book)["clinic.dropout_rate"]
    row = sheet[address].row
    figure = library.settings["outpatient"].defaults["clinic.dropout_rate"].figure
    assert figure.value == pytest.approx(0.197)  # Swift & Greenberg (2012)
    assert sheet[f"I{row}"].value.startswith("19.7%; mostly ")
    assert sheet[address].value is None
    for path, (sheet, address) in cells(book).items():
        assert not sheet[address].value, path
    clinicians = cells(book)["clinic.clinicians"]
    assert not clinicians[0][f"I{clinicians[0][clinicians[1]].row}"].value  # it follows intakes, which nobody said


def test_who_asks_is_named_or_left_to_be_written(library: Library) -> None:
    assert not opened(blank(library))["Read me"]["C9"].value
    brand = Brand(seller="Alder Software", prepared_by="Kim Doe", email="kim@example.org")
    book = opened(build_data_request("iop", library, brand=brand))
    assert book["Read me"]["C9"].value == "Kim Doe, Alder Software, kim@example.org"
    assert "no names of clients" in book["Read me"]["C8"].value


HOSTILE = ("=1+1", "@SUM(A1)", "+1", "-1", '=HYPERLINK("http://x")', "<b>&amp;", "_x0041_", "x" * 300, "عيادة", "🙂")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_looks_like_a_formula_stays_text(library: Library, changed_clinic: Any, name: str) -> None:
    data = changed_clinic(clinic={"name": name})
    data["payers"] = [{**data["payers"][0], "name": name[:100]}, data["payers"][1]]
    file = build_data_request(parse_scenario(data), library)
    book: Workbook = opened(file)
    sheet, address = cells(book)["clinic.name"]
    assert sheet[address].data_type == "s"
    formulas = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
                if cell.data_type == "f"]  # fmt: skip
    assert all(formula.startswith(("=IF($B$", "=SUM(C")) for formula in formulas)
    found = read(file, library)
    assert (found.clinic.name, found.payers[0].name) == (name, name[:100])


def test_the_same_input_gives_the_same_bytes(library: Library, paying: Result) -> None:
    assert build_data_request(paying, library) == build_data_request(paying.resolved.scenario, library)
    assert blank(library) == blank(library)
    assert blank(library) != blank(library, "iop")


# --- there and back ---------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(data=scenarios(), clinic=NAMES, payer=NAMES)
def test_a_request_that_is_filled_in_already_reads_as_its_scenario(
    data: dict[str, Any], clinic: str, payer: str
) -> None:
    library = load_library()
    data = held(data)
    data["clinic"]["name"], data["payers"][0]["name"] = clinic, payer
    assume(plan_fits(data))
    same(read(build_data_request(parse_scenario(data), library), library), expected(data))


@settings(max_examples=10, deadline=None)
@given(data=scenarios())
def test_a_request_that_staff_fill_in_reads_as_what_they_wrote(data: dict[str, Any]) -> None:
    library = load_library()
    data = held(data)
    assume(plan_fits(data))
    setting = data["clinic"]["setting"]
    left_out = ("places", "occupancy_rate") if setting == "outpatient" else ("practice_capacity",)
    typed = {path: value for path, value in answers_of(data).items() if path.rpartition(".")[2] not in left_out}
    file = blank(library, setting)
    known = cells(opened(file))
    typed = {path: value for path, value in typed.items() if path in known}
    same(read(put(file, typed)), expected(data, left_out=left_out))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_copy_that_libreoffice_saved_still_reads(library: Library, changed_clinic: Any, tmp_path: Path) -> None:
    data = changed_clinic(clinic={"no_show_rate": {"low": 0.1, "likely": 0.125, "high": 0.2}})
    file = put(blank(library), answers_of(data) | {"clinic.dropout_rate": "35%", "payers.1.allowed_per_unit": "$140"})
    source = tmp_path / "ANSWERS.xlsx"
    source.write_bytes(file)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir",
               str(tmp_path / "saved"), str(source)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    copy = (tmp_path / "saved" / "ANSWERS.xlsx").read_bytes()
    assert copy != file
    assert len(copy) < 60_000  # what the page takes
    same(read(copy, library), expected(data))
