"""Every route of the application, as nobody, as each role, and as the administrator of another organisation.

The table below is written by hand and knows nothing of ``web.accounts.doors``: a route that is not in it fails the
test, until somebody has decided who may use it and which objects it opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.web.workspace import people, saved
from tests.web.workspace.databases import sqlite_url
from tests.web.workspace.two_organisations import WORD, World, world
from web.pages.worklist import KEY as WORKLIST
from web.storage import Database
from web.storage.database import close_all
from web.workspace.exported import TABLES, plain, rows_of

ALL: Final = frozenset({"anonymous", "administrator", "manager", "sales", "viewer", "stranger"})
SIGNED_IN: Final = ALL - {"anonymous"}
SEE: Final = SIGNED_IN
EDIT: Final = frozenset({"administrator", "manager", "sales", "stranger"})
SELL: Final = frozenset({"administrator", "sales", "stranger"})
CLINICAL: Final = frozenset({"administrator", "manager", "stranger"})
RUN: Final = frozenset({"administrator", "stranger"})
PROGRAMS: Final[frozenset[str]] = frozenset()
FORM: Final = saved.fields()
RESULT = (200,)
LEADS = (302, 303)


@dataclass(frozen=True)
class Route:
    """Who may use a route, and what it is asked with.

    Attributes:
        who: may use it; others are sent to sign in, or refused.
        stores: whether what is sent there is kept, so that it takes our token.
        opens: the kind of the object whose id the address or the form holds; empty where it opens none.
        held_in: the field of the form or of the query that holds the id; empty where the path does.
        sends: further names and values.
        path: values of the path other than the object's id.
        answers: what a GET by somebody who may is answered with.
    """

    who: frozenset[str]
    stores: bool = False
    opens: str = ""
    held_in: str = ""
    sends: dict[str, str] = field(default_factory=dict)
    path: dict[str, Any] = field(default_factory=dict)
    answers: tuple[int, ...] = RESULT


def opened(who: frozenset[str], kind: str, held_in: str = "", /, **sends: str) -> Route:
    return Route(who, stores=True, opens=kind, held_in=held_in, sends=sends)


PUBLIC = Route(ALL)
COMPUTES = Route(ALL, sends=FORM)
ROUTES: Final[dict[str, Route]] = {
    "static": Route(ALL, path={"filename": "app.css"}),
    "health.live": PUBLIC,
    "health.ready": PUBLIC,
    "metrics.index": PUBLIC,
    "calculator.index": COMPUTES,
    "calculator.estimate": COMPUTES,
    "calculator.setting": COMPUTES,
    "calculator.more": COMPUTES,
    "calculator.two_way": COMPUTES,
    "clinic_file.index": PUBLIC,
    "clinic_file.upload": PUBLIC,
    "clinic_file.download": COMPUTES,
    "compare.index": PUBLIC,
    "data_request.download": COMPUTES,
    "explain.figure": Route(ALL, sends=FORM, path={"name": "net_per_year"}),
    "evidence.index": PUBLIC,
    "evidence.figure": Route(ALL, path={"figure_id": "dropout/adult_overall_swift_2012"}),
    "proposal.download": COMPUTES,
    "workbook.download": COMPUTES,
    "alliance.index": PUBLIC,
    "method.index": PUBLIC,
    "embed.index": COMPUTES,
    "embed.estimate": COMPUTES,
    "embed.setting": COMPUTES,
    "embed.demo": PUBLIC,
    "embed.brand": PUBLIC,
    "embed.logo": Route(ALL, answers=(404,)),
    "embed.parent_script": PUBLIC,
    "embed.enquire": PUBLIC,
    "cds.services": PUBLIC,
    "cds.call": Route(ALL, path={"service": "dropout-risk"}),
    "cds.feedback": Route(ALL, path={"service": "dropout-risk"}),
    "cds.elsewhere": Route(ALL, path={"path": "x/y/z"}, answers=(404,)),
    "model_card.index": PUBLIC,
    "api.openapi": PUBLIC,
    "api.estimate": Route(PROGRAMS),
    "setup.index": Route(ALL, answers=(*LEADS, 404)),
    "setup.create": Route(ALL, stores=True),
    "sign_in.index": Route(ALL, answers=(200, *LEADS)),
    "sign_in.enter": Route(ALL, stores=True),
    "sign_in.code": Route(ALL, answers=LEADS),
    "sign_in.check_code": Route(ALL, stores=True),
    "sign_in.leave": Route(ALL, stores=True),
    "elsewhere.leave": Route(ALL, answers=(404,)),
    "elsewhere.back": Route(ALL, answers=(404,)),
    "join.index": Route(ALL, answers=(200, 404)),
    "join.enter": Route(ALL, stores=True),
    "shared.index": Route(ALL, answers=(404,)),
    "shared.proposal": Route(ALL, answers=(404,)),
    "shared.unlock": Route(ALL, stores=True),
    "account.index": Route(SIGNED_IN),
    "account.rename": Route(SIGNED_IN, stores=True),
    "account.change_password": Route(SIGNED_IN, stores=True),
    "account.second_step_page": Route(SIGNED_IN, answers=(200, *LEADS)),
    "account.turn_on": Route(SIGNED_IN, stores=True),
    "account.turn_off": Route(SIGNED_IN, stores=True),
    "account.renew_codes": Route(SIGNED_IN, stores=True),
    "account.end_others": Route(SIGNED_IN, stores=True),
    "scenarios.index": Route(SEE),
    "scenarios.show": Route(SEE, opens="scenario"),
    "scenarios.open_it": Route(SEE, opens="scenario", answers=LEADS),
    "scenarios.side_by_side": Route(SEE, answers=LEADS),  # leaves out what is not there; see below
    "scenario_changes.new": Route(EDIT, sends=FORM),
    "scenario_changes.create": Route(EDIT, stores=True, sends=FORM | {"name": "New"}),
    "scenario_changes.look": Route(EDIT, opens="scenario", sends={"revision": "1"}, answers=(200, *LEADS)),
    "scenario_changes.archive": opened(EDIT, "scenario", revision="1"),
    "scenario_changes.duplicate": opened(EDIT, "scenario"),
    "scenario_changes.keep": opened(EDIT, "scenario", **FORM, revision="1"),
    "scenario_changes.keep_as_copy": opened(EDIT, "scenario", **FORM, name="Copy"),
    "scenario_changes.remove": opened(RUN, "scenario", revision="1"),
    "scenario_changes.rename": opened(EDIT, "scenario", name="New", notes="", revision="1"),
    "scenario_changes.restore": opened(EDIT, "scenario", revision="1"),
    "scenario_changes.restore_version": Route(
        EDIT, stores=True, opens="scenario", path={"number": 1}, sends={"revision": "1"}
    ),
    "scenario_changes.save": opened(EDIT, "scenario", **FORM, revision="1"),
    "share.index": Route(EDIT),
    "share.new": Route(EDIT, opens="version", held_in="version"),
    "share.create": opened(EDIT, "version", "version", label="L", kind="result", days="30"),
    "share.revoke": opened(EDIT, "link", "id"),
    "enquiries.index": Route(SELL, opens="enquiry", held_in="same"),
    "enquiries.handle": opened(SELL, "enquiry", "id", handled="1"),
    "enquiries.delete": opened(SELL, "enquiry", "id"),
    "enquiries.delete_all": opened(SELL, "enquiry", "id"),
    "enquiries.export": Route(SELL, stores=True),
    "batch.index": Route(SELL),
    "batch.upload": Route(SELL, stores=True),
    "batch.job": Route(SELL, opens="upload", held_in="id"),
    "batch.progress": Route(SELL, opens="upload", held_in="id"),
    "batch.check": opened(SELL, "upload", "id", mapping="", setting=""),
    "batch.start": opened(SELL, "upload", "id", page_size="A4", language="en"),
    "batch.go_on": opened(SELL, "upload", "id"),
    "batch.cancel": opened(SELL, "upload", "id"),
    "batch.delete": opened(SELL, "upload", "id"),
    "batch.download": Route(SELL, opens="upload", held_in="id", sends={"name": "manifest.csv"}, answers=(404,)),
    "batch.download_all": Route(SELL, opens="upload", held_in="id", answers=(404,)),
    "worklist.index": Route(CLINICAL),
    "worklist.upload": Route(CLINICAL, stores=True),
    "worklist.example": Route(CLINICAL, path={"name": "episodes.csv"}),
    "worklist.show": Route(CLINICAL, opens="caseload", held_in="id"),
    "worklist.download": Route(CLINICAL, opens="caseload", held_in="id"),
    "worklist.clinicians": Route(CLINICAL, stores=True, opens="caseload", held_in="id"),
    "worklist.use_in_calculator": Route(CLINICAL, opens="caseload", held_in="id", answers=(404, *LEADS)),
    "worklist.delete": Route(CLINICAL, stores=True),  # says the same whatever is sent; see below
    "administration.index": Route(RUN, answers=LEADS),
    "administration.members": Route(RUN),
    "administration.invite": Route(RUN, stores=True),
    "administration.revoke_invitation": opened(RUN, "invitation"),
    "administration.change_role": opened(RUN, "member", role="sales"),
    "administration.deactivate": opened(RUN, "member"),
    "administration.activate": opened(RUN, "member"),
    "administration.reset": opened(RUN, "member"),
    "administration.keys": Route(RUN),
    "administration.make_key": Route(RUN, stores=True),
    "administration.revoke_key": opened(RUN, "key"),
    "administration.brand": Route(RUN),
    "administration.save_brand": Route(RUN, stores=True),
    "administration.reset_brand": Route(RUN, stores=True),
    "administration.logo": Route(RUN, answers=(404,)),
    "administration.preview": Route(RUN),
    "administration.house": Route(RUN),
    "administration.house_value": Route(RUN, sends={"setting": "outpatient", "path": "clinic.no_show_rate"}),
    "administration.save_house": Route(RUN, stores=True),
    "administration.remove_house": opened(RUN, "house"),
    "administration.audit": Route(RUN),
    "administration.audit_csv": Route(RUN),
    "administration.data": Route(RUN),
    "administration.export_all": Route(RUN, stores=True),
    "administration.export_person": Route(RUN, stores=True),
    "administration.delete_person": Route(RUN, stores=True),
    "administration.delete_organisation": Route(RUN, stores=True),
}
#: 404 for their owner, too: no proposals are made yet, and the simulated caseload has no measured flags.
NOT_MADE: Final = frozenset({"batch.download", "batch.download_all", "worklist.use_in_calculator"})
OWN: Final = frozenset({"administrator", "manager", "sales", "viewer"})


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return a server on which forms need their token; nothing is sent to it that changes anything."""
    folder = tmp_path_factory.mktemp("routes")
    yield world(Database(sqlite_url(folder)), folder, WTF_CSRF_ENABLED=True)
    close_all()


