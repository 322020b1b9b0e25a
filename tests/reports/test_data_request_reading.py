"""What staff type is read as they mean it, and every problem is told at once, at its cell."""

from __future__ import annotations

import json
import struct
import tracemalloc
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assumptions import Library, load_library
from calculator import InputError, Problem, Scenario
from calculator.language import Language, speaking
from calculator.quantity import Range
from reports import build_data_request
from reports.data_request import MAX_BYTES, read, read_answers
from tests.reports.filled_request import cells, opened, put, saved

FILLED = {
    "clinic.intakes_per_month": 60,
    "payers.1.name": "commercial",
    "payers.1.share": 0.7,
    "payers.1.allowed_per_unit": 140,
    "payers.2.name": "self-pay",
    "payers.2.share": 0.3,
}


@pytest.fixture(scope="module")
def blank() -> bytes:
    return build_data_request("outpatient", load_library())


def problems(data: bytes, library: Library | None = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(data, library)
    return [str(problem) for problem in caught.value.problems]


def filled(blank: bytes, **more: Any) -> bytes:
    return put(blank, FILLED | {path.replace("__", "."): value for path, value in more.items()})


def number_at(scenario: Scenario, path: str) -> Any:
    section, *rest = path.split(".")
    table = scenario.payers[int(rest[0]) - 1] if section == "payers" else getattr(scenario, section)
    return getattr(table, rest[-1])


# --- what staff type --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "typed", "number"),
    [
        ("clinic.dropout_rate", 0.35, 0.35),  # what a cell in percent holds when 35 is typed into it
        ("clinic.dropout_rate", "35%", 0.35),
        ("clinic.dropout_rate", " 35 % ", 0.35),
        ("clinic.dropout_rate", "35 percent", 0.35),
        ("clinic.dropout_rate", "0.35", 0.35),
        ("clinic.dropout_rate", "0,35", 0.35),
        ("clinic.dropout_rate", "0.5%", 0.005),
        ("clinic.intake_growth_rate", "-5%", -0.05),
        ("clinic.clinicians", "12", 12.0),
        ("clinic.intakes_per_month", "1,200", 1200.0),
        ("clinic.intakes_per_month", "1.200,50", 1200.5),
        ("clinic.acquisition_cost_per_intake", "$1,200", 1200.0),
        ("clinic.acquisition_cost_per_intake", "1,200.50 USD", 1200.5),
        ("payers.1.allowed_per_unit", "$140.00", 140.0),
        ("clinic.no_show_rate", "", None),
        ("clinic.no_show_rate", "  ", None),
        ("clinic.no_show_rate", "n/a", None),
        ("clinic.no_show_rate", "N/A", None),
        ("clinic.no_show_rate", "-", None),
        ("clinic.no_show_rate", "?", None),
        ("clinic.no_show_rate", "Unknown", None),
        ("clinic.no_show_rate", 0, 0.0),
        ("analysis.history_months", 24, 24),
        ("analysis.discount_rate", "8%", 0.08),
    ],
)
def test_an_answer_is_read_as_staff_mean_it(blank: bytes, path: str, typed: Any, number: float | None) -> None:
    assert number_at(read(put(blank, FILLED | {path: typed})), path) == number


def test_a_point_separates_thousands_where_the_request_speaks_a_language_that_writes_so() -> None:
    with speaking(Language("es", "ES")):
        spanish = build_data_request("outpatient", load_library())
    english = build_data_request("outpatient", load_library())
    typed = FILLED | {"clinic.acquisition_cost_per_intake": "1.200"}
    assert read(put(spanish, typed)).clinic.acquisition_cost_per_intake == 1200.0
    assert read(put(english, typed)).clinic.acquisition_cost_per_intake == 1.2


