"""Share links as their makers see them: shown once, listed, refused to who may not."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import soup
from tests.web.workspace import people, saved, sharing
from tests.web.workspace.share_page.seen import PASSCODE
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import ShareLink
from web.workspace import share_links

pytestmark = pytest.mark.usefixtures("quick_passwords")


def test_a_link_is_shown_once_and_the_list_tells_the_rest(maker: FlaskClient, shared: uuid.UUID) -> None:
    assert soup(maker.get(f"/share/new?version={shared}")).select_one("[name=kind][checked]")["value"] == "result"
    secret = sharing.secret_of(maker, shared, passcode=PASSCODE)
    answer = maker.get("/share")
    text = soup(answer).get_text()
    assert secret not in answer.text
    assert "Dr. Okafor" in text
    assert "Second offer, version 1" in text
    assert "with a passcode" in text
    assert "by Ada" in text
    link = soup(answer).select_one("form [name=id]")["value"]
    assert maker.post("/share/revoke", data={"id": link}).status_code == 303
    page = soup(maker.get("/share?done=revoked"))
    assert page.select_one("tr[data-state=revoked]") is not None
    assert page.select("tbody form") == []
    assert maker.get(f"/s?k={secret}").status_code == 404


def test_every_problem_is_told_at_once_and_nothing_typed_is_lost(
    maker: FlaskClient, database: Database, shared: uuid.UUID
) -> None:
    data = {"version": str(shared), "kind": "pdf", "label": " ", "days": "366", "passcode": "12345", "language": "fr"}
    answer = maker.post("/share/new", data=data | {"page_size": "A4", "length": "full"})
    page = soup(answer)
    assert answer.status_code == 422
    wrong = {each["id"] for each in page.select(".problem") if each.get_text(strip=True)}
    assert wrong == {"label-problem", "days-problem", "passcode-problem", "language-problem"}
    assert len(page.select(".faults li")) == 4
    assert page.select_one("#days")["value"] == "366"
    assert page.select_one("[name=kind][checked]")["value"] == "pdf"
    assert page.select_one("[name=page_size][checked]")["value"] == "A4"
    for days in ("", "0", "-1", "1.5", "ten", "٣", "99999999"):
        assert maker.post("/share/new", data={"version": str(shared), **sharing.FORM, "days": days}).status_code == 422
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalars(select(ShareLink)).all() == []


def test_who_may_not_edit_shares_nothing_and_what_is_foreign_is_not_there(
    app: Flask, database: Database, ada: Visitor, maker: FlaskClient, shared: uuid.UUID
) -> None:
    viewer = people.client(app, people.member(database, ada.organisation, "viewer"))
    sharing.secret_of(maker, shared)
    (link,), _ = share_links.listed(database, ada)
    assert viewer.get("/share").status_code == viewer.get(f"/share/new?version={shared}").status_code == 403
    stranger = app.test_client()
    assert stranger.get("/share").status_code == 303
    assert "/sign-in" in stranger.get("/share").location
    other = saved.member(database)
    assert other.account is not None
    eve = people.client(app, other.account)
    for version in (shared, uuid.uuid4(), "x", ""):
        assert eve.get(f"/share/new?version={version}").status_code == 404
        assert eve.post("/share/new", data={"version": str(version), **sharing.FORM}).status_code == 404
    for key in (link.link.id, uuid.uuid4(), "x"):
        assert eve.post("/share/revoke", data={"id": str(key)}).status_code == 404
    assert "Dr. Okafor" not in eve.get("/share").text
    assert len(share_links.listed(database, ada)[0]) == 1


def test_forms_need_our_token(database: Database, tmp_path: Path, ada: Visitor, shared: uuid.UUID) -> None:
    app = people.app(database, tmp_path, WTF_CSRF_ENABLED=True)
    assert ada.account is not None
    maker = people.client(app, ada.account)
    form = soup(maker.get(f"/share/new?version={shared}"))
    data = {"version": str(shared), **sharing.FORM, "passcode": PASSCODE}
    assert maker.post("/share/new", data=data).status_code == 400
    made = maker.post("/share/new", data=data | {"csrf_token": form.select_one("[name=csrf_token]")["value"]})
    secret = str(soup(made).select_one("#link")["value"]).partition("k=")[2]
    reader = app.test_client()
    assert reader.post("/s", data={"k": secret, "passcode": PASSCODE}).status_code == 400
    token = soup(reader.get(f"/s?k={secret}")).select_one("main [name=csrf_token]")["value"]
    answer = reader.post("/s", data={"k": secret, "passcode": PASSCODE, "csrf_token": token})
    assert answer.status_code == 303
