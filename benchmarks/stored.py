"""What the workspace costs with few and with many scenarios stored, on SQLite and on PostgreSQL.

    python benchmarks/stored.py [--few 100] [--many 100000] [--times 40] [--explain]

Each scenario has two versions, and most are of another organisation's age: changed over years, by one of twenty people.
The reference of each operation is the same operation on the same kind of database with few scenarios, in turn. Rows are
copied from scenarios that the program saved itself. Figures are milliseconds of one call without a run of the model,
the median and the fastest; the ratio of the medians should stay near one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import itertools
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import web  # noqa: F401 - first: it settles the number of threads, as in the product

from sqlalchemy import event, insert, select, text  # isort: skip
from werkzeug.datastructures import MultiDict

from assumptions import load_library
from calculator import evaluate
from web.accounts.visitor import Visitor
from web.forms import Form, parse_form
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import Account, Organisation, SavedScenario, ScenarioVersion, ScenarioWord
from web.storage.upgrade import upgrade
from web.workspace import listing, scenarios
from web.workspace.current import find
from web.workspace.drafts import keep_draft
from web.workspace.snapshot import Snapshot, snapshot
from web.workspace.versions import save_version, versions
from web.workspace.words import single_words

ROOT = Path(__file__).parent.parent
GROWS_AT_MOST = 2.0  # times as long: an index of a thousand times as many rows is one or two steps deeper
UNFELT = 5.0  # milliseconds that nobody feels, whatever the ratio
PLACES = ["Riverbend", "Harbour", "Northgate", "Cedar", "Lakeside", "Summit", "Orchard", "Prairie", "Stone", "Willow"]
KINDS = ["Counselling", "Recovery", "Clinic", "Health", "Partners", "Wellness", "Practice", "Services"]
SLAB = 5_000  # rows written at once
BASE = {"v": "1", "clinic.setting": "outpatient", "clinic.name": "Riverbend", "analysis.draws": "64"}


def servers(stack: ExitStack) -> Iterator[tuple[str, Callable[[], Database]]]:
    """Yield the kinds of databases with what makes an empty one."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    numbers = itertools.count()

    def sqlite() -> Database:
        made = Database.in_folder(folder / str(next(numbers)))
        upgrade(made)
        return made

    yield "SQLite", sqlite
    tests = databases_of_tests()
    if tests.programs() is None:
        print("PostgreSQL is not installed here; only SQLite was measured")
        return
    server = stack.enter_context(tests.postgres_server())
    yield "PostgreSQL", lambda: Database(server.new_database())


def databases_of_tests() -> Any:
    """Return the module of the tests that runs a PostgreSQL server; ``tests`` is no package that can be imported."""
    path = ROOT / "tests" / "web" / "workspace" / "databases.py"
    spec = importlib.util.spec_from_file_location("rapport_databases", path)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