def test_a_range_a_source_and_a_choice(blank: bytes) -> None:
    more = {"clinic.dropout_rate": "30%", "clinic.dropout_rate.low": "20 %", "clinic.dropout_rate.high": 0.45,
            "clinic.dropout_rate.sure": "our estimate", "clinic.intakes_per_month.sure": "Taken from our records ",
            "clinic.practice_capacity": "no, a waiting list", "payers.2.sure": "taken from our records",
            "payers.1.allowed_per_unit.low": 120, "payers.1.allowed_per_unit.high": "$150"}  # fmt: skip
    found = read(put(blank, FILLED | more))
    assert found.clinic.dropout_rate == Range(low=0.2, likely=0.3, high=0.45)
    assert found.payers[0].allowed_per_unit == Range(low=120, likely=140, high=150)
    assert found.clinic.measured == ("intakes_per_month", "payers.2.share")
    assert found.clinic.practice_capacity == "waitlist"


def test_a_blank_row_between_payers_is_no_payer_and_no_payer_is_one_of_whom_nothing_is_known(blank: bytes) -> None:
    moved = {f"payers.5.{key}": value for key, value in (("name", "self-pay"), ("share", 0.3))}
    found = read(put(blank, FILLED | {"payers.2.name": None, "payers.2.share": None} | moved))
    assert [payer.name for payer in found.payers] == ["commercial", "self-pay"]
    alone = read(put(blank, {"clinic.intakes_per_month": 60}))
    assert alone.model_dump()["payers"] == (dict.fromkeys(alone.payers[0].model_dump()) | {"name": ""},)


def test_a_name_may_be_a_number_or_look_like_no_answer(blank: bytes) -> None:
    found = read(put(blank, FILLED | {"clinic.name": 24, "payers.2.name": "n/a"}))
    assert (found.clinic.name, found.payers[1].name) == ("24", "n/a")


def test_rows_may_move_and_sheets_may_have_other_names(blank: bytes) -> None:
    book = opened(put(blank, FILLED | {"clinic.dropout_rate": 0.35}))
    front, lead = book["Front office"], book["Clinical lead"]
    for sheet in (front, lead):
        sheet.protection.sheet = False
        sheet.title = f"{sheet.title} of Elm Street"
    row = next(row for row in lead.iter_rows() if row[0].value == "clinic.dropout_rate")
    front.append([cell.value for cell in row])
    lead.delete_rows(row[0].row)
    notes = book.create_sheet("Notes")
    notes["A1"], notes["C2"] = "we asked Kim", 12
    found = read(saved(book))
    assert found.clinic.dropout_rate == 0.35
    assert found.clinic.intakes_per_month == 60


def test_a_formula_counts_as_its_result(blank: bytes) -> None:
    """120 of 400, as a program that has calculated it saves it; openpyxl saves no result, so the part is changed."""
    data = parts(filled(blank, clinic__dropout_rate=0.987654))
    sheet = next(name for name, part in data.items() if b"0.987654" in part)
    data[sheet] = data[sheet].replace(b"<v>0.987654</v>", b"<f>120/400</f><v>0.3</v>")
    assert read(packed(data)).clinic.dropout_rate == 0.3


