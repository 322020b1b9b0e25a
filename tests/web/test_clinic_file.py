"""A scenario as a file: what is saved comes back exactly, and what cannot be read is told in full and kept nowhere."""

from __future__ import annotations

import io
import logging
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from assumptions import Library
from calculator import InputError, Problem, Scenario, parse_scenario
from calculator.parse import SECTIONS
from calculator.version import VERSION
from tests.strategies import scenarios
from tests.web.conftest import query, soup
from web.cli import main
from web.clinic_toml import read_toml, write_toml
from web.forms import form_of, parse_form
from web.state import pack

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
NAMES = st.text(st.characters(codec="utf-8"), max_size=40)
GOOD = b"[clinic]\nsetting = 'iop'\nintakes_per_month = 12\n[[payers]]\nallowed_per_unit = 300\n"


def scenario_in(data: bytes) -> Scenario:
    return parse_scenario(tomllib.loads(data.decode()))


def upload(client: FlaskClient, data: bytes, name: str = "CLINIC.toml", address: str = "/clinic-file") -> TestResponse:
    return client.post(address, data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def problems(response: TestResponse) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in soup(response).select(".problems-of-file li")]


# --- saving -----------------------------------------------------------------------------------------------------


@settings(max_examples=80)
@given(data=scenarios(), clinic=NAMES, payer=NAMES)
def test_what_is_saved_comes_back_exactly(data: dict[str, Any], clinic: str, payer: str) -> None:
    data["clinic"]["name"], data["payers"][0]["name"] = clinic, payer
    scenario = parse_scenario(data)
    text = write_toml(scenario)
    found = tomllib.loads(text)
    assert parse_scenario(found) == scenario
    assert read_toml(text.encode()) == found
    for table in SECTIONS:
        given_keys = {key for key, value in data.get(table, {}).items() if value not in ("", [])}
        assert set(found.get(table, {})) == given_keys  # only what was given


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_downloads_as_a_file_the_command_line_takes(
    client: FlaskClient, example: Path, tmp_path: Path
) -> None:
    scenario = scenario_in(example.read_bytes())
    response = client.get(f"/clinic.toml?{urlencode(form_of(scenario).query)}")
    assert response.mimetype == "application/toml"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert scenario_in(response.data) == scenario
    file = tmp_path / "CLINIC.toml"
    file.write_bytes(response.data)
    runner = CliRunner()
    saved, original = (runner.invoke(main, ["estimate", str(path), "--json"]) for path in (file, example))
    assert saved.exit_code == 0
    assert saved.output == original.output


def test_the_file_says_what_it_is_and_what_each_number_is(client: FlaskClient) -> None:
    response = client.get(f"/clinic.toml?{query(clinic__name='Café Söhne', clinic__dropout_rate='35')}")
    lines = response.get_data(as_text=True).splitlines()
    assert lines[0] == f"# A scenario for Rapport {VERSION}."
    assert any(line.startswith("#") and "v=1" in line for line in lines)
    assert "dropout_rate = 0.35  # Clients who leave early (share of episodes)" in lines
    assert 'setting = "outpatient"  # outpatient | iop | php | residential' in lines
    assert lines.index("[clinic]") < lines.index("[[payers]]")


FILES = [("Café & Söhne", "", "cafe-sohne"), ("", "", "clinic"), ("Elm", "Half/price", "elm-half-price"),
         ("../etc", "", "etc")]  # fmt: skip


@pytest.mark.parametrize(("name", "title", "file"), FILES)
def test_the_file_is_named_for_the_clinic(client: FlaskClient, name: str, title: str, file: str) -> None:
    response = client.get(f"/clinic.toml?{query(clinic__name=name)}&{urlencode({'title': title})}")
    assert response.headers["Content-Disposition"] == f"attachment; filename={file}.toml"


def test_a_form_with_a_problem_is_no_file(client: FlaskClient) -> None:
    assert client.get(f"/clinic.toml?{query(clinic__dropout_rate='135')}").status_code == 422


# --- loading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_good_file_opens_in_the_calculator(client: FlaskClient, library: Library, example: Path) -> None:
    response = upload(client, example.read_bytes())
    assert response.status_code == 303
    address = urlsplit(response.headers["Location"])
    assert address.path == "/"
    shown = client.get(response.headers["Location"])
    assert shown.status_code == 200
    with client.application.test_request_context(response.headers["Location"]) as context:
        assert parse_form(context.request.args, library).scenario == scenario_in(example.read_bytes())


