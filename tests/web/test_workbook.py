"""The workbook as it is asked for: on the command line and in the browser, with the same figures in it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from urllib.parse import parse_qsl

import openpyxl
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from calculator import FIGURES
from tests.web.conftest import query, soup
from web.cli import main
from web.example_clinics import examples

EXAMPLES = Path(__file__).parents[2] / "examples"
IOP = EXAMPLES / "intensive_outpatient.toml"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rapport(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def figures(data: bytes) -> dict[str, float | str]:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    found = {}
    for name in FIGURES:
        ((sheet, address),) = book.defined_names[name].destinations
        found[name] = book[sheet][address.replace("$", "")].value
    return found


def test_the_command_writes_the_figures_of_the_estimate(tmp_path: Path) -> None:
    file = tmp_path / "model.xlsx"
    change = ("--set", "clinic.dropout_rate=0.5")
    done = rapport("workbook", IOP, "-o", file, *change)
    assert (done.exit_code, done.output.strip()) == (0, str(file))
    point = json.loads(rapport("estimate", IOP, "--json", *change).output)["point"]
    expected = {name: "none" if value is None else pytest.approx(value) for name, value in point.items()}
    assert figures(file.read_bytes()) == expected


def test_the_command_takes_paper_and_language(tmp_path: Path) -> None:
    for number, arguments in enumerate((("--paper", "letter"), ("--language", "es"), ())):
        done = rapport("workbook", IOP, "-o", tmp_path / f"{number}.xlsx", *arguments)
        assert done.exit_code == 0, done.output
    letter, spanish, plain = (openpyxl.load_workbook(tmp_path / f"{number}.xlsx") for number in range(3))
    assert [book.worksheets[0].page_setup.paperSize for book in (letter, plain)] == [1, 9]
    assert set(spanish.defined_names) == set(plain.defined_names)


def test_wrong_input_is_exit_code_2_and_leaves_no_file(tmp_path: Path) -> None:
    for arguments in ((IOP, "--set", "clinic.dropout_rate=35"), (tmp_path / "none.toml",)):
        done = rapport("workbook", *arguments, "-o", tmp_path / "model.xlsx")
        assert done.exit_code == 2
        assert "Traceback" not in done.output
    assert not list(tmp_path.iterdir())
    unwritable = rapport("workbook", IOP, "-o", tmp_path / "no" / "where" / "model.xlsx")
    assert unwritable.exit_code == 2


def test_the_form_downloads_as_a_workbook(client: FlaskClient) -> None:
    address = examples()[2].query
    for answer in (
        client.get(f"/workbook.xlsx?{address}"),
        client.post("/workbook.xlsx", data=dict(parse_qsl(address))),
    ):
        assert (answer.status_code, answer.mimetype) == (200, TYPE)
        assert answer.headers["Content-Disposition"] == "attachment; filename=rapport-workbook-harbor-recovery-iop.xlsx"
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(figures(answer.data)) == set(FIGURES)
    assert client.get(f"/workbook.xlsx?{address}").data == client.get(f"/workbook.xlsx?{address}").data


def test_a_form_that_is_wrong_gets_a_calm_page(client: FlaskClient) -> None:
    for wrong in (query(clinic__dropout_rate="135"), f"{query()}&page_size=A0"):
        answer = client.get(f"/workbook.xlsx?{wrong}")
        assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_the_result_links_to_the_workbook_of_its_own_form(client: FlaskClient) -> None:
    page = soup(client.get(f"/?{query(clinic__dropout_rate='41')}"))
    (link,) = (a for a in page.select("a[download]") if a["href"].startswith("/workbook.xlsx"))
    answer = client.get(link["href"])
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    ((sheet, place),) = book.defined_names["clinic_dropout_rate"].destinations
    assert book[sheet][place.replace("$", "")].value == pytest.approx(0.41)