@pytest.fixture
def there(database: Database, tmp_path: Path) -> World:
    return world(database, tmp_path)


def rules(there: World) -> list[Rule]:
    return list(there.app.url_map.iter_rules())


def send(there: World, browser: FlaskClient, rule: Rule, method: str, **more: Any) -> TestResponse:
    """Send what a route is asked with, about the first organisation's object."""
    route = ROUTES[rule.endpoint]
    key = there.ids.get(route.opens, "")
    path = {**route.path, **({"key": key} if "key" in rule.arguments else {})}
    sends = {**route.sends, **({route.held_in: key} if route.held_in else {})}
    with there.app.test_request_context():
        address = there.app.url_for(rule.endpoint, **{name: path[name] for name in rule.arguments})
    if method == "GET":
        return browser.get(address, query_string=sends, **more)
    return browser.post(address, data=sends, **more)


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


def judged(route: Route, who: str, method: str, answer: TestResponse) -> bool:
    """Return whether an answer is the right one."""
    if route.who == PROGRAMS:
        return answer.status_code == 401
    if who not in route.who:
        if who != "anonymous":
            return answer.status_code == 403
        if method == "POST":
            return answer.status_code == 401
        return answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    if method == "POST" and route.stores:
        return answer.status_code == 400  # for it lacks our token, and nothing else is wrong before
    if who == "stranger" and route.opens:
        return answer.status_code == 404
    if method == "GET":
        return answer.status_code in route.answers
    return answer.status_code not in (401, 403) and answer.status_code < 500


