"""Run a batch: write what the workers make of each row, keep the record, and list it all in the end.

Memory does not grow with the number of rows, save for some 300 bytes a row: only so many rows are under way at once.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from calculator.errors import RapportError
from calculator.serialize import canonical
from reports.batch.dispatch import CHUNK, Ticket, never, outcomes
from reports.batch.executors import Workers
from reports.batch.folder import Folder
from reports.batch.journal import Journal, Record
from reports.batch.manifest import BETWEEN, DONE, ERROR, HELD, Entry, written
from reports.batch.names import MANIFEST, file_stem
from reports.batch.prospects import Prospects, Row
from reports.batch.work import Job, Options, Outcome, fingerprint


@dataclass(frozen=True)
class Summary:
    """How far a batch is. ``kept`` rows, part of ``done`` and ``held``, were finished by an earlier run."""

    total: int
    done: int = 0
    held: int = 0
    failed: int = 0
    kept: int = 0
    stopped: bool = False

    @property
    def finished(self) -> int:
        """Return how many rows have been dealt with."""
        return self.done + self.held + self.failed

    def plus(self, status: str, *, kept: bool = False) -> Summary:
        """Return the summary with one more row."""
        return replace(
            self,
            done=self.done + (status == DONE),
            held=self.held + (status == HELD),
            failed=self.failed + (status == ERROR),
            kept=self.kept + kept,
        )


def run(
    prospects: Prospects,
    options: Options,
    folder: Path,
    workers: Workers,
    *,
    include_held: bool = False,
    on_progress: Callable[[Summary], None] = lambda summary: None,
    should_stop: Callable[[], bool] = never,
) -> Summary:
    """Write a proposal for each prospect into ``folder``, and ``manifest.csv`` when all are through.

    What an earlier run of the same prospects finished there is kept; the files are the same bytes however often it was
    interrupted and whoever did the work.

    Args:
        prospects: the rows.
        options: how the proposals are made.
        folder: where they go; it is made if need be.
        workers: who makes them.
        include_held: also write those with implausible values.
        on_progress: is told after each row.
        should_stop: is asked a few times a second; the batch then ends early, and no manifest is written.

    Raises:
        RapportError: if the folder holds another batch, another run is at work there, or the workers are lost.
        OSError: if a file cannot be written; ``filename`` says which. What is finished stays finished.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not any(folder.iterdir())
    with Journal(folder) as journal:
        _check_folder(journal, prospects, folder, fresh=fresh)
        journal.begin(prospects.source.path.name, prospects.source.sha256)
        batch = _Batch(prospects, options, Folder(folder), journal, workers, include_held, on_progress, should_stop)
        return batch.run()


def check(
    prospects: Prospects,
    options: Options,
    workers: Workers,
    on_progress: Callable[[Summary], None] = lambda summary: None,
) -> Iterator[tuple[Row, Outcome]]:
    """Yield each row with what would become of it, in the order of the file; nothing is written."""
    summary = Summary(prospects.total)
    tickets = (Ticket(row, Job(row.data or {}, render=False)) for row in prospects.rows())
    for ticket, outcome in outcomes(tickets, options, workers, never):
        summary = summary.plus(status_of(outcome, include_held=False))
        on_progress(summary)
        yield ticket.row, outcome


def status_of(outcome: Outcome, *, include_held: bool) -> str:
    """Return done, held or error."""
    if outcome.problems or outcome.fault:
        return ERROR
    return HELD if outcome.held and not include_held else DONE


