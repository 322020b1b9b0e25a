"""The list of scenarios: found by its words, a part at a time, by one query that an index answers in order."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from tests.web.conftest import soup
from tests.web.visit import Visit
from tests.web.workspace import people, saved
from tests.web.workspace.serving import Serving
from web.accounts.roles import ROLES
from web.accounts.visitor import Visitor
from web.evidence_catalogue import fold
from web.storage import Database
from web.storage.base import now
from web.storage.tables import Account, SavedScenario
from web.workspace import listing, scenarios, words
from web.workspace.drafts import keep_draft
from web.workspace.headline import Headline
from web.workspace.texts import copy_name, several_lines
from web.workspace.versions import save_version
from web.workspace.words import put_words

ONE = people.ON_ONE_DATABASE
MOMENT = dt.datetime(2026, 11, 29, 8, 30, 15, 123456, tzinfo=dt.UTC)


def stored(
    database: Database, visitor: Visitor, *names: str, moment: dt.datetime | None = None, **columns: Any
) -> None:
    """Store scenarios without versions, which the list does not look at; later ones were changed later."""
    begin = moment or now()
    with database.writing(visitor.scope) as session:
        for place, name in enumerate(names):
            changed = begin if moment else begin + dt.timedelta(seconds=place)
            session.add(SavedScenario(name=name, words=fold(name), changed_at=changed, latest=1, **columns))


def names(database: Database, visitor: Visitor, *asked: str, **options: Any) -> list[str]:
    with database.reading(visitor.scope) as session:
        return [row.name for row in listing.page(session, *asked, **options).rows]


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked of the database."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_all_parts_together_are_the_list_even_where_all_changed_at_one_moment(database: Database, ada: Visitor) -> None:
    stored(database, ada, *(f"same {number}" for number in range(7)), moment=MOMENT)
    stored(database, ada, "older", moment=MOMENT - dt.timedelta(microseconds=1))
    stored(database, ada, "newer", moment=MOMENT + dt.timedelta(days=1))
    stored(database, saved.member(database), "of others", moment=MOMENT)
    seen: list[str] = []
    after = ""
    with database.reading(ada.scope) as session:
        for _part in range(9):
            page = listing.page(session, "", after, size=2)
            seen += [row.name for row in page.rows]
            after = page.after
            if not after:
                break
    assert (seen[0], seen[-1]) == ("newer", "older")
    assert len(seen) == 9
    assert set(seen[1:-1]) == {f"same {number}" for number in range(7)}


@ONE
@pytest.mark.parametrize("after", ["x", "2026-11-29_", "2026-11-29T00:00:00_" + "0" * 32, "_", "9" * 400])
def test_a_place_that_cannot_be_read_begins_at_the_beginning(database: Database, ada: Visitor, after: str) -> None:
    stored(database, ada, "one")
    assert names(database, ada, "", after) == ["one"]


def test_a_search_takes_words_anywhere_and_no_sign_for_another(database: Database, ada: Visitor) -> None:
    taken = saved.taken(clinic__name="Clínica Østergård")
    scenarios.create(database, ada, "Spring 100%", "for the BOARD\nof May_2026", taken)
    scenarios.create(database, ada, "Spring 1000", "", saved.taken())
    for found_by in ("spring 100%", "clinica ostergard", "board SPRING", "may_2026", "100% board", "CLÍNICA"):
        assert names(database, ada, found_by) == ["Spring 100%"], found_by
    for not_by in ("0%0", "may%2026", "mayx2026", "spring autumn", "\\", "/", "_%"):
        assert names(database, ada, not_by) == [], not_by
    assert names(database, ada, "spring") == ["Spring 1000", "Spring 100%"]
    assert names(database, ada, "  ") == names(database, ada)
    key = next(iter(listed(database, ada))).id
    scenarios.rename(database, ada, key, 1, "Harbor", "")
    assert names(database, ada, "harbor riverbend") == ["Harbor"]
    save_version(database, ada, key, 2, saved.taken(clinic__name="Bayside"))
    assert (names(database, ada, "harbor bayside"), names(database, ada, "riverbend")) == (["Harbor"], [])


def listed(database: Database, visitor: Visitor) -> tuple[listing.Listed, ...]:
    with database.reading(visitor.scope) as session:
        return listing.page(session).rows


def test_the_list_shows_the_latest_version_by_one_query(database: Database, ada: Visitor) -> None:
    key = scenarios.create(database, ada, "Spring", "", saved.taken())
    taken = saved.taken(clinic__intakes_per_month="50")
    save_version(database, ada, key, 1, taken)
    keep_draft(database, ada, key, 2, saved.form(clinic__intakes_per_month="60"))
    with statements(database) as asked:
        (row,) = listed(database, ada)
    assert len([each for each in asked if "SELECT" in each[0]]) == 1
    assert (row.figures, row.latest, row.drafted, row.changed_name) == (taken.figures, 2, True, "Ada")
    assert Headline.read(row.figures) is not None


@pytest.mark.parametrize("archived", [False, True])
def test_an_index_answers_in_order_however_many_there_are(database: Database, ada: Visitor, archived: bool) -> None:
    many = 2500
    rows = [
        {
            "id": uuid.uuid4(), "organisation_id": ada.organisation, "name": f"{number}", "notes": "", "revision": 1,
            "latest": 1, "draft": "", "figures": {}, "words": f"{number}", "created_at": MOMENT,
            "changed_at": MOMENT + dt.timedelta(seconds=number // 3), "archived_at": MOMENT if number % 2 else None,
        }
        for number in range(many)
    ]  # fmt: skip
    with database.for_writing.connect() as connection, connection.begin():
        connection.execute(SavedScenario.__table__.insert(), rows)
        connection.execute(text("ANALYZE"))
    with database.reading(ada.scope) as session:
        middle = listing.page(session, archived=archived, size=many // 4)
        with statements(database) as asked:
            assert len(listing.page(session, "", middle.after, archived=archived).rows) == listing.PAGE
    (statement, parameters) = next(each for each in asked if "scenario" in each[0])
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.engine.connect() as connection:
        plan = "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(explain + statement, parameters))
    assert ("ix_scenario_archived" if archived else "ix_scenario_listed") in plan, plan
    assert not any(word in plan for word in ("TEMP B-TREE", "Sort")), plan


@ONE
def test_the_page_searches_turns_and_compares(database: Database, ada: Visitor, client: FlaskClient) -> None:
    assert "Nothing is saved yet" in client.get("/scenarios").text
    assert "Nothing is archived" in client.get("/scenarios?archived=1").text
    keys = [scenarios.create(database, ada, f"Scenario {number}", "", saved.taken()) for number in range(5)]
    stored(database, ada, *(f"more {number}" for number in range(listing.PAGE)))
    first = soup(client.get("/scenarios"))
    assert len(first.select("tbody tr")) == listing.PAGE
    second = soup(client.get(str(first.select_one("[rel=next]")["href"])))
    assert [row.text for row in second.select("tbody th a")] == [f"Scenario {number}" for number in (4, 3, 2, 1, 0)]
    assert Headline.read(saved.taken().figures).kept in second.select_one("tbody .amount").text
    assert "Nothing has all of these words" in client.get("/scenarios?q=<b>").text
    for many, states in ((2, 2), (4, 4), (5, 5)):  # the comparison says that there is room for four
        address = client.get("/scenarios/side-by-side", query_string={"id": list(map(str, keys[:many]))})
        assert len(parse_qs(address.headers["Location"].partition("?")[2])["s"]) == states
    compared = client.get("/scenarios/side-by-side", query_string={"id": [*map(str, keys[:5])]}, follow_redirects=True)
    assert "There is room for four scenarios" in compared.text
    assert "Scenario 3" in compared.text
    for few in ([], [str(keys[0])], ["x", str(keys[0])]):
        location = client.get("/scenarios/side-by-side", query_string={"id": few}).headers["Location"]
        assert location == "/scenarios?done=few"
        assert "Tick two to four" in client.get(location).text


@ONE
def test_a_row_says_what_is_so_now(database: Database, app: Flask, ada: Visitor, client: FlaskClient) -> None:
    """Rows are kept between requests; each kind of change shows at once, and in every language."""
    key = scenarios.create(database, ada, "Spring", "", saved.taken())
    other = people.client(app, people.member(database, ada.organisation, name="Grace"))
    shown: list[str] = []

    def changed() -> bool:
        texts = [soup(each.get("/scenarios")).select_one("tbody tr").text for each in (client, other, client)]
        assert len(set(texts)) == 1
        shown.append(texts[0])
        return len(shown) == len(set(shown))

    assert changed()
    keep_draft(database, ada, key, 1, saved.form(clinic__intakes_per_month="60"))
    assert changed()
    save_version(database, ada, key, 2, saved.taken(clinic__intakes_per_month="60"))
    assert changed()
    scenarios.rename(database, ada, key, 3, "Autumn", "")
    assert changed()
    with database.writing(ada.scope) as session:
        session.get_one(Account, ada.account).name = "Ada Lovelace"
    assert changed()
    with database.writing(ada.scope) as session:
        session.get_one(SavedScenario, key).changed_at -= dt.timedelta(days=3)
    assert changed()
    assert "3 days ago" in shown[-1]
    spanish = soup(client.get("/scenarios", headers={"Accept-Language": "es"})).select_one("tbody tr").text
    assert "hace 3 días" in spanish


def common(database: Database, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store forty scenarios, of which the oldest twenty are of spring, and have three looked through at once."""
    monkeypatch.setattr(words, "FEW", 0)
    monkeypatch.setattr(listing, "LOOKED_THROUGH", 3)
    found_by = [f"spring {number}" for number in range(20)] + [f"autumn {number}" for number in range(20)]
    stored(database, visitor, *found_by)
    with database.writing(visitor.scope) as session:
        for row in session.scalars(select(SavedScenario)):
            put_words(session, row.id, row.words)


