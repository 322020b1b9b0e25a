"""Enquiries from the embedded calculator: offered by setting, taken without cookies, kept apart, exported, deleted."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from calculator import InputError
from reports.batch.manifest import RUN_AS_FORMULA, from_text
from tests.web.conftest import HTMX, soup
from tests.web.served import served
from tests.web.visit import Visit
from tests.web.workspace import people, saved
from web.accounts.visitor import Visitor
from web.app import create_app
from web.origins import is_among
from web.settings import read_settings
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import AuditEntry, Enquiry
from web.workspace import enquiries, enquiry_form
from web.workspace.enquiry_form import Offer

PARENT = "https://vendor.example"
ON = {"RAPPORT_ENQUIRIES": "1", "RAPPORT_EMBED_PARENTS": PARENT, "RAPPORT_EMBED_NAME": "Harbor Notes"}
PERSON = {"name": "Grace Hopper", "email": "Grace@Example.org", "consent": "1"}


@pytest.fixture
def ada(database: Database) -> Visitor:
    return saved.member(database, role="sales")


@pytest.fixture
def app(database: Database, tmp_path: Path, ada: Visitor) -> Flask:
    return people.app(database, tmp_path, WTF_CSRF_ENABLED=True, **ON)


@pytest.fixture
def frame(app: Flask) -> FlaskClient:
    """Return a browser that keeps no cookie, as in a frame of another site."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def sales(database: Database, tmp_path: Path, ada: Visitor) -> FlaskClient:
    assert ada.account is not None
    return people.client(people.app(database, tmp_path, **ON), ada.account)


def stored(database: Database) -> list[Enquiry]:
    with database.reading(EVERY_ORGANISATION) as session:
        return list(session.scalars(select(Enquiry).order_by(Enquiry.created_at, Enquiry.id)))


def hidden(page: BeautifulSoup) -> dict[str, str]:
    return {str(each["name"]): str(each["value"]) for each in page.select("#enquiry input[type=hidden]")}


def opened(frame: FlaskClient, **typed: str) -> dict[str, str]:
    """Open the frame and return what its form carries unseen."""
    return hidden(soup(frame.get("/embed", query_string=saved.fields(**typed))))


def send(
    frame: FlaskClient, carried: dict[str, str], headers: dict[str, str] | None = None, **typed: str
) -> TestResponse:
    return frame.post("/embed/enquiry", data={**carried, **PERSON, **typed}, headers=headers)


def faults(answer: TestResponse) -> set[str]:
    found = soup(answer).select("#enquiry .problem")
    return {str(each.get("id", "stray")) for each in found if each.get_text(strip=True)}


def ask(database: Database, ada: Visitor, name: str = "Grace", email: str = "grace@example.org") -> uuid.UUID:
    """Keep an enquiry without the way through the page."""
    key = uuid.uuid4()
    assert isinstance(ada.organisation, uuid.UUID)
    offer = Offer(ada.organisation, "Harbor", "I agree.")
    enquiries.take(database, offer, key, name, email, saved.taken(), PARENT)
    return key


def deeds(database: Database, ada: Visitor) -> list[tuple[str, str]]:
    with database.reading(ada.scope) as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.at))
        return [(each.action, each.kind) for each in found if each.kind == "enquiry"]


# The form in the frame


def test_what_is_sent_is_kept_with_its_result_for_the_organisation(
    database: Database, frame: FlaskClient, ada: Visitor
) -> None:
    carried = opened(frame, clinic__dropout_rate="44")
    answer = send(frame, carried)
    page = soup(answer)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    (kept,) = stored(database)
    assert (kept.name, kept.email, kept.organisation_id) == ("Grace Hopper", "grace@example.org", ada.organisation)
    assert sorted(kept.form.split("&")) == sorted(saved.taken(clinic__dropout_rate="44").form.split("&"))
    assert kept.figures == saved.taken(clinic__dropout_rate="44").figures
    assert kept.consent == enquiry_form.usual_consent("Harbor Notes")
    assert kept.handled_at is None
    link = page.select_one("#enquiry a.button")
    assert link.has_attr("download")
    pdf = frame.get(str(link["href"]))
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert "Nothing is sent by e-mail" in page.get_text()


