"""Scenarios are found by the beginnings of their words, whichever way the database goes about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from tests.web.workspace import people, saved
from web.accounts.visitor import Visitor
from web.evidence_catalogue import fold
from web.storage import Database
from web.storage.tables import SavedScenario, ScenarioWord
from web.storage.upgrade import upgrade
from web.workspace import listing, scenarios, words
from web.workspace.words import single_words

NAMES = ("Riverbend 100%", "Ríverside May_2026", "Harbour & Sons", "harbor-light", "May 2026", "100 rivers", "São João")
CLINIC = "Elsewhere"
TERMS = (
    "river",
    "RIV",
    "rivers",
    "harbo",
    "100%",
    "10",
    "may_2026",
    "2026",
    "&",
    "sons",
    "-light",
    "são",
    "bend",
    "%",
    "else",
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Visitor]:
    """Return a database with a scenario of each name; nothing below changes it."""
    database = Database.in_folder(tmp_path_factory.mktemp("words"))
    upgrade(database)
    ada = saved.member(database)
    for name in NAMES:
        scenarios.create(database, ada, name, "", saved.taken(clinic__name=CLINIC))
    return database, ada


def found(database: Database, visitor: Visitor, search: str) -> list[str]:
    names: list[str] = []
    after = ""
    while True:
        with database.reading(visitor.scope) as session:
            page = listing.page(session, search, after)
        names += [row.name for row in page.rows]
        if not page.after:
            return names
        assert page.after != after, "a search that does not come to an end"
        after = page.after


def expected(search: str) -> list[str]:
    """Go through all names: each word of the search begins a word, and each part of it stands there as typed."""
    parts = fold(search).split()
    sought = single_words(" ".join(parts))
    return [
        name
        for name in reversed(NAMES)
        if (sought or not parts)
        and all(any(word.startswith(begin) for word in single_words(fold(f"{name} {CLINIC}"))) for begin in sought)
        and all(part in fold(f"{name} {CLINIC}") for part in parts)
    ]


@pytest.mark.parametrize(("few", "through"), [(0, 1), (0, 3), (0, 1000), (2, 2), (500, 1000)])
@given(asked=st.lists(st.sampled_from(TERMS), max_size=4))
@example(asked=["river", "100"])
@example(asked=["&"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_found_does_not_depend_on_the_way(
    stored: tuple[Database, Visitor], few: int, through: int, monkeypatch: pytest.MonkeyPatch, asked: Sequence[str]
) -> None:
    monkeypatch.setattr(words, "FEW", few)
    monkeypatch.setattr(listing, "LOOKED_THROUGH", through)
    search = " ".join(asked)
    assert found(*stored, search) == expected(search)


def test_both_databases_order_words_by_their_letters(database: Database, ada: Visitor) -> None:
    """A database's locale may sort é beside e, or ignore case and signs; a word must be found all the same."""
    for name in ("zebra", "Éclair", "straße", "日本語 clinic", "𝔘nicode", "ωmega", "zz9"):
        scenarios.create(database, ada, name, "", saved.taken(clinic__name=CLINIC))
    for search in ("ze", "eclair", "stras", "日本", "unicode", "ω", "zz9"):
        assert len(found(database, ada, search)) == 1, search
    assert found(database, ada, "z") == ["zz9", "zebra"]


def test_words_are_those_of_today_and_go_with_their_scenario(database: Database, ada: Visitor) -> None:
    key = scenarios.create(database, ada, "Spring offer", "first second", saved.taken(clinic__name=CLINIC))
    scenarios.rename(database, ada, key, 1, "Autumn offer", "second third")
    other = saved.member(database)
    scenarios.create(database, other, "Spring offer", "", saved.taken(clinic__name=CLINIC))

    def kept(visitor: Visitor) -> set[str]:
        with database.reading(visitor.scope) as session:
            return set(session.scalars(select(ScenarioWord.word)))

    assert kept(ada) == {"autumn", "offer", "second", "third", "elsewhere"}
    assert found(database, ada, "spring") == [] != found(database, ada, "autumn")
    with database.writing(ada.scope) as session:
        session.execute(delete(SavedScenario).where(SavedScenario.id == key))
    assert kept(ada) == set()
    assert kept(other) == {"spring", "offer", "elsewhere"}


@people.ON_ONE_DATABASE
def test_a_long_text_has_no_more_words_than_are_kept(database: Database, ada: Visitor, tmp_path: Path) -> None:
    notes = " ".join(f"w{number}" for number in range(700))
    scenarios.create(database, ada, "Spring", notes, saved.taken())
    with database.reading(ada.scope) as session:
        assert session.scalar(select(func.count()).select_from(ScenarioWord)) == words.MOST
    assert found(database, ada, "x" * 90) == []
    scenarios.create(database, ada, "y" * 90, "", saved.taken())
    assert found(database, ada, "y" * 90) == found(database, ada, "y" * 41) == ["y" * 90]
    assert found(database, ada, "y" * 91) == []
