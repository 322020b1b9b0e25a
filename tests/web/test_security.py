"""What a hostile visitor sends, and what every answer forbids."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from calculator.errors import RapportError
from tests.web.conftest import HTMX, query, soup
from web.app import create_app

ROOT = Path(__file__).parents[2]
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7777 * 7 }}\x00\u202e'
ADDRESSES = (
    "/", "/?clinic.setting=nowhere", "/evidence", "/method", "/alliance", "/compare", "/clinic-file", "/nowhere",
    "/api/v1/openapi.json", "/health/live",
)  # fmt: skip


@pytest.mark.parametrize("address", [*ADDRESSES, "/static/app.js"])
def test_every_answer_forbids_what_it_does_not_need(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "font-src", "img-src", "connect-src")} == {"'self'"}
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in headers


def test_pages_name_no_other_host_and_carry_no_inline_code(client: FlaskClient) -> None:
    for address in ("/", f"/?{query(clinic__dropout_rate='x')}", f"/explain/npv?{query()}", "/evidence", "/method",
                    "/alliance", "/compare", "/clinic-file", "/embed", "/?lang=es"):  # fmt: skip
        page = soup(client.get(address))
        assert page.select("style, [style], script:not([src]), base, iframe, object, embed") == []
        for element in page.select("[src], link[href], form[action]"):
            place = element.get("src") or element.get("href") or element.get("action")
            assert place.startswith("/"), element
            assert not place.startswith("//")
        for element in page.find_all(True):
            assert not [name for name in element.attrs if name.startswith(("on", "hx-on", "data-hx-on"))]


@pytest.mark.parametrize("field", ["clinic.name", "clinic.currency", "clinic.setting", "clinic.dropout_rate",
                                   "payers.1.name", "clinic.nothing", "program.evidence_road", "measured"])  # fmt: skip
def test_hostile_text_survives_as_text(client: FlaskClient, field: str) -> None:
    data = MultiDict({"clinic.setting": "iop", "clinic.intakes_per_month": "20", field: HOSTILE})
    for headers in ({}, HTMX):
        answer = client.post("/estimate", data=data, headers=headers)
        assert answer.status_code in (200, 422)
        page = soup(answer)
        assert page.select("script:not([src]), img") == []
        assert "alert(1)</script>" not in answer.get_data(as_text=True)
        assert "54439" not in answer.get_data(as_text=True)
    explained = client.get("/explain/npv", query_string=data)
    assert soup(explained).select("script:not([src]), img") == []


def test_every_input_of_the_form_survives_hostile_text(client: FlaskClient) -> None:
    """Alone in each field there is: the answer is a page or a problem, and the text stays text."""
    page = soup(client.get("/?clinic.setting=iop&mode=detailed&more_payers=1"))
    names = {field["name"] for field in page.select("#clinic [name]")}
    assert len(names) > 120
    for name in sorted(names):
        data = MultiDict({"clinic.setting": "iop", "clinic.intakes_per_month": "20", name: HOSTILE})
        answer = client.post("/estimate", data=data, headers=HTMX)
        assert answer.status_code in (200, 422), name
        assert "<script>alert" not in answer.get_data(as_text=True), name
        assert "<img src=x" not in answer.get_data(as_text=True), name


def test_a_hostile_name_cannot_leave_the_header_of_a_file(client: FlaskClient) -> None:
    answer = client.get("/proposal.pdf", query_string={
        "clinic.setting": "iop", "clinic.intakes_per_month": "20", "clinic.name": 'a"\r\nX-Evil: 1;/../../b',
    })  # fmt: skip
    assert answer.headers["Content-Disposition"] == "attachment; filename=rapport-proposal-a-x-evil-1-b.pdf"
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/nowhere", 404), ("GET", "/evidence/nothing/here", 404), ("GET", "/explain/nothing", 404),
     ("GET", "/estimate", 405), ("DELETE", "/", 405), ("GET", "/explain/npv?clinic.setting=x", 422)],
)  # fmt: skip
def test_errors_are_calm_pages(client: FlaskClient, method: str, address: str, status: int) -> None:
    answer = client.open(address, method=method)
    page = soup(answer)
    assert answer.status_code == status
    assert page.h1 is not None
    assert "Traceback" not in answer.text
    assert page.select_one("main a[href='/']") is not None
    if status == 405:
        assert answer.headers["Allow"]


def test_too_large_a_form_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post("/estimate", data={"clinic.name": "x" * 70_000})
    assert answer.status_code == 413
    assert soup(answer).h1.get_text() == "That is too much at once"
    many = client.post(
        "/estimate", data={f"clinic.a{n}": (b"1", None) for n in range(400)}, content_type="multipart/form-data"
    )
    assert many.status_code in (413, 422)


def test_an_error_of_ours_shows_no_trace_and_logs_no_input(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = create_app()

    def broken(*_: object, **__: object) -> None:
        raise ValueError("Riverbend Counseling leaks 35 %")

    monkeypatch.setattr("web.pages.calculator.evaluate", broken)
    with caplog.at_level(logging.DEBUG):
        answer = application.test_client().get(f"/?{query(clinic__name='Riverbend Counseling')}")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "Riverbend" not in answer.text + caplog.text
    assert "ValueError at" in caplog.text


def test_an_error_on_purpose_is_no_server_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise RapportError("the evidence does not reach that far")

    monkeypatch.setattr("web.pages.calculator.evaluate", refused)
    assert create_app().test_client().get(f"/?{query()}").status_code == 422


def test_errors_leave_the_last_good_answer_where_it_is(client: FlaskClient) -> None:
    assert client.get("/explain/npv?clinic.setting=x", headers=HTMX).headers["HX-Reswap"] == "none"


def test_figures_of_a_clinic_stay_out_of_shared_caches_and_files_are_kept_by_their_hash(client: FlaskClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "no-store"
    page = soup(client.get("/"))
    sheets = [link["href"] for link in page.select("link[rel=stylesheet]")] + [s["src"] for s in page.select("script")]
    assert len(sheets) >= 4
    for place in sheets:
        assert "immutable" in client.get(place, buffered=True).headers["Cache-Control"]
        file, _, version = place.removeprefix("/static/").partition("?v=")
        content = (ROOT / "web" / "static" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest().startswith(version)
        assert len(version) == 12
        assert "immutable" not in client.get(place + "0", buffered=True).headers["Cache-Control"]


def test_text_is_compressed_and_figures_are_the_same(client: FlaskClient) -> None:
    plain = client.get("/").data
    packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain) / 3


@pytest.mark.parametrize("folder", ["web/static/vendor", "tests/web/vendor"])
def test_files_of_others_are_what_their_list_says(folder: str) -> None:
    listed = json.loads((ROOT / folder / "vendor.json").read_text("utf-8"))["files"]
    for entry in listed:
        assert hashlib.sha256((ROOT / folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (ROOT / folder / entry["licence_file"]).is_file()
    named = {entry[key] for entry in listed for key in ("file", "licence_file")}
    found = {str(path.relative_to(ROOT / folder)) for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert found == named | {"vendor.json"}


def test_the_access_log_writes_no_query(address: str, capfd: pytest.CaptureFixture[str], app: Flask) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{address}/health/live?clinic.name=Riverbend") as answer:  # noqa: S310 - loopback
        assert answer.status == 200
    logged = capfd.readouterr().err
    assert "Riverbend" not in logged