# --- what is wrong with an answer -------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "text": (
        {"payers.1.collection_rate": "95 percent?"},
        ["Billing!E17 (Collected of the allowed amount, commercial) is “95 percent?”. "
         "Write a percentage from 0% to 100%."],
    ),
    "two": (
        {"payers.1.collection_rate": "most", "clinic.dropout_rate": "a third"},
        ["Clinical lead!C8 (Clients who leave early) is “a third”. Write a percentage from 0% to 99%.",
         "Billing!E17 (Collected of the allowed amount, commercial) is “most”. Write a percentage from 0% to 100%."],
    ),
    "percent": (
        {"clinic.dropout_rate": 35},
        ["Clinical lead!C8 (Clients who leave early) is 35. Write a percentage from 0% to 99%. "
         "For 35 percent write 35%."],
    ),
    "percent as text": (
        {"clinic.no_show_rate": "12"},
        ["Front office!C10 (No-shows) is 12. Write a percentage from 0% to 95%. For 12 percent write 12%."],
    ),
    "percentage of a count": (
        {"clinic.clinicians": "12%"},
        ["Clinical lead!C6 (Clinicians) is “12%”. Write a number from 0 to 10,000."],
    ),
    "bounds": (
        {"clinic.planned_units": 500, "payers.1.allowed_per_unit": -1},
        ["Clinical lead!C7 (Sessions in a full course) is 500. Write a whole number from 1 to 400.",
         "Billing!D17 (Allowed amount a session, commercial) is -1. Write an amount from $0 to $100,000."],
    ),
    "whole": (
        {"clinic.planned_units": 12.5},
        ["Clinical lead!C7 (Sessions in a full course) is 12.5. Write a whole number from 1 to 400."],
    ),
    "date": (
        {"clinic.planned_units": date(2026, 3, 4)},
        ["Clinical lead!C7 (Sessions in a full course) is “2026-03-04”, a date or time that a spreadsheet has made of "
         "a number. Write a whole number from 1 to 400."],
    ),
    "yes": (
        {"clinic.clinicians": True},
        ["Clinical lead!C6 (Clinicians) is True. Write a number from 0 to 10,000."],
    ),
    "low above high": (
        {"clinic.dropout_rate": 0.3, "clinic.dropout_rate.low": 0.4, "clinic.dropout_rate.high": 0.2},
        ["Clinical lead!C8 (Clients who leave early) is out of order: low 0.4, likely 0.3, high 0.2; "
         "write low <= likely <= high."],
    ),
    "half a range": (
        {"clinic.dropout_rate.low": 0.2},
        ["Clinical lead!F8 (Clients who leave early) needs the answer, the lowest and the highest together; fill in "
         "all three, or the answer alone."],
    ),
    "wrong end": (
        {"payers.2.allowed_per_unit": 130, "payers.2.allowed_per_unit.low": "cheap",
         "payers.2.allowed_per_unit.high": 150},
        ["Billing!D31 (Allowed amount a session, self-pay) is “cheap”. Write an amount from $0 to $100,000."],
    ),
    "shares": (
        {"payers.1.share": 0.6},
        ["Billing!C17:C18 (Share of sessions) have shares that add up to 0.9; they must add up to 1."],
    ),
    "share that cannot be read": (
        {"payers.1.share": "most"},
        ["Billing!C17 (Share of sessions, commercial) is “most”. Write a percentage from 0% to 100%."],
    ),
    "share missing": (
        {"payers.4.name": "other"},
        ["Billing!C20 (Share of sessions, other) is missing; with several payers each needs its share of units."],
    ),
    "paid twice": (
        {"payers.1.collected_per_unit": 120},
        ["Billing!F17 (Collected a session, commercial) is given together with allowed_per_unit; write what is "
         "collected, or what is allowed and the part of it that is collected."],
    ),
    "must": (
        {"clinic.intakes_per_month": "n/a"},
        ["Front office!C7 (New clients a month) is missing; it is a number from 0.1 to 100,000 "
         "(new episodes a month)."],
    ),
    "must, and unreadable": (
        {"clinic.intakes_per_month": "lots"},
        ["Front office!C7 (New clients a month) is “lots”. Write a number from 0.1 to 100,000."],
    ),
    "sure": (
        {"clinic.dropout_rate": 0.3, "clinic.dropout_rate.sure": "quite"},
        ["Clinical lead!E8 (Clients who leave early) is “quite”. Choose one of “taken from our records”, "
         "“our estimate”."],
    ),
    "capacity": (
        {"clinic.practice_capacity": "maybe"},
        ["Front office!C11 (Room for more clients?) is “maybe”. Choose one of “yes”, “some”, “no, a waiting list”."],
    ),
    "name": (
        {"payers.1.name": "x" * 101},
        ["Billing!B17 (Payer, " + "x" * 60 + "…) is 101 characters long; at most 100."],
    ),
    "long": (
        {"clinic.clinicians": "9" * 500},
        ["Clinical lead!C6 (Clinicians) is “" + "9" * 60 + "…”. Write a number from 0 to 10,000."],
    ),
    "line breaks": (
        {"clinic.clinicians": "twelve\nor so"},
        ["Clinical lead!C6 (Clinicians) is “twelve or so”. Write a number from 0 to 10,000."],
    ),
    "plan": (
        {"clinic.planned_units": 10, "clinic.median_dropout_unit": 9},
        ["Clinical lead!C9 (Session by which half of the dropouts have left) is 9; it must be below planned_units "
         "minus 1, which is 9. It is the unit after which half of those who drop out have left."],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "said"), WRONG.values(), ids=WRONG)