@dataclass
class _Batch:
    """One run; what it knows of each row is where its record stands in the journal."""

    prospects: Prospects
    options: Options
    folder: Folder
    journal: Journal
    workers: Workers
    include_held: bool
    on_progress: Callable[[Summary], None]
    should_stop: Callable[[], bool]

    def run(self) -> Summary:
        self.summary = Summary(self.prospects.total)
        self.places = array("q")
        self.known = len(self.journal.last)
        for finished in self._in_chunks(outcomes(self._tickets(), self.options, self.workers, self.should_stop)):
            self._keep(finished)
        if self.should_stop() or self.summary.finished < len(self.places):
            return replace(self.summary, stopped=True)
        self._end()
        return self.summary

    def _tickets(self) -> Iterator[Ticket]:
        """Yield the rows that are still to be done."""
        salt = [self.options.digest, *fingerprint()]
        for place, row in enumerate(self.prospects.rows()):
            key = _key(row, salt)
            found = self._finished(key)
            self.places.append(-1 if found is None else found[0])
            if found is None:
                render = not row.problems
                job = Job(row.data or {}, row.prepared_for, render, self.include_held)
                yield Ticket(row, job, key, place)
            else:
                self._count(found[1].entry.status, kept=True)

    def _finished(self, key: str) -> tuple[int, Record] | None:
        """Return the record of a row that needs no work, and where it stands."""
        place = self.journal.last.get(bytes.fromhex(key))
        if place is None:
            return None
        record = self.journal.at(place)
        wanted = DONE if self.include_held else HELD
        if record.entry.status == ERROR or (record.held and record.entry.status != wanted):
            return None
        return (place, record) if all(self.folder.holds(*file) for file in record.files()) else None

    def _in_chunks(self, found: Iterator[tuple[Ticket, Outcome]]) -> Iterator[list[tuple[Ticket, Outcome]]]:
        """Yield a few outcomes at a time: they are put on disk together."""
        chunk: list[tuple[Ticket, Outcome]] = []
        for each in found:
            chunk.append(each)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _keep(self, finished: list[tuple[Ticket, Outcome]]) -> None:
        """Write the files of some rows, then the record that they are finished."""
        self.folder.remove(MANIFEST)  # it is not true any more
        records = [self._record(ticket, outcome) for ticket, outcome in finished]
        self.folder.settle()
        self.journal.append([record for record in records if not self._is_known(record)])
        for (ticket, _outcome), record in zip(finished, records, strict=True):
            self.places[ticket.place] = self.journal.last[bytes.fromhex(record.key)]
            self._count(record.entry.status)

    def _is_known(self, record: Record) -> bool:
        """Return whether the journal says just that: a row is as wrong as it was, or its lost file is made again."""
        place = self.journal.last.get(bytes.fromhex(record.key))
        return place is not None and self.journal.at(place) == record

    def _count(self, status: str, *, kept: bool = False) -> None:
        self.summary = self.summary.plus(status, kept=kept)
        self.on_progress(self.summary)

    def _record(self, ticket: Ticket, outcome: Outcome) -> Record:
        row, status = ticket.row, status_of(outcome, include_held=self.include_held)
        who = _digest(self.prospects.identity(row))
        entry = Entry(str(row.row), row.id, row.name, status)
        if status == ERROR:
            faults = [f"row {row.row}{self.prospects.located(problem)}" for problem in outcome.problems]
            faults = faults or [f"row {row.row} {outcome.fault}"]
            return Record(ticket.key, who, replace(entry, error=BETWEEN.join(faults)))
        entry = replace(entry, flags=BETWEEN.join(outcome.flags), **dict(outcome.figures or {}))
        if status == HELD:
            return Record(ticket.key, who, entry, held=True)
        stem = file_stem(row.row, row.name)
        files = {f"{stem}.pdf": outcome.pdf} | ({f"{stem}.xlsx": outcome.workbook} if outcome.workbook else {})
        for name, content in files.items():
            self.folder.write(name, [content])
        digests = [hashlib.sha256(content).hexdigest() for content in files.values()]
        names = list(files)
        entry = replace(entry, file=names[0], file_sha256=digests[0], digest=outcome.digest)
        if outcome.workbook:
            entry = replace(entry, workbook=names[1], workbook_sha256=digests[1])
        sizes = {name: len(content) for name, content in files.items()}
        return Record(ticket.key, who, entry, sizes, held=outcome.held)

    def _end(self) -> None:
        """Write the manifest, and remove what earlier runs wrote for rows that have changed since."""
        entries = (self.journal.at(place).entry for place in self.places)
        self.folder.write(MANIFEST, written(entries))
        self.folder.settle()
        if self.known <= self.summary.kept:
            return
        current = {name for place in self.places for name, *_rest in self.journal.at(place).files()}
        for record in self.journal.records():
            for name, digest, size in record.files():
                if name not in current and self.folder.holds(name, digest, size):
                    self.folder.remove(name)


def _key(row: Row, salt: list[str]) -> str:
    """Return the digest of all that a row's files and its row of the manifest depend on."""
    problems = [str(problem) for problem in row.problems]
    return _digest(canonical([row.row, row.id, row.name, row.prepared_for, row.data, problems, *salt]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _check_folder(journal: Journal, prospects: Prospects, folder: Path, *, fresh: bool) -> None:
    """See to it that the folder is empty of batches, or holds one of the same prospects.

    They are the same if the file is, or if at least half of those that were finished are still in it.

    Raises:
        RapportError: if it holds another batch.
    """
    if journal.new:
        if not fresh and (folder / MANIFEST).exists():
            raise RapportError(f"{folder}: holds a {MANIFEST} but no record of its batch; choose another folder.")
        return
    if journal.sha256 == prospects.source.sha256:
        return
    before = {record.who for record in journal.records()}
    now = {_digest(prospects.identity(row)) for row in prospects.rows()}
    if before and 2 * len(before & now) < len(before):
        raise RapportError(
            f"{folder}: holds the proposals of other prospects ({journal.source}); choose another folder."
        )
