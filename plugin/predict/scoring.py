"""The second task: put the rows of one part together and score its episodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from plugin.caseload import Caseload, Ratings, Texts, Visits, ratings, texts, visits
from plugin.loading import rules
from plugin.loading.columns import COVARIATE
from plugin.predict.checking import PROBLEM, ROW
from plugin.predict.facts import Fact
from plugin.predict.model import Model
from plugin.predict.reading import read_cells
from plugin.predict.risks import NO_RISKS, risks
from plugin.predict.slices import Slices, handed_in, packed, unpacked
from plugin.predict.sorting import BETWEEN, FAULT
from plugin.predict.tables import KINDS, Kind, Layout

_BLOCK: Final = "block"
_PLACE: Final = "place_in_part"
_EPISODES: Final = {ROW: pl.UInt32, "episode_id": pl.String, "intake_date": pl.Int32, FAULT: pl.String}
_RATINGS: Final = {ROW: pl.UInt32, "episode_id": pl.String, "date": pl.Int32}


@dataclass(frozen=True, slots=True)
class Sorted:
    """The sorted blocks of one file.

    Attributes:
        layout: of the file.
        sources: where the part's rows are, block by block: the file of tables, or the table itself.
        first: number of the first row of each block, as a spreadsheet counts.
    """

    layout: Layout
    sources: tuple[Path | bytes, ...] = field(repr=False)
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """What a worker needs for one part.

    Attributes:
        part: its number.
        files: the episodes, and ratings and visits where there are any.
        facts: how each fact at intake is written.
        model: who scores.
        as_of: the day of the prediction.
        target: where to write the tables; None to return them.
    """

    part: int
    files: Mapping[Kind, Sorted]
    facts: Mapping[str, Fact]
    model: Model
    as_of: dt.date
    target: Path | None = None


def score_part(job: ScoreJob) -> list[bytes] | None:
    """Do the job. The tables: risks for each block of episodes, then problems for each block of each file, in order.

    What is said of them: how many episodes are ``scored``, how many rows of each file are ``bad`` that were not so
    before, and how many ratings and visits are ``owned``, which is to say belong to an episode that was read.
    """
    file = job.files["episodes"]
    episodes, repeated = _without_repeats(_rows(file, job.part, _EPISODES), file)
    good = pl.col(FAULT).is_null()
    episodes = episodes.with_columns(pl.when(good).then(good.cum_sum().cast(pl.Int64) - 1).alias(_PLACE))
    rated, wrong_ratings = _owned("ratings", job, episodes)
    booked, wrong_visits = _owned("visits", job, episodes)
    risky = _risks(job, episodes.filter(good), rated, booked)
    wrong = dict(zip(KINDS, (repeated, wrong_ratings, wrong_visits), strict=True))
    said = {
        "scored": risky["reason"].null_count(),
        "bad": {kind: problems.height for kind, problems in wrong.items()},
        "owned": {"ratings": rated.height, "visits": booked.height},
    }
    tables = _by_block(_in_order(file, episodes, risky), file)
    for kind, one in job.files.items():
        tables += _by_block(wrong[kind], one)
    return handed_in(packed(tables, said), job.target)


def _rows(file: Sorted, part: int, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of a part, with the block that each comes from, in the order of the file."""
    tables = []
    for block, source in enumerate(file.sources):
        if isinstance(source, bytes):
            table = unpacked([source])
        else:
            with Slices(source) as slices:
                table = unpacked([slices.piece(part)])
        if table is not None:
            tables.append(table.with_columns(pl.lit(block, pl.UInt32).alias(_BLOCK)))
    return pl.concat(tables) if tables else pl.DataFrame(schema={**schema, _BLOCK: pl.UInt32})


