"""Files as spreadsheets and other programs write them: encodings, separators, headers, rows of the wrong length."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.errors import PluginError
from plugin.loading import Loaded, load_caseload

HEADER = "episode_id,client_id,clinician_id,setting,intake_date,planned_units,units_attended,last_unit_date,status"
ROW = "É1,C1,K1,outpatient,2026-01-05,12,3,2026-02-02,open"
TWO = f"{HEADER}\n{ROW}\n{ROW.replace('É1', 'E2').replace('12', '20')}\n"


def load(data: bytes) -> Loaded:
    return load_caseload(data, salt=b"salt", keep_episode_ids=True)


def refused(data: bytes) -> tuple[str, ...]:
    with pytest.raises(PluginError) as error:
        load(data)
    return error.value.problems


@pytest.mark.parametrize(
    "data",
    [
        TWO.encode(),
        codecs.BOM_UTF8 + TWO.encode(),
        TWO.encode("utf-16"),  # Excel's "Unicode text"
        TWO.replace(",", "\t").encode("utf-16"),
        TWO.replace(",", ";").encode(),
        f"sep=;\n{TWO.replace(',', ';')}".encode(),
        TWO.replace("\n", "\r\n").encode(),
        TWO.replace("\n", "\r").encode(),
        TWO.rstrip("\n").encode(),
        TWO.replace(",", '","').replace("\n", '"\n"').removesuffix('"').join(['"', ""]).encode(),
        TWO.replace("\n", ",\n").encode(),  # a separator at the end of every line
        TWO.replace("\nE2", ",,\nE2").encode(),  # and at the end of one
        TWO.replace(",", " , ").encode(),
        TWO.upper().replace("OUTPATIENT", "Outpatient").encode(),
    ],
    ids=[
        "utf-8", "bom", "utf-16", "utf-16 tabs", "semicolons", "sep=", "crlf", "cr", "no last line end", "quoted",
        "trailing separators", "one trailing separator", "spaces", "capitals",
    ],
)  # fmt: skip
def test_the_same_file_however_it_is_written(data: bytes) -> None:
    loaded = load(data)
    assert loaded.caseload.episode_id.tolist() == ["É1", "E2"]
    assert loaded.caseload.planned_units.tolist() == [12, 20]
    assert loaded.problems == loaded.notes == ()


def test_windows_1252_is_read_with_a_note() -> None:
    loaded = load(TWO.encode("cp1252"))
    assert loaded.caseload.episode_id.tolist() == ["É1", "E2"]
    assert loaded.problems == ()
    assert loaded.notes == ("episodes.csv: is not UTF-8; it is read as Windows-1252, so check names with accents",)


def test_blank_rows_are_no_episodes_and_still_count_as_rows() -> None:
    bad = ROW.replace("open", "opened").replace("É1", "E2")
    loaded = load(f"{HEADER}\n\n{ROW}\n,,,,,,,,\n  \n{bad}\n\n".encode())
    assert (loaded.rows, loaded.kept) == (2, 1)
    assert loaded.problems[0].startswith("episodes.csv: row 6, column status")


def test_rows_are_numbered_as_a_spreadsheet_does_also_below_a_line_about_separators() -> None:
    bad = ROW.replace("open", "opened")
    assert "row 3," in load(f"sep=,\n{HEADER}\n{bad}\n".encode()).problems[0]
    assert "row 5," in load(f"\n  \r\n\n{HEADER}\n{bad}\n".encode()).problems[0]
    two_lines = ROW.replace("K1", '"K\n1"')  # a cell may hold a line end: a spreadsheet shows one row
    assert "row 3," in load(f"{HEADER}\n{two_lines}\n{bad.replace('É1', 'E2')}\n".encode()).problems[0]


def test_a_row_with_too_many_cells_is_left_out_and_the_rest_kept() -> None:
    wide = ROW.replace("K1", "Doe, Jane").replace("É1", "E2")
    loaded = load(f"{HEADER}\n{ROW}\n{wide}\n\n{ROW.replace('É1', 'E3')}\n".encode())
    assert loaded.problems == (
        "episodes.csv: row 3: has more cells than the header's 9; put cells that hold a separator in quotation marks",
    )
    assert (loaded.rows, loaded.kept) == (3, 2)
    assert loaded.caseload.episode_id.tolist() == ["É1", "E3"]


def test_a_row_with_too_few_cells_is_one_with_blanks() -> None:
    loaded = load(f"{HEADER}\n{ROW}\nE2,C2,K1,outpatient,2026-01-05\n".encode())
    assert [line.split(": ", 1)[1] for line in loaded.problems] == [
        f"row 3, column {name}: is empty" for name in ("planned_units", "units_attended", "status")
    ]
    assert loaded.kept == 1


def test_a_quotation_mark_that_does_not_pair_stops_the_reading() -> None:
    (line,) = refused(f"{HEADER}\n{ROW}\n{ROW.replace('K1', chr(34) + 'K1')}\n{ROW}\n".encode())
    assert line == "episodes.csv: row 3: a quotation mark does not pair; nothing after it can be read"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (TWO.replace("K1", "K\0").encode(), "holds NUL bytes"),
        (TWO.encode("utf-16-le"), "holds NUL bytes"),
        (b"PK\x03\x04rest", "is a spreadsheet or an archive; save it as CSV"),
        (b"PAR1rest", "is a Parquet file; save it as CSV"),
        (b"\x1f\x8brest", "is compressed; save it as CSV"),
        (b"sep=|\na|b\n", "row 1: names a separator that is no comma, semicolon or tab"),
        (b"sep=;\n", "or nothing follows"),
    ],
)
def test_what_is_no_csv_file_is_refused_in_one_line(data: bytes, said: str) -> None:
    (line,) = refused(data)
    assert line.startswith("episodes.csv: ")
    assert said in line


def test_a_mistyped_column_is_pointed_out_with_the_one_that_is_missing() -> None:
    said = refused(TWO.replace("planned_units", "Planned Unit").encode())
    assert said == (
        "episodes.csv: column planned_units: is missing; the header has " + HEADER.replace(",", ", "),
        "episodes.csv: column F (Planned Unit): is not known and is not read; is planned_units meant?",
    )


def test_a_column_that_is_not_known_is_left_out_and_the_rest_kept() -> None:
    loaded = load(TWO.replace("status\n", "status,colour\n").replace("open\n", "open,red\n").encode())
    (line,) = loaded.problems
    assert line.startswith("episodes.csv: column J (colour): is not known and is not read; there are episode_id")
    assert line.endswith("what is known at intake is called x_name")
    assert loaded.kept == 2


def test_a_column_that_stands_twice_is_refused() -> None:
    twice = TWO.replace("status\n", "status,Status\n").replace("open\n", "open,open\n")
    assert refused(twice.encode()) == ("episodes.csv: column status: stands 2 times in the header; keep one",)
    covariate = TWO.replace("status\n", "status,x_a,x_a\n").replace("open\n", "open,1,2\n")
    assert refused(covariate.encode()) == ("episodes.csv: column x_a: stands 2 times in the header; keep one",)


def test_a_file_without_a_header_does_not_print_its_first_client() -> None:
    said = refused(f"{ROW}\n{ROW}\n".encode())
    assert all("É1" not in line and "2026" not in line for line in said)
    assert "episodes.csv: column A: is not known and is not read; there are " in "\n".join(said)
    assert sum("is missing" in line for line in said) == 9


@settings(max_examples=200)
@given(
    data=st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"{TWO}{text}".encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    problems: tuple[str, ...] = ()
    kept = rows = 0
    try:
        loaded = load(data)
        problems, kept, rows = loaded.problems, loaded.kept, loaded.rows
    except PluginError as error:
        problems = error.problems
    assert kept <= rows
    assert kept or problems
    assert all(line.startswith("episodes.csv: ") and line.isprintable() for line in problems)


def test_a_first_line_longer_than_any_header_is_no_header() -> None:
    """The csv module gives up on a cell beyond 131,072 characters."""
    said = refused(b"x" * 200_000)
    assert sum("is missing" in line for line in said) == 9
    assert max(map(len, said)) < 400
