"""What is edited is kept as it is typed, through a lost connection, an ended sign-in and somebody else's change."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import HTMX, soup
from tests.web.visit import Visit
from tests.web.workspace import people, saved
from tests.web.workspace.serving import Serving
from web.accounts import sign_ins
from web.accounts.visitor import Visitor
from web.storage import Database
from web.workspace import scenarios
from web.workspace.current import Current, find
from web.workspace.drafts import keep_draft

ONE = people.ON_ONE_DATABASE


def begun(database: Database, visitor: Visitor) -> uuid.UUID:
    return scenarios.create(database, visitor, "Spring", "", saved.taken())


def now(database: Database, visitor: Visitor, key: uuid.UUID) -> Current:
    with database.reading(visitor.scope) as session:
        return find(session, key)


def sent(client: FlaskClient, way: str, key: uuid.UUID, seen: int, part: bool = True, **typed: str) -> TestResponse:
    data = saved.fields(**typed) | {"saved": str(key), "revision": str(seen)}
    return client.post(f"/scenarios/{key}/{way}", data=data, headers=HTMX if part else {})


def test_a_change_is_stored_before_it_is_acknowledged(database: Database, ada: Visitor, client: FlaskClient) -> None:
    key = begun(database, ada)
    answer = sent(client, "draft", key, 1, clinic__intakes_per_month="50")
    bar = soup(answer).select_one("#saved")
    assert answer.status_code == 200
    assert bar is not None
    assert bar["data-now"] == bar["data-seen"] == "2"
    assert bar.has_attr("data-kept")
    assert "not yet a version" in bar.text
    found = now(database, ada, key)
    assert found.drafted
    assert dict(parse_qsl(found.form))["clinic.intakes_per_month"] == "50"


@ONE
def test_a_lost_answer_is_no_conflict_with_oneself(database: Database, ada: Visitor, client: FlaskClient) -> None:
    key = begun(database, ada)
    for _again in range(2):
        answer = sent(client, "draft", key, 1, clinic__intakes_per_month="50")
        assert answer.status_code == 200
        assert 'data-now="2"' in answer.text
    assert now(database, ada, key).revision == 2


@ONE
def test_what_is_as_in_the_version_is_no_draft(database: Database, ada: Visitor, client: FlaskClient) -> None:
    key = begun(database, ada)
    sent(client, "draft", key, 1, clinic__intakes_per_month="50")
    sent(client, "draft", key, 2)
    assert not now(database, ada, key).drafted
    sent(client, "draft", key, 3, clinic__intakes_per_month=" 40.0 ")  # the same number, written otherwise
    assert (now(database, ada, key).drafted, now(database, ada, key).revision) == (False, 3)


def test_who_is_late_is_told_who_changed_what_and_nothing_is_overwritten(
    database: Database, ada: Visitor, client: FlaskClient
) -> None:
    key = begun(database, ada)
    bea = saved.member(database, ada.organisation, name="Bea <b>")
    keep_draft(database, bea, key, 1, saved.form(clinic__intakes_per_month="50"))
    for part in (True, False):
        answer = sent(client, "draft", key, 1, part, clinic__intakes_per_month="60")
        page = soup(answer)
        assert answer.status_code == 409
        assert page.select_one("#conflict h2").text == "Bea <b> changed “Spring” while you worked on it"
        cells = [cell.text for cell in page.select("#conflict tbody tr > *")]
        assert cells == ["New clients a month", "50", "60"]
        assert (page.select_one("main") is None) is part
    assert dict(parse_qsl(now(database, ada, key).form))["clinic.intakes_per_month"] == "50"


@ONE
def test_without_script_both_ways_on_work_from_the_page_of_the_conflict(
    database: Database, ada: Visitor, client: FlaskClient
) -> None:
    key = begun(database, ada)
    keep_draft(database, ada, key, 1, saved.form(clinic__intakes_per_month="50"))
    page = soup(sent(client, "versions", key, 1, part=False, clinic__intakes_per_month="60"))
    held = {str(each["name"]): str(each["value"]) for each in page.select("#clinic input[type=hidden]")}
    button = page.select_one("#conflict button[form=clinic]")
    assert button is not None
    assert button["formmethod"] == "post"
    made = client.post(str(button["formaction"]), data=held, follow_redirects=True)
    assert soup(made).select_one("#clinic-intakes_per_month")["value"] == "60"
    assert soup(made).select_one(".saved-name").text == "Spring (my copy)"
    theirs = client.get(str(page.select_one("#conflict a")["href"]), follow_redirects=True)
    assert soup(theirs).select_one("#clinic-intakes_per_month")["value"] == "50"
    assert now(database, ada, key).latest == 1


@ONE
def test_without_script_saving_leads_back_to_the_calculator(
    database: Database, ada: Visitor, client: FlaskClient
) -> None:
    key = begun(database, ada)
    answer = sent(client, "draft", key, 1, part=False, clinic__intakes_per_month="50")
    assert answer.status_code == 303
    query = parse_qs(answer.headers["Location"].partition("?")[2])
    assert (query["saved"], query["revision"], query["clinic.intakes_per_month"]) == ([str(key)], ["2"], ["50"])
    version = sent(client, "versions", key, 2, part=False, clinic__intakes_per_month="50")
    page = soup(client.get(version.headers["Location"], follow_redirects=True))
    assert page.select_one("[data-state]").text.startswith("version 2, saved")


@ONE
def test_a_wrong_number_is_marked_and_not_stored(database: Database, ada: Visitor, client: FlaskClient) -> None:
    key = begun(database, ada)
    for way in ("draft", "versions", "copy"):
        for part in (True, False):
            answer = sent(client, way, key, 1, part, clinic__dropout_rate="135")
            assert answer.status_code == 422, way
            assert 'id="clinic-dropout_rate-problem"' in answer.text, way
    assert now(database, ada, key).revision == 1


@ONE
def test_the_revision_of_a_request_is_never_taken_on_trust(
    database: Database, ada: Visitor, client: FlaskClient
) -> None:
    key = begun(database, ada)
    for seen in ("", "0", "-1", "x", "9" * 30, "2147483647", "²"):
        data = saved.fields(clinic__intakes_per_month="50") | {"revision": seen}
        assert client.post(f"/scenarios/{key}/draft", data=data, headers=HTMX).status_code == 409, seen
    assert now(database, ada, key).revision == 1


@ONE
def test_a_sign_in_that_ended_loses_nothing_and_a_new_one_goes_on(
    database: Database, tmp_path: Path, ada: Visitor
) -> None:
    """401 at first; after signing in anew the page's token is an old one (400), until it is asked for again."""
    assert ada.account is not None
    app = people.app(database, tmp_path, WTF_CSRF_ENABLED=True)
    client, key = people.client(app, ada.account), begun(database, ada)
    data = saved.fields(clinic__intakes_per_month="50") | {"saved": str(key), "revision": "1"}

    def token_of(answer: TestResponse) -> str:
        return str(soup(answer).select_one("#saved [name=csrf_token]")["value"])

    def send(token: str) -> int:
        return client.post(f"/scenarios/{key}/draft", data=data, headers=HTMX | {"X-CSRFToken": token}).status_code

    old = token_of(client.get(f"/scenarios/{key}/open", follow_redirects=True))
    sign_ins.end_all(database, ada.account)
    assert send(old) == 401
    client = people.client(app, ada.account)
    assert send(old) == 400
    fresh = client.get(f"/scenarios/{key}/bar?{urlencode(data)}", headers=HTMX)
    assert send(token_of(fresh)) == 200
    assert now(database, ada, key).drafted


