"""The data request on the page and by command: sent out from any scenario, taken back wherever a file is."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from assumptions import Library
from calculator import Scenario, parse_scenario
from reports import build_data_request
from reports.data_request import TYPE, read
from tests.reports.filled_request import cells, opened, put
from tests.web.conftest import query, soup
from web.cli import main
from web.forms import form_of, parse_form
from web.state import pack

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
ANSWERS = {
    "clinic.name": "Elm Street",
    "clinic.intakes_per_month": "1,200",
    "clinic.dropout_rate": "35%",
    "clinic.dropout_rate.sure": "taken from our records",
    "payers.1.allowed_per_unit": "$140",
}
WRONG = ANSWERS | {"clinic.dropout_rate": 35, "payers.1.collection_rate": "95 percent?", "payers.2.name": "self-pay"}


def filled(library: Library, answers: dict[str, Any], setting: str = "outpatient") -> bytes:
    return put(build_data_request(setting, library), answers)


def upload(client: FlaskClient, data: bytes, address: str = "/clinic-file") -> TestResponse:
    return client.post(address, data={"file": (io.BytesIO(data), "a.xlsx")}, content_type="multipart/form-data")


def rapport(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def asked_part(scenario: Scenario) -> dict[str, Any]:
    """Return what a practice is asked about, without where each number comes from."""
    data = scenario.model_dump()
    del data["clinic"]["measured"]
    return {"clinic": data["clinic"], "payers": data["payers"]}


# --- on the page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_any_scenario_downloads_with_its_numbers_filled_in(
    client: FlaskClient, library: Library, example: Path
) -> None:
    scenario = parse_scenario(tomllib.loads(example.read_text()))
    address = f"/data-request.xlsx?{urlencode(form_of(scenario).query)}"
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == TYPE
    assert "attachment; filename=data-request-" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    assert asked_part(read(response.data, library)) == asked_part(scenario)
    assert client.get(address).data == response.data
    assert client.post("/data-request.xlsx", data=MultiDict(form_of(scenario).query)).data == response.data


def test_the_form_that_everybody_starts_from_is_a_blank_request(client: FlaskClient, library: Library) -> None:
    response = client.get(f"/data-request.xlsx?{query(clinic__setting='iop')}")
    assert response.data == build_data_request("iop", library)
    changed = client.get(f"/data-request.xlsx?{query(clinic__intakes_per_month='41')}")
    sheet, address = cells(opened(changed.data))["clinic.intakes_per_month"]
    assert sheet[address].value == 41


def test_a_form_with_a_problem_is_no_request(client: FlaskClient) -> None:
    assert client.get(f"/data-request.xlsx?{query(clinic__dropout_rate='135')}").status_code == 422


def test_the_calculator_and_the_page_of_files_link_to_it(client: FlaskClient) -> None:
    links = soup(client.get(f"/?{query(clinic__dropout_rate='31')}")).select("#results .actions a")
    (link,) = [link for link in links if str(link["href"]).startswith("/data-request.xlsx?")]
    assert parse_qs(urlsplit(str(link["href"])).query)["clinic.dropout_rate"] == ["31"]
    page = soup(client.get("/clinic-file"))
    blank = [str(link["href"]) for link in page.select("a[href^='/data-request.xlsx']")]
    assert len(blank) == 4
    assert all(client.get(address).mimetype == TYPE for address in blank)
    assert ".xlsx" in str(page.find("input", type="file")["accept"])


def test_it_speaks_the_visitors_language_and_comes_back_in_any(client: FlaskClient, library: Library) -> None:
    address = f"/data-request.xlsx?{query(clinic__dropout_rate='31')}"
    spanish = client.get(address, headers={"Accept-Language": "es-ES"}).data
    assert spanish != client.get(address).data
    assert read(spanish, library).clinic.dropout_rate == 0.31
    typed = put(spanish, {"clinic.acquisition_cost_per_intake": "1.250,50 €"})
    assert upload(client, typed).status_code == 303


def test_a_filled_one_opens_in_the_calculator(client: FlaskClient, library: Library) -> None:
    response = upload(client, filled(library, ANSWERS))
    assert response.status_code == 303
    with client.application.test_request_context(response.headers["Location"]) as context:
        form = parse_form(context.request.args, library)
    assert form.scenario is not None
    assert form.scenario == read(filled(library, ANSWERS))
    assert (form.text("clinic.intakes_per_month"), form.text("clinic.dropout_rate")) == ("1200", "35")
    assert form.measured == ("dropout_rate",)
    assert "Elm Street" in client.get(response.headers["Location"]).get_data(as_text=True)


def test_it_takes_a_place_in_a_comparison(client: FlaskClient, library: Library) -> None:
    other = pack([("clinic.setting", "iop"), ("clinic.intakes_per_month", "12")])
    form = soup(client.get(f"/clinic-file?{urlencode({'keep': other, 'slot': '1'})}")).find("form")
    response = upload(client, filled(library, ANSWERS), address=str(form["action"]))
    assert MultiDict(parse_qsl(urlsplit(response.headers["Location"]).query)).getlist("keep") == [other]


def test_every_problem_is_told_at_its_cell(client: FlaskClient, library: Library) -> None:
    response = upload(client, filled(library, WRONG))
    assert response.status_code == 422
    page = soup(response)
    assert [each.text for each in page.select(".problems-of-file code")] == [
        "Clinical lead!C8 (Clients who leave early)",
        "Billing!E17 (Collected of the allowed amount, payer 1)",
        "Billing!C17 (Share of sessions, payer 1)",
        "Billing!C18 (Share of sessions, self-pay)",
    ]
    assert "For 35 percent write 35%." in page.select_one(".problems-of-file").text
    assert page.find("form", class_="upload") is not None


BAD = {
    "cut": (lambda data: data[:3000], "is damaged"),
    "locked": (lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "has a password"),
    "zip": (lambda data: b"PK\x03\x04" + bytes(100), "is damaged"),
}


@pytest.mark.parametrize(("made", "said"), BAD.values(), ids=BAD)
def test_what_is_no_request_is_told(client: FlaskClient, library: Library, made: Any, said: str) -> None:
    response = upload(client, made(filled(library, ANSWERS)))
    assert response.status_code == 422
    assert said in soup(response).select_one(".problems-of-file").text


def test_one_that_is_too_large_is_told(client: FlaskClient, library: Library) -> None:
    response = upload(client, filled(library, ANSWERS) + bytes(70_000))
    assert response.status_code == 413
    assert "far larger" in soup(response).select_one(".problems-of-file").text


# --- by command -------------------------------------------------------------------------------------------------


def test_a_request_is_written_filled_and_read_as_toml(tmp_path: Path, library: Library) -> None:
    file, answers, clinic = (tmp_path / name for name in ("REQUEST.xlsx", "ANSWERS.xlsx", "CLINIC.toml"))
    made = rapport("request", "--setting", "outpatient", "-o", file)
    assert (made.exit_code, made.output) == (0, f"{file}\n")
    assert file.read_bytes() == build_data_request("outpatient", library)
    answers.write_bytes(put(file.read_bytes(), ANSWERS))
    assert rapport("request", "--read", answers, "-o", clinic).exit_code == 0
    assert parse_scenario(tomllib.loads(clinic.read_text())) == read(answers.read_bytes())
    assert "# Sessions" not in clinic.read_text()  # nothing that was left blank
    by_file, by_toml = (rapport("estimate", path, "--json") for path in (answers, clinic))
    assert by_file.exit_code == 0
    assert by_file.output == by_toml.output


def test_a_filled_request_is_a_clinic_everywhere(tmp_path: Path, library: Library) -> None:
    answers = tmp_path / "answers of Elm"  # by what is in it, not by its name
    answers.write_bytes(filled(library, ANSWERS))
    changed = rapport("estimate", answers, "--set", "program.subscription_per_clinician_month=99")
    assert changed.exit_code == 0
    assert changed.output != rapport("estimate", answers).output
    assert rapport("compare", answers, EXAMPLES[0]).exit_code == 0
    again = tmp_path / "again.xlsx"
    assert rapport("request", answers, "-o", again).exit_code == 0
    assert read(again.read_bytes()) == read(answers.read_bytes())


def test_problems_are_told_one_a_line_with_file_and_cell(tmp_path: Path, library: Library) -> None:
    answers, clinic = tmp_path / "ANSWERS.xlsx", tmp_path / "CLINIC.toml"
    answers.write_bytes(filled(library, WRONG))
    for arguments in (("estimate", answers), ("request", "--read", answers, "-o", clinic)):
        found = rapport(*arguments)
        assert found.exit_code == 2
        assert not found.stdout
        assert found.stderr.splitlines() == [
            f"{answers}: Clinical lead!C8 (Clients who leave early) is 35. Write a percentage from 0% to 99%. "
            "For 35 percent write 35%.",
            f"{answers}: Billing!E17 (Collected of the allowed amount, payer 1) is “95 percent?”. "
            "Write a percentage from 0% to 100%.",
            f"{answers}: Billing!C17 (Share of sessions, payer 1) is missing; with several payers each needs its "
            "share of units.",
            f"{answers}: Billing!C18 (Share of sessions, self-pay) is missing; with several payers each needs its "
            "share of units.",
        ]
    assert not clinic.exists()


def test_what_set_makes_wrong_is_told_at_the_cell(tmp_path: Path, library: Library) -> None:
    answers = tmp_path / "ANSWERS.xlsx"
    answers.write_bytes(filled(library, ANSWERS))
    found = rapport("estimate", answers, "--set", "clinic.dropout_rate=30", "--set", "nonsense")
    assert found.exit_code == 2
    assert "--set nonsense is not understood" in found.stderr
    assert f"{answers}: Clinical lead!C8 (Clients who leave early) is 30;" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "x.xlsx"), "Give one of CLINIC.toml, --setting and --read."),
        (("--setting", "iop", "--read", "a.xlsx", "-o", "x.xlsx"), "Give one of"),
        (("--setting", "iop", "--currency", "euro", "-o", "x.xlsx"), "--currency is 'euro'; it is three capital"),
        (("nowhere.toml", "-o", "x.xlsx"), "nowhere.toml: cannot be read"),
        (("--read", "nowhere.xlsx", "-o", "x.toml"), "nowhere.xlsx: cannot be read"),
        (("--setting", "spa", "-o", "x.xlsx"), "'spa' is not one of"),
    ],
)
def test_a_wrong_request_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = rapport("request", *arguments)
    assert found.exit_code == 2
    assert said in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_brand_says_who_asks_and_the_language_is_chosen(tmp_path: Path) -> None:
    brand, file = tmp_path / "BRAND.toml", tmp_path / "R.xlsx"
    brand.write_text('[seller]\nname = "Alder Software"\nemail = "kim@example.org"\n')
    made = rapport("request", EXAMPLES[0], "-o", file, "--brand", brand, "--language", "es", "--currency", "USD")
    assert made.exit_code == 0, made.output
    book = opened(file.read_bytes())
    assert book.worksheets[0]["C9"].value == "Alder Software, kim@example.org"
    sheet, address = cells(book)["clinic.no_show_rate"]
    assert sheet[f"B{sheet[address].row}"].value.startswith("Inasistencias")