@people.ON_ONE_DATABASE
def test_without_the_setting_there_is_no_form(database: Database, tmp_path: Path, ada: Visitor) -> None:
    client = people.app(database, tmp_path).test_client()
    answer = client.get("/embed")
    assert soup(answer).select("#enquiry, [name=state]") == []
    assert "Nothing you type is stored." in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.post("/embed/enquiry", data=PERSON).status_code == 404
    assert "state" not in client.post("/embed/estimate", headers=HTMX).text
    assert stored(database) == []


@people.ON_ONE_DATABASE
def test_the_result_is_not_held_back_and_the_box_is_not_ticked(frame: FlaskClient) -> None:
    page = soup(frame.get("/embed"))
    assert page.select_one("#results .figure") is not None
    box = page.select_one("#enquiry-consent")
    assert not box.has_attr("checked")
    assert "Harbor Notes may keep my name" in box.parent.get_text()
    order = [each.get("id") for each in page.select("#results, #enquiry")]
    assert order == ["results", "enquiry"]
    assert "unless you ask for the PDF" in page.get_text()


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_all_that_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    database: Database, frame: FlaskClient, headers: dict[str, str]
) -> None:
    carried = opened(frame)
    answer = send(frame, carried, headers, name=" ", email="grace", consent="")
    page = soup(answer)
    assert answer.status_code == 422
    assert faults(answer) == {"enquiry-name-problem", "enquiry-email-problem", "enquiry-consent-problem"}
    assert page.select_one("#enquiry-email")["value"] == "grace"
    assert len(page.select("#enquiry [aria-invalid]")) == 3
    assert (page.select_one("#results") is None) is bool(headers)
    kept = send(frame, carried, headers, email="")
    assert soup(kept).select_one("#enquiry-name")["value"] == PERSON["name"]
    assert soup(kept).select_one("#enquiry-consent").has_attr("checked"), "it was ticked by hand"
    assert stored(database) == []
    assert send(frame, hidden(page), headers).status_code == 200


