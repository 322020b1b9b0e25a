"""The form in the frame: offered by setting, taken without cookies, told what is wrong."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from calculator import InputError
from tests.web.conftest import HTMX, soup
from tests.web.workspace import people, saved
from tests.web.workspace.enquiries.asking import ON, PARENT, PERSON, faults, hidden, opened, send, stored
from web.accounts.visitor import Visitor
from web.origins import is_among
from web.settings import read_settings
from web.storage import Database
from web.workspace import enquiries, enquiry_form


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
