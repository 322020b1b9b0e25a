"""The brand of an organisation: on what its members make, nowhere else; its logo checked like that of a file."""

from __future__ import annotations

import time
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.web.conftest import soup
from tests.web.workspace import people
from web.storage import Database
from web.storage.tables import AuditEntry, Organisation

PAGE = "/administration/brand"
FORM = {
    "seller.name": "Harborlight & Sons", "seller.product": "Care that stays", "seller.email": "dana@example.com",
    "seller.website": "https://example.com", "colours.accent": "#7a1f5c", "text.disclaimer": "First.\r\n\r\nSecond.",
    "text.next_steps": "Call us\r\n\r\nSign",
}  # fmt: skip
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#123"/></svg>'
QUERY = "v=1&clinic.setting=outpatient&clinic.intakes_per_month=40&analysis.draws=64"


@pytest.fixture
def there(database: Database, tmp_path: Path) -> tuple[FlaskClient, FlaskClient, FlaskClient, Database, uuid.UUID]:
    """Return browsers of an administrator, of their sales person, and of another organisation's administrator."""
    mine, other = people.organisation(database), people.organisation(database, "Elsewhere")
    accounts = [people.member(database, mine), people.member(database, mine, "sales"), people.member(database, other)]
    app = people.app(database, tmp_path)
    boss, seller, stranger = (people.client(app, account) for account in accounts)
    return boss, seller, stranger, database, mine


def save(browser: FlaskClient, logo: bytes | None = None, name: str = "logo.svg", **form: str) -> Any:
    data: dict[str, Any] = FORM | {key.replace("__", "."): text for key, text in form.items()}
    if logo is not None:
        data["logo"] = FileStorage(BytesIO(logo), name)
    boundary, body = encode_multipart(data)  # in memory: the client's own way leaves a large file open
    return browser.post(PAGE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def words_of(pdf: Any) -> str:
    assert pdf.status_code == 200
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf.data)).pages)


@people.ON_ONE_DATABASE
def test_what_its_members_make_bears_it_and_nothing_else_does(there: Any) -> None:
    boss, seller, stranger, database, mine = there
    assert save(boss, SVG).status_code == 303
    for browser in (boss, seller):
        text = words_of(browser.get(f"/proposal.pdf?{QUERY}"))
        assert "Harborlight & Sons" in text
        assert "First. Second." in text
    assert "Harborlight" in words_of(boss.get(f"{PAGE}/preview.pdf"))
    for browser in (stranger, boss.application.test_client()):
        assert "Harborlight" not in words_of(browser.get(f"/proposal.pdf?{QUERY}"))
    with database.reading(mine) as session:
        kept = session.get_one(Organisation, mine)
        deed = session.scalars(select(AuditEntry)).one()
    assert kept.logo == SVG
    assert kept.brand["seller"]["name"] == "Harborlight & Sons"
    assert kept.brand["text"]["next_steps"] == ["Call us", "Sign"]
    assert (deed.action, deed.kind) == ("changed", "brand")


def test_the_form_shows_it_again_and_a_logo_stays_until_it_is_taken_away(there: Any) -> None:
    boss, *_ = there
    save(boss, SVG)
    page = soup(boss.get(PAGE))
    assert page.select_one('[name="seller.name"]')["value"] == FORM["seller.name"]
    assert page.select_one('[name="text.next_steps"]').text == "Call us\nSign"
    logo = boss.get(f"{PAGE}/logo")
    assert (logo.data, logo.mimetype) == (SVG, "image/svg+xml")
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    save(boss, seller__name="Harborlight")
    assert boss.get(f"{PAGE}/logo").status_code == 200
    save(boss, drop_logo="on")
    assert boss.get(f"{PAGE}/logo").status_code == 404