def test_a_problem_is_told_at_its_cell(blank: bytes, typed: dict[str, Any], said: list[str]) -> None:
    assert sorted(problems(put(blank, FILLED | typed))) == sorted(said)


def test_what_does_not_fit_the_defaults_is_told_at_its_cell_too(blank: bytes, library: Library) -> None:
    data = filled(blank, clinic__median_dropout_unit=300)
    assert read(data).clinic.median_dropout_unit == 300
    (said,) = problems(data, library)
    assert said.startswith(
        "Clinical lead!C9 (Session by which half of the dropouts have left) is 300; with the default"
    )


def test_an_error_in_a_cell_is_no_blank(blank: bytes) -> None:
    book = opened(filled(blank))
    sheet, address = cells(book)["clinic.dropout_rate"]
    sheet[address].value, sheet[address].data_type = "#DIV/0!", "e"
    assert problems(saved(book)) == [
        "Clinical lead!C8 (Clients who leave early) is “#DIV/0!”. Write a percentage from 0% to 99%."
    ]


def test_a_ninth_payer_is_told_and_not_lost(blank: bytes) -> None:
    book = opened(filled(blank))
    sheet = book["Billing"]
    total = next(row[0].row for row in sheet.iter_rows() if str(row[1].value).startswith("Together"))
    sheet.insert_rows(total)
    sheet[f"B{total}"] = "a ninth"
    assert problems(saved(book)) == [
        f"Billing!B{total} is “a ninth” outside the table; there is room for 8 payers. Put small ones together."
    ]
    sheet[f"A{total}"] = "payers.9"
    for row in range(total - 6, total + 1):
        sheet[f"B{row}"], sheet[f"C{row}"] = f"payer of row {row}", 0
    (said,) = problems(saved(book))
    assert said.startswith("Billing!C17:C25 (Share of sessions) are 9; there is room for 8. Put small ones together.")


def test_keys_that_were_changed_are_told(blank: bytes) -> None:
    book = opened(filled(blank, clinic__dropout_rate=0.3))
    lead = book["Clinical lead"]
    lead["A8"] = "clinic.droput_rate"
    lead["A6"] = None
    lead["C6"] = 12
    assert problems(saved(book)) == [
        "Clinical lead!C6 is “12” beside no question; write it into a yellow cell.",
        "Clinical lead!A8 is “clinic.droput_rate”, which is no question of a data request.",
    ]


def test_two_answers_to_one_question_are_told(blank: bytes) -> None:
    book = opened(filled(blank, clinic__dropout_rate=0.3))
    lead = book["Clinical lead"]
    lead.append([cell.value for cell in lead[8]])
    (said,) = problems(saved(book))
    assert said == "Clinical lead!C10 (Clients who leave early) answers the same question as Clinical lead!C8; " \
                   "clear one of them."  # fmt: skip


def test_problems_can_be_put_at_cells_by_whoever_changes_the_data(blank: bytes) -> None:
    answers = read_answers(filled(blank, clinic__dropout_rate=0.3))
    answers.data["clinic"]["dropout_rate"] = 30
    with pytest.raises(InputError) as caught:
        answers.scenario()
    assert caught.value.problems[0].path == "Clinical lead!C8 (Clients who leave early)"


