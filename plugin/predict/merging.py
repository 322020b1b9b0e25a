"""The third task: the rows of one block from all parts, in the order of the file, as text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from plugin.predict.checking import ROW, together
from plugin.predict.risks import NUMBERS
from plugin.predict.slices import Slices, handed_in, unpacked
from plugin.risk_table import COLUMNS, RUNS_AS_FORMULA

UNITS: Final = "expected_units_remaining"
_DIGITS: Final = {name: 2 if name == UNITS else 6 for name in NUMBERS}
_WRITTEN_BY_PEOPLE: Final = ("episode_id", "drivers", "model", "model_version", "reason")


@dataclass(frozen=True, slots=True)
class MergeJob:
    """What is needed for one block of episodes.

    Attributes:
        scored: the files of all parts.
        number: of the table in each of them.
        model, version: as they stand in each row.
        target: where to write the text; None to return it.
    """

    scored: tuple[Path, ...]
    number: int
    model: str
    version: str
    target: Path | None = None


@dataclass(frozen=True, slots=True)
class TellJob:
    """What is needed for the problems of one block of a file.

    Attributes:
        name: what problems call the file.
        first: number of the block's first row, as a spreadsheet counts.
        tables: files of tables and the number of the one that is meant, in each.
        target: where to write the text; None to return it.
    """

    name: str
    first: int
    tables: tuple[tuple[Path, int], ...]
    target: Path | None = None


def merge_block(job: MergeJob) -> list[bytes] | None:
    """Do the job: a block's rows of RISK.csv."""
    table = unpacked(_pieces([(path, job.number) for path in job.scored]))
    return handed_in([] if table is None else [risk_rows(table.sort(ROW), job.model, job.version)], job.target)


def risk_rows(table: pl.DataFrame, model: str, version: str) -> bytes:
    """Return rows of RISK.csv: six decimals for risks, two for units; what a spreadsheet would run, as text."""
    constant = {"model": model, "model_version": version}
    table = table.with_columns(pl.lit(text).alias(name) for name, text in constant.items())
    runs = {name: pl.col(name).str.contains(_RUNS) for name in _WRITTEN_BY_PEOPLE}
    text = {name: pl.when(runs[name]).then("'" + pl.col(name)).otherwise(name) for name in runs}
    numbers = {name: pl.col(name).cast(pl.Decimal(18, digits)) for name, digits in _DIGITS.items()}
    known = text | numbers
    stream = io.BytesIO()
    table.select((known.get(name, pl.col(name))).alias(name) for name in COLUMNS).write_csv(
        stream, include_header=False
    )
    return stream.getvalue()


def tell_block(job: TellJob) -> list[bytes] | None:
    """Do the job: a line for each problem of a block."""
    found = unpacked(_pieces(job.tables))
    if found is None:
        return handed_in([], job.target)
    problems = together([found])
    row = (pl.col(ROW).cast(pl.Int64) + job.first).cast(pl.String)
    column = pl.when(pl.col("column") == "").then(pl.lit("")).otherwise(", column " + pl.col("column"))
    line = pl.concat_str(pl.lit(f"{job.name}: row "), row, column, pl.lit(": "), "text")
    lines = problems.select(line).to_series().to_list()
    return handed_in([("\n".join(lines) + "\n").encode()], job.target)


def _pieces(tables: Sequence[tuple[Path, int]]) -> list[bytes]:
    found = []
    for path, number in tables:
        with Slices(path) as slices:
            found.append(slices.piece(number))
    return found


_RUNS: Final = "^[" + "".join(f"\\x{{{ord(sign):x}}}" for sign in RUNS_AS_FORMULA) + "]"
