"""Files as programs export them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from calculator.errors import InputError
from reports.batch.table import open_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_usual_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(f"name{delimiter}city\r\nCafé Zoë{delimiter}Wien\r\n".encode(encoding))
    assert [line.cells for line in open_table(path).lines()] == [("name", "city"), ("Café Zoë", "Wien")]


def test_quoted_line_breaks_delimiters_and_quotes_stay_in_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text('"Clinic; ""A""","x"\n"Elm\nSt, 5",2\n\n3,4\n')
    lines = list(open_table(path).lines())
    assert [(line.row, line.cells) for line in lines if not line.blank] == [
        (1, ('Clinic; "A"', "x")),
        (2, ("Elm\nSt, 5", "2")),
        (4, ("3", "4")),
    ]


def test_the_line_by_which_a_spreadsheet_names_its_delimiter_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("sep=;\na;b\n1,5;2\n")
    source = open_table(path)
    assert source.comma
    assert [line.cells for line in source.lines() if not line.blank] == [("a", "b"), ("1,5", "2")]


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ('a,b\n1,"2\n3,4\n', 2, "never closed"),
        ('a,b\n1,"2"x\n3,4\n', 2, "quotation mark inside"),
    ],
)
def test_a_stray_quotation_mark_is_a_fault_of_its_row(tmp_path: Path, text: str, row: int, words: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    faults = [line for line in open_table(path).lines() if line.fault]
    assert [line.row for line in faults] == [row]
    assert words in faults[0].fault


def test_a_workbook_gives_its_first_sheet_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    with xlsxwriter.Workbook(path) as book:
        first, second = book.add_worksheet("One"), book.add_worksheet("Two")
        first.write_row(1, 0, ["name", "rate", "day"])
        first.write_row(2, 0, ["Elm", 0.35])
        first.write_datetime(2, 2, date(2026, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
        second.write_row(0, 0, ["other"])
    lines = [(line.row, line.cells) for line in open_table(path).lines() if not line.blank]
    assert lines[0] == (2, ("name", "rate", "day"))
    assert lines[1] == (3, ("Elm", 0.35, "2026-03-05"))
    assert [line.cells for line in open_table(path, sheet="Two").lines()] == [("other",)]
    with pytest.raises(InputError, match="the sheets are One, Two"):
        list(open_table(path, sheet="Three").lines())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\x00\x00\x01\x00\x00", "no text"),
        (b"PK\x03\x04 and then nothing", "cannot be read as a workbook"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        list(open_table(path).lines())


def test_a_missing_file_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        open_table(tmp_path / "none.csv")