# --- what is no data request ------------------------------------------------------------------------------------


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(data: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in data.items():
            archive.writestr(name, part)
    return stream.getvalue()


def about_changed(blank: bytes, **changes: Any) -> bytes:
    book = opened(filled(blank))
    for sheet in book.worksheets[:4]:
        sheet["A1"] = json.dumps(json.loads(sheet["A1"].value) | changes)
    return saved(book)


def encrypted(data: bytes) -> bytes:
    """Return an archive that says its first part is encrypted."""
    place = data.index(b"PK\x01\x02")
    local = data[:6] + struct.pack("<H", 1) + data[8:place]
    return local + data[place : place + 8] + struct.pack("<H", 1) + data[place + 10 :]


def other_book() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = '{"name": "something else"}'
    return saved(book)


NO_REQUEST: dict[str, tuple[Any, str]] = {
    "empty": (lambda blank: b"", "is empty"),
    "toml": (lambda blank: b"[clinic]\n", "is no workbook"),
    "picture": (lambda blank: b"\x89PNG\r\n\x1a\n", "is no workbook"),
    "old or locked": (
        lambda blank: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        "has a password or is",
    ),
    "locked parts": (encrypted, "has a password or is"),
    "macros": (lambda blank: packed(parts(blank) | {"xl/vbaProject.bin": b"x"}), "holds macros"),
    "zip": (lambda blank: packed({"a.txt": b"x"}), "is no workbook"),
    "document": (
        lambda blank: packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "is another kind",
    ),
    "cut": (lambda blank: blank[: len(blank) // 2], "is damaged"),
    "other": (lambda blank: other_book(), "is a workbook, but no data request"),
    "newer": (lambda blank: about_changed(blank, schema=2), "was made by a newer version"),
    "broken part": (lambda blank: packed(parts(blank) | {"xl/workbook.xml": b"<workbook"}), "is damaged"),
    "document type": (
        lambda blank: packed(parts(blank) | {"xl/styles.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        "is damaged",
    ),
    "large": (lambda blank: packed({"a": b"x"}) + bytes(MAX_BYTES), "is far larger"),
    "bomb": (lambda blank: packed(parts(blank) | {"xl/a.xml": bytes(30_000_000)}), "unpacks to far more"),
    "many parts": (
        lambda blank: packed(parts(blank) | {f"xl/{n}.xml": b"<a/>" for n in range(501)}),
        "has far too many",
    ),
}


@pytest.mark.parametrize(("made", "said"), NO_REQUEST.values(), ids=NO_REQUEST)
def test_what_is_no_request_is_told_in_one_sentence(blank: bytes, made: Any, said: str) -> None:
    (found,) = problems(made(blank))
    assert found.startswith(said)
    assert "\n" not in found


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
FAR = {
    "far": b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "prefix": b'<row r="1"/><row r="1048576" x=">"><c z=\'>\' r=\'A1048576\'><v>1</v></c></row>',
    "unplaced cells": b"<row>" + b"<c><v>1</v></c>" * 17_000 + b"</row>",
    "unplaced rows": b"<row/>" * 6_000 + b"<row><c><v>1</v></c></row>",
    "entity": b'<row r="1"><c r="&#88;FD1048576"><v>1</v></c></row>',
}


@pytest.mark.parametrize("rows", FAR.values(), ids=FAR)
def test_a_cell_in_the_last_corner_takes_no_memory(blank: bytes, rows: bytes) -> None:
    data = packed(parts(blank) | {"xl/worksheets/sheet2.xml": SHEET % rows})
    tracemalloc.start()
    (said,) = problems(data)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert said == "has cells far outside of any data request."


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(FILE)
    for _number in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found: tuple[Problem, ...] = ()
    try:
        read(bytes(whole))
    except InputError as error:
        found = error.problems
    assert not [problem for problem in found if "\n" in str(problem)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_damage_inside_a_part_is_read_or_refused(data: st.DataObject) -> None:
    pieces = parts(FILE)
    name = data.draw(st.sampled_from(sorted(name for name in pieces if name.startswith("xl/"))))
    part = bytearray(pieces[name])
    for _number in range(data.draw(st.integers(1, 6))):
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    said: tuple[Problem, ...] = ()
    found: dict[str, Any] = {"clinic": {}, "payers": [], "program": {}, "analysis": {}}
    try:
        found = read_answers(packed(pieces | {name: bytes(part)})).data
    except InputError as error:
        said = error.problems
    assert set(found) == {"clinic", "payers", "program", "analysis"}
    assert not [problem for problem in said if "\n" in str(problem)]


FILE = put(build_data_request("outpatient", load_library()), FILLED)
