"""Enquiries for who receives them: kept apart, handled, exported and deleted."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from reports.batch.manifest import RUN_AS_FORMULA, from_text
from tests.web.conftest import soup
from tests.web.workspace import people, saved
from tests.web.workspace.enquiries.asking import ON, ask, deeds, stored
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.tables import Enquiry
from web.workspace import enquiries


@people.ON_ONE_DATABASE
def test_sales_and_administrators_see_them_and_nobody_else(
    app: Flask, database: Database, ada: Visitor, sales: FlaskClient
) -> None:
    ask(database, ada)
    assert "grace@example.org" in sales.get("/enquiries").text
    for role, status in (("administrator", 200), ("manager", 403), ("viewer", 403)):
        browser = people.client(app, people.member(database, ada.organisation, role))
        assert browser.get("/enquiries").status_code == status
    assert app.test_client().get("/enquiries").status_code == 303
    for path in ("handled", "delete", "delete-all", "export"):
        assert sales.get(f"/enquiries/{path}").status_code == 405
        assert people.client(app, ada.account).post(f"/enquiries/{path}").status_code == 400


def test_they_are_listed_newest_first_with_headline_and_a_way_to_the_calculator(
    database: Database, ada: Visitor, sales: FlaskClient
) -> None:
    for name in ("First", "Second"):
        ask(database, ada, name)
    page = soup(sales.get("/enquiries"))
    rows = page.select("tbody tr")
    assert [row.select_one("th").get_text().split()[0] for row in rows] == ["Second", "First"]
    link = str(rows[0].select_one("a[href^='/?']")["href"])
    shown = soup(sales.get(link))
    headline = " ".join(rows[0].get_text().split())
    for figure in shown.select("#results .headline .figure"):
        assert figure.get_text().split()[0] in headline
    assert "vendor.example" in headline
    assert "I agree." in headline


def test_one_is_marked_as_handled_and_opened_again(database: Database, ada: Visitor, sales: FlaskClient) -> None:
    key = ask(database, ada)
    for handled in ("1", "1", "0"):
        assert sales.post("/enquiries/handled", data={"id": str(key), "handled": handled}).status_code == 303
        assert (stored(database)[0].handled_at is not None) is (handled == "1")
    assert deeds(database, ada) == [("handled", "enquiry"), ("changed", "enquiry")]


def test_one_or_all_of_an_address_are_deleted_for_good(database: Database, ada: Visitor, sales: FlaskClient) -> None:
    first, *_rest = (ask(database, ada, email=email) for email in ("a@example.org", "b@example.org", "b@example.org"))
    assert sales.post("/enquiries/delete", data={"id": str(first)}).status_code == 303
    assert [each.email for each in stored(database)] == ["b@example.org"] * 2
    assert sales.post("/enquiries/delete", data={"id": str(first)}).status_code == 404
    last = ask(database, ada, email="c@example.org")
    shown = soup(sales.get("/enquiries", query_string={"same": str(stored(database)[0].id)})).select("tbody tr")
    assert len(shown) == 2
    assert sales.post("/enquiries/delete-all", data={"id": str(stored(database)[0].id)}).status_code == 303
    assert [each.id for each in stored(database)] == [last]
    assert deeds(database, ada) == [("deleted", "enquiry")] * 3


def test_what_is_another_organisations_is_not_there(
    app: Flask, database: Database, ada: Visitor, tmp_path: Path
) -> None:
    key = ask(database, ada)
    other = saved.member(database, role="sales")
    assert other.account is not None
    eve = people.client(people.app(database, tmp_path, **ON), other.account)
    for path, data in (("handled", {"handled": "1"}), ("delete", {}), ("delete-all", {})):
        for each in (key, uuid.uuid4(), "x", ""):
            assert eve.post(f"/enquiries/{path}", data={"id": str(each), **data}).status_code == 404
    assert eve.get(f"/enquiries?same={key}").status_code == 404
    assert "grace" not in eve.get("/enquiries").text
    assert "grace" not in eve.post("/enquiries/export").text
    assert enquiries.remove_all_of(database, other, "grace@example.org") == 0
    assert [each.handled_at for each in stored(database)] == [None]
    assert deeds(database, other) == [("exported", "enquiry")]


def test_no_cell_of_the_export_is_run_as_a_formula(database: Database, ada: Visitor, sales: FlaskClient) -> None:
    names = [
        '=HYPERLINK("https://evil.example","x")',
        "+1",
        "-2+3",
        "@SUM(A1)",
        "'=1",
        'Grace "Amazing", Hopper',
        "Ünal",
    ]
    for name in names:
        ask(database, ada, name, "=cmd@example.org")
    with database.writing(ada.scope) as session:
        session.execute(update(Enquiry).values(consent="=1+1\r\nand more", parent="@x"))
    answer = sales.post("/enquiries/export")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert {from_text(row["name"]) for row in rows} == set(names)
    for row in rows:
        texts = [row[column] for column in ("name", "email", "clinic", "setting", "currency", "site", "consent")]
        assert not any(text.startswith(RUN_AS_FORMULA) for text in texts), texts
        assert float(row["revenue_kept_per_year"]) == pytest.approx(
            saved.taken().figures["revenue_kept_per_year"]["p50"], abs=0.005
        )
        assert row["calculator"] == f"http://localhost/?{saved.taken().form}"
    assert deeds(database, ada) == [("exported", "enquiry")]


def test_an_export_has_all_however_many(
    database: Database, ada: Visitor, sales: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enquiries, "AT_ONCE", 2)
    emails = [f"g{place}@example.org" for place in range(5)]
    for email in emails:
        ask(database, ada, email=email)
    rows = list(csv.DictReader(io.StringIO(sales.post("/enquiries/export").get_data().decode("utf-8-sig"))))
    assert [row["email"] for row in rows] == emails[::-1]
