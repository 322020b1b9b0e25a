"""One cited figure, and how its file is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assumptions import distribution as dist
from assumptions.distribution import Distribution
from assumptions.problem import AssumptionError, Problems
from assumptions.table import Table
from assumptions.vocabulary import KINDS, KINDS_WITHOUT_VALUE, READINGS, SOURCE_TYPES, UNITS

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+")


@dataclass(frozen=True)
class Interval:
    """Two bounds. ``level`` is that of a confidence interval; None means a plain range."""

    level: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Reference:
    """Where a reader finds the figure, and what it looks like there."""

    citation: str
    doi: str | None
    url: str | None
    locator: str
    as_printed: str | None
    checked_on: date


@dataclass(frozen=True)
class Figure:
    """A number with its source, its uncertainty and what may be said about it."""

    id: str
    topic: str
    label: str
    unit: str
    kind: str
    value: float | None
    interval: Interval | None
    reading: str
    population: str
    setting: str
    design: str
    year: int | None
    derivation: str
    cautions: tuple[str, ...]
    source_type: str
    verified: bool
    reason: str
    references: tuple[Reference, ...]

    def distribution(self) -> Distribution:
        """Return how uncertain the figure itself is (which is less than how much clinics differ).

        A confidence interval gives a normal distribution for a difference, a log-normal one for a ratio or a positive
        amount, a beta for a proportion. A plain range gives a PERT around the value. A judgement without a range is
        fixed.

        Raises:
            AssumptionError: where the figure has no value, or has neither interval nor range.
        """
        if self.value is None:
            raise AssumptionError([f"{self.id}: a figure of kind {self.kind} has no value to be uncertain about"])
        if self.interval is None and self.kind == "judgement":
            return dist.fixed(self.value)
        if self.interval is None:
            raise AssumptionError([f"{self.id}: has no interval, so its uncertainty is not known"])
        try:
            return _from_interval(self.kind, self.value, self.interval)
        except (ValueError, ZeroDivisionError) as error:
            raise AssumptionError([f"{self.id}: no distribution can be built from its interval: {error}"]) from None


def _from_interval(kind: str, value: float, interval: Interval) -> Distribution:
    level, low, high = interval.level, interval.low, interval.high
    if level is None or kind == "judgement":
        return dist.pert(low, value, high)
    if kind == "proportion":
        return dist.beta_from_interval(value, low, high, level)
    if kind == "ratio" or (kind == "amount" and low > 0.0):
        return dist.lognormal_from_interval(value, low, high, level)
    return dist.normal_from_interval(value, low, high, level)


def read_figure(file: str, figure_id: str, data: Mapping[str, Any], problems: Problems) -> Figure | None:
    """Return the figure a file describes, or None after noting what is wrong with it."""
    table = Table(file, data, problems)
    kind = table.choice("kind", KINDS)
    guess = kind == "judgement"
    figure = Figure(
        id=figure_id,
        topic=figure_id.partition("/")[0],
        label=table.text("label"),
        unit=table.choice("unit", UNITS),
        kind=kind,
        value=table.number("value"),
        interval=_read_interval(table),
        reading=table.choice("reading", READINGS, default="opinion" if guess else None),
        population=table.text("population"),
        setting=table.text("setting"),
        design=table.text("design", default="Judgement of the maintainers" if guess else None),
        year=table.whole_number("year"),
        derivation=table.text("derivation", default="A judgement, not a measurement." if guess else None),
        cautions=table.texts("cautions"),
        source_type=table.choice("source_type", SOURCE_TYPES, default="judgement" if guess else None),
        verified=table.flag("verified", default=False if guess else None),
        reason=table.text("reason", default=None if guess else ""),
        references=tuple(_read_reference(entry) for entry in table.tables("reference")),
    )
    table.finish()
    _check_numbers(figure, table)
    _check_standing(figure, table)
    return figure if table.clean else None


def _read_interval(table: Table) -> Interval | None:
    entry = table.table("interval")
    if entry is None:
        return None
    level = entry.number("level")
    interval = Interval(level, entry.required_number("low"), entry.required_number("high"))
    entry.finish()
    if level is not None and not 0.5 <= level <= 0.999:
        entry.problem("level", f"is {level}; write it as a share, as in 0.95, or leave it out for a plain range")
    if entry.clean and interval.low >= interval.high:
        entry.problem("low", f"is {interval.low}, not below high, {interval.high}; write the smaller number as low")
    return interval if entry.clean else None


def _read_reference(entry: Table) -> Reference:
    reference = Reference(
        citation=entry.text("citation"),
        doi=entry.text("doi", default="") or None,
        url=entry.text("url", default="") or None,
        locator=entry.text("locator"),
        as_printed=entry.text("as_printed", default="") or None,
        checked_on=entry.day("checked_on"),
    )
    entry.finish()
    if reference.doi is not None and not _DOI.fullmatch(reference.doi):
        entry.problem("doi", f"{reference.doi!r} is not a DOI; write it bare, as in 10.1037/a0028226")
    if reference.url is not None and not _URL.fullmatch(reference.url):
        entry.problem("url", f"{reference.url!r} is not an address; write it in full, from https:// on")
    if not (entry.has("doi") or entry.has("url")):
        entry.problem("doi", "is missing, and so is url; write at least one of them")
    return reference


def _check_numbers(figure: Figure, table: Table) -> None:
    """Check what the numbers must be, given the kind and the unit."""
    if figure.kind in KINDS_WITHOUT_VALUE and table.has("value"):
        table.problem("value", f"does not go with kind {figure.kind}; leave it out, or choose another kind")
    if figure.kind not in KINDS_WITHOUT_VALUE and not table.has("value"):
        table.problem(
            "value", f"is missing; kind {figure.kind} needs a number, otherwise write kind range or direction"
        )
    if figure.kind == "range" and not table.has("interval"):
        table.problem("interval", "is missing; write a range as interval = { low = 0.1, high = 0.3 }")
    if figure.kind == "direction" and table.has("interval"):
        table.problem("interval", "does not go with kind direction, which has no numbers; leave it out")
    if (figure.kind == "direction") != (figure.unit == "direction") and table.has("unit") and table.has("kind"):
        table.problem("unit", "kind direction and unit direction go together; write both or neither")
    if figure.year is not None and not 1900 <= figure.year <= 2100:
        table.problem("year", f"is {figure.year}; write the four digits of the year of publication")
    for key, number in _numbers(figure):
        if figure.kind == "ratio" and number <= 0.0:
            table.problem(key, f"is {number}; a ratio is above 0, and 1 where nothing differs")
        if (figure.kind == "proportion" or figure.unit == "share") and not 0.0 <= number <= 1.0:
            table.problem(key, f"is {number}; a share goes from 0 to 1, so write 35 percent as 0.35")
    value, interval = figure.value, figure.interval
    if value is not None and interval is not None and not interval.low <= value <= interval.high:
        table.problem(
            "value",
            f"is {value}, outside its interval {interval.low} to {interval.high}; correct one of them",
        )


def _numbers(figure: Figure) -> list[tuple[str, float]]:
    numbers = [] if figure.value is None else [("value", figure.value)]
    if figure.interval is not None:
        numbers += [("interval.low", figure.interval.low), ("interval.high", figure.interval.high)]
    return numbers


def _check_standing(figure: Figure, table: Table) -> None:
    """Check that a guess says it is one, and that nothing else does without a source."""
    if figure.kind == "judgement":
        if figure.source_type != "judgement":
            table.problem("source_type", f"is {figure.source_type}; a judgement is its own source: write judgement")
        if figure.reading != "opinion":
            table.problem("reading", f"is {figure.reading}; a judgement may only be read as opinion")
        if figure.verified:
            table.problem("verified", "is true; a judgement has no source to be verified in: leave it out")
        return
    if table.has("reason"):
        table.problem("reason", "belongs to judgements only; write derivation or cautions instead")
    if figure.source_type == "judgement":
        table.problem(
            "source_type",
            f"is judgement, but kind is {figure.kind}; write kind judgement, or name the source",
        )
    if figure.source_type == "vendor" and figure.reading != "opinion":
        table.problem("reading", f"is {figure.reading}; what a vendor says is opinion")
    if not table.has("reference"):
        table.problem(
            "reference", "is missing; write a [[reference]] with citation, doi or url, locator and checked_on"
        )
