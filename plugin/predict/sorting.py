"""The first task: read a block of a file, check it, and sort its rows by the part that their episode belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from plugin.loading import rules
from plugin.loading.columns import COVARIATE, too_many_cells
from plugin.loading.pseudonym import pseudonym
from plugin.predict.blocks import Block
from plugin.predict.checking import (
    ROW,
    Rows,
    checked_episodes,
    checked_ratings,
    checked_visits,
    problems_of,
    together,
)
from plugin.predict.fingerprint import hashed
from plugin.predict.reading import read_cells
from plugin.predict.slices import handed_in, packed
from plugin.predict.stretches import bytes_of, rows_of
from plugin.predict.tables import Kind, Layout

UNREADABLE: Final = 'has a quotation mark that does not pair; write one inside a cell twice ("") and close each'
BETWEEN: Final = " | "  # what is wrong in one row
FAULT: Final = "fault"  # what is wrong with an episode's row; null where it is sound

_MORE: Final = "more"  # the cell beyond the header's
_DAMAGED: Final = "\0"  # stands in place of a row that cannot be read; no file holds it
_KEPT: Final[Mapping[Kind, tuple[str, ...]]] = {
    "episodes": ("setting", "intake_date", "planned_units", "units_attended", "last_unit_date", "status"),
    "ratings": ("measure", "date", "unit", "share"),
    "visits": ("date", "status"),
}
_DAYS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "episodes": ("intake_date", "last_unit_date"),
    "ratings": ("date",),
    "visits": ("date",),
}


@dataclass(frozen=True, slots=True)
class SortJob:
    """What a worker needs for one block. What may be a client's is not shown where a job is printed.

    Attributes:
        layout: how the file is read.
        block: which stretch of it.
        source: the file, or the stretch itself (Parquet: as an IPC stream).
        parts: into which episodes are divided.
        covariates: facts at intake that are wanted, by their names without ``x_``.
        salt: what clinicians are hashed with; None where they are not wanted.
        target: where to write the tables; None to return them.
    """

    layout: Layout
    block: Block
    source: Path | bytes = field(repr=False)
    parts: int
    covariates: tuple[str, ...] = ()
    salt: bytes | None = field(default=None, repr=False)
    target: Path | None = None


def sort_block(job: SortJob) -> list[bytes] | None:
    """Do the job. The tables are those of the parts, in order, and then the problems.

    What is said of them: ``rows`` in the block, blank ones too; ``present``, without them; ``bad`` ones; the
    ``latest`` day in sound rows; and of each covariate how it is written.
    """
    text, damaged = _text(job)
    kind = job.layout.kind
    row = pl.arange(text.height, dtype=pl.UInt32, eager=True).alias(ROW)
    present, wide = ~_blank(job, text, damaged), text[_MORE].is_not_null()
    shapely = present & ~damaged & ~wide
    rows = Rows(text if shapely.all() else text.filter(shapely), row.filter(shapely), job.layout.places)
    read = {"episodes": checked_episodes, "ratings": checked_ratings, "visits": checked_visits}[kind](rows)
    sound = ~rows.bad
    problems = together(
        [
            problems_of(row.filter(damaged), 0, 0, "", UNREADABLE),
            problems_of(row.filter(present & wide & ~damaged), 0, 0, "", too_many_cells(job.layout.width)),
            *rows.problems,
        ]
    )
    latest = [read[name].filter(sound).max() for name in _DAYS[kind]]
    said: dict[str, Any] = {
        "rows": text.height,
        "present": int(present.sum()),
        "bad": int(present.sum()) - int(sound.sum()),
        "latest": max((int(day) for day in latest if day is not None), default=None),  # type: ignore[arg-type]
    }
    table = pl.DataFrame({ROW: rows.row, "episode_id": rows.text["episode_id"].str.strip_chars()})
    table = table.with_columns(read[name].alias(name) for name in _KEPT[kind])
    if kind == "episodes":
        facts, said["covariates"] = _facts(job, rows, sound)
        table = _with_faults(table.hstack([*facts, *_clinicians(job, rows)]), problems)
    else:
        table = table.filter(sound)
    pieces = packed([*_parts(table, job.parts), problems], said)
    return handed_in(pieces, job.target)


def _text(job: SortJob) -> tuple[pl.DataFrame, pl.Series]:
    """Return the wanted columns of a block as text, with one more cell, and which rows cannot be read."""
    names = wanted(job.layout, job.covariates)
    if not job.layout.delimiter:
        if isinstance(job.source, bytes):
            table = pl.read_ipc_stream(job.source)
        else:
            table = rows_of(job.source, job.layout, names, job.block)
        return table.with_columns(pl.lit(None, pl.String).alias(_MORE)), _never(table.height)
    columns = {name: _column(job.layout.places[name]) for name in names} | {_MORE: _column(job.layout.width)}
    table = _csv(job, [_column(0), *columns.values()])
    damaged = table[_column(0)] == _DAMAGED if job.block.damaged else _never(table.height)
    return table.select(pl.col(column).alias(name) for name, column in columns.items()), damaged.fill_null(value=False)


def wanted(layout: Layout, covariates: tuple[str, ...]) -> list[str]:
    """Return the columns of a file that are read."""
    facts = {COVARIATE + name for name in covariates}
    return [name for name in layout.places if not name.startswith(COVARIATE) or name in facts]


def _csv(job: SortJob, columns: list[str]) -> pl.DataFrame:
    data = job.source if isinstance(job.source, bytes) else bytes_of(job.source, job.block)
    return pl.read_csv(
        _undamaged(data, job.block),
        has_header=False,
        schema={_column(place): pl.String for place in range(job.layout.width + 1)},
        columns=list(dict.fromkeys(columns)),
        separator=job.layout.delimiter,
        truncate_ragged_lines=True,
        n_threads=1,
    )


def _column(place: int) -> str:
    return f"column_{place + 1}"


def _undamaged(data: bytes, block: Block) -> bytes:
    """Return a block's bytes with a sign in place of what cannot be read."""
    pieces, start = [], 0
    for begin, end in block.damaged:
        pieces += [data[start:begin], _DAMAGED.encode()]
        start = end
    return b"".join([*pieces, data[start:]]) if pieces else data