@ONE
def test_the_bar_is_for_who_may_edit_and_the_calculator_for_everybody(
    database: Database, app: Flask, ada: Visitor, client: FlaskClient
) -> None:
    key = begun(database, ada)
    address = client.get(f"/scenarios/{key}/open").headers["Location"]
    viewer = saved.member(database, ada.organisation, "viewer", "Vic")
    other = saved.member(database)
    assert viewer.account is not None
    assert other.account is not None
    shown = {
        "ada": client,
        "viewer": people.client(app, viewer.account),
        "another organisation": people.client(app, other.account),
        "stranger": app.test_client(),
    }
    bars = {}
    for who, browser in shown.items():
        answer = browser.get(address)
        assert answer.status_code == 200, who
        bars[who] = soup(answer).select_one("#saved") is not None
    assert bars == {"ada": True, "viewer": False, "another organisation": False, "stranger": False}
    assert "saved=" not in shown["viewer"].get(f"/scenarios/{key}/open").headers["Location"]


@ONE
def test_the_calculator_carries_the_scenario_through_and_a_shared_link_does_not(
    database: Database, ada: Visitor, client: FlaskClient
) -> None:
    key = begun(database, ada)
    data = saved.fields(clinic__intakes_per_month="50") | {"saved": str(key), "revision": "1"}
    for path in ("/estimate", "/setting"):
        replaced = parse_qs(client.post(path, data=data, headers=HTMX).headers["HX-Replace-Url"].partition("?")[2])
        assert (replaced["saved"], replaced["revision"]) == ([str(key)], ["1"])
    page = soup(client.post("/setting", data=data, headers=HTMX))
    held = {str(each["name"]): str(each["value"]) for each in page.select("#clinic > input[type=hidden]")}
    assert held.items() >= {"saved": str(key), "revision": "1"}.items()
    assert str(key) not in str(page.select_one("[data-copy]")["href"])
    wild = client.get("/?saved=no-key&revision=1")
    assert wild.status_code == 200
    assert soup(wild).select_one("#clinic > input[name=saved]") is None