@people.ON_ONE_DATABASE
def test_a_form_that_is_not_ours_is_not_taken(
    database: Database, frame: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = opened(frame)
    for token in ("", "x", carried["token"][:-3] + "abc", carried["token"].replace(".", "x", 1)):
        answer = send(frame, carried | {"token": token})
        assert answer.status_code == 422
        assert faults(answer) == {"stray"}
        assert hidden(soup(answer))["token"] != token, "the next one is good"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": PARENT}):
        assert send(frame, carried, headers).status_code == 403
    assert send(frame, carried | {"state": "1.nonsense"}).status_code == 400
    assert send(frame, {"token": carried["token"]}).status_code == 400
    monkeypatch.setattr(enquiry_form, "LASTS", -1)
    answer = send(frame, carried)
    assert "stood open for long" in soup(answer).select_one("#enquiry .stray").get_text()
    assert stored(database) == []
    monkeypatch.undo()
    assert send(frame, carried, {"Sec-Fetch-Site": "same-origin"}).status_code == 200


@people.ON_ONE_DATABASE
def test_agreeing_to_one_text_is_not_agreeing_to_another(
    database: Database, tmp_path: Path, frame: FlaskClient
) -> None:
    carried = opened(frame)
    newer = people.app(database, tmp_path, **ON, RAPPORT_ENQUIRY_CONSENT="You may also sell it.").test_client()
    answer = send(newer, carried)
    assert answer.status_code == 422
    assert "has changed" in soup(answer).select_one("#enquiry .stray").get_text()
    assert "You may also sell it." in soup(answer).get_text()
    assert stored(database) == []
    assert send(newer, hidden(soup(answer))).status_code == 200
    assert stored(database)[0].consent == "You may also sell it."


def test_a_form_sent_twice_counts_once_and_one_that_was_mended_again(database: Database, frame: FlaskClient) -> None:
    carried = opened(frame)
    for _ in range(2):
        assert send(frame, carried).status_code == 200
    assert len(stored(database)) == 1
    assert send(frame, carried, email="g.hopper@example.org").status_code == 200
    assert {each.email for each in stored(database)} == {"grace@example.org", "g.hopper@example.org"}


@people.ON_ONE_DATABASE
def test_programs_that_fill_in_everything_are_turned_away(database: Database, frame: FlaskClient) -> None:
    page = soup(frame.get("/embed"))
    bait = page.select_one("#enquiry [name=website]")
    assert bait["tabindex"] == "-1"
    assert bait.find_parent(attrs={"aria-hidden": "true"}) is not None
    answer = send(frame, hidden(page), website="https://spam.example")
    assert answer.status_code == 422
    assert faults(answer) == {"stray"}
    assert stored(database) == []


@people.ON_ONE_DATABASE
def test_one_address_sends_twenty_in_an_hour(database: Database, frame: FlaskClient) -> None:
    carried = opened(frame)
    for place in range(20):
        assert send(frame, carried, email=f"g{place}@example.org").status_code == 200
    answer = send(frame, carried, email="one.more@example.org")
    assert answer.status_code == 422
    assert "Wait" in soup(answer).select_one("#enquiry .stray").get_text()
    assert soup(answer).select_one("#enquiry-email")["value"] == "one.more@example.org"
    assert len(stored(database)) == 20
    other = {"REMOTE_ADDR": "192.0.2.9"}
    data = {**carried, **PERSON, "email": "x@example.org"}
    assert frame.post("/embed/enquiry", data=data, environ_overrides=other).status_code == 200


@people.ON_ONE_DATABASE
@pytest.mark.parametrize(("referrer", "kept"), [
    (f"{PARENT}/pricing?q=1", PARENT),
    ("https://elsewhere.example/", ""),
    ("about:client", ""),
    (None, ""),
])  # fmt: skip
def test_the_site_around_the_frame_is_kept_where_it_may_show_it(
    database: Database, frame: FlaskClient, referrer: str | None, kept: str
) -> None:
    page = soup(frame.get("/embed", headers={"Referer": referrer} if referrer else {}))
    assert [each["value"] for each in page.select("#clinic [name=parent]")] == ([kept] if kept else [])
    send(frame, hidden(page) | ({} if kept else {"parent": "https://elsewhere.example"}))
    assert stored(database)[0].parent == kept


@given(st.sampled_from(["vendor.example", "a.vendor.example", "evilvendor.example", "vendor.example.evil.test", ""]))
def test_below_a_star_is_below_and_nothing_else(host: str) -> None:
    assert is_among(f"https://{host}", ["https://*.vendor.example"]) == (host == "a.vendor.example")
    assert not is_among(f"http://{host}", ["https://*.vendor.example", "https://vendor.example"])


@people.ON_ONE_DATABASE
def test_a_live_result_takes_its_numbers_along(database: Database, frame: FlaskClient) -> None:
    carried = opened(frame)
    part = soup(frame.post("/embed/estimate", data=saved.fields(clinic__dropout_rate="50"), headers=HTMX))
    moved = part.select_one("#enquiry-state[data-hx-swap-oob]")
    assert moved["value"] != carried["state"]
    send(frame, carried | {"state": str(moved["value"])})
    assert sorted(stored(database)[0].form.split("&")) == sorted(saved.taken(clinic__dropout_rate="50").form.split("&"))


@people.ON_ONE_DATABASE
def test_who_receives_them_is_said_where_there_are_several(database: Database, tmp_path: Path, ada: Visitor) -> None:
    other = saved.member(database, people.organisation(database, "Harbor"))
    several = people.app(database, tmp_path, **ON).test_client()
    assert soup(several.get("/embed")).select("#enquiry") == []
    assert several.post("/embed/enquiry", data=PERSON).status_code == 404
    named = people.app(database, tmp_path, **ON, RAPPORT_ENQUIRY_ORGANISATION="Harbor").test_client()
    assert send(named, opened(named)).status_code == 200
    assert stored(database)[0].organisation_id == other.organisation
    assert enquiries.listed(database, ada) == ((), None)
    nobody = people.app(database, tmp_path, **ON, RAPPORT_ENQUIRY_ORGANISATION="Nowhere").test_client()
    assert soup(nobody.get("/embed")).select("#enquiry") == []


@people.ON_ONE_DATABASE
def test_a_form_in_spanish_stays_in_spanish(frame: FlaskClient) -> None:
    page = soup(frame.get("/embed?lang=es&theme=dark"))
    action = urlsplit(str(page.select_one("#enquiry form")["action"]))
    assert (action.path, parse_qs(action.query)) == ("/embed/enquiry", {"lang": ["es"], "theme": ["dark"]})
    answer = frame.post("/embed/enquiry?lang=es", data=hidden(page) | PERSON)
    assert answer.headers["Content-Language"].startswith("es")
    assert "lang=es" in soup(answer).select_one("#enquiry a.button")["href"]


@pytest.mark.parametrize(("name", "text", "said"), [
    ("ENQUIRIES", "maybe", "write 1 for yes or 0 for no"),
    ("ENQUIRY_ORGANISATION", "x" * 101, "at most 100"),
    ("ENQUIRY_CONSENT", "x" * 2001, "at most 2000"),
    ("ENQUIRY_CONCENT", "I agree", "RAPPORT_ENQUIRY_CONSENT meant"),
])  # fmt: skip
def test_a_wrong_setting_is_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_settings({f"RAPPORT_{name}": text})
    assert read_settings({"RAPPORT_ENQUIRIES": "Yes"}).enquiries
    assert not read_settings({"RAPPORT_ENQUIRIES": "0"}).enquiries


# For who receives them


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


# In a browser: the frame of another site, which is another origin


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve a site and our calculator; return where they are."""

    @Request.application
    def vendor(request: Request) -> Response:
        frame = f'<iframe src="{ours}/embed" title="Calculator" data-rapport width="100%" height="1500"></iframe>'
        page = f"<!DOCTYPE html><html lang='en'><title>Vendor</title>{frame}</html>"
        return Response(page if request.path == "/" else "", mimetype="text/html")

    with served(vendor, "localhost") as around:
        app = create_app({"RAPPORT_DATA_DIR": str(tmp_path), **ON, "RAPPORT_EMBED_PARENTS": around})
        with served(app) as ours:
            yield around, ours


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_somebody_asks_from_the_frame_of_another_site(
    browser: Any, sites: tuple[str, str], tmp_path: Path, script: bool
) -> None:
    around, _ours = sites
    visit = Visit(browser, around, java_script_enabled=script, viewport={"width": 1000, "height": 1600})
    page = visit.open()
    frame = page.frame_locator("iframe")
    frame.locator("#enquiry-name").fill("Grace Hopper")
    if script:  # a new result under a form that is half filled in
        before = frame.locator("#enquiry-state").get_attribute("value")
        frame.locator("#clinic-dropout_rate").fill("50")
        frame.locator(f"#enquiry-state:not([value='{before}'])").wait_for(state="attached")
        assert frame.locator("#enquiry-name").input_value() == "Grace Hopper"
    frame.locator("#enquiry-email").fill("grace@example")
    frame.locator("#enquiry button").click()
    assert "no e-mail address" in frame.locator("#enquiry-email-problem:not(:empty)").inner_text()
    assert frame.locator("#enquiry-name").input_value() == "Grace Hopper"
    frame.locator("#enquiry-email").fill("grace@example.org")
    frame.locator("#enquiry-consent").check()
    frame.locator("#enquiry button").click()
    with page.expect_download() as download:
        frame.locator("#enquiry a.button").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    (kept,) = stored(Database.in_folder(tmp_path))
    assert (kept.email, kept.parent) == ("grace@example.org", around)
    assert ("dropout_rate=50" in kept.form) is script
    assert visit.context.cookies() == []
    visit.asked.clear()  # two sites are meant to be asked here
    visit.complaints[:] = [each for each in visit.complaints if "autofocus" not in each.lower()]
    visit.close()