def test_every_route_is_in_the_table(strict: World) -> None:
    assert {rule.endpoint for rule in rules(strict)} == set(ROUTES)


@pytest.mark.parametrize("who", sorted(ALL))
def test_who_may_use_what_and_nothing_is_kept_without_our_token(strict: World, who: str) -> None:
    wrong, before = [], held(strict)
    browser = strict.browser(who)
    for rule in rules(strict):
        for method in methods(rule):
            answer = send(strict, browser, rule, method)
            if not judged(ROUTES[rule.endpoint], who, method, answer):
                wrong.append((method, rule.rule, answer.status_code, answer.headers.get("Location")))
            if who not in OWN and WORD.encode() in answer.data:
                wrong.append((method, rule.rule, "tells of the other organisation"))
            answer.close()
    assert wrong == []
    assert held(strict) == before


def test_nobody_else_finds_an_object_whatever_they_do_with_it(there: World) -> None:
    before, wrong = held(there), []
    browser = there.browser("stranger")
    for rule in rules(there):
        if not ROUTES[rule.endpoint].opens:
            continue
        for method in methods(rule):
            answer = send(there, browser, rule, method)
            if answer.status_code != 404 or WORD.encode() in answer.data:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []
    assert held(there) == before, "and nothing has changed"


@people.ON_ONE_DATABASE
def test_its_own_administrator_finds_it_else_the_test_above_says_nothing(there: World) -> None:
    wrong = []
    browser = there.browser("administrator")
    for rule in rules(there):
        if not ROUTES[rule.endpoint].opens or rule.endpoint in NOT_MADE:
            continue
        for method in methods(rule):
            there.furnish()
            answer = send(there, browser, rule, method)
            if answer.status_code == 404 or answer.status_code >= 500:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


