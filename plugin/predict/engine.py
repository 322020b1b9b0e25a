"""Score files of any size: sort their rows by episode into parts, score part by part, merge in the order of the file.

Memory depends on the size of a block and of a part, never on that of the files, whose rows may stand in any order.
What is finished stays in a folder beside the output until all is done, so that an interrupted run goes on where it
was. What comes out is the same whoever did the work and however it was divided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, TypeVar

from plugin.caseload import NO_DAY, day_of
from plugin.errors import PluginError
from plugin.loading import rules
from plugin.predict.assembly import told, write_problems, write_risks
from plugin.predict.facts import Fact, facts_of
from plugin.predict.hands import Hands, Here
from plugin.predict.merging import MergeJob, TellJob, merge_block, tell_block
from plugin.predict.scoring import ScoreJob, Sorted, score_part
from plugin.predict.slices import Slices, is_whole, write_whole
from plugin.predict.sorting import SortJob, sort_block, wanted
from plugin.predict.stretches import sent
from plugin.predict.tables import Kind, open_tables
from plugin.predict.task import Progress, Show, Summary, Task
from plugin.predict.workplace import workplace

_LEAST: Final = 1 << 20  # bytes of a block or a part of large files
_Job = TypeVar("_Job", SortJob, ScoreJob, MergeJob, TellJob)

Said = dict[str, Any]  # what a task says of the tables it wrote


def run(task: Task, hands: Hands, show: Show = lambda progress: None) -> Summary:
    """Write RISK.csv, whole or not at all.

    Raises:
        PluginError: where a file cannot be used, no row can, there is a bad row and ``refuse`` is set, another run
            writes the same output, or the workers are lost.
        OSError: where a file cannot be read or written.
    """
    with workplace(task.output, task.key) as folder:
        return _Run(task, hands, show, folder).summary()


class _Run:
    """One run; its stages in order."""

    def __init__(self, task: Task, hands: Hands, show: Show, folder: Path) -> None:
        self.task, self.hands, self.show, self.folder = task, hands, show, folder
        self.local = Hands(Here()) if hands.remote else hands
        self.tables = open_tables(task.files, min(task.block, max(task.size // 16, _LEAST)), folder)
        self.name = self.tables["episodes"].layout.name
        size = sum(table.size for table in self.tables.values())
        parts = max(-(-size // min(task.part, max(size // 4, _LEAST))), 1)
        self.scored = [folder / f"part-{part:06d}.tables" for part in range(parts)]
        self.sorted = {
            kind: [folder / f"{kind}-{number:06d}.tables" for number in range(len(table.blocks))]
            for kind, table in self.tables.items()
        }
        self.said: dict[Kind, list[Said]] = {}
        self.first: dict[Kind, tuple[int, ...]] = {}  # number of each block's first row, as a spreadsheet counts

    def summary(self) -> Summary:
        """Do all of it."""
        self._sort()
        episodes, first = self.said["episodes"], self.first["episodes"]
        rows = sum(block["present"] for block in episodes)
        held = [name for name in self.task.covariates if name in episodes[0]["covariates"]]
        facts, notes, ignored = facts_of(held, episodes, first)
        as_of = self.task.as_of or self._latest()
        said = [] if as_of is None else self._score(as_of, facts)
        problems = self._tell(said, [f"{self.name}: {line}" for line in ignored])
        if self.task.refuse and problems:
            raise PluginError(problems)
        if as_of is None or rows == self._bad("episodes", said):
            raise PluginError([*problems, f"{self.name}: none of its {rows:,} rows can be used; mend those listed"])
        self._merge()
        noted = (*self._notes(said), *(f"{self.name}: {line}" for line in notes))
        return Summary(rows, sum(part["scored"] for part in said), as_of, tuple(problems), noted)

    def _sort(self) -> None:
        """Sort the blocks of all files, and read what is said of each."""
        task, parts = self.task, len(self.scored)
        jobs = {
            target: SortJob(table.layout, block, table.path, parts, task.covariates, task.salt)
            for kind, table in self.tables.items()
            for block, target in zip(table.blocks, self.sorted[kind], strict=True)
        }
        self._do("reading", sort_block, jobs, self.hands)
        for kind, table in self.tables.items():
            self.said[kind] = [_said(path) for path in self.sorted[kind]]
            rows = (block["rows"] for block in self.said[kind])
            self.first[kind] = tuple(accumulate(rows, initial=table.first_row))[:-1]

    def _latest(self) -> dt.date | None:
        days = [block["latest"] for blocks in self.said.values() for block in blocks]
        return day_of(max((day for day in days if day is not None), default=NO_DAY))

    def _score(self, as_of: dt.date, facts: Mapping[str, Fact]) -> list[Said]:
        """Score all parts, and return what is said of each."""
        files = {
            kind: Sorted(table.layout, tuple(self.sorted[kind]), self.first[kind])
            for kind, table in self.tables.items()
        }
        jobs = {target: ScoreJob(part, files, facts, self.task.model, as_of) for part, target in enumerate(self.scored)}
        self._do("scoring", score_part, jobs, self.hands)
        return [_said(path) for path in self.scored]

    def _bad(self, kind: Kind, said: Sequence[Said]) -> int:
        """Return how many rows of a file are left out."""
        before, later = (block["bad"] for block in self.said[kind]), (part["bad"][kind] for part in said)
        return int(sum(before) + sum(later))

    def _tell(self, said: Sequence[Said], ignored: Sequence[str]) -> list[str]:
        """Write down what is wrong, and return the first lines of each file."""
        lines: list[str] = []
        heads: list[str] = []
        blocks: list[Path] = []
        for kind, table in self.tables.items():
            own = [*table.ignored, *(ignored if kind == "episodes" else ())]
            heads += own
            lines += own
            if self._bad(kind, said):
                jobs = self._tell_jobs(kind, self.scored[: len(said)])
                self._do("checking", tell_block, jobs, self.local)
                blocks += jobs
                lines += told(table.layout.name, list(jobs))
        if self.task.problems is not None:
            write_problems(self.task.problems, heads, blocks)
        return lines

    def _tell_jobs(self, kind: Kind, scored: Sequence[Path]) -> dict[Path, TellJob]:
        place = len(self.sorted["episodes"])  # of the block's table in the scored parts; those of risks come first
        for other in self.sorted:
            if other == kind:
                break
            place += len(self.sorted[other])
        jobs = {}
        for number, path in enumerate(self.sorted[kind]):
            tables = [(path, len(self.scored)), *((part, place + number) for part in scored)]
            target = self.folder / f"problems-{kind}-{number:06d}.text"
            jobs[target] = TellJob(self.tables[kind].layout.name, self.first[kind][number], tuple(tables))
        return jobs

    def _merge(self) -> None:
        """Write RISK.csv."""
        model, scored = self.task.model, tuple(self.scored)
        jobs = {
            self.folder / f"risk-{number:06d}.text": MergeJob(scored, number, model.name, model.version)
            for number in range(len(self.sorted["episodes"]))
        }
        self._do("writing", merge_block, jobs, self.local)
        write_risks(self.task.output, self.folder, jobs)

    def _notes(self, said: Sequence[Said]) -> list[str]:
        notes = [note for table in self.tables.values() for note in table.notes]
        for kind in ("ratings", "visits"):
            blocks = self.said.get(kind, [])
            if any(block["present"] for block in blocks) and not any(part["owned"][kind] for part in said):
                notes.append(f"{self.tables[kind].layout.name}: {rules.strangers(self.name)}")
        return notes

    def _do(
        self, stage: str, task: Callable[[_Job], list[bytes] | None], jobs: Mapping[Path, _Job], who: Hands
    ) -> None:
        """Do what is not done yet."""
        left = {target: job for target, job in jobs.items() if not _finished(target)}
        handed = (_sent(job) if who.remote else replace(job, target=target) for target, job in left.items())
        done = len(jobs) - len(left)
        self.show(Progress(stage, done, len(jobs)))
        for number, (target, pieces) in enumerate(zip(left, who.each(task, handed), strict=True), done + 1):
            if pieces is not None:
                write_whole(target, pieces)
            self.show(Progress(stage, number, len(jobs)))


def _finished(target: Path) -> bool:
    return is_whole(target) if target.suffix == ".tables" else target.exists()


def _said(path: Path) -> Said:
    with Slices(path) as slices:
        return slices.said


def _sent(job: _Job) -> _Job:
    """Return a job with all that another computer needs for it."""
    if isinstance(job, SortJob) and isinstance(job.source, Path):
        names = wanted(job.layout, job.covariates)
        return replace(job, source=sent(job.source, job.layout, names, job.block))
    if isinstance(job, ScoreJob):
        return replace(job, files={kind: _with_tables(file, job.part) for kind, file in job.files.items()})
    return job


def _with_tables(file: Sorted, part: int) -> Sorted:
    pieces = []
    for source in file.sources:
        if isinstance(source, Path):
            with Slices(source) as slices:
                pieces.append(slices.piece(part))
    return replace(file, sources=tuple(pieces))
