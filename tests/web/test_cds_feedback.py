"""Feedback on cards: points 34 to 37 of the checklist, what is kept of it, and how it is counted."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import stat
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.cds.cards import OVERRIDE_REASONS, suggestion_id
from plugin.cds.feedback import Feedback
from tests.web.cds_calls import SERVICE, today, view
from tests.web.cds_keys import ISSUER, bearer, trusting
from web.app import create_app
from web.cds.feedback_store import NAME, FeedbackCounts, FeedbackStore, ShownCard
from web.cds.service import KEY
from web.pages import cds

FEEDBACK = SERVICE + "/feedback"
OURS = "urn:x-rapport:override-reason"
MOMENT = dt.datetime(2026, 3, 5, 14, 30, tzinfo=dt.UTC)
CARDS = [str(uuid.UUID(int=number)) for number in range(1, 9)]


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cds, "today", today)


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app({"RAPPORT_DATA_DIR": str(tmp_path)}).test_client()


def counts(client: FlaskClient) -> FeedbackCounts:
    found: FeedbackCounts | None = client.application.extensions[KEY].feedback.counts("evidence")
    assert found is not None
    return found


def item(card: str, outcome: str = "overridden", at: str = "2026-03-05T14:30:00Z", **more: Any) -> dict[str, Any]:
    return {"card": card, "outcome": outcome, "outcomeTimestamp": at} | more


def send(client: FlaskClient, *items: dict[str, Any], **headers: str) -> Any:
    return client.post(FEEDBACK, json={"feedback": list(items)}, headers=headers)


def rows(folder: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / NAME)
    try:
        return connection.execute("SELECT * FROM feedback").fetchall()
    finally:
        connection.close()


def test_34_what_became_of_a_card_is_kept_and_counted(client: FlaskClient) -> None:
    (card,) = client.post(SERVICE, json=view()).get_json()["cards"]
    taken = [{"id": card["suggestions"][0]["uuid"]}]
    response = send(client, item(card["uuid"], "accepted", acceptedSuggestions=taken))
    assert response.status_code == 200
    assert counts(client) == FeedbackCounts(
        shown={"risk": 0, "ratings": 1},
        answered=1,
        accepted=1,
        overridden=0,
        reasons=dict.fromkeys((*OVERRIDE_REASONS, "other", "none_given"), 0),
        suggestions={"bond": 0, "goals": 1, "tasks": 0},
    )


def test_35_what_an_item_must_have(client: FlaskClient) -> None:
    response = send(client, item("no uuid"), {"outcome": "ignored"})
    said = [issue["diagnostics"] for issue in response.get_json()["issue"]]
    assert response.status_code == 400
    assert {"feedback 2: card is the uuid of a card", "feedback 2: outcome is accepted or overridden"} <= set(said)
    assert send(client, item("no uuid")).get_json()["issue"][0]["diagnostics"].startswith("feedback 1: card")


def test_36_the_same_again_is_kept_once_and_all_else_is_kept(client: FlaskClient, tmp_path: Path) -> None:
    (card,) = client.post(SERVICE, json=view()).get_json()["cards"]
    id_, taken = card["uuid"], {"acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]}
    first, again = item(id_), item(id_.upper(), at="2026-03-05T16:30:00+02:00")  # the same moment, the same card
    later = item(id_, "accepted", "2026-03-05T14:31:00Z", **taken)
    for _ in range(2):
        assert send(client, first, again, later, item(CARDS[0])).status_code == 200
    assert len(rows(tmp_path)) == 3
    assert (counts(client).answered, counts(client).accepted, counts(client).overridden) == (1, 1, 0)


def test_37_a_reason_may_lack_its_words_and_the_answer_is_2xx(client: FlaskClient) -> None:
    (card,) = client.post(SERVICE, json=view()).get_json()["cards"]
    reason = {"reason": {"system": OURS, "code": "no_time"}}
    response = send(client, item(card["uuid"], overrideReason=reason))
    assert (response.status_code, response.get_json()) == (200, {})
    assert counts(client).reasons["no_time"] == 1


def test_a_comment_is_not_kept(client: FlaskClient, tmp_path: Path) -> None:
    (card,) = client.post(SERVICE, json=view()).get_json()["cards"]
    assert send(client, item(card["uuid"], overrideReason={"userComment": "Mrs Smith is moving"})).status_code == 200
    assert counts(client).reasons["none_given"] == 1
    assert all(b"Smith" not in path.read_bytes() for path in tmp_path.iterdir())


def test_all_of_a_call_is_kept_or_nothing(client: FlaskClient, tmp_path: Path) -> None:
    client.post(SERVICE, json=view())
    assert send(client, item(CARDS[0]), item(CARDS[1], "ignored")).status_code == 400
    assert rows(tmp_path) == []


def test_feedback_counts_for_cards_of_the_same_caller_only(tmp_path: Path) -> None:
    app = create_app(trusting(tmp_path))
    client, store = app.test_client(), app.extensions[KEY].feedback
    (card,) = client.post(SERVICE, json=view(), headers={"Authorization": bearer(SERVICE)}).get_json()["cards"]
    store.add([Feedback(card["uuid"], "overridden", MOMENT)], "https://other.example")
    assert counts(client).answered == 0
    assert send(client, item(card["uuid"]), Authorization=bearer(FEEDBACK)).status_code == 200
    assert counts(client).answered == 1
    assert {row[0] for row in rows(tmp_path / "data")} == {ISSUER, "https://other.example"}


def test_without_clients_a_page_of_another_site_cannot_send_feedback(client: FlaskClient) -> None:
    assert send(client, item(CARDS[0]), Origin="https://evil.example").status_code == 403
    assert send(client, item(CARDS[0]), Origin="null").status_code == 403
    assert send(client, item(CARDS[0]), Origin="http://localhost:3000").status_code == 200


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "new")
    store.add([Feedback(CARDS[0], "overridden", MOMENT)])
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()} == {0o600}


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert FeedbackStore(tmp_path / "new").counts("evidence") is None
    assert not (tmp_path / "new").exists()
    store = FeedbackStore(tmp_path)
    store.note_cards([_shown(CARDS[0], "another")])
    assert store.counts("evidence") is None


def _shown(card: str, model: str = "evidence", kind: Any = "risk") -> ShownCard:
    return ShownCard(card, "rapport-patient-view", kind, model, "1", MOMENT.date())


WRITER = """
import datetime as dt, sys, uuid
from pathlib import Path
from plugin.cds.feedback import Feedback
from web.cds.feedback_store import FeedbackStore
store, own = FeedbackStore(Path(sys.argv[1])), int(sys.argv[2])
at = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
for number in range(100):  # half of them the same for both
    store.add([Feedback(str(uuid.UUID(int=each)), "overridden", at) for each in (number, 1000 * own + number)])