@people.ON_ONE_DATABASE
def test_a_caseload_is_deleted_by_its_own_organisation_alone(there: World) -> None:
    store, number = there.app.extensions[WORKLIST], there.ids["caseload"]
    there.browser("stranger").post("/worklist/delete", data={"id": number})
    assert store.find(number, str(there.first)) is not None
    there.browser("manager").post("/worklist/delete", data={"id": number})
    assert store.find(number, str(there.first)) is None


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
def test_an_id_in_the_calculators_address_tells_nothing(strict: World, who: str) -> None:
    browser = strict.browser(who)
    for query in (
        {**FORM, "saved": strict.ids["scenario"], "revision": "1"},
        {"member": strict.members["viewer"]},
        {"id": [strict.ids["scenario"], strict.ids["version"]]},
    ):
        for path in ("/", "/scenarios", "/administration/audit", "/administration/audit.csv", "/scenarios/new"):
            assert WORD not in browser.get(path, query_string=query).text
        shown = browser.get("/scenarios/side-by-side", query_string=query, follow_redirects=True)
        assert WORD not in shown.text


def test_a_program_is_let_in_by_its_key_alone(strict: World) -> None:
    body = {"clinic": {"setting": "outpatient", "intakes_per_month": 40}, "payers": [{}], "analysis": {"draws": 64}}
    signed_in, program = strict.browser("administrator"), strict.browser("anonymous")
    assert signed_in.post("/api/v1/estimate", json=body).status_code == 401
    shown = {"Authorization": f"Bearer {strict.key}"}
    assert program.post("/api/v1/estimate", json=body, headers=shown).status_code == 200
    for rule in rules(strict):
        if ROUTES[rule.endpoint].who not in (ALL, PROGRAMS):
            for method in methods(rule):
                answer = send(strict, program, rule, method, headers=shown)
                assert answer.status_code in (303, 401), "a key opens the API and no page"


def held(there: World) -> dict[str, list[dict[str, Any]]]:
    """Return all that the first organisation has, but when its members were last here."""
    with there.database.reading(there.first) as session:
        found = {name: [plain(row) for row in rows_of(session, table)] for name, table in TABLES.items()}
    for row in (*found["members"], *found["keys"]):
        row.pop("signed_in_at", None), row.pop("used_at", None)
    return found
