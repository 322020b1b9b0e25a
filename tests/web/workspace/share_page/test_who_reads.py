"""Share links as their readers see them: pinned, counted, behind a passcode, and the same 404."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from calculator import evaluate
from calculator.language import speaking
from reports import build_proposal
from tests.web.conftest import HTMX, soup
from tests.web.workspace import saved, sharing
from tests.web.workspace.share_page.seen import PASSCODE, figures, views
from web.accounts.visitor import Visitor
from web.languages import language
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import SavedScenario, ScenarioVersion, ShareLink
from web.workspace import share_links
from web.workspace.pinned import form_of_query

pytestmark = pytest.mark.usefixtures("quick_passwords")


def test_a_reader_sees_the_pinned_result_with_its_evidence_and_who_shared_it(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    secret = sharing.secret_of(maker, shared)
    answer = reader.get(f"/s?k={secret}")
    page = soup(answer)
    calculator = soup(reader.get("/", query_string=saved.fields()))
    assert answer.status_code == 200
    assert figures(page) == figures(calculator)
    assert len(figures(page)) == 5
    assert {each["id"] for each in calculator.select(".finding h2")} <= {each["id"] for each in page.select("h2[id]")}
    assert page.select("#more .sources tbody tr") != []
    assert page.select(".finding a[href^='/evidence/']") != []
    assert "Riverbend on" in page.select_one(".lead").get_text()
    assert page.select(".anew") == []
    assert page.select("#results .actions, #results .explained, .goto, .axes") == [], "nowhere to change or explain"
    assert "Dr. Okafor" not in answer.text, "the label is for the maker"
    assert "Second offer" not in answer.text


def test_a_link_is_private_to_whoever_has_it(maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID) -> None:
    open_, locked = sharing.secret_of(maker, shared), sharing.secret_of(maker, shared, passcode=PASSCODE)
    paper = sharing.secret_of(maker, shared, **sharing.PDF)
    for path in (f"/s?k={open_}", f"/s?k={locked}", f"/s?k={paper}", f"/s/proposal.pdf?k={paper}", "/s?k=x", "/s"):
        answer = reader.get(path, buffered=True)
        assert "noindex" in answer.headers["X-Robots-Tag"], path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["Referrer-Policy"] == ("strict-origin" if locked in path else "no-referrer"), path
        if answer.mimetype == "text/html":
            assert "noindex" in soup(answer).select_one("meta[name=robots]")["content"]


def test_unknown_expired_and_revoked_have_the_same_page(
    database: Database, ada: Visitor, maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    expired, revoked, result = (sharing.secret_of(maker, shared, label=label) for label in ("old", "gone", "page"))
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(ShareLink).where(ShareLink.label == "old").values(expires_at=now()))
    gone = next(each for each in share_links.listed(database, ada)[0] if each.link.label == "gone")
    maker.post("/share/revoke", data={"id": str(gone.link.id)})
    said = [reader.get(f"/s?k={secret}") for secret in (expired, revoked, "x" * 43, "")]
    said.append(reader.get(f"/s/proposal.pdf?k={result}"))  # a page is no PDF
    said.append(reader.post("/s", data={"k": revoked, "passcode": "x"}))
    assert {each.status_code for each in said} == {404}
    assert len({re.sub(r'href="/s[^"]*"|/sign-in[^"]*|href="/\?lang=es"', "", each.text) for each in said}) == 1
    assert "This link is no longer open" in said[0].text
    assert "Ask whoever sent it." in said[0].text


def test_a_visit_counts_once_and_the_house_does_not_count(
    database: Database, app: Flask, maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    path = f"/s?k={sharing.secret_of(maker, shared)}"
    maker.get(path)
    app.test_client().head(path)
    app.test_client().get(path, headers={"Sec-Purpose": "prefetch"})
    app.test_client().get(f"{path}&program.minutes_per_unit=2")
    assert views(database) == 0
    for _ in range(3):
        assert reader.get(path).status_code == 200
    reader.get(f"{path}&program.minutes_per_unit=2")
    reader.get(path, headers=HTMX)
    assert views(database) == 1
    app.test_client().get(path)
    assert views(database) == 2


def test_a_passcode_opens_its_own_link_for_this_browser(
    database: Database, app: Flask, maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    secret = sharing.secret_of(maker, shared, passcode=PASSCODE)
    other = sharing.secret_of(maker, shared, passcode="another one")
    locked = reader.get(f"/s?k={secret}")
    assert locked.status_code == 200
    assert figures(soup(locked)) == []
    wrong = reader.post("/s", data={"k": secret, "passcode": PASSCODE.upper()})
    assert wrong.status_code == 422
    assert "not the passcode" in soup(wrong).select_one("#passcode-problem").get_text()
    assert "Set-Cookie" not in wrong.headers or "rapport-link-" not in wrong.headers["Set-Cookie"]
    right = reader.post("/s", data={"k": secret, "passcode": PASSCODE})
    assert (right.status_code, right.location) == (303, f"/s?k={secret}")
    cookie = next(each for each in right.headers.getlist("Set-Cookie") if each.startswith("rapport-link-"))
    assert {"HttpOnly", "Path=/s", "SameSite=Lax"} <= set(cookie.split("; "))
    assert len(figures(soup(reader.get(f"/s?k={secret}")))) == 5
    assert figures(soup(reader.get(f"/s?k={other}"))) == [], "the other link stays closed"
    assert figures(soup(app.test_client().get(f"/s?k={secret}"))) == [], "and so does any other browser"
    name, _, value = cookie.split(";")[0].partition("=")
    forger = app.test_client()
    forger.set_cookie(name, value[:-2] + "xx", path="/s")
    assert figures(soup(forger.get(f"/s?k={secret}"))) == []
    assert len(figures(soup(maker.get(f"/s?k={secret}")))) == 5, "the house needs none"
    with database.reading(EVERY_ORGANISATION) as session:
        seen = {link.digest: link.views for link in session.scalars(select(ShareLink))}
    assert sorted(seen.values()) == [0, 1]


def test_too_many_passcodes_are_refused_until_later(maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID) -> None:
    secret = sharing.secret_of(maker, shared, passcode=PASSCODE)
    for _ in range(10):
        assert reader.post("/s", data={"k": secret, "passcode": "guess"}).status_code == 422
    answer = reader.post("/s", data={"k": secret, "passcode": PASSCODE})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_pdf_is_the_proposal_of_the_day_it_was_shared_in_the_language_chosen(
    database: Database, maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    secret = sharing.secret_of(maker, shared, **sharing.PDF)
    page = soup(reader.get(f"/s?k={secret}"))
    assert page.select_one("main a.button")["href"] == f"/s/proposal.pdf?k={secret}"
    assert "In Spanish, A4" in page.get_text()
    with database.reading(EVERY_ORGANISATION) as session:
        form = session.scalars(select(ScenarioVersion.form)).one()
        day = session.scalars(select(ShareLink.created_at)).one().date()
    with speaking(language("es", "US")):
        scenario = form_of_query(form, saved.library()).scenario
        assert scenario is not None
        result = evaluate(scenario, saved.library())
        same = build_proposal(result, saved.library(), prepared_on=day, page_size="A4", form="short")
    with database.writing(EVERY_ORGANISATION) as session:  # whatever comes after
        session.execute(update(ScenarioVersion).values(program="99", form="v=1", inputs={}))
    answer = reader.get(f"/s/proposal.pdf?k={secret}")
    assert answer.mimetype == "application/pdf"
    assert answer.data == same


def test_what_is_computed_anew_says_so_and_shows_what_was_said(
    database: Database, maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    path = f"/s?k={sharing.secret_of(maker, shared)}"

    def put(**columns: Any) -> None:
        with database.writing(EVERY_ORGANISATION) as session:
            session.execute(update(ScenarioVersion).values(**columns))

    with database.reading(EVERY_ORGANISATION) as session:
        before = session.scalars(select(ScenarioVersion.figures)).one()
    put(program="0.0.1")
    assert "Computed again, and the same" in soup(reader.get(path)).select_one(".anew").get_text()
    put(program="0.0.1", figures=before | {"net_per_year": {"p5": -1000.0, "p50": 123_000.0, "p95": 456_000.0}})
    page = soup(reader.get(path))
    then, today = page.select(".then tbody tr")[1].select("td")
    assert then.get_text(" ", strip=True) == "$123,000 −$1,000 to $456,000"
    assert today.get_text(" ", strip=True).split()[0] == figures(page)[2].split()[0]
    assert "by today’s program" in maker.get(f"/share/new?version={shared}").text
    put(inputs={"clinic": {"setting": "a hospital ship"}})
    answer = reader.get(path)
    assert answer.status_code == 200
    assert "cannot compute it again" in answer.text
    assert "$123,000" in answer.text
    assert maker.post("/share/new", data={"version": str(shared), **sharing.FORM, **sharing.PDF}).status_code == 422


def test_nothing_but_the_link_is_counted_and_the_scenario_stays_as_it_is(
    database: Database, maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    def everything() -> list[Any]:
        with database.reading(EVERY_ORGANISATION) as session:
            rows = [*session.scalars(select(ScenarioVersion)), *session.scalars(select(SavedScenario))]
            return [{column: getattr(row, column) for column in row.__table__.columns.keys()} for row in rows]  # noqa: SIM118

    path = f"/s?k={sharing.secret_of(maker, shared)}"
    before = everything()
    reader.get(f"{path}&program.minutes_per_unit=7&clinic.dropout_rate=50")
    reader.get(path)
    assert everything() == before