@ONE
def test_the_same_numbers_are_saved_however_they_are_written_and_shown(
    database: Database, ada: Visitor, client: FlaskClient
) -> None:
    key = scenarios.create(database, ada, "Spring", "", saved.taken(clinic__dropout_rate="31.5"))
    spain = {"Accept-Language": "es-ES"}
    page = soup(client.get(f"/scenarios/{key}/open", headers=spain, follow_redirects=True))
    assert page.select_one("#clinic-dropout_rate")["value"] == "31,5"
    assert page.select_one("#saved[data-kept]") is not None
    detailed = sent(client, "draft", key, 1, clinic__dropout_rate="31.5", mode="detailed")
    assert soup(detailed).select_one("#saved[data-kept]") is not None
    assert now(database, ada, key).revision == 1


@ONE
def test_an_address_that_is_behind_says_so(database: Database, ada: Visitor, client: FlaskClient) -> None:
    key = begun(database, ada)
    bea = saved.member(database, ada.organisation, name="Bea")
    keep_draft(database, bea, key, 1, saved.form(clinic__intakes_per_month="50"))
    behind = {"saved": str(key), "revision": "1"}
    bars = {
        typed: soup(client.get("/", query_string=saved.fields(clinic__intakes_per_month=typed) | behind))
        for typed in ("50", "60")
    }
    assert "Bea changed it just now" in bars["60"].select_one("[data-state]").text
    same = bars["50"].select_one("#saved")
    assert same is not None
    assert same["data-seen"] == "2"
    assert same.has_attr("data-kept")


def expected(visit: Visit, *texts: str) -> None:
    """Take out what a browser says by itself when an answer fails that the test makes fail."""
    visit.complaints = [said for said in visit.complaints if not any(text in said for text in texts)]


OFFLINE = "Not saved yet: no connection. It is kept in this browser."


def stored(visit: Visit) -> None:
    visit.wait_for("document.querySelector('[data-state]:not([hidden])')?.textContent.includes('saved just now')")


@pytest.mark.browser
def test_a_lost_connection_loses_nothing(browser: Any, serving: Serving) -> None:
    key = begun(serving.database, serving.visitor)
    visit = Visit(browser, serving.address, viewport={"width": 1280, "height": 900})
    page = visit.open(f"/scenarios/{key}/open")
    visit.type_into("#clinic-intakes_per_month", "50")
    stored(visit)
    assert now(serving.database, serving.visitor, key).revision == 2
    assert "revision=2" in page.url
    visit.context.set_offline(True)
    visit.type_into("#clinic-intakes_per_month", "61")
    visit.wait_for(f"document.querySelector('[data-said]').textContent === '{OFFLINE}'")
    kept = page.evaluate(f"localStorage.getItem('rapport-unsaved-{key}')")
    assert "intakes_per_month=61" in kept
    page.close()  # the browser is closed before the connection is back
    assert now(serving.database, serving.visitor, key).revision == 2
    visit.context.set_offline(False)
    visit.page = visit.context.new_page()
    visit.page.set_default_timeout(8000)
    visit.open(f"/scenarios/{key}/open")
    visit.wait_for("document.getElementById('clinic-intakes_per_month').value === '61'")
    visit.wait_for(f"localStorage.getItem('rapport-unsaved-{key}') === null")
    found = now(serving.database, serving.visitor, key)
    assert dict(parse_qsl(found.form))["clinic.intakes_per_month"] == "61"
    assert found.revision == 3
    visit.context.set_offline(True)
    visit.type_into("#clinic-intakes_per_month", "72")
    visit.wait_for("document.querySelector('[data-said]').textContent !== ''")
    visit.context.set_offline(False)  # and now it comes back by itself
    stored(visit)
    visit.wait_for("document.getElementById('trouble').hidden")
    assert dict(parse_qsl(now(serving.database, serving.visitor, key).form))["clinic.intakes_per_month"] == "72"
    visit.page.go_back()  # to the field before it was changed, which is a change like another
    visit.wait_for("document.getElementById('clinic-intakes_per_month').value === '61'")
    stored(visit)
    assert dict(parse_qsl(now(serving.database, serving.visitor, key).form))["clinic.intakes_per_month"] == "61"
    expected(visit, "ERR_INTERNET_DISCONNECTED", "htmx:")
    visit.close()


