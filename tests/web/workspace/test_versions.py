"""Versions never change, rise by one, and tell what differs in the words of the page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from calculator.version import VERSION
from tests.web.workspace import people, saved
from web.storage import Database
from web.storage.tables import ScenarioVersion
from web.workspace import listing, scenarios
from web.workspace.changes import Change, differences, told
from web.workspace.current import Conflict, Current, MissingScenarioError, find
from web.workspace.drafts import keep_draft
from web.workspace.versions import save_version, version, versions

INTAKES = ("40", "50", "60")


class History(RuleBasedStateMachine):
    """A scenario in the hands of somebody who does anything in any order, now and then with an old revision."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.ada = saved.member(self.database)
        self.key = scenarios.create(self.database, self.ada, "Spring", "", saved.taken())
        self.known: dict[int, dict[str, Any]] = {}
        self.revision = 0

    def now(self) -> Current:
        with self.database.reading(self.ada.scope) as session:
            return find(session, self.key)

    @rule(intakes=st.sampled_from(INTAKES), late=st.booleans(), note=st.text(max_size=5))
    def save(self, intakes: str, late: bool, note: str) -> None:
        before = self.now()
        taken = saved.taken(clinic__intakes_per_month=intakes)
        if late or before.archived:
            with pytest.raises(Conflict) as refused:
                save_version(self.database, self.ada, self.key, before.revision - late, taken, note)
            assert refused.value.current == before == self.now()
        else:
            save_version(self.database, self.ada, self.key, before.revision, taken, note)
            assert self.now().latest == before.latest + 1

    @rule(intakes=st.sampled_from(INTAKES), late=st.booleans())
    def edit(self, intakes: str, late: bool) -> None:
        before, wanted = self.now(), saved.form(clinic__intakes_per_month=intakes)
        try:
            after = keep_draft(self.database, self.ada, self.key, before.revision - late, wanted)
        except Conflict:
            assert late or before.archived
            assert self.now() == before
        else:
            assert after == self.now()
            assert after.form == saved.taken(clinic__intakes_per_month=intakes).form
            assert after.drafted == (after.form != after.saved)
            assert after.latest == before.latest

    @rule(which=st.integers(1, 9))
    def restore(self, which: int) -> None:
        before = self.now()
        with self.database.reading(self.ada.scope) as session:
            old = version(session, self.key, min(which, before.latest))
        taken = saved.taken(clinic__intakes_per_month=str(int(old.inputs["clinic"]["intakes_per_month"])))
        try:
            save_version(self.database, self.ada, self.key, before.revision, taken, restored=old.number)
        except Conflict:
            assert before.archived

    @rule()
    def put_away_or_back(self) -> None:
        put = scenarios.restore if self.now().archived else scenarios.archive
        put(self.database, self.ada, self.key)

    @rule(name=st.sampled_from(("Summer", "Autumn")))
    def rename(self, name: str) -> None:
        before = self.now()
        try:
            scenarios.rename(self.database, self.ada, self.key, before.revision, name, "")
        except Conflict:
            assert before.archived

    @invariant()
    def no_version_ever_changes_and_the_latest_has_the_highest_number(self) -> None:
        found = self.now()
        with self.database.reading(self.ada.scope) as session:
            rows = session.scalars(select(ScenarioVersion).order_by(ScenarioVersion.number)).all()
            stored = {
                row.number: {column.key: getattr(row, column.key) for column in row.__mapper__.columns} for row in rows
            }
            listed = listing.page(session, archived=found.archived).rows
        assert self.known.items() <= stored.items()
        assert list(stored) == list(range(1, found.latest + 1))
        assert found.figures == stored[found.latest]["figures"] == listed[0].figures
        assert found.inputs == stored[found.latest]["inputs"]
        assert found.revision >= self.revision
        self.known, self.revision = stored, found.revision


def test_no_history_changes_a_version(database: Database) -> None:
    machine = type("History", (History,), {"database": database})
    run_state_machine_as_test(machine, settings=settings(max_examples=6, stateful_step_count=12))


def test_a_version_says_who_when_what_changed_and_what_computed_it(database: Database) -> None:
    ada = saved.member(database)
    bea = saved.member(database, ada.organisation, name="Bea")
    key = scenarios.create(database, ada, "Spring", "", saved.taken())
    keep_draft(database, bea, key, 1, saved.form(clinic__dropout_rate="31"))
    taken = saved.taken(clinic__dropout_rate="31")
    assert save_version(database, bea, key, 2, taken, "After the call\x00") == 3
    with database.reading(ada.scope) as session:
        second, first = versions(session, key)
        with pytest.raises(MissingScenarioError):
            version(session, key, 3)
        assert version(session, key, 1) == first
    assert (first.number, first.made_by, first.differs, first.restored) == (1, "Ada", {}, None)
    assert (second.number, second.made_by, second.note) == (2, "Bea", "After the call")
    assert second.differs == {"clinic.dropout_rate": [None, {"value": 0.31}]}
    assert (second.program, second.evidence) == (VERSION, saved.library().sha256)
    assert first.created_at < second.created_at
    assert second.figures["revenue_kept_per_year"] == taken.figures["revenue_kept_per_year"]