def test_a_file_takes_a_place_in_a_comparison(client: FlaskClient) -> None:
    other = pack([("clinic.setting", "iop"), ("clinic.intakes_per_month", "12")])
    form = soup(client.get(f"/clinic-file?{urlencode({'keep': other, 'slot': '1'})}")).find("form")
    response = upload(client, GOOD, address=str(form["action"]))
    found = MultiDict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert found.getlist("keep") == [other]
    assert found["slot"] == "1"


def test_a_mark_at_the_beginning_and_windows_line_ends_are_no_matter(client: FlaskClient) -> None:
    assert upload(client, b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")).status_code == 303


BAD: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["is empty, or none was chosen"]),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", ["is not a text file in UTF-8"]),
    "utf-16": (GOOD.decode().encode("utf-16"), ["is not a text file in UTF-8"]),
    "syntax": (b"[clinic]\nsetting = outpatient\n", ["is not valid TOML", "line 2"]),
    "json": (b'{"clinic": {"setting": "iop"}}', ["is not valid TOML"]),
    "twice": (b"[clinic]\nname = 'a'\nname = 'b'\n", ["is not valid TOML"]),
    "deep": (b"a = " + b"[" * 20_000 + b"]" * 20_000, ["is nested too deeply"]),
    "digits": (b"[clinic]\nintakes_per_month = " + b"9" * 20_000, ["far too long"]),
    "keys": (
        GOOD.replace(b"setting", b"droput_rate = 35\nsetting").replace(b"= 300", b"= 'much'") + b"[programme]\n",
        ["clinic.droput_rate is not a known key", "Did you mean dropout_rate?", "payers.1.allowed_per_unit is 'much'",
         "programme is not a known table", "Did you mean program?"],
    ),
    "percent": (GOOD.replace(b"[[", b"dropout_rate = 35\n[["), ["For 35 percent write 0.35"]),
    "plan": (GOOD.replace(b"[[", b"median_dropout_unit = 300\n[["), ["clinic.median_dropout_unit is 300"]),
    "script": (b"'<script>alert(1)</script>' = 1\n" + GOOD, ["<script>alert(1)</script> is not a known table"]),
    "control": (b'"\\u001b[31m\\n" = 1\n' + GOOD, ["is not a known table"]),
    "half": (b'[clinic]\nname = "\\ud800"\n', ["is not valid TOML"]),
}  # fmt: skip


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD)
def test_a_bad_file_is_told_in_full(client: FlaskClient, data: bytes, said: list[str]) -> None:
    response = upload(client, data)
    assert response.status_code == 422
    found = problems(response)
    for words in said:
        assert any(words in problem for problem in found), found
    assert not soup(response).find_all(lambda tag: tag.name == "script" and tag.text)
    assert soup(response).find("form", class_="upload") is not None


def test_every_problem_is_told_at_once_with_its_key(client: FlaskClient) -> None:
    response = upload(client, BAD["keys"][0])
    keys = [each.text for each in soup(response).select(".problems-of-file code")]
    assert keys == ["programme", "clinic.droput_rate", "payers.1.allowed_per_unit"]
    assert "3 things" in soup(response).find(id="problems-heading").text


def test_a_file_that_is_too_large_is_told(client: FlaskClient) -> None:
    response = upload(client, b"#" * 70_000)
    assert response.status_code == 413
    assert problems(response) == ["The file is far larger than any CLINIC.toml or data request."]


def test_what_is_no_upload_is_told(client: FlaskClient) -> None:
    for sent in ({}, {"file": "text"}, {"other": "x"}):
        assert client.post("/clinic-file", data=sent).status_code == 422
    assert client.post("/clinic-file", data=b"\xff", content_type="multipart/form-data; boundary=x").status_code == 422
    assert upload(client, GOOD, name="../../etc/passwd\x00<b>").status_code == 303


@settings(max_examples=60)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    said: tuple[Problem, ...] = ()
    found: object = {}
    try:
        found = read_toml(data)
    except InputError as error:
        said = error.problems
    assert isinstance(found, dict)
    assert len(said) <= 1
    assert not [problem for problem in said if "\n" in problem.message]


def test_nothing_of_a_file_is_logged_or_kept(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for data in (GOOD.replace(b"12", b"4711"), GOOD.replace(b"12", b"'SECRET4711'"), b"SECRET4711 ="):
            response = upload(client, data)
            assert "no-store" in response.headers["Cache-Control"]
            assert "Set-Cookie" not in response.headers
    assert "4711" not in caplog.text