@pytest.mark.browser
def test_two_browsers_decide_which_to_keep(browser: Any, serving: Serving) -> None:
    key = begun(serving.database, serving.visitor)
    first, second = (Visit(browser, serving.address, viewport={"width": 1280, "height": 900}) for _ in range(2))
    for visit in (first, second):
        visit.open(f"/scenarios/{key}/open")
    first.type_into("#clinic-intakes_per_month", "50")
    stored(first)
    second.type_into("#clinic-dropout_rate", "25")
    second.wait_for("document.getElementById('conflict')")
    assert second.page.evaluate("document.activeElement.id") == "conflict-heading"
    second.type_into("#clinic-dropout_rate", "26")  # going on typing stores nothing over it
    second.page.wait_for_timeout(1200)
    assert now(serving.database, serving.visitor, key).revision == 2
    second.page.click("text=Keep mine as a copy")
    second.wait_for("document.querySelector('.saved-name').textContent === 'Spring (my copy)'")
    assert second.page.input_value("#clinic-dropout_rate") == "26"
    assert second.page.evaluate("localStorage.length") == 0
    second.open(f"/scenarios/{key}/open")
    assert second.page.input_value("#clinic-intakes_per_month") == "50"
    first.type_into("#clinic-intakes_per_month", "55")
    first.wait_for("location.search.includes('revision=3')")
    second.type_into("#clinic-intakes_per_month", "70")
    second.wait_for("document.getElementById('conflict')")
    second.page.click("text=Take theirs")
    second.wait_for("document.getElementById('clinic-intakes_per_month')?.value === '55'")
    second.page.click("text=Save version")
    second.wait_for("document.querySelector('[data-state]')?.textContent.startsWith('version 2')")
    assert now(serving.database, serving.visitor, key).latest == 2
    for visit in (first, second):
        expected(visit, "status of 409")
        visit.close()


@pytest.mark.browser
def test_closing_waits_until_it_is_stored_or_asks(browser: Any, serving: Serving) -> None:
    key = begun(serving.database, serving.visitor)
    visit = Visit(browser, serving.address, viewport={"width": 390, "height": 844})
    page = visit.open(f"/scenarios/{key}/open")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.route("**/draft", lambda route: route.fulfill(status=503, body=""))
    visit.type_into("#clinic-intakes_per_month", "50")
    visit.wait_for("document.querySelector('[data-said]').textContent.includes('cannot store it just now')")
    page.click("[data-close]")
    visit.wait_for("document.querySelector('[data-close]').textContent === 'Close and drop what is not saved'")
    assert "saved=" in page.url
    page.unroute("**/draft")
    page.click("text=Save version")
    visit.wait_for("document.querySelector('[data-state]')?.textContent.startsWith('version 2')")
    assert dict(parse_qsl(now(serving.database, serving.visitor, key).saved))["clinic.intakes_per_month"] == "50"
    page.click("[data-close]")
    visit.wait_for(f"location.pathname === '/scenarios/{key}'")
    expected(visit, "status of 503")
    visit.close()


@pytest.mark.browser
def test_a_link_of_somebody_else_changes_nothing_by_being_opened(browser: Any, serving: Serving) -> None:
    key = begun(serving.database, serving.visitor)
    visit = Visit(browser, serving.address, viewport={"width": 1280, "height": 900})
    query = saved.fields(clinic__intakes_per_month="999") | {"saved": str(key), "revision": "1"}
    visit.open(f"/?{urlencode(query)}")
    visit.page.wait_for_timeout(1500)
    assert visit.page.inner_text("[data-state]") == "not saved yet"
    assert now(serving.database, serving.visitor, key).revision == 1
    visit.close()