@people.ON_ONE_DATABASE
def test_it_is_reset_to_the_servers(database: Database, tmp_path: Path) -> None:
    (tmp_path / "BRAND.toml").write_text('[seller]\nname = "Server & Co"\n')
    mine = people.organisation(database)
    app = people.app(database, tmp_path, RAPPORT_BRAND=str(tmp_path / "BRAND.toml"))
    boss = people.client(app, people.member(database, mine))
    assert "Server & Co" in words_of(boss.get(f"/proposal.pdf?{QUERY}"))
    save(boss, SVG)
    assert "Server & Co" not in words_of(boss.get(f"/proposal.pdf?{QUERY}"))
    assert boss.post(f"{PAGE}/reset").status_code == 303
    assert "Server & Co" in words_of(boss.get(f"/proposal.pdf?{QUERY}"))
    with database.reading(mine) as session:
        kept = session.get_one(Organisation, mine)
    assert (kept.brand, kept.logo) == ({}, None)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a colour that text cannot have": ({"colours__accent": "#ffee00"}, "contrast"),
    "no colour": ({"colours__accent": "red"}, "Colour"),
    "no address": ({"seller__email": "dana"}, "E-mail address"),
    "a script": ({"logo": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'}, "script"),
    "no picture": ({"logo": b"%PDF-1.7"}, "which is no whole PNG"),
    "a picture that cannot be seen": ({"logo": SVG.replace(b"#123", b"#fff")}, "cannot be seen on paper"),
    "a large one": ({"logo": b"x" * 2_050_000}, "more than 2000 kB"),
}


@pytest.mark.parametrize("wrong", WRONG)
@people.ON_ONE_DATABASE
def test_what_cannot_be_printed_is_refused_and_nothing_is_kept(there: Any, wrong: str) -> None:
    boss, _seller, _stranger, database, mine = there
    form, said = WRONG[wrong]
    answer = save(boss, **form)
    assert answer.status_code == 422
    alert = soup(answer).select_one("[role=alert]")
    assert alert is not None
    assert said in alert.text
    assert soup(answer).select_one('[name="seller.product"]')["value"] == FORM["seller.product"], "what was typed stays"
    with database.reading(mine) as session:
        kept = session.get_one(Organisation, mine)
    assert (kept.brand, kept.logo) == ({}, None)


@people.ON_ONE_DATABASE
def test_an_upload_larger_than_any_logo_is_refused(there: Any) -> None:
    boss, *_ = there
    assert save(boss, b"x" * 3_000_000).status_code == 413


@people.ON_ONE_DATABASE
def test_proposals_for_many_prospects_bear_the_brand_of_who_starts_them(there: Any) -> None:
    boss, seller, stranger, *_ = there
    save(boss, SVG)
    rows = b"id,name,setting,intakes_per_month,allowed_per_unit,draws\np0,Clinic,outpatient,20,$140,64\n"
    sent = seller.post("/batch", data={"file": (BytesIO(rows), "list.csv"), "mapping": ""})
    number = sent.headers["Location"].partition("id=")[2]
    assert stranger.get(f"/batch/job?id={number}").status_code == 404
    _finished(seller, number)
    seller.post("/batch/start", data={"id": number, "page_size": "A4", "form": "short", "language": "en"})
    boss.post(f"{PAGE}/reset")  # too late for what was started
    _finished(seller, number)
    with seller.get(f"/batch/file?id={number}&name=manifest.csv") as answer:
        manifest = answer.text
    name = next(word for word in manifest.replace("\n", ",").split(",") if word.endswith(".pdf"))
    with seller.get(f"/batch/file?id={number}&name={name}") as made:
        assert "Harborlight & Sons" in words_of(made)


def _finished(browser: FlaskClient, number: str) -> None:
    end = time.monotonic() + 60
    while soup(browser.get(f"/batch/progress?id={number}")).select_one("#cancel"):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@people.ON_ONE_DATABASE
def test_what_is_wrong_is_said_in_the_language_of_the_page(there: Any) -> None:
    boss, *_ = there
    boss.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    wrong = {
        "seller__email": "dana",
        "seller__website": "ftp://x",
        "colours__accent": "#ffff00",
        "seller__name": "x" * 200,
    }
    page = soup(save(boss, b"GIF89a", **wrong)).get_text(" ")
    for said in (
        "es 'dana'; escríbalo, por ejemplo, así: dana@example.com.",
        "empieza por https:// o http://",
        "cuyo contraste sobre papel es de 1.0",
        "tiene 200 caracteres; como máximo",
        "que no es un archivo PNG, JPEG, WebP o SVG completo",
    ):
        assert said in page, said
    assert "; write" not in page
