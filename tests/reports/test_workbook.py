"""The workbook's build: names, formulas that lead to inputs alone, bounds, protection, and text that stays text."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import openpyxl
import pytest
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from assumptions import Library
from calculator import FIGURES, evaluate, parse_scenario
from calculator.language import speaking
from calculator.resolve import QUANTITIES
from calculator.result import Result
from reports import build_workbook
from web.languages import language

SHEETS = ["Summary", "Inputs", "Retention", "Calendar", "Cash flow", "Bridge", "Evidence", "Checks"]
CHOICES = {"clinic_practice_capacity": "slack,mixed,waitlist", "program_evidence_road": "program,alliance,targeted"}
OTHERS = ("clinic_places", "clinic_occupancy_rate", "analysis_horizon_months", "analysis_history_months")
OF_EXCEL_2010 = {
    "ABS", "AND", "CHOOSE", "COUNT", "COUNTA", "COUNTIF", "EXP", "IF", "INDEX", "INT", "ISBLANK", "ISNUMBER", "LN",
    "MATCH", "MAX", "MIN", "NORMSINV", "OR", "PI", "ROUND", "ROUNDUP", "SIGN", "SQRT", "SUM", "SUMPRODUCT",
}  # fmt: skip
COUNTED = {"Retention": ("A",), "Calendar": ("A", "H"), "Cash flow": ("A",)}  # columns of units, months and years
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://x.example","y")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\tcmd",
    "{=1}",
    "_x0041_",
    "=A1\n=B1",
)


def name_of(path: str) -> str:
    return path.replace("payers.", "payer_").replace(".", "_")


WORDS = {"unit": "session", "units": "sessions", "places": "places"}
NAMES = [*map(name_of, QUANTITIES), *CHOICES, *OTHERS]


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def data(paying: Result, library: Library) -> bytes:
    return build_workbook(paying, library)


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return opened(data)


@pytest.fixture(scope="module")
def bare(library: Library) -> bytes:
    """Of a clinic that says as little as it may: all defaults that follow others do."""
    clinic = {"setting": "outpatient", "intakes_per_month": 20}
    scenario = parse_scenario({"clinic": clinic, "payers": [{}], "analysis": {"draws": 64}})
    return build_workbook(evaluate(scenario, library), library)


def place(book: Workbook, name: str) -> tuple[str, str]:
    ((sheet, address),) = book.defined_names[name].destinations
    return sheet, address.replace("$", "")


def cells(book: Workbook) -> Iterator[tuple[Worksheet, Any]]:
    return ((sheet, cell) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_the_sheets_are_there_in_order(book: Workbook) -> None:
    assert book.sheetnames == SHEETS
    assert [len(sheet._charts) for sheet in book] == [0, 0, 1, 0, 1, 1, 0, 0]


def test_every_input_and_every_figure_is_a_name_of_one_cell(book: Workbook) -> None:
    for name in (*NAMES, *FIGURES):
        sheet, address = place(book, name)
        assert re.fullmatch(r"[A-Z]+\d+", address), (name, address)
        assert sheet == "Inputs" or name in FIGURES
    assert len({place(book, name) for name in (*NAMES, *FIGURES)}) == len(NAMES) + len(FIGURES)


def test_inputs_hold_their_likely_values(book: Workbook, paying: Result) -> None:
    for path, item in paying.resolved.inputs.items():
        sheet, address = place(book, name_of(path))
        value = book[sheet][address].value
        assert value == item.value or (isinstance(value, str) and value.startswith("=") and item.given is None), path
    for number in range(3, 9):
        sheet, address = place(book, f"payer_{number}_share")
        assert book[sheet][address].value is None


def test_only_inputs_may_be_changed_and_no_password_is_asked_for(book: Workbook) -> None:
    own = {place(book, name) for name in (*NAMES, *(f"payer_{number}_name" for number in range(1, 9)))}
    for sheet in book:
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        unlocked = {
            (sheet.title, cell.coordinate) for row in sheet.iter_rows() for cell in row if not cell.protection.locked
        }
        assert unlocked == {there for there in own if there[0] == sheet.title}


def test_each_input_refuses_what_is_out_of_its_bounds_and_says_what_to_write(book: Workbook) -> None:
    sheet = book["Inputs"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for path, declared in QUANTITIES.items():
        rule = rules[place(book, name_of(path))[1]]
        assert (float(rule.formula1), float(rule.formula2)) == (declared.ge, declared.le), path
        assert rule.type == ("whole" if declared.whole else "decimal")
        assert rule.showErrorMessage
        assert " to " in rule.error
        assert rule.prompt == declared.explained(WORDS)[:255]
    for name, choices in CHOICES.items():
        rule = rules[place(book, name)[1]]
        assert (rule.type, rule.formula1) == ("list", f'"{choices}"')


def test_nothing_is_a_number_where_a_formula_belongs(book: Workbook) -> None:
    """Numbers stand in the sheet of inputs; elsewhere only units, months and years are counted out."""
    for sheet, cell in cells(book):
        if isinstance(cell.value, (int, float)) and sheet.title != "Inputs":
            assert cell.column_letter in COUNTED.get(sheet.title, ()), (sheet.title, cell.coordinate, cell.value)
            assert cell.value == int(cell.value)
    for name in FIGURES:
        sheet_name, address = place(book, name)
        assert str(book[sheet_name][address].value).startswith("=")


def references(formula: str) -> Iterator[tuple[str, str]]:
    for token in Tokenizer(formula).items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            sheet, _, address = token.value.rpartition("!")
            yield sheet.strip("'"), address.replace("$", "")


def test_every_figure_leads_to_inputs_and_what_they_follow_and_to_nothing_else(bare: bytes) -> None:
    """Walk from each figure through every cell that it refers to, down to what is not a formula."""
    book = opened(bare)
    names = {name: place(book, name) for name in book.defined_names}
    leaves: set[tuple[str, str]] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [names[name] for name in FIGURES]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        value = book[here[0]][here[1]].value
        if not (isinstance(value, str) and value.startswith("=")):
            leaves.add(here)
            continue
        for sheet, address in references(value):
            if address in names:
                waiting.append(names[address])
                continue
            left, top, right, bottom = range_boundaries(address)
            letters = [openpyxl.utils.get_column_letter(column) for column in range(left, right + 1)]
            waiting += [(sheet or here[0], f"{letter}{row}") for letter in letters for row in range(top, bottom + 1)]
    known = {names[name] for name in names if name in NAMES or name.startswith("benchmark_")}
    rest = {(sheet, address) for sheet, address in leaves - known if book[sheet][address].value is not None}
    counted = {(sheet, letter) for sheet, letters in COUNTED.items() for letter in letters}
    roads = {book[sheet][address].value for sheet, address in rest if (sheet, address[0]) not in counted}
    assert roads == {"program", "alliance", "targeted"}  # by which the road in use is found
    assert {name for name in NAMES if names[name] not in seen} == {"analysis_history_months"}  # of when it will show


def test_formulas_use_only_what_excel_2010_and_libreoffice_both_know(bare: bytes) -> None:
    used = set()
    archive = zipfile.ZipFile(io.BytesIO(bare))
    for part in archive.namelist():
        text = archive.read(part).decode("utf-8") if part.endswith(".xml") else ""
        assert "_xlfn" not in text
        if part.startswith("xl/worksheets/"):
            assert 't="array"' not in text
            for formula in set(re.findall(r"<f>([^<]*)</f>", text)):
                used |= set(re.findall(r"([A-Z][A-Z0-9.]*)\(", formula))
                assert len(formula) < 8_000
    assert used == OF_EXCEL_2010  # equal, so that what the list allows is what is there
    assert not any("vba" in part.lower() or "externalLink" in part for part in archive.namelist())
    assert 'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml").decode()


def test_formulas_carry_the_engines_figures_for_readers_that_do_not_calculate(data: bytes, paying: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    for name in FIGURES:
        sheet, address = place(book, name)
        expected = paying.point[name]
        assert book[sheet][address].value == ("none" if expected is None else pytest.approx(expected, rel=1e-12)), name


@cache
def _hostile() -> dict[str, Any]:
    rows = [{"name": name[:100], "share": 1 / 8, "allowed_per_unit": 100.0} for name in HOSTILE[:8]]
    return {
        "clinic": {"setting": "outpatient", "intakes_per_month": 20, "name": HOSTILE[1], "currency": "CHF"},
        "payers": rows,
        "analysis": {"draws": 64},
    }


@pytest.mark.parametrize("name", [*HOSTILE, "A&B &P 12", "x" * 300, "Tom 😀 عيادة", "5&6", "<b>&amp;</b>", ""])
def test_any_name_stays_text(name: str, library: Library) -> None:
    scenario = _hostile()
    scenario = {**scenario, "clinic": {**scenario["clinic"], "name": name}}
    result = evaluate(parse_scenario(scenario), library)
    data = build_workbook(result, library)
    book = opened(data)
    texts = [cell for _, cell in cells(book) if cell.data_type == "s"]
    assert not any(cell.hyperlink for cell in texts if cell.value in HOSTILE)
    for number, row in enumerate(scenario["payers"], 1):
        sheet, address = place(book, f"payer_{number}_name")
        cell = book[sheet][address]
        assert (cell.value, cell.data_type) == (row["name"], "s")
    sheet, address = place(book, "clinic_name")
    cell = book[sheet][address]
    assert (cell.value or "") == name
    assert cell.data_type != "f"
    archive = zipfile.ZipFile(io.BytesIO(data))
    for part in (part for part in archive.namelist() if part.startswith("xl/worksheets/sheet")):
        text = archive.read(part).decode()
        assert not set(re.findall(r"<f>([^<]*)</f>", text)) & {hostile.removeprefix("=") for hostile in HOSTILE}
        (foot,) = re.findall(r"<oddFooter>(.*?)</oddFooter>", text, re.DOTALL)
        assert len(foot.replace("&amp;", "&")) <= 255
    assert book["Summary"].oddFooter.right.text == "Page &P of &N"


def test_money_has_the_clinics_own_currency(library: Library) -> None:
    book = opened(build_workbook(evaluate(parse_scenario(_hostile()), library), library))
    sheet, address = place(book, "npv")
    assert "CHF" in book[sheet][address].number_format


def test_the_same_input_gives_the_same_bytes(paying: Result, library: Library, data: bytes) -> None:
    assert build_workbook(paying, library) == data
    assert build_workbook(paying, library, page_size="Letter") != data
    with pytest.raises(ValueError, match="A4 or Letter"):
        build_workbook(paying, library, page_size="A5")


SCRIPT = """
import hashlib
from assumptions import load_library
from calculator import evaluate, parse_scenario
from reports import build_workbook
clinic = {"clinic": {"setting": "iop", "intakes_per_month": 20, "name": "Zoë"}, "payers": [{"allowed_per_unit": 300}]}
result = evaluate(parse_scenario({**clinic, "analysis": {"draws": 256, "seed": 0}}), load_library())
print(hashlib.sha256(build_workbook(result, load_library())).hexdigest())
"""


def test_two_processes_give_the_same_bytes() -> None:
    digests = set()
    for seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "UTC" if seed == "0" else "Asia/Tokyo"}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1


def test_it_speaks_spanish_under_the_same_names(
    library: Library, changed_clinic: Callable[..., dict[str, Any]]
) -> None:
    with speaking(language("es")):
        result = evaluate(parse_scenario(changed_clinic(analysis={"draws": 64})), library)
        data = build_workbook(result, library)
    book = opened(data)
    titles = book.sheetnames
    assert len({title.lower() for title in titles}) == len(SHEETS)
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\'") for title in titles)
    for name in (*NAMES, *FIGURES):
        assert place(book, name)[0] in titles


def test_long_tables_print_with_their_header_on_each_page(book: Workbook) -> None:
    for title, header in (("Inputs", 4), ("Retention", 46), ("Calendar", 6), ("Evidence", 4)):
        assert book[title].print_title_rows == f"${header}:${header}"
    for sheet in book:
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert book["Retention"].print_area == "'Retention'!$A$1:$F$58"  # 12 sessions below row 46
    assert book["Calendar"].print_area == "'Calendar'!$A$1:$F$42"  # 36 months below row 6
