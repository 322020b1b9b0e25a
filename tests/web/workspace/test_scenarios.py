"""Saved scenarios are begun, renamed, copied, put away and removed; of two who change one at once, one is asked."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.web.workspace import people, saved
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.tables import Account, AuditEntry, SavedScenario, ScenarioVersion
from web.workspace import scenarios
from web.workspace.current import Conflict, Current, MissingScenarioError, find
from web.workspace.drafts import keep_draft
from web.workspace.versions import save_version

ROUNDS, WRITERS = 4, 6


def begun(database: Database, visitor: Visitor, name: str = "Spring", notes: str = "") -> uuid.UUID:
    return scenarios.create(database, visitor, name, notes, saved.taken())


def now(database: Database, visitor: Visitor, key: uuid.UUID) -> Current:
    with database.reading(visitor.scope) as session:
        return find(session, key)


def deeds(database: Database, visitor: Visitor) -> list[str]:
    with database.reading(visitor.scope) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)))


def test_a_scenario_begins_with_its_first_version(database: Database) -> None:
    ada = saved.member(database)
    key = begun(database, ada, notes="Asked for\r\nby the board\x00")
    found = now(database, ada, key)
    assert (found.name, found.notes, found.revision, found.latest) == ("Spring", "Asked for\nby the board", 1, 1)
    assert (found.changed_by, found.changed_name, found.archived, found.drafted) == (ada.account, "Ada", False, False)
    assert found.form == saved.taken().form
    assert found.figures == saved.taken().figures
    assert found.inputs["clinic"] == {"name": "Riverbend", "setting": "outpatient", "intakes_per_month": 40.0}
    assert deeds(database, ada) == ["created"]


def test_a_name_is_changed_by_who_has_seen_the_one_before(database: Database) -> None:
    ada = saved.member(database)
    key = begun(database, ada)
    scenarios.rename(database, ada, key, 1, "Summer", "New notes")
    with pytest.raises(Conflict) as late:
        scenarios.rename(database, ada, key, 1, "Autumn", "")
    assert (late.value.current.name, late.value.current.revision) == ("Summer", 2)
    assert now(database, ada, key).notes == "New notes"
    assert deeds(database, ada) == ["created", "renamed"]


def test_a_copy_has_a_history_of_its_own(database: Database) -> None:
    ada = saved.member(database)
    key = begun(database, ada, "x" * 100, "notes")
    save_version(database, ada, key, 1, saved.taken(clinic__intakes_per_month="50"))
    keep_draft(database, ada, key, 2, saved.form(clinic__intakes_per_month="60"))
    copy = scenarios.duplicate(database, ada, key)
    found, first = now(database, ada, copy), now(database, ada, key)
    assert found.name == f"{'x' * 92}… (copy)"
    assert len(found.name) == 100
    assert (found.latest, found.revision, found.notes) == (1, 1, "notes")
    assert (found.form, found.saved, found.figures) == (first.form, first.saved, first.figures)
    keep_draft(database, ada, copy, 1, saved.form(clinic__intakes_per_month="70"))
    assert now(database, ada, key) == first


def test_what_could_not_be_kept_is_kept_as_a_copy(database: Database) -> None:
    ada = saved.member(database)
    key = begun(database, ada)
    mine = saved.taken(clinic__dropout_rate="20")
    found = now(database, ada, scenarios.keep_as_copy(database, ada, key, mine))
    assert (found.name, found.form, found.drafted) == ("Spring (my copy)", mine.form, False)


def test_what_is_archived_takes_no_changes_until_it_is_back(database: Database) -> None:
    ada = saved.member(database)
    key = begun(database, ada)
    scenarios.archive(database, ada, key)
    scenarios.archive(database, ada, key)  # by somebody who pressed twice
    assert now(database, ada, key).revision == 2
    for seen in (1, 2):
        with pytest.raises(Conflict) as refused:
            keep_draft(database, ada, key, seen, saved.form(clinic__intakes_per_month="50"))
        assert refused.value.current.archived
    with pytest.raises(Conflict):
        keep_draft(database, ada, key, 2, saved.form())
    scenarios.restore(database, ada, key)
    keep_draft(database, ada, key, 3, saved.form(clinic__intakes_per_month="50"))
    assert deeds(database, ada) == ["created", "archived", "restored"]


def test_only_what_is_archived_is_removed_and_then_all_of_it(database: Database) -> None:
    ada = saved.member(database, role="administrator")
    key, other = begun(database, ada), begun(database, ada, "Other")
    assert scenarios.remove(database, ada, key) is False
    scenarios.archive(database, ada, key)
    assert scenarios.remove(database, ada, key) is True
    with pytest.raises(MissingScenarioError):
        now(database, ada, key)
    with database.reading(ada.scope) as session:
        assert list(session.scalars(select(ScenarioVersion.scenario_id))) == [other]
    with pytest.raises(MissingScenarioError):
        scenarios.remove(database, ada, key)


DEEDS: dict[str, Callable[[Database, Visitor, uuid.UUID], object]] = {
    "rename": lambda database, who, key: scenarios.rename(database, who, key, 1, "x", ""),
    "draft": lambda database, who, key: keep_draft(database, who, key, 1, saved.form(clinic__intakes_per_month="50")),
    "version": lambda database, who, key: save_version(database, who, key, 1, saved.taken()),
    "duplicate": scenarios.duplicate,
    "copy": lambda database, who, key: scenarios.keep_as_copy(database, who, key, saved.taken()),
    "archive": scenarios.archive,
    "restore": scenarios.restore,
    "remove": scenarios.remove,
}


@people.ON_ONE_DATABASE  # what keeps organisations apart is tested on both
@pytest.mark.parametrize("deed", DEEDS)
def test_another_organisation_changes_nothing_and_learns_nothing(database: Database, deed: str) -> None:
    ada, stranger = saved.member(database), saved.member(database, role="administrator")
    key = begun(database, ada)
    before = now(database, ada, key)
    for unknown in (key, uuid.uuid4()):
        with pytest.raises(MissingScenarioError):
            DEEDS[deed](database, stranger, unknown)
    assert now(database, ada, key) == before
    assert deeds(database, stranger) == []


def test_of_many_who_write_at_once_exactly_one_wins(database: Database) -> None:
    """Each round all writers have seen the same revision; what the winner was told is stored is what is there."""
    ada = saved.member(database)
    key = begun(database, ada)
    forms = [saved.form(clinic__intakes_per_month=str(number)) for number in range(50, 50 + WRITERS)]
    versions = [saved.taken(clinic__intakes_per_month=str(number)) for number in range(70, 70 + WRITERS)]
    gate = threading.Barrier(WRITERS)

    def write(writer: int, seen: int) -> tuple[str, int] | Conflict:
        gate.wait(20)
        try:
            if writer % 3 == 0:
                return versions[writer].form, save_version(database, ada, key, seen, versions[writer])
            current = keep_draft(database, ada, key, seen, forms[writer])
        except Conflict as late:
            return late
        return current.form, current.revision

    with ThreadPoolExecutor(WRITERS) as pool:
        for turn in range(ROUNDS):
            seen = now(database, ada, key).revision
            told = list(pool.map(write, range(WRITERS), [seen] * WRITERS))
            won = [each for each in told if not isinstance(each, Conflict)]
            found = now(database, ada, key)
            assert won == [(found.form, seen + 1)], turn
            assert found.revision == seen + 1
            assert {each.current.revision for each in told if isinstance(each, Conflict)} == {seen + 1}
            assert found.form != saved.taken().form
            scenarios.rename(database, ada, key, seen + 1, f"Round {turn}", "")
            save_version(database, ada, key, seen + 2, saved.taken())  # so that no writer finds what they want to write


def test_two_who_begin_at_once_both_have_theirs(database: Database) -> None:
    ada = saved.member(database)
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda number: begun(database, ada, f"Scenario {number}"), range(12)))
    with database.reading(ada.scope) as session:
        assert set(session.scalars(select(SavedScenario.id))) == made
        assert len(made) == 12


def test_a_scenario_outlives_the_account_that_made_it(database: Database) -> None:
    ada = saved.member(database)
    bea = saved.member(database, ada.organisation, name="Bea")
    key = begun(database, bea)
    with database.writing(ada.scope) as session:
        session.delete(session.get_one(Account, bea.account))
    found = now(database, ada, key)
    assert (found.changed_by, found.changed_name, found.name) == (None, "", "Spring")