def _never(height: int) -> pl.Series:
    return pl.repeat(False, height, dtype=pl.Boolean, eager=True)


def _blank(job: SortJob, text: pl.DataFrame, damaged: pl.Series) -> pl.Series:
    """Return which rows hold nothing in any column, those that are not read included."""
    candidates = ~damaged & _nothing(text["episode_id"])
    if not candidates.any():
        return candidates
    if job.layout.delimiter:
        text = _csv(job, [_column(place) for place in range(job.layout.width + 1)])
    rows = candidates.arg_true()
    some = text[rows]
    blank = pl.DataFrame([_nothing(some[name]) for name in some.columns]).select(pl.all_horizontal(pl.all()))
    return candidates.scatter(rows, blank.to_series())


def _nothing(cells: pl.Series) -> pl.Series:
    return cells.is_null() | (cells.str.strip_chars() == "")


def _facts(job: SortJob, rows: Rows, sound: pl.Series) -> tuple[list[pl.Series], dict[str, Any]]:
    """Return the wanted facts at intake as text, null where unknown, and how the sound ones are written."""
    facts, said = [], {}
    for name in job.covariates:
        if COVARIATE + name not in job.layout.places:
            continue
        cells = rows.text[COVARIATE + name].str.strip_chars().alias(COVARIATE + name)
        unknown = cells.str.to_lowercase().is_in(list(rules.UNKNOWN)).fill_null(value=True)
        cells = pl.DataFrame([cells]).select(pl.when(~unknown).then(pl.all())).to_series()
        others = _never(len(cells))
        for _, wrong in read_cells(cells, rules.FACT)[1]:
            others = others | wrong
        others &= sound
        levels = cells.filter(sound).unique()
        said[name] = {
            "numbers": int((sound & ~unknown & ~others).sum()),
            "others": int(others.sum()),
            "first": None if not others.any() else int(rows.row.filter(others)[0]),
            "levels": sorted(levels.drop_nulls().to_list()) if len(levels) <= rules.MOST_LEVELS else None,
            "unknown": bool((unknown & sound).any()),
        }
        facts.append(cells)
    return facts, said


def _clinicians(job: SortJob, rows: Rows) -> list[pl.Series]:
    """Return the pseudonyms of clinicians, where they are wanted."""
    if job.salt is None:
        return []
    names = rows.text["clinician_id"].fill_null("")
    hashes = {name: pseudonym(job.salt, "clinician", name) for name in names.unique().to_list()}
    return [names.replace_strict(hashes, return_dtype=pl.String).alias("clinician")]


def _with_faults(table: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """Return episodes with what is wrong with each row in words, rows that could not be read included."""
    if not problems.height:
        return table.with_columns(pl.lit(None, pl.String).alias(FAULT))
    said = pl.when(pl.col("column") == "").then("text").otherwise(pl.concat_str("column", "text", separator=" "))
    faults = problems.group_by(ROW, maintain_order=True).agg(said.str.join(BETWEEN).alias(FAULT))
    return table.join(faults, on=ROW, how="full", coalesce=True).sort(ROW)


def _parts(table: pl.DataFrame, parts: int) -> list[pl.DataFrame | None]:
    """Divide rows by their episode, each part in the order of the file; a row without one goes anywhere."""
    if parts == 1:
        return [table]
    part = pl.when(pl.col("episode_id").is_null()).then(pl.col(ROW).cast(pl.UInt64)).otherwise(pl.col("hash"))
    marked = table.with_columns(hashed(table["episode_id"]).alias("hash"))
    marked = marked.with_columns((part % parts).cast(pl.UInt32).alias("hash"))
    found = marked.partition_by("hash", include_key=False, as_dict=True)
    return [found.get((number,)) for number in range(parts)]
