"""What a workbook costs, warm: milliseconds, with openpyxl writing the same cells without any look as the reference.

python benchmarks/workbook.py
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import openpyxl

import web  # noqa: F401 - first: it settles the number of threads, as in the product
from assumptions import load_library
from calculator import evaluate
from reports import build_workbook
from web.cli.scenario_file import read_scenario

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.toml"))


def milliseconds(call: Callable[[], object], times: int = 15) -> float:
    call()
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        found.append((time.perf_counter() - begin) * 1000.0)
    return median(found)


def plainly(cells: dict[str, list[tuple[int, int, object]]]) -> bytes:
    """Write cells as openpyxl does at its plainest: no format, no name, no rule, no chart."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, found in cells.items():
        sheet = book.create_sheet(title)
        for row, column, value in found:
            sheet.cell(row, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def main() -> None:
    library = load_library()
    for path in EXAMPLES:
        result = evaluate(read_scenario(path), library)
        data = build_workbook(result, library)
        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = {
            sheet.title: [(c.row, c.column, c.value) for line in sheet for c in line if c.value is not None]
            for sheet in book
        }
        count = sum(len(found) for found in cells.values())
        ours = milliseconds(lambda result=result: build_workbook(result, library))
        theirs = milliseconds(lambda cells=cells: plainly(cells), 7)
        print(f"{path.stem:32} {ours:5.1f} ms (at most 120), {count:,} cells, {len(data) / 1024:.0f} KiB; "
              f"openpyxl, the same cells: {theirs:.1f} ms; ratio {ours / theirs:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