def _without_repeats(episodes: pl.DataFrame, file: Sorted) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the episodes, those that stood in an earlier row marked, and the problems."""
    again = pl.col("episode_id").is_not_null() & ~pl.col("episode_id").is_first_distinct()
    marked = episodes.with_columns(again.alias("again"))
    if not marked["again"].any():
        return episodes, _problems(file, episodes.clear(), "episode_id", "")
    number = _number(file, marked)
    first = number.filter(~marked["again"])
    others = marked.filter(~pl.col("again")).select("episode_id", first.alias("other"))
    marked = marked.join(others, on="episode_id", how="left", maintain_order="left")
    before, after = rules.TWICE.split("{other}")
    text = pl.concat_str(pl.lit(before), "other", pl.lit(after))
    fault = pl.concat_str(pl.concat_str(pl.lit("episode_id "), text), FAULT, separator=BETWEEN, ignore_nulls=True)
    problems = _problems(file, marked.filter("again").with_columns(text.alias("text")), "episode_id", pl.col("text"))
    return marked.with_columns(pl.when("again").then(fault).otherwise(FAULT).alias(FAULT)).drop(
        "again", "other"
    ), problems


def _number(file: Sorted, rows: pl.DataFrame) -> pl.Series:
    """Return the numbers of rows, as a spreadsheet counts."""
    return pl.Series(file.first, dtype=pl.Int64)[rows[_BLOCK]] + rows[ROW].cast(pl.Int64)


def _problems(file: Sorted, rows: pl.DataFrame, column: str, text: str | pl.Expr) -> pl.DataFrame:
    said = {"place": pl.lit(file.layout.places.get(column, 0)), "saying": pl.lit(0), "column": pl.lit(column)}
    said["text"] = pl.lit(text) if isinstance(text, str) else text
    return rows.select(_BLOCK, ROW, *(said[name].cast(PROBLEM[name]).alias(name) for name in said))


def _owned(kind: Kind, job: ScoreJob, episodes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the ratings or visits of episodes that are kept, and what is wrong with the others."""
    file = job.files.get(kind)
    if file is None:
        nothing = pl.DataFrame(schema=_RATINGS | {_BLOCK: pl.UInt32})
        return nothing, _problems(job.files["episodes"], nothing, "", "")
    rows = _rows(file, job.part, _RATINGS)
    known = episodes.filter(pl.col("episode_id").is_not_null()).unique("episode_id", keep="first")
    intake = pl.col("intake_date").alias("intake")
    owners = known.select("episode_id", _PLACE, intake, pl.lit(value=True).alias("known"))
    rows = rows.join(owners, on="episode_id", how="left", maintain_order="left")
    place, early = rows[_PLACE], (rows["date"] < rows["intake"]).fill_null(value=False)
    wrong = place.is_null() | early
    name = job.files["episodes"].layout.name
    sayings = (
        (place.is_null() & rows["known"].is_not_null(), "episode_id", rules.left_out(name)),
        (rows["known"].is_null(), "episode_id", rules.not_in(name)),
        (place.is_not_null() & early, "date", rules.BEFORE_INTAKE),
    )
    problems = [_problems(file, rows.filter(which), column, text) for which, column, text in sayings]
    return rows.filter(~wrong) if wrong.any() else rows, pl.concat(problems)


def _risks(job: ScoreJob, good: pl.DataFrame, rated: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    if not good.height:
        return pl.DataFrame(schema=NO_RISKS)
    return risks(job.model, _caseload(job, good, rated, booked), job.as_of)


def _caseload(job: ScoreJob, good: pl.DataFrame, rated: pl.DataFrame, booked: pl.DataFrame) -> Caseload:
    whole = {
        name: good[column].to_numpy().astype(np.int64)
        for name, column in (
            ("setting", "setting"),
            ("intake_day", "intake_date"),
            ("planned_units", "planned_units"),
            ("units_attended", "units_attended"),
            ("last_unit_day", "last_unit_date"),
            ("status", "status"),
        )
    }
    nameless = np.full(good.height, "", dtype=np.object_)
    return Caseload(
        episode_id=nameless,  # nobody who scores needs to know
        client=nameless,
        clinician=_texts(good["clinician"]) if "clinician" in good.columns else nameless,
        **whole,
        covariates={name: _fact(good[COVARIATE + name], kind) for name, kind in job.facts.items()},
        ratings=_ratings(rated),
        visits=_visits(booked),
    )


def _ratings(rated: pl.DataFrame) -> Ratings:
    if not rated.height:
        return ratings([], [], [], [], [])
    return ratings(*(rated[name].to_numpy() for name in (_PLACE, "measure", "date", "unit", "share")))


def _visits(booked: pl.DataFrame) -> Visits:
    if not booked.height:
        return visits([], [], [])
    return visits(*(booked[name].to_numpy() for name in (_PLACE, "date", "status")))


def _fact(cells: pl.Series, kind: Fact) -> NDArray[Any]:
    """Return a fact at intake: numbers with NaN, or text with None, where unknown."""
    if kind == "word":
        return _texts(cells)
    numbers = read_cells(cells, rules.FACT)[0].to_numpy().copy()
    numbers[cells.is_null().to_numpy()] = np.nan
    return numbers


def _texts(cells: pl.Series) -> Texts:
    return texts(cells.to_list())


def _in_order(file: Sorted, episodes: pl.DataFrame, risky: pl.DataFrame) -> pl.DataFrame:
    """Return the risks of sound rows and the reasons of bad ones, in the order of the file."""
    about = episodes.select(_BLOCK, ROW, "episode_id")
    if risky.height == episodes.height:
        return about.hstack(risky)
    said = pl.concat_str(pl.lit("row "), _number(file, episodes), pl.lit(" cannot be used: "), FAULT)
    everyone = about.with_columns(episodes[_PLACE], episodes.select(said.alias("said")).to_series())
    risky = risky.with_row_index(_PLACE).with_columns(pl.col(_PLACE).cast(pl.Int64))
    table = everyone.join(risky, on=_PLACE, how="left", maintain_order="left")
    return table.with_columns(pl.coalesce("reason", "said").alias("reason")).drop(_PLACE, "said")


def _by_block(table: pl.DataFrame, file: Sorted) -> list[pl.DataFrame | None]:
    found = table.partition_by(_BLOCK, include_key=False, as_dict=True)
    return [found.get((block,)) for block in range(len(file.sources))]
