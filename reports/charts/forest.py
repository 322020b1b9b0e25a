"""What each road of evidence says about dropout, beside what must hold for the programme to pay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calculator import chart_words, words
from calculator.display import share, share_range
from calculator.language import gettext as _
from calculator.result import Result
from reports import typeface
from reports.charts.chart import PAGE, Box, Cell, Chart, Dot, Mark, Medium, Range, Role, Rule, Table, Text
from reports.charts.label import inside, row_of_ticks, wrap
from reports.charts.scale import Linear, span

NARROW = 36  # times the size of text: below it a row's picture stands under its words instead of beside them
LABEL_SHARE = 0.42  # of the width, at most, for words beside the picture
LEAST_SHARE = 0.01  # the axis of shares never spans less


@dataclass(frozen=True)
class Row:
    """One line of evidence: its words, its likely value where it has one, and its range."""

    label: str
    note: str
    likely: float | None
    low: float
    high: float
    tip: str
    used: bool


@dataclass(frozen=True)
class Frame:
    """Where things go: the scale, whether words stand beside the picture, and the room for them and for the numbers."""

    x: Linear
    beside: bool
    words_room: float
    width: float
    medium: Medium


def forest(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return the roads with their ranges, the trials' interval and the break-even fall, laid out for ``width``."""
    rows = _rows(result)
    needed = result.break_even.relative_dropout_reduction
    frame = _frame(rows, needed, width, medium)
    x, top = frame.x, medium.line + medium.gap
    marks: list[Mark] = []
    y = top
    for row in rows:
        drawn, y = _row(row, needed, y, frame)
        marks += drawn
        y += medium.gap * (1.0 if frame.beside else 1.5)
    bottom = y - medium.gap / 2
    baseline = bottom + medium.gap / 2 + typeface.ASCENT * medium.text
    left = x.start - medium.gap
    values, ticks = row_of_ticks(x, _tick_words(x), baseline, left, x.end + medium.gap, medium)
    grid: list[Mark] = []
    if frame.beside:
        grid = [Rule(x(value), top, x(value), bottom, "axis" if value == 0 else "grid") for value in values]
        if needed is not None:
            grid.append(Rule(x(needed), medium.line, x(needed), bottom, "ink"))
    return Chart(
        title=chart_words.forest_title(result),
        subtitle=chart_words.forest_subtitle(),
        description=chart_words.forest_description(result),
        width=width,
        height=baseline + medium.gap,
        marks=(*grid, *_needed(needed, frame), *marks, *ticks),
        tabulate=lambda: _table(rows, needed),
        x=x,
    )


def _rows(result: Result) -> list[Row]:
    found = [
        Row(
            label=_(words.ROAD_LABELS[road.name]),
            note=chart_words.road_claim(road),
            likely=road.relative_reduction,
            low=road.relative_reduction_p5,
            high=road.relative_reduction_p95,
            tip=chart_words.road_tip(road),
            used=road.used,
        )
        for road in result.roads.values()
    ]
    low, high = result.break_even.trial_reduction_low, result.break_even.trial_reduction_high
    trials = Row(
        label=_("What trials found"),
        note=_("Their 95% interval, for your dropout"),
        likely=None,
        low=low,
        high=high,
        tip=chart_words.trials_tip(low, high),
        used=False,
    )
    return [*found, trials]


def _frame(rows: list[Row], needed: float | None, width: float, medium: Medium) -> Frame:
    places = [place for row in rows for place in (row.low, row.high, row.likely or 0.0)] + [needed or 0.0]
    numbers = max(medium.measure(text, strong=strong) for row in rows for text, strong in _numbers(row))
    widest = max(max(medium.measure(row.label, strong=True), medium.measure(row.note)) for row in rows)
    words_room = min(widest, LABEL_SHARE * width) + 1.0
    beside = width >= NARROW * medium.text
    left = words_room + 2 * medium.gap if beside else medium.gap
    right = width - numbers - 2 * medium.gap if beside else width - medium.gap
    x = Linear(*span(places, LEAST_SHARE), left, right)
    return Frame(x, beside, words_room if beside else width - numbers - 2 * medium.gap, width, medium)