def test_a_search_for_common_words_goes_back_in_steps(
    database: Database, ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    common(database, ada, monkeypatch)
    steps: list[list[str]] = []
    after, moments = "", []
    with database.reading(ada.scope) as session:
        while not steps or after:
            page = listing.page(session, "spring", after, size=2)
            assert page.back_to is None or len(page.rows) < 2
            steps.append([row.name for row in page.rows])
            moments += [page.back_to] if page.back_to else []
            after = page.after
    # four scenarios a step: the three and, at the moment they end with, one more; so five steps of autumn
    assert steps[:5] == [[], [], [], [], []]
    assert [name for step in steps for name in step] == [f"spring {number}" for number in range(19, -1, -1)]
    assert moments == sorted(moments, reverse=True)


@ONE
def test_the_page_says_how_far_a_search_has_come(
    database: Database, ada: Visitor, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    common(database, ada, monkeypatch)
    address, parts = "/scenarios?q=spring", 0
    while True:
        page = soup(client.get(address))
        further = page.select_one("tr.further")
        if len(page.select("tbody th")) + parts >= 6:
            break
        assert further is not None
        assert "Searched back to" in further.text
        assert page.select_one("[rel=next]") is None
        parts += len(page.select("tbody th"))
        address = str(further.select_one("a")["href"])
    assert "Searched back to" in client.get("/scenarios?q=spring+autumn").text
    last = soup(client.get("/scenarios?q=spring&after=2000-01-01T00:00:00%2B00:00_" + "0" * 32))
    assert "Nothing further back has all of these words." in last.text
    for shown in ("-1", "99", "x", "9" * 50):
        assert client.get(f"/scenarios?q=spring&shown={shown}").status_code == 200


@pytest.mark.browser
def test_a_search_goes_on_by_itself_until_a_part_is_full(
    browser: Any, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    common(serving.database, serving.visitor, monkeypatch)
    monkeypatch.setattr(listing, "PAGE", 12)
    visit = Visit(browser, serving.address, viewport={"width": 390, "height": 844})
    page = visit.open("/scenarios?q=spring")
    page.wait_for_selector("#turner [rel=next]")
    shown = [f"spring {number}" for number in range(19, -1, -1)]
    assert page.locator("tbody th a").all_inner_texts() == shown[:12]
    assert page.locator("tr.further").count() == 0
    for box in page.locator("tbody input").all()[:4]:
        box.check()
    assert page.locator("tbody input").nth(7).is_disabled(), "no more than four, of those that came later, too"
    page.click("#turner [rel=next]")
    page.wait_for_selector("text=Nothing further back has all of these words.")
    assert page.locator("tbody th a").all_inner_texts() == shown[12:]
    page = visit.open("/scenarios?q=spring+autumn")
    page.wait_for_selector("text=Nothing further back has all of these words.")
    visit.close()


@ONE
def test_a_scenario_is_saved_from_the_calculator_and_its_page_does_the_rest(
    database: Database, app: Flask, ada: Visitor, client: FlaskClient
) -> None:
    query = urlencode(saved.fields())
    calculator = soup(client.get(f"/?{query}"))
    new = calculator.find("a", string="Save scenario")
    page = soup(client.get(str(new["href"])))
    assert page.select_one("#name")["value"] == "Riverbend"
    held = {str(each["name"]): str(each["value"]) for each in page.select("form.sheet input[type=hidden]")}
    nameless = client.post("/scenarios", data=held | {"name": " ", "notes": "kept"})
    assert nameless.status_code == 422
    assert "Write a name." in nameless.text
    assert "kept" in nameless.text
    made = client.post("/scenarios", data=held | {"name": "<b>Spring</b>", "notes": "One\nTwo"})
    key = made.headers["Location"].split("/")[2]
    assert soup(client.get(made.headers["Location"], follow_redirects=True)).select_one("#saved") is not None
    client.post(f"/scenarios/{key}/draft", data=held | {"clinic.intakes_per_month": "50", "revision": "1"})
    shown = client.get(f"/scenarios/{key}")
    assert "&lt;b&gt;Spring&lt;/b&gt;" in shown.text
    assert "<b>Spring" not in shown.text
    draft = {str(each["name"]): str(each.get("value", "")) for each in soup(shown).select(".drafted input")}
    client.post(f"/scenarios/{key}/versions", data=draft | {"note": "Their CFO said so"})
    page = soup(client.get(f"/scenarios/{key}"))
    assert [each.text for each in page.select(".versions .changes li")] == ["New clients a month: 40 → 50"]
    assert page.select(".versions .notes")[0].text == "Their CFO said so"
    for link in page.select(".versions a[download]"):
        assert client.get(str(link["href"])).status_code == 200, link
    back = page.select_one(".versions form")
    assert back is not None
    seen = {"revision": str(back.select_one("[name=revision]")["value"])}
    client.post(str(back["action"]), data=seen)
    assert "Version 1, brought back" in client.get(f"/scenarios/{key}").text
    late = client.post(f"/scenarios/{key}/rename", data=seen | {"name": "Mine", "notes": "typed"})
    assert late.status_code == 409
    assert soup(late).select_one("#name")["value"] == "Mine"
    wrong = client.post(f"/scenarios/{key}/rename", data=seen | {"name": "", "notes": "typed"})
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#notes").text == "typed"


@ONE
def test_each_role_does_what_it_may(database: Database, app: Flask, ada: Visitor) -> None:
    """Viewers see; managers and sales change; only administrators delete, and only what is archived."""
    allowed: dict[str, list[int]] = {}
    for role in ROLES:
        member = saved.member(database, ada.organisation, role)
        assert member.account is not None
        client, key = people.client(app, member.account), scenarios.create(database, ada, "Spring", "", saved.taken())
        ways = ("remove", "archive", "remove")
        allowed[role] = [client.get(f"/scenarios/{key}").status_code]
        allowed[role] += [client.post(f"/scenarios/{key}/{way}").status_code for way in ways]
    assert allowed == {
        "administrator": [200, 409, 303, 303],
        "manager": [200, 403, 303, 403],
        "sales": [200, 403, 303, 403],
        "viewer": [200, 403, 403, 403],
    }


@ONE
def test_what_is_unknown_or_foreign_is_not_found(database: Database, app: Flask, ada: Visitor) -> None:
    key = scenarios.create(database, ada, "Spring", "", saved.taken())
    stranger = saved.member(database, role="administrator")
    assert stranger.account is not None
    client = people.client(app, stranger.account)
    data = saved.fields() | {"name": "x", "revision": "1"}
    for unknown in (key, uuid.uuid4()):
        for path in ("", "/open", "/bar?v=1"):
            assert client.get(f"/scenarios/{unknown}{path}").status_code == 404
        for way in ("draft", "versions", "copy", "rename", "duplicate", "archive", "restore", "remove",
                    "versions/1/restore", "versions/999999/restore"):  # fmt: skip
            assert client.post(f"/scenarios/{unknown}/{way}", data=data).status_code == 404, way
    query = {"id": [str(key), str(key)]}
    assert client.get("/scenarios/side-by-side", query_string=query).headers["Location"] == "/compare"


@given(st.text(max_size=300), st.integers(1, 50))
@example("a\x00b", 10)
def test_notes_are_lines_that_any_database_takes(typed: str, longest: int) -> None:
    kept = several_lines(typed, longest)
    assert len(kept) <= longest
    assert "\x00" not in kept
    assert "\r" not in kept
    assert several_lines(kept, longest) == kept.strip()
    assert len(copy_name(typed[:100] or "x", "{name} (copy)")) <= 100


@pytest.mark.browser
def test_nobody_is_shut_out(browser: Any, serving: Serving) -> None:
    """Axe finds nothing, and nothing is wider than the page, with long names and a draft, at both widths."""
    database, visitor = serving.database, serving.visitor
    key = scenarios.create(database, visitor, "x" * 100, "A note", saved.taken(clinic__dropout_rate="31"))
    save_version(database, visitor, key, 1, saved.taken(), "Because")
    keep_draft(database, visitor, key, 2, saved.form(clinic__intakes_per_month="50"))
    away = scenarios.create(database, visitor, "Away", "", saved.taken())
    scenarios.archive(database, visitor, away)
    late = urlencode(saved.fields(clinic__intakes_per_month="70") | {"saved": str(key), "revision": "2"})
    pages = ("/scenarios", "/scenarios?q=nothing", f"/scenarios/{key}", f"/scenarios/{away}",
             f"/scenarios/new?{urlencode(saved.fields())}", f"/?{late}")  # fmt: skip
    for width, looked_at in ((390, pages), (1280, pages[2::3])):
        visit = Visit(browser, serving.address, viewport={"width": width, "height": 844}, bypass_csp=True)
        for path in looked_at:
            page = visit.open(path)
            page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert visit.faults() == [], path
        visit.close()
