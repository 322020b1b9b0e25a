"""What saved scenarios cost with few and with many of them stored, on SQLite and on PostgreSQL.

    python benchmarks/stored.py [--few 100] [--many 100000] [--times 40]

All are of one organisation, have two versions each, and were changed over two years. They are copies of one that the
program saved itself, under other names. The reference of each operation is the same operation with few of them, in
turn. Milliseconds of one call, without a run of the model and without a page: the median, the fastest in brackets; the
ratio of the medians should stay near one. What takes less than 5 ms is taken for constant, whatever the ratio. A search
for common words looks through so many scenarios and no more; what it takes to go on is the same once more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import web  # noqa: F401 - first: it settles the number of threads, as in the product

import numpy as np  # isort: skip
from borrowed import of_tests
from sqlalchemy import insert, select, text
from werkzeug.datastructures import MultiDict

from assumptions import Library, load_library
from calculator import evaluate
from web.accounts.visitor import Visitor
from web.forms import Form, parse_form
from web.storage import Database
from web.storage.base import now
from web.storage.tables import SavedScenario, ScenarioVersion, ScenarioWord
from web.storage.upgrade import upgrade
from web.workspace import listing, scenarios
from web.workspace.current import find
from web.workspace.drafts import keep_draft
from web.workspace.snapshot import Snapshot, snapshot
from web.workspace.versions import save_version, versions
from web.workspace.words import single_words

databases, people = of_tests("databases"), of_tests("people")
GROWS_AT_MOST = 2.0  # times as long: an index of a thousand times as many rows is a step or two deeper
UNFELT = 5.0  # milliseconds
PLACES = ["Riverbend", "Harbour", "Northgate", "Cedar", "Lakeside", "Summit", "Orchard", "Prairie", "Stone", "Willow"]
KINDS = ["Counselling", "Recovery", "Clinic", "Health", "Partners", "Wellness", "Practice", "Services"]
OLDEST = 3  # scenarios with a word of their own
FORMER = 0.06  # of all, the oldest, have another
NOT_FOUND = ("nothing", "even odd", "former")  # the last is not found at once: the page says so and goes on
SLAB = 5_000  # rows written at once
FORM = {"v": "1", "clinic.setting": "outpatient", "clinic.name": "Riverbend", "analysis.draws": "64"}
FORMS = 40  # different ones


class Stored:
    """A database with so many scenarios in it, and what is done with them."""

    def __init__(self, database: Database, count: int, library: Library) -> None:
        self.database, self.random, self.turn = database, np.random.default_rng(1), itertools.count()
        home = people.organisation(database)
        self.visitor = Visitor("account", home, people.member(database, home, "manager"), "manager", "Ada")
        self.forms = [form(library, 40 + n) for n in range(FORMS)]
        self.taken = [taken(each, library) for each in self.forms]
        self.keys = fill(database, self.visitor, count, self.taken[0])

    def key(self) -> uuid.UUID:
        return self.keys[self.random.integers(len(self.keys))]

    def number(self) -> str:
        """Return the word that only one scenario has."""
        return f"no{self.random.integers(len(self.keys))}"

    def listed(self, search: str = "", after: str = "") -> None:
        with self.database.reading(self.visitor.scope) as session:
            rows = listing.page(session, search, after).rows
        if not rows and search not in NOT_FOUND:
            raise SystemExit(f"nothing was found for {search!r} {after!r}")

    def listed_far_down(self) -> None:
        with self.database.reading(self.visitor.scope) as session:
            last = find(session, self.keys[len(self.keys) // 3])
        self.listed("", f"{last.changed_at.isoformat()}_{last.id.hex}")

    def opened(self) -> None:
        key = self.key()
        with self.database.reading(self.visitor.scope) as session:
            find(session, key)
            versions(session, key)

    def seen(self) -> tuple[uuid.UUID, int]:
        key = self.key()
        with self.database.reading(self.visitor.scope) as session:
            return key, find(session, key).revision

    def saved(self) -> None:
        save_version(self.database, self.visitor, *self.seen(), self.taken[next(self.turn) % FORMS])

    def drafted(self) -> None:
        keep_draft(self.database, self.visitor, *self.seen(), self.forms[next(self.turn) % FORMS])

    def begun(self) -> None:
        scenarios.create(self.database, self.visitor, f"Spring {next(self.turn)}", "", self.taken[0])

    def deeds(self) -> dict[str, Callable[[], object]]:
        return {
            "list": self.listed,
            "list, a third of the way down": self.listed_far_down,
            "search, a word of one": lambda: self.listed(self.number()),
            "search, a word of the oldest": lambda: self.listed("oldest"),
            "search, a common word": lambda: self.listed("river"),
            "search, two common words": lambda: self.listed("river counsel"),
            "search, common, never together": lambda: self.listed("even odd"),
            "search, many, all of them old": lambda: self.listed("former"),
            "search, a common one and a rare": lambda: self.listed("oldest river"),
            "search, no such word": lambda: self.listed("nothing"),
            "open, with its versions": self.opened,
            "save a version": self.saved,
            "autosave": self.drafted,
            "save a new scenario": self.begun,
        }


def form(library: Library, intakes: int) -> Form:
    return parse_form(MultiDict(FORM | {"clinic.intakes_per_month": str(intakes)}), library)


def taken(form: Form, library: Library) -> Snapshot:
    if form.scenario is None:
        raise SystemExit(f"the form is wrong: {form.problems}")
    return snapshot(form, evaluate(form.scenario, library))


def fill(database: Database, visitor: Visitor, count: int, taken: Snapshot) -> list[uuid.UUID]:
    """Save one scenario with two versions, copy its rows so many times, and return the keys of the copies."""
    key = scenarios.create(database, visitor, "Riverbend", "", taken)
    save_version(database, visitor, key, 1, taken)
    random = np.random.default_rng(2)
    keys = [uuid.UUID(bytes=random.bytes(16), version=4) for _ in range(count)]
    with database.for_writing.begin() as connection:
        begun = dict(connection.execute(select(SavedScenario.__table__)).mappings().one())
        kept = [dict(row) for row in connection.execute(select(ScenarioVersion.__table__)).mappings()]
        for start in range(0, count, SLAB):
            part = list(enumerate(keys[start : start + SLAB], start))
            rows = [begun | {"id": each} | named(number, count) for number, each in part]
            copies = [row | {"id": uuid.uuid4(), "scenario_id": each} for _, each in part for row in kept]
            home = {"organisation_id": visitor.organisation}
            found_by = [
                home | {"scenario_id": row["id"], "word": word} for row in rows for word in single_words(row["words"])
            ]
            for table, values in ((SavedScenario, rows), (ScenarioVersion, copies), (ScenarioWord, found_by)):
                connection.execute(insert(table.__table__), values)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # as the server does by itself before long
    return keys


def named(number: int, count: int) -> dict[str, Any]:
    """Return what differs between scenarios; the first is the oldest."""
    name = f"{PLACES[number % 10]} {KINDS[number // 10 % 8]} no{number} {'odd' if number % 2 else 'even'}"
    name += (" oldest" if number < OLDEST else "") + (" former" if number < FORMER * count else "")
    if number < OLDEST:
        name = name.replace(PLACES[number % 10], PLACES[0])  # so that one of them has a common word, too
    changed = now() - dt.timedelta(days=730) * (count - number) / count
    return {"name": name, "words": name.lower(), "changed_at": changed, "created_at": changed}


def milliseconds(deed: Callable[[], object]) -> float:
    begin = time.perf_counter()
    deed()
    return (time.perf_counter() - begin) * 1000.0


def kinds(stack: ExitStack) -> Iterator[tuple[str, Callable[[], Database]]]:
    """Yield the kinds of databases, with what makes an empty one."""
    folder, numbers = Path(stack.enter_context(tempfile.TemporaryDirectory())), itertools.count()

    def sqlite() -> Database:
        made = Database.in_folder(folder / str(next(numbers)))
        upgrade(made)
        return made

    yield "SQLite", sqlite
    if databases.programs() is None:
        print("PostgreSQL is not installed here; only SQLite was measured")
        return
    server = stack.enter_context(databases.postgres_server())
    yield "PostgreSQL", lambda: Database(server.new_database())


def compare(few: Stored, many: Stored, times: int) -> bool:
    """Measure all operations and print them; return whether none grows."""
    met, numbers = True, (f"{len(few.keys):,}", f"{len(many.keys):,}")
    for (name, deed), other in zip(few.deeds().items(), many.deeds().values(), strict=True):
        deed()
        other()
        pairs: Sequence[tuple[float, float]] = [(milliseconds(deed), milliseconds(other)) for _ in range(times)]
        less, more = zip(*pairs, strict=True)
        ratio = median(more) / median(less)
        good = ratio <= GROWS_AT_MOST or median(more) <= UNFELT
        met &= good
        each = "   ".join(f"{number}: {median(found):6.2f} ms ({min(found):5.2f})"
                          for number, found in zip(numbers, (less, more), strict=True))  # fmt: skip
        print(f"  {name:32} {each}   ratio {ratio:5.2f}{'' if good else '  GROWS'}", flush=True)
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=100)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=40, help="calls of each operation")
    arguments = parser.parse_args()
    library, met = load_library(), True
    with ExitStack() as stack:
        for kind, empty in kinds(stack):
            begin = time.perf_counter()
            few, many = (Stored(empty(), count, library) for count in (arguments.few, arguments.many))
            print(f"{kind}, written in {time.perf_counter() - begin:.0f} s")
            met &= compare(few, many, arguments.times)
            few.database.close()
            many.database.close()
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
