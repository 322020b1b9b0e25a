"""Share links as they are kept: found by a digest, closed for good, counted without loss, and nobody else's."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update

from tests.web.workspace import saved, sharing
from web.accounts.visitor import Visitor
from web.advised import AdvisedError
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest, now
from web.storage.tables import AuditEntry, ShareLink
from web.workspace import scenarios, share_links
from web.workspace.newest_first import Cursor, newest_first
from web.workspace.share_links import PDF, RESULT, Wish

pytestmark = pytest.mark.usefixtures("quick_passwords")
HERE = "192.0.2.7"


@pytest.fixture
def shared(database: Database, ada: Visitor) -> uuid.UUID:
    return sharing.version(database, ada)


def change(database: Database, key: uuid.UUID, **columns: object) -> None:
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(ShareLink).where(ShareLink.id == key).values(**columns))


def stored(database: Database, key: uuid.UUID) -> ShareLink:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.get_one(ShareLink, key)


def deeds(database: Database, ada: Visitor, kind: str = "link") -> list[str]:
    with database.reading(ada.scope) as session:
        return list(session.scalars(select(AuditEntry.action).where(AuditEntry.kind == kind).order_by(AuditEntry.at)))


def test_a_link_is_found_by_its_secret_which_is_stored_nowhere(
    database: Database, ada: Visitor, shared: uuid.UUID
) -> None:
    key, secret = share_links.make(database, ada, Wish(shared, RESULT, "Board", days=7, passcode="open sesame"))
    found = share_links.opened(database, secret, HERE)
    assert found is not None
    assert (found.link.id, found.version.id, found.organisation) == (key, shared, "Riverbend")
    assert found.link.expires_at - found.link.created_at == dt.timedelta(days=7)
    assert found.link.digest == digest(secret)
    assert found.link.passcode.startswith("$argon2id$")
    with database.engine.connect() as connection:
        row = repr(connection.execute(text("SELECT * FROM share_link")).one())
    assert secret not in row
    assert "open sesame" not in row
    assert deeds(database, ada) == ["shared"]


def test_unknown_expired_and_revoked_are_the_same_to_a_reader(
    database: Database, ada: Visitor, shared: uuid.UUID
) -> None:
    wish = Wish(shared, RESULT, "Board")
    (old, ended), (gone, revoked) = (share_links.make(database, ada, wish) for _ in range(2))
    change(database, old, expires_at=now())
    assert share_links.revoke(database, ada, gone)
    assert [share_links.opened(database, each, HERE) for each in (ended, revoked, "", "x" * 43)] == [None] * 4
    assert share_links.revoke(database, ada, gone), "closing it twice is no error"
    assert deeds(database, ada) == ["shared", "shared", "revoked"], "and is noted once"


def test_nobody_shares_or_closes_what_is_another_organisations(
    database: Database, ada: Visitor, shared: uuid.UUID
) -> None:
    other = saved.member(database)
    key, secret = share_links.make(database, ada, Wish(shared, RESULT, "Board"))
    with pytest.raises(LookupError):
        share_links.make(database, other, Wish(shared, RESULT, "Mine now"))
    assert not share_links.revoke(database, other, key)
    assert not share_links.revoke(database, ada, uuid.uuid4())
    assert share_links.opened(database, secret, HERE) is not None
    assert share_links.listed(database, other) == ((), None)
    assert deeds(database, other) == []


def test_no_view_is_lost_among_many_at_once(database: Database, ada: Visitor, shared: uuid.UUID) -> None:
    key, secret = share_links.make(database, ada, Wish(shared, RESULT, "Board"))
    found = share_links.opened(database, secret, HERE)
    assert found is not None
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: share_links.note_view(database, found), range(40)))
    link = stored(database, key)
    assert link.views == 40
    assert link.seen_at is not None


def test_a_passcode_may_be_tried_ten_times_from_wherever(database: Database, ada: Visitor, shared: uuid.UUID) -> None:
    _key, secret = share_links.make(database, ada, Wish(shared, RESULT, "Board", passcode="open sesame"))
    found = share_links.opened(database, secret, HERE)
    assert found is not None
    assert not share_links.passcode_fits(database, found, "Open sesame")
    assert share_links.passcode_fits(database, found, "open sesame")
    for _ in range(10):  # the success began the count anew
        assert not share_links.passcode_fits(database, found, "guess")
    with pytest.raises(AdvisedError) as refused:
        share_links.passcode_fits(database, found, "open sesame")
    assert refused.value.code == 429


def test_who_tries_many_links_that_open_nothing_is_made_to_wait(
    database: Database, ada: Visitor, shared: uuid.UUID
) -> None:
    _key, secret = share_links.make(database, ada, Wish(shared, RESULT, "Board"))
    for place in range(share_links.CLOSED.most):
        assert share_links.opened(database, f"guess {place}", HERE) is None
    with pytest.raises(AdvisedError):
        share_links.opened(database, "one more", HERE)
    assert share_links.opened(database, "one more", "192.0.2.8") is None
    assert share_links.opened(database, secret, HERE) is not None, "who has a link that opens is no guesser"


def test_a_pdf_is_dropped_when_its_link_has_ended(database: Database, ada: Visitor, shared: uuid.UUID) -> None:
    wish = Wish(shared, PDF, "Board")
    (revoked, _), (old, _), (kept, secret) = (share_links.make(database, ada, wish, b"%PDF-") for _ in range(3))
    found = share_links.opened(database, secret, HERE)
    assert found is not None
    assert share_links.document_of(database, found) == b"%PDF-"
    share_links.revoke(database, ada, revoked)
    change(database, old, expires_at=now())
    share_links.make(database, ada, Wish(shared, RESULT, "Another"))
    with database.reading(EVERY_ORGANISATION) as session:
        documents = [
            session.scalar(select(ShareLink.document).where(ShareLink.id == key)) for key in (revoked, old, kept)
        ]
    assert documents == [None, None, b"%PDF-"]


def test_the_list_says_who_and_in_which_state_it_is(database: Database, ada: Visitor, shared: uuid.UUID) -> None:
    local = Visitor("local", ada.organisation, None, "administrator", "")
    (gone, _), (old, _) = (share_links.make(database, ada, Wish(shared, RESULT, name)) for name in ("gone", "old"))
    share_links.make(database, local, Wish(shared, PDF, "open"), b"%PDF-")
    share_links.revoke(database, ada, gone)
    change(database, old, expires_at=now())
    links, older = share_links.listed(database, ada)
    assert [(each.link.label, each.state, each.by) for each in links] == [
        ("open", "open", ""), ("old", "expired", "Ada"), ("gone", "revoked", "Ada"),
    ]  # fmt: skip
    assert {(each.name, each.number) for each in links} == {("Second offer", 1)}
    assert older is None


@pytest.mark.parametrize("count", [1, 3, 6, 7])
def test_pages_show_each_row_once_even_of_one_moment(
    database: Database, ada: Visitor, shared: uuid.UUID, count: int
) -> None:
    moment = now()
    keys = [share_links.make(database, ada, Wish(shared, RESULT, str(place)))[0] for place in range(count)]
    for place, key in enumerate(keys):  # by twos in the same moment
        change(database, key, created_at=moment - dt.timedelta(seconds=place // 2))
    seen: list[uuid.UUID] = []
    before: Cursor | None = None
    while True:
        with database.reading(ada.scope) as session:
            rows, before = newest_first(session, select(ShareLink), ShareLink, before, 3)
        assert len(rows) <= 3
        seen += [row[0].id for row in rows]
        if before is None:
            break
        before = Cursor.read(str(before))  # as by an address
    assert sorted(seen) == sorted(keys)
    assert [keys.index(key) // 2 for key in seen] == sorted(keys.index(key) // 2 for key in seen)


def test_removing_the_scenario_closes_its_links(database: Database, ada: Visitor, shared: uuid.UUID) -> None:
    _key, secret = share_links.make(database, ada, Wish(shared, RESULT, "Board"))
    (link,), _older = share_links.listed(database, ada)
    scenarios.archive(database, ada, link.scenario)
    assert share_links.opened(database, secret, HERE) is not None, "put away is not taken back"
    assert scenarios.remove(database, ada, link.scenario)
    assert share_links.opened(database, secret, HERE) is None


@pytest.mark.parametrize("words", ["", "yesterday", "20261129T071500.000000-", "20261399T071500.000000-" + "0" * 32])
def test_a_mistyped_place_in_the_list_is_its_beginning(words: str) -> None:
    assert Cursor.read(words) is None
