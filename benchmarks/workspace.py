"""What a server with accounts bears: two gunicorn workers as they are deployed, called from the same machine.

    python benchmarks/workspace.py [--seconds 5] [--rounds 3]

Live updates of the result, each with another form; beside them stands the model alone, in a loop on as many processes.
Pages without a run of the model; beside them a bare Flask application in the same kind of gunicorn, which renders a
template as long as the sign-in page. Pages of members, with a hundred scenarios stored, for information: each signs in
and asks the database for its own. What signing in adds: the same page as stranger and as member in pairs, on SQLite
and on PostgreSQL. Rates are medians of the rounds, taken in turn, so that a change of the machine's pace hits both;
beside them stands the time of the server's processors for an answer, which others on the machine change less.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import parse_qsl, urlencode

import web  # noqa: F401 - first: it settles the number of threads, as in the product

from borrowed import of_tests  # isort: skip
from callers import Connection, Run, call, cpu_seconds, hammer, request  # isort: skip
from stored import fill, form, taken  # isort: skip
from werkzeug.datastructures import MultiDict

from assumptions import load_library
from calculator import evaluate
from web.accounts.visitor import STRANGER, Visitor
from web.example_clinics import examples
from web.forms import parse_form
from web.storage import Database
from web.storage.upgrade import upgrade

ROOT = Path(__file__).parent.parent
WORKERS = 2
LIVE, LONGEST = 40.0, 400.0  # updates a second, and milliseconds for 99 in 100 of them
FEW, MANY = 16, 64  # connections
PAGES = 1000.0  # a second
ADDED = 3.0  # milliseconds that signing in may add
PATHS = ("/method", "/alliance", "/evidence", "/sign-in")
FOR_MEMBERS = ("/scenarios", "/scenarios?q=river", "/administration/members", "/worklist")
STORED = 100  # scenarios
FOR_BOTH = ("/method", "/evidence", "/")  # seen by strangers and by members
PAIRS = 150
FORMS = 200  # different ones
BARE = """
from flask import Flask, render_template_string

app = Flask("bare")

@app.get("/")
def page():
    return render_template_string({page!r} + "{{{{ name }}}}", name="Rapport")
"""


gunicorn, databases, people = map(of_tests, ("gunicorn_server", "databases", "people"))


@dataclass(frozen=True)
class Served:
    """A running server: its port, its first process, and the header that a member's browser sends."""

    port: int
    process: int
    member: dict[str, str]
    visitor: Visitor

    def measured(self, run: Callable[[], Run]) -> Run:
        """Return a run with the time of the workers' processors."""
        before = cpu_seconds(self.process)
        done = run()
        done.cpu = (cpu_seconds(self.process) - before) * 1000.0 / max(done.answers, 1)
        return done


@contextmanager
def served(database: Database, folder: Path) -> Iterator[Served]:
    """Serve the product on a database, with one member in it."""
    home = people.organisation(database)
    account = people.member(database, home)
    app = people.app(database, folder, TESTING=False)
    browser = people.client(app, account)
    browser.get("/method")  # whoever has seen one page has its token in the cookie
    cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
    with gunicorn.serving(database, folder) as server:
        yield Served(
            server.port,
            server.process.pid,
            {"Cookie": f"{cookie.key}={cookie.value}"},
            Visitor("account", home, account),
        )


@contextmanager
def bare(folder: Path, page: str) -> Iterator[Served]:
    """Serve a bare application in the same kind of gunicorn."""
    (folder / "bare.py").write_text(BARE.format(page=page))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--threads", "4", "--log-level", "error"]
    command += ["--worker-class", "web.operations.gunicorn_worker.Worker", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--pythonpath", f"{folder},{ROOT}", "bare:app"])
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        end = time.monotonic() + 60
        while len(children.read_text().split()) < WORKERS or not listens(port):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit("the bare server did not start")
            time.sleep(0.05)
        time.sleep(1.0)  # both workers have read the application by then
        yield Served(port, process.pid, {}, STRANGER)
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def forms() -> list[dict[str, str]]:
    """Return the example clinics, each with other numbers of clients, as the page of the calculator sends them."""
    found = [dict(parse_qsl(each.query)) for each in examples()]
    return [found[n % len(found)] | {"clinic.intakes_per_month": str(20 + n)} for n in range(FORMS)]


def model_alone(seconds: float) -> int:
    """Return how many forms this process evaluates; without reading or writing one, and without a page."""
    library = load_library()
    scenarios = [parse_form(MultiDict(each), library).scenario for each in forms()]
    end, done = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        evaluate(scenarios[done % FORMS], library)
        done += 1
    return done


def live(server: Served, seconds: int, rounds: int) -> bool:
    """Measure updates of the result and print them; return whether the targets are met."""
    bodies = [urlencode(each) for each in forms()]
    updates = [request("POST", "/estimate", body, {"HX-Request": "true"}) for body in bodies]
    call(server.port, updates, FEW, 2.0)  # warm
    runs, alone = [], []
    with concurrent.futures.ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(model_alone, [0.1] * WORKERS))
        for _ in range(rounds):
            runs.append(server.measured(lambda: call(server.port, updates, FEW, seconds)))
            alone.append(sum(pool.map(model_alone, [float(seconds)] * WORKERS)) / seconds)
    rate = tell(f"live update, {FEW} connections", runs)
    most, errors = median(each.most for each in runs), sum(each.errors for each in runs)
    good = rate >= LIVE and most <= LONGEST and not errors
    print(f"  {rate / median(alone):.2f} of the model alone ({median(alone):.0f}/s on {WORKERS} processes); "
          f"{'meets' if good else 'MISSES'} {LIVE:.0f}/s and {LONGEST:.0f} ms")  # fmt: skip
    crowd = [server.measured(lambda: call(server.port, updates, MANY, seconds))]
    tell(f"live update, {MANY} connections", crowd)
    print(f"  {crowd[0].errors} errors in {crowd[0].answers} answers")
    return good and not crowd[0].errors


