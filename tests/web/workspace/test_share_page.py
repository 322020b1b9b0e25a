"""Share links as their makers and their readers see them: shown once, pinned, the same 404, and a sandbox."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from calculator import evaluate
from calculator.entry import read_number
from calculator.language import speaking
from reports import build_proposal
from tests.web.conftest import HTMX, soup
from tests.web.served import served
from tests.web.visit import Visit
from tests.web.workspace import people, saved, sharing
from web.accounts.visitor import Visitor
from web.app import create_app
from web.languages import language
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import SavedScenario, ScenarioVersion, ShareLink
from web.workspace import share_links
from web.workspace.pinned import form_of_query
from web.workspace.sandbox import MOST, sandbox

pytestmark = pytest.mark.usefixtures("quick_passwords")
PASSCODE = "open sesame"


@pytest.fixture
def kind() -> str:
    """What the pages do is the same on both databases; what is stored, test_share_links looks at on both."""
    return "sqlite"


@pytest.fixture
def maker(app: Flask, ada: Visitor) -> FlaskClient:
    assert ada.account is not None
    return people.client(app, ada.account)


@pytest.fixture
def shared(database: Database, ada: Visitor) -> uuid.UUID:
    return sharing.version(database, ada)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return app.test_client()


def views(database: Database) -> int:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalars(select(ShareLink.views)).one()


def figures(page: BeautifulSoup, within: str = "#results") -> list[str]:
    found = page.select(f"{within} .headline .figure, {within} .headline .range, {within} .headline .pays")
    return [" ".join(each.get_text().split()) for each in found]


# For who shares


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


# For who reads


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


# The sandbox


def levers(page: BeautifulSoup) -> dict[str, str]:
    return {str(each["name"]): str(each["value"]) for each in page.select(".lever input[name]")}


def test_three_numbers_may_be_changed_those_with_the_longest_bars(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    page = soup(reader.get(f"/s?k={sharing.secret_of(maker, shared)}"))
    scenario = saved.form().scenario
    assert scenario is not None
    result = evaluate(scenario, saved.library())
    assert list(levers(page)) == [swing.input for swing in result.tornado[:3]]
    assert page.select_one("#outcome table") is None
    for path, value in levers(page).items():  # four digits are shown of a benchmark
        item = result.resolved.inputs[path]
        assert read_number(value, item.quantity) == pytest.approx(item.value, rel=5e-4)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_change_stands_beside_the_proposal_and_is_what_the_calculator_says(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID, headers: dict[str, str]
) -> None:
    secret = sharing.secret_of(maker, shared)
    query = urlencode(
        {"k": secret, "program.minutes_per_unit": "0.25", "clinic.name": "Eve's", "program.fidelity": "5"}
    )
    answer = reader.get(f"/s?{query}", headers=headers)
    page = soup(answer)
    proposal, changed = (
        soup(reader.get("/", query_string=saved.fields(**typed)))
        for typed in ({}, {"program__minutes_per_unit": "0.25"})
    )
    rows = [
        [cell.select_one(".value").get_text() for cell in row.select("td")] for row in page.select(".tried tbody tr")
    ]
    for row, place in ((rows[0], 0), (rows[1], 2)):  # revenue kept, net benefit
        assert row == [figures(each)[place].split()[0] for each in (proposal, changed)]
    assert rows[1][0] != rows[1][1]
    assert page.select_one(".tried th.yours").get_text() == "Your change, not the proposal"
    if not headers:
        assert figures(page) == figures(proposal), "the pinned result is not touched"
        assert levers(page)["program.minutes_per_unit"] == "0.25"
        assert page.select_one("[data-reset-levers]")["href"] == f"/s?k={secret}#sandbox"
    else:
        assert page.select("form, #results") == []


@pytest.mark.parametrize("text", ["", "1", " 1.0 ", "1,0"])
def test_the_same_number_or_none_is_no_change(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID, text: str
) -> None:
    secret = sharing.secret_of(maker, shared)
    assert levers(soup(reader.get(f"/s?k={secret}")))["program.minutes_per_unit"] == "1"
    page = soup(reader.get("/s", query_string={"k": secret, "program.minutes_per_unit": text}))
    assert page.select_one("#outcome table") is None


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_wrong_is_told_at_its_field_and_kept(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID, headers: dict[str, str]
) -> None:
    secret = sharing.secret_of(maker, shared)
    typed = {"program.minutes_per_unit": "many", "program.odds_ratio": "0.9"}
    answer = reader.get("/s", query_string={"k": secret, **typed}, headers=headers)
    page = soup(answer)
    assert answer.status_code == 422
    assert "“many” is not a number." in page.select_one("#program-minutes_per_unit-problem").get_text()
    assert page.select_one("#program-odds_ratio-problem").get_text() == ""
    assert page.select_one("#outcome table") is None
    if not headers:
        assert levers(page).items() >= typed.items()
        assert len(figures(page)) == 5, "the pinned result stays"
    huge = reader.get("/s", query_string={"k": secret, "program.minutes_per_unit": "9" * 9000})
    assert huge.status_code == 422


@pytest.mark.parametrize("typed", [
    {},
    {"house__for": "outpatient", "house__program__minutes_per_unit": "3",
     "house__program__minutes_per_unit__why": "our pilot"},
    {"clinic__setting": "iop"},
    {"clinic__setting": "residential", "clinic__places": "20"},
    {"clinic__dropout_rate": "35", "clinic__dropout_rate__low": "20", "clinic__dropout_rate__high": "60"},
    {"payers__1__collected_per_unit": "120", "program__evidence_road": "alliance"},
    {"program__evidence_road": "targeted"},
    {"payers__1__allowed_per_unit": "100", "payers__1__share": "40", "payers__2__allowed_per_unit": "260",
     "payers__2__share": "60"},
])  # fmt: skip
def test_every_kind_of_clinic_has_numbers_to_slide(typed: dict[str, str]) -> None:
    """A slider holds the pinned number, stays within what is allowed, and moving to its ends gives a result."""
    form = saved.form(**typed)
    assert form.scenario is not None
    result = evaluate(form.scenario, saved.library())
    still = sandbox(form, result, {}, saved.library())
    assert len(still.levers) == MOST
    assert still.result is None
    for lever in still.levers:
        declared, slide = lever.field.declared, lever.slide
        scale = 100.0 if lever.field.after == "%" else 1.0
        pinned = read_number(lever.pinned, declared) * scale
        assert declared.ge * scale <= slide.low <= pinned <= slide.high <= declared.le * scale
        assert 20 <= (slide.high - slide.low) / slide.step <= 1000
        for end in (slide.low, slide.high):
            text = f"{end:g}%" if scale == 100.0 else f"{end:g}"
            moved = sandbox(form, result, {lever.field.path: text}, saved.library())
            assert moved.stray == ()
            assert moved.problems == ()
            assert moved.result is not None or end == pytest.approx(pinned)


# In a browser


@pytest.fixture
def place(database: Database, tmp_path: Path, ada: Visitor, shared: uuid.UUID) -> Iterator[tuple[str, str]]:
    """Serve the workspace; return where, and the secret of a link."""
    app = create_app({"RAPPORT_DATA_DIR": str(tmp_path)})
    _key, secret = share_links.make(database, ada, share_links.Wish(shared, "result", "Board"))
    with served(app) as address:
        yield address, secret


@pytest.mark.browser
def test_a_reader_plays_and_goes_back(browser: Any, place: tuple[str, str]) -> None:
    where, secret = place
    visit = Visit(browser, where, viewport={"width": 1280, "height": 900})
    page = visit.open(f"/s?k={secret}")
    pinned = page.inner_text("#results .first .figure")
    visit.type_into("#program-minutes_per_unit", "0.25")
    visit.wait_for("document.querySelector('.tried')")
    assert page.input_value("[data-slide=program-minutes_per_unit]") != ""
    first = page.inner_text(".tried")
    page.focus("[data-slide=program-minutes_per_unit]")
    page.keyboard.press("End")
    visit.wait_for("document.querySelector('#program-minutes_per_unit').value !== '0.25'")
    for _ in range(100):
        if page.inner_text("#outcome") != first:
            break
        page.wait_for_timeout(50)
    assert page.inner_text("#outcome") != first
    visit.type_into("#program-minutes_per_unit", "x")
    visit.wait_for("document.querySelector('#program-minutes_per_unit-problem').textContent !== ''")
    assert page.inner_text("#results .first .figure") == pinned
    assert page.url == f"{where}/s?k={secret}", "what is tried stands in no address"
    page.click("[data-reset-levers]")
    visit.wait_for("document.querySelector('#program-minutes_per_unit-problem').textContent === ''")
    assert page.input_value("#program-minutes_per_unit") == "1"
    assert page.query_selector(".tried") is None
    visit.close()