class Stored:
    """A database with so many scenarios of one organisation in it."""

    def __init__(self, database: Database, count: int, library: Any) -> None:
        self.database, self.random = database, random.Random(1)
        self.visitor = people(database)
        self.forms = [form(library, intakes) for intakes in range(40, 80)]
        self.taken = [snapshot(each, evaluate(scenario_of(each), library)) for each in self.forms]
        self.turn = itertools.count()
        self.keys = fill(database, self.visitor, count, self.taken[0])

    def key(self) -> uuid.UUID:
        return self.random.choice(self.keys)

    def listed(self) -> None:
        with self.database.reading(self.visitor.scope) as session:
            assert len(listing.page(session).rows) == listing.PAGE

    def listed_far_down(self) -> None:
        with self.database.reading(self.visitor.scope) as session:
            last = find(session, self.keys[len(self.keys) // 3])
            assert listing.page(session, after=f"{last.changed_at.isoformat()}_{last.id.hex}").rows

    def searched(self, words: Callable[[], str], least: int) -> Callable[[], None]:
        def call() -> None:
            with self.database.reading(self.visitor.scope) as session:
                assert len(listing.page(session, words()).rows) >= least

        return call

    def opened(self) -> None:
        with self.database.reading(self.visitor.scope) as session:
            key = self.key()
            find(session, key)
            assert versions(session, key)

    def saved(self) -> None:
        key = self.key()
        with self.database.reading(self.visitor.scope) as session:
            seen = find(session, key).revision
        save_version(self.database, self.visitor, key, seen, self.taken[next(self.turn) % len(self.taken)])

    def drafted(self) -> None:
        key = self.key()
        with self.database.reading(self.visitor.scope) as session:
            seen = find(session, key).revision
        keep_draft(self.database, self.visitor, key, seen, self.forms[next(self.turn) % len(self.forms)])

    def begun(self) -> None:
        scenarios.create(self.database, self.visitor, f"Spring {next(self.turn)}", "", self.taken[0])

    def deeds(self) -> dict[str, Callable[[], None]]:
        number = lambda: f"no{self.random.randrange(len(self.keys))}"  # noqa: E731
        return {
            "list": self.listed,
            "list, a third down": self.listed_far_down,
            "search, one of many": self.searched(number, 1),
            "search, a common word": self.searched(lambda: "river", 1),
            "search, two common words": self.searched(lambda: "river counsel", 1),
            "search, one of them common": self.searched(lambda: f"river {number()[:4]}", 0),
            "search, an old word": self.searched(lambda: "oldest", 1),
            "search, no such word": self.searched(lambda: "nothing", 0),
            "open, with its versions": self.opened,
            "save a version": self.saved,
            "autosave": self.drafted,
            "save a new scenario": self.begun,
        }


def people(database: Database) -> Visitor:
    home, account = Organisation(id=uuid.uuid4(), name="Riverbend"), uuid.uuid4()
    with database.writing(EVERY_ORGANISATION) as session:
        session.add(home)
    with database.writing(home.id) as session:
        session.add(Account(id=account, email="ada@example.org", name="Ada", role="manager"))
    return Visitor("account", home.id, account, "manager", "Ada")


def form(library: Any, intakes: int) -> Form:
    made = parse_form(MultiDict(BASE | {"clinic.intakes_per_month": str(intakes)}), library)
    assert made.problems == ()
    return made


def scenario_of(form: Form) -> Any:
    assert form.scenario is not None
    return form.scenario


def fill(database: Database, visitor: Visitor, count: int, taken: Snapshot) -> list[uuid.UUID]:
    """Save one scenario with two versions, copy its rows ``count`` times, and return the keys of the copies."""
    key = scenarios.create(database, visitor, "Riverbend", "", taken)
    save_version(database, visitor, key, 1, taken)
    made = random.Random(2)
    keys = [uuid.UUID(int=made.getrandbits(128), version=4) for _ in range(count)]
    with database.for_writing.begin() as connection:
        begun = connection.execute(select(SavedScenario.__table__)).mappings().one()
        kept = [dict(row) for row in connection.execute(select(ScenarioVersion.__table__)).mappings()]
        for start in range(0, count, SLAB):
            part = list(enumerate(keys[start : start + SLAB], start))
            rows = [dict(begun) | {"id": key} | named(number, count) for number, key in part]
            connection.execute(insert(SavedScenario.__table__), rows)
            copies = [row | {"id": uuid.uuid4(), "scenario_id": key} for _, key in part for row in kept]
            connection.execute(insert(ScenarioVersion.__table__), copies)
            found_by = [
                {"scenario_id": row["id"], "organisation_id": row["organisation_id"], "word": word}
                for row in rows
                for word in single_words(row["words"])
            ]
            connection.execute(insert(ScenarioWord.__table__), found_by)
        connection.execute(text("DELETE FROM scenario WHERE name = 'Riverbend'"))
    with database.for_writing.connect() as connection:  # as a server does by itself before long
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("ANALYZE")
        ) if not database.is_sqlite else None
    return keys


def named(number: int, count: int) -> dict[str, Any]:
    """Return what differs between scenarios: the first is the oldest."""
    name = f"{PLACES[number % 10]} {KINDS[number // 10 % 8]} no{number}{' oldest' if number < 3 else ''}"
    changed = now() - dt.timedelta(minutes=10 * (count - number))
    return {"name": name, "words": name.lower(), "changed_at": changed, "created_at": changed}


def milliseconds(deed: Callable[[], None]) -> float:
    begin = time.perf_counter()
    deed()
    return (time.perf_counter() - begin) * 1000.0


def explain(stored: Stored, deed: Callable[[], None]) -> None:
    """Print each statement of a deed with the plan of the database."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH", "UPDATE")):
            said.append((statement, parameters))

    event.listen(stored.database.engine, "before_cursor_execute", note)
    deed()
    event.remove(stored.database.engine, "before_cursor_execute", note)
    word = "EXPLAIN QUERY PLAN" if stored.database.is_sqlite else "EXPLAIN ANALYZE"
    with stored.database.engine.connect() as connection:
        for statement, parameters in said:
            print("   ", " ".join(statement.split())[:200])
            for row in connection.exec_driver_sql(f"{word} {statement}", parameters):
                print("       ", row[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=100)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=40, help="calls of each operation")
    parser.add_argument("--explain", action="store_true", help="also print the plans of the database")
    arguments = parser.parse_args()
    library, met = load_library(), True
    with ExitStack() as stack:
        for kind, empty in servers(stack):
            few = Stored(empty(), arguments.few, library)
            begin = time.perf_counter()
            many = Stored(empty(), arguments.many, library)
            print(
                f"{kind}: {arguments.many:,} scenarios with two versions each, written in {time.perf_counter() - begin:.0f} s"
            )
            for name, deed in few.deeds().items():
                other = many.deeds()[name]
                times = [(milliseconds(deed), milliseconds(other)) for _ in range(arguments.times)][2:]
                less, more = zip(*times, strict=True)
                ratio = median(more) / median(less)
                good = ratio <= GROWS_AT_MOST or median(more) <= UNFELT
                met &= good
                print(f"  {name:26} {arguments.few:7,}: {median(less):6.2f} ms ({min(less):5.2f})   {arguments.many:7,}: "
                      f"{median(more):6.2f} ms ({min(more):5.2f})   ratio {ratio:5.2f}{'' if good else '  GROWS'}", flush=True)  # fmt: skip
                if arguments.explain:
                    explain(many, other)
            for each in (few, many):
                each.database.close()
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