def test_restoring_makes_a_new_version_of_the_old_one(database: Database) -> None:
    ada = saved.member(database)
    key = scenarios.create(database, ada, "Spring", "", saved.taken())
    save_version(database, ada, key, 1, saved.taken(clinic__dropout_rate="31"))
    save_version(database, ada, key, 2, saved.taken(), restored=1)
    with database.reading(ada.scope) as session:
        third, _second, first = versions(session, key)
    assert (third.number, third.restored, third.form, third.figures) == (3, 1, first.form, first.figures)
    assert third.differs == {"clinic.dropout_rate": [{"value": 0.31}, None]}


INPUTS = st.fixed_dictionaries(
    {
        "clinic": st.fixed_dictionaries(
            {"setting": st.sampled_from(("outpatient", "iop"))},
            optional={
                "dropout_rate": st.floats(0, 0.99)
                | st.fixed_dictionaries({"low": st.just(0.1), "likely": st.just(0.2), "high": st.floats(0.3, 0.9)}),
                "measured": st.lists(st.sampled_from(("dropout_rate", "payers")), unique=True),
                "currency": st.sampled_from(("USD", "EUR")),
            },
        ),
        "payers": st.lists(
            st.fixed_dictionaries({}, optional={"name": st.text(max_size=3), "share": st.floats(0, 1)}),
            min_size=1,
            max_size=3,
        ),
        "program": st.fixed_dictionaries({}, optional={"evidence_road": st.sampled_from(("program", "alliance"))}),
        "analysis": st.just({}),
    }
)


def given_at(inputs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what stands at each path, by another way than the program's: all that is not blank."""
    for key, value in [*inputs["clinic"].items(), *inputs["program"].items()]:
        if key != "measured":
            yield key, value
    for row, payer in enumerate(inputs["payers"], 1):
        for key, value in payer.items():
            if value != "":
                yield f"payers.{row}.{key}", value


@given(INPUTS, INPUTS)
def test_differences_lead_from_one_to_the_other_and_back(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = differences(before, after)
    assert differences(before, before) == {}
    assert found == {path: [old, new] for path, (new, old) in differences(after, before).items()}
    there = dict(given_at(before))
    for path, (_old, new) in found.items():
        name = path.removeprefix("clinic.").removeprefix("program.")
        there.pop(name, None)
        if new is not None:
            there[name] = new["value"]
    assert there == dict(given_at(after))
    for change in told(found, after, saved.library()):
        assert all((change.label, change.before, change.after))


def test_differences_are_told_in_the_words_of_the_page() -> None:
    before = {
        "clinic": {"setting": "outpatient", "dropout_rate": 0.38, "intakes_per_month": 40.0, "name": "Riverbend"},
        "payers": [{"name": "Medicaid", "allowed_per_unit": 90.0}, {"name": "Self-pay", "share": 0.3}],
        "program": {"evidence_road": "program"},
        "analysis": {},
    }
    after = {
        "clinic": {
            "setting": "iop", "dropout_rate": {"low": 0.25, "likely": 0.31, "high": 0.4}, "intakes_per_month": 40.0,
            "measured": ["intakes_per_month"], "currency": "EUR", "practice_capacity": "waitlist",
        },
        "payers": [{"name": "Medicaid", "allowed_per_unit": 90.5}],
        "program": {"evidence_road": "alliance"},
        "analysis": {},
    }  # fmt: skip
    assert told(differences(before, after), after, saved.library()) == (
        Change("Setting", "Outpatient therapy", "Intensive outpatient (IOP)"),
        Change("Clients who leave early (AMA)", "38%", "31% (25% to 40%)"),
        Change("Admissions a month", "40, your estimate", "40, measured"),
        Change("Name of the clinic", "Riverbend", "left blank"),
        Change("The evidence it rests on", "Feedback programmes in controlled trials", "A stronger alliance"),
        Change("Allowed amount a day, Medicaid", "$90", "€90.50"),
        Change("Name, payer 2", "Self-pay", "left blank"),
        Change("Share of days, payer 2", "30%", "left blank"),
        Change("Currency", "left blank", "EUR"),
        Change("Room for more clients", "left blank", "no, a waiting list"),
    )


@people.ON_ONE_DATABASE
def test_a_long_history_is_read_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.workspace.versions.MOST_SHOWN", 2)
    ada = saved.member(database)
    key: uuid.UUID = scenarios.create(database, ada, "Spring", "", saved.taken())
    for seen in (1, 2):
        save_version(database, ada, key, seen, saved.taken())
    with database.reading(ada.scope) as session:
        assert [each.number for each in versions(session, key)] == [3, 2]
        assert [each.number for each in versions(session, key, 2)] == [1]