"""


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(own)], stderr=subprocess.PIPE)
        for own in (1, 2)
    ]
    for writer in writers:
        assert writer.communicate()[1] == b""
        assert writer.returncode == 0
    assert len(rows(tmp_path)) == 300


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(CARDS),
        st.integers(0, 30),
        st.sampled_from(("bond", "goals", "tasks", *OVERRIDE_REASONS, "theirs", "")),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(events=EVENTS, shown=st.sets(st.sampled_from(CARDS)))
def test_counts_are_those_of_a_plain_reckoning(
    tmp_path_factory: pytest.TempPathFactory, events: list[Any], shown: set[str]
) -> None:
    store = FeedbackStore(tmp_path_factory.mktemp("counts"))
    items = [_feedback(*event) for event in events]
    if shown:
        store.note_cards([_shown(card) for card in shown])
    for _ in range(2):
        store.add(items)
    in_order = sorted(items, key=lambda each: (each.at, each.outcome == "accepted", each.reason_code))
    last = {each.card: each for each in in_order if each.card in shown}
    found = store.counts("evidence")
    if not shown:
        assert found is None
        return
    assert found is not None
    assert found.answered == found.accepted + found.overridden == len(last)
    assert sum(found.reasons.values()) == found.overridden
    taken = {(each.card, part) for each in items for part in _parts(each) if each.card in shown}
    assert found.suggestions == {name: sum(part == name for _, part in taken) for name in ("bond", "goals", "tasks")}
    assert found.accepted == sum(each.outcome == "accepted" for each in last.values())
    for code in OVERRIDE_REASONS:
        assert found.reasons[code] == sum(each.reason_code == code for each in last.values())


def _feedback(card: str, minute: int, what: str) -> Feedback:
    at = MOMENT + dt.timedelta(minutes=minute)
    if what in ("bond", "goals", "tasks"):
        return Feedback(card, "accepted", at, (str(suggestion_id(uuid.UUID(card), what)),))
    return Feedback(card, "overridden", at, (), OURS if what else "", what)


def _parts(feedback: Feedback) -> list[str]:
    parts = ("bond", "goals", "tasks")
    return [part for part in parts if str(suggestion_id(uuid.UUID(feedback.card), part)) in feedback.suggestions]


def test_counts_are_json(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    store.note_cards([_shown(CARDS[0]), _shown(CARDS[1], kind="ratings")])
    found = store.counts("evidence")
    assert found is not None
    assert json.loads(json.dumps(found.as_json()))["cards_shown"] == {"risk": 1, "ratings": 1}