def _numbers(row: Row) -> tuple[tuple[str, bool], ...]:
    """Return the lines of numbers, each with whether it is strong."""
    reach = share_range(row.low, row.high)
    return ((reach, False),) if row.likely is None else ((share(row.likely), True), (reach, False))


def _row(row: Row, needed: float | None, y: float, frame: Frame) -> tuple[list[Mark], float]:
    """Return the marks of one line of evidence and where they end."""
    medium, x = frame.medium, frame.x
    labels = wrap(row.label, frame.words_room, medium, strong=row.used)
    notes = wrap(row.note, frame.words_room, medium)
    numbers = _numbers(row)
    first = y + medium.line / 2 + 0.36 * medium.text
    marks: list[Mark] = []
    for place, line in enumerate([*labels, *notes]):
        label = place < len(labels)
        role: Role = "ink" if label else "kept" if row.used else "quiet"
        marks.append(Text(0.0, first + place * medium.line, line, medium.text, role, strong=label and row.used))
    for place, (text, strong) in enumerate(numbers):
        role = "ink" if strong else "quiet"
        marks.append(Text(frame.width, first + place * medium.line, text, medium.text, role, "end", strong=strong))
    bottom = y + max(len(labels) + len(notes), len(numbers)) * medium.line
    middle = (y + bottom) / 2 if frame.beside else bottom + medium.gap
    if not frame.beside:
        bottom = middle + medium.gap
        marks.append(Rule(x(0.0), middle - medium.gap, x(0.0), bottom, "axis"))
        if needed is not None:
            marks.append(Rule(x(needed), middle - medium.gap, x(needed), bottom, "ink"))
    return [*marks, *_estimate(row, middle, (0.0, y, frame.width, bottom), frame)], bottom


def _estimate(row: Row, middle: float, hit: Box, frame: Frame) -> list[Mark]:
    medium, x = frame.medium, frame.x
    tall = medium.gap * (0.9 if row.used else 0.6)
    role: Role = "axis" if row.likely is None else "uncertainty"
    left, right = x(row.low), x(row.high)
    marks: list[Mark] = [Range(left, middle - tall / 2, right - left, tall, role, row.low, row.high, row.tip, hit)]
    if row.likely is not None:
        radius = medium.gap * (0.9 if row.used else 0.65)
        marks.append(Dot(x(row.likely), middle, radius, "kept", row.likely, row.tip))
    return marks


def _needed(needed: float | None, frame: Frame) -> list[Mark]:
    """Return the words at the break-even line, above it where there is one."""
    medium, text = frame.medium, chart_words.needed_words(needed)
    place = frame.x.end if needed is None else frame.x(needed)
    centre = inside(place, medium.measure(text, strong=True), 0.0, frame.width)
    return [Text(centre, typeface.ASCENT * medium.text, text, medium.text, "ink", "middle", strong=True)]


def _tick_words(x: Linear) -> Callable[[float], str]:
    """Return how to write a tick: with as many decimals as it takes to tell neighbours apart."""
    wide = x.high - x.low
    return lambda value: share(value, 0 if wide >= 0.06 else 1 if wide >= 0.025 else 2)


def _table(rows: list[Row], needed: float | None) -> Table:
    found = [
        (
            Cell(row.label),
            Cell(share(row.likely, 1), row.likely),
            Cell(share(row.low, 1), row.low),
            Cell(share(row.high, 1), row.high),
            Cell(row.note),
        )
        for row in rows
    ]
    found.append((Cell(_("What it takes to pay back")), Cell(share(needed, 1), needed), Cell(""), Cell(""), Cell("")))
    columns = (_("Evidence"), _("Likely fall"), _("5 of 100 below"), _("95 of 100 below"), _("What it says"))
    return Table(chart_words.forest_subtitle(), columns, tuple(found))