def pages(server: Served, reference: Served, seconds: int, rounds: int) -> bool:
    """Measure pages without a run of the model and print them; return whether the target is met."""
    met = True
    for path in PATHS:
        runs, others = [], []
        hammer(server.port, path, FEW, 1)
        for _ in range(rounds):
            runs.append(server.measured(lambda path=path: hammer(server.port, path, FEW, seconds)))
            others.append(reference.measured(lambda: hammer(reference.port, "/", FEW, seconds)))
        rate = tell(f"{path}, {FEW} connections", runs)
        good = rate >= PAGES and not sum(each.errors for each in runs)
        met &= good
        other, cpu = median(each.rate for each in others), median(each.cpu for each in others)
        print(f"  {rate / other:.2f} of a bare Flask application ({other:.0f}/s, {cpu:.2f} ms); "
              f"{'meets' if good else 'MISSES'} {PAGES:.0f}/s")  # fmt: skip
    return met


def pages_of_members(server: Served, database: Database, reference: Served, seconds: int) -> None:
    """Measure pages that ask the database, and print them."""
    library = load_library()
    fill(database, server.visitor, STORED, taken(form(library, 40), library))
    for path in FOR_MEMBERS:
        hammer(server.port, path, FEW, 1, server.member)
        run = server.measured(lambda path=path: hammer(server.port, path, FEW, seconds, server.member))
        other = hammer(reference.port, "/", FEW, seconds)
        rate = tell(f"{path}, signed in, {FEW} connections", [run])
        print(f"  {rate / other.rate:.2f} of a bare Flask application ({other.rate:.0f}/s), for information")


def signing_in(kind: str, server: Served) -> bool:
    """Measure what signing in adds and print it; return whether the target is met."""
    met = True
    stranger, member = Connection(server.port), Connection(server.port)
    for path in FOR_BOTH:
        times, asked = [], (request("GET", path), request("GET", path, headers=server.member))
        for _ in range(PAIRS):
            answers = stranger.ask(asked[0]), member.ask(asked[1])
            if {status for status, _ in answers} != {"200"}:
                raise SystemExit(f"{path} answers {answers}")
            times.append([each for _, each in answers])
        without, having = zip(*times[10:], strict=True)
        added = median(b - a for a, b in times[10:])
        ratio, good = median(having) / median(without), added <= ADDED
        print(f"{kind}, {path}: stranger {median(without):.2f} ms, member {median(having):.2f}, ratio {ratio:.2f}; "
              f"signing in adds {added:.2f} ms (fastest to fastest {min(having) - min(without):.2f}); "
              f"{'meets' if good else 'MISSES'} {ADDED:g} ms", flush=True)  # fmt: skip
        met &= good
    return met


def tell(name: str, runs: Sequence[Run]) -> float:
    """Print what some runs took, and return the median of their rates."""
    errors = sum(each.errors for each in runs)
    rate, half, most, cpu = (median(getattr(each, name) for each in runs) for name in ("rate", "half", "most", "cpu"))
    wrong = f", {errors} ERRORS" if errors else ""
    print(f"{name}: {rate:.0f}/s (best {max(each.rate for each in runs):.0f}), half within {half:.1f} ms, "
          f"99 in 100 within {most:.1f}; {cpu:.2f} ms of the processors each{wrong}", flush=True)  # fmt: skip
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5, help="of one run")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "bare").mkdir()
        database = Database.in_folder(folder / "sqlite")
        upgrade(database)
        with served(database, folder / "sqlite") as server:
            met = live(server, arguments.seconds, arguments.rounds)
            page = people.app(database, folder / "sqlite").test_client().get("/sign-in").text
            with bare(folder / "bare", page) as reference:
                met &= pages(server, reference, arguments.seconds, arguments.rounds)
                pages_of_members(server, database, reference, arguments.seconds)
            met &= signing_in("SQLite", server)
        if databases.programs() is None:
            print("PostgreSQL is not installed here; only SQLite was measured")
        else:
            postgres = stack.enter_context(databases.postgres_server())
            (folder / "postgresql").mkdir()
            with served(Database(postgres.new_database()), folder / "postgresql") as server:
                met &= signing_in("PostgreSQL", server)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
