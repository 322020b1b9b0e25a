"""What the tests of the batch share: a prospects file, a worker in this process, and what lies in a folder."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from assumptions import load_library
from reports.batch import Options, Prospects, Summary, Workers, open_prospects, run

HEADER = "id,name,setting,intakes_per_month,planned_units,dropout_rate,allowed_per_unit,draws"


def csv_text(count: int) -> str:
    rows = (f"p{number},Clinic {number},outpatient,{20 + number},12,30%,$140,64" for number in range(count))
    return "\n".join([HEADER, *rows, ""])


def prospects(path: Path, text: str) -> Prospects:
    path.write_text(text)
    return open_prospects(path, load_library())


class Here(Executor):
    """Does the work when it is handed over; counts the rows."""

    def __init__(self) -> None:
        self.rows = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.rows += len(args[-1])
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def run_here(found: Prospects, folder: Path, options: Options | None = None, **how: Any) -> tuple[Summary, int]:
    """Return the summary, and how many rows were worked on."""
    here = Here()
    summary = run(found, options or Options(), folder, Workers(here, 1), **how)
    return summary, here.rows


def contents(folder: Path) -> dict[str, bytes]:
    """Return what a user sees in a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def inodes(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what changes when a file is written anew."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.glob("*.pdf")}
