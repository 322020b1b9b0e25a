"""What the result hangs on: for each uncertain input how far NPV moves when it is low and when it is high."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calculator import chart_words, words
from calculator.display import money, money_exact
from calculator.language import gettext as _
from calculator.result import Result, Swing
from reports import typeface
from reports.charts.chart import PAGE, Box, Cell, Chart, Dot, Mark, Medium, Range, Role, Rule, Table, Text
from reports.charts.label import inside, row_of_ticks, wrap
from reports.charts.scale import Linear, span

MOST = 10  # bars; the others are one line of the table
NARROW = 36  # times the size of text: below it a bar stands under its label instead of beside it
LABEL_SHARE = 0.42  # of the width, at most, for labels beside bars
LEAST_PLOT = 0.3  # of the width; below it the values at the ends of the bars are left out, since the tips have them


@dataclass(frozen=True)
class Row:
    """One input: its label, its low and its high value dressed, and its swing."""

    label: str
    low: str
    high: str
    swing: Swing


@dataclass(frozen=True)
class Frame:
    """Where things go: the scale, how thick a bar is, whether labels stand beside the bars and values at their ends."""

    x: Linear
    thick: float
    beside: bool
    labels_room: float
    valued: bool
    medium: Medium


def tornado(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return the widest swings of NPV, laid out for ``width``."""
    swings = result.tornado[:MOST]
    rows = [
        Row(words.input_label(swing.input, result), *chart_words.swing_ends(swing, result), swing) for swing in swings
    ]
    frame = _frame(result, rows, width, medium)
    x = frame.x
    top = medium.line + medium.gap / 2
    marks: list[Mark] = []
    y = top
    for row in rows:
        drawn, bottom = _row(result, row, y, width, frame)
        marks += drawn
        y = bottom + medium.gap / 2
    baseline = y + medium.gap / 2 + typeface.ASCENT * medium.text
    values_at, ticks = row_of_ticks(x, lambda value: money(value, result.currency), baseline, 0.0, width, medium)
    grid: list[Mark] = []
    if frame.beside or not rows:
        grid = [Rule(x(value), top, x(value), y, "axis" if value == 0 else "grid") for value in values_at]
    return Chart(
        title=chart_words.tornado_title(result),
        subtitle=chart_words.tornado_subtitle(result),
        description=chart_words.tornado_description(result, swings),
        width=width,
        height=baseline + medium.gap,
        marks=(*grid, *_middle(result, y, width, frame, bool(rows)), *marks, *ticks),
        tabulate=lambda: _table(result, rows),
        x=x,
    )


def _frame(result: Result, rows: Sequence[Row], width: float, medium: Medium) -> Frame:
    places = [result.npv_at_medians, *(npv for row in rows for npv in (row.swing.npv_low, row.swing.npv_high))]
    labels_room = min(max((medium.measure(row.label) for row in rows), default=0.0), LABEL_SHARE * width) + 1.0
    beside = width >= NARROW * medium.text and bool(rows)
    left = labels_room + 2 * medium.gap if beside else 0.0
    room = max((medium.measure(text) for row in rows for text in (row.low, row.high)), default=0.0) + medium.gap
    valued = width - left - 2 * room >= LEAST_PLOT * width
    reserve = room if valued else 0.0
    x = Linear(*span(places), left + reserve, width - reserve)
    thick = medium.line - medium.gap / 2 if beside else medium.line * 0.7
    return Frame(x, thick, beside, labels_room if beside else width, valued, medium)


def _row(result: Result, row: Row, y: float, width: float, frame: Frame) -> tuple[list[Mark], float]:
    """Return the marks of one input and where they end."""
    medium, x, middle = frame.medium, frame.x, result.npv_at_medians
    lines = wrap(row.label, frame.labels_room, medium)
    first = y + medium.line / 2 + 0.36 * medium.text
    tall = len(lines) * medium.line
    marks: list[Mark] = [
        Text(0.0, first + number * medium.line, line, medium.text, "ink") for number, line in enumerate(lines)
    ]
    bar_y = y + (medium.line - frame.thick) / 2 if frame.beside else y + tall
    bottom = max(y + tall, bar_y + frame.thick + (0.0 if frame.beside else medium.gap / 4))
    if not frame.beside:
        marks.append(Rule(x(0.0), bar_y - medium.gap / 4, x(0.0), bar_y + frame.thick + medium.gap / 4, "axis"))
    one_side = (row.swing.npv_low - middle) * (row.swing.npv_high - middle) > 0.0
    bars = _stacked if one_side else _opposite
    marks += bars(result, row, bar_y, (0.0, y, width, bottom), frame)
    if frame.valued and not one_side:
        marks += _values(row, middle, bar_y + frame.thick / 2 + 0.36 * medium.text, frame)
    return marks, bottom


def _opposite(result: Result, row: Row, y: float, hit: Box, frame: Frame) -> list[Mark]:
    """Return a bar to either side of the middle; each answers for its side of the row."""
    middle, low = result.npv_at_medians, row.swing.npv_low
    centre = frame.x(middle)
    left, right = (hit[0], hit[1], centre, hit[3]), (centre, hit[1], hit[2], hit[3])
    low_is_left = low < middle or (low == middle <= row.swing.npv_high)
    sides = (left, right) if low_is_left else (right, left)
    return [_bar(result, row, number, y, frame.thick, side, frame) for number, side in enumerate(sides)]


def _stacked(result: Result, row: Row, y: float, hit: Box, frame: Frame) -> list[Mark]:
    """Return both bars on the same side of the middle, the low value's above the high value's."""
    half = frame.thick / 2
    upper, lower = (hit[0], hit[1], hit[2], y + half), (hit[0], y + half, hit[2], hit[3])
    return [_bar(result, row, 0, y, half, upper, frame), _bar(result, row, 1, y + half, half, lower, frame)]


def _bar(result: Result, row: Row, number: int, y: float, tall: float, hit: Box, frame: Frame) -> Mark:
    npv, value, role = _end(row, number)
    low, high = sorted((npv, result.npv_at_medians))
    left, right = frame.x(low), frame.x(high)
    tip = _("%(label)s at %(value)s: %(npv)s", label=row.label, value=value, npv=money_exact(npv, result.currency))
    return Range(left, y, right - left, tall, role, low, high, tip, hit)


def _end(row: Row, number: int) -> tuple[float, str, Role]:
    if number == 0:
        return row.swing.npv_low, row.low, "cost"
    return row.swing.npv_high, row.high, "uncertainty"


def _values(row: Row, middle: float, baseline: float, frame: Frame) -> list[Mark]:
    """Return the input's low and high value at the ends of its bars, clear of the line at zero."""
    medium, swing = frame.medium, row.swing
    rising = swing.npv_low <= swing.npv_high
    left, right = (row.low, row.high) if rising else (row.high, row.low)
    ends = sorted((swing.npv_low, swing.npv_high))
    gap, zero = medium.gap / 2, frame.x(0.0)
    from_left, to_right = frame.x(min(ends[0], middle)) - gap, frame.x(max(ends[1], middle)) + gap
    if from_left - medium.measure(left) - gap < zero < from_left + gap:
        from_left = zero - gap
    if to_right - gap < zero < to_right + medium.measure(right) + gap:
        to_right = zero + gap
    return [
        Text(from_left, baseline, left, medium.text, "quiet", "end"),
        Text(to_right, baseline, right, medium.text, "quiet"),
    ]


def _middle(result: Result, bottom: float, width: float, frame: Frame, drawn: bool) -> list[Mark]:
    """Return the net present value that the bars start from."""
    medium, middle = frame.medium, result.npv_at_medians
    text = _("all in the middle %(amount)s", amount=money(middle, result.currency))
    place = frame.x(middle)
    centre = inside(place, medium.measure(text), 0.0, width)
    label = Text(centre, typeface.ASCENT * medium.text, text, medium.text, "ink", "middle")
    if drawn:
        return [label, Rule(place, medium.line, place, bottom, "ink")] if frame.beside else [label]
    exact = _("All in the middle: %(amount)s", amount=money_exact(middle, result.currency))
    return [label, Dot(place, bottom, medium.gap * 0.8, "kept" if middle > 0.0 else "lost", middle, exact)]


def _table(result: Result, rows: Sequence[Row]) -> Table:
    currency = result.currency
    found = [
        (
            Cell(row.label),
            Cell(row.low, row.swing.low),
            Cell(money_exact(row.swing.npv_low, currency), row.swing.npv_low),
            Cell(row.high, row.swing.high),
            Cell(money_exact(row.swing.npv_high, currency), row.swing.npv_high),
        )
        for row in rows
    ]
    empty = (Cell(""), Cell(""), Cell(""))
    rest = result.tornado[len(rows) :]
    if rest:
        most = abs(rest[0].npv_high - rest[0].npv_low)
        found.append((Cell(chart_words.smaller_swings(rest)), *empty, Cell(money_exact(most, currency), most)))
    middle = result.npv_at_medians
    found.append((Cell(_("All in the middle")), *empty, Cell(money_exact(middle, currency), middle)))
    columns = (_("Input"), _("Low"), _("Net present value"), _("High"), _("Net present value"))
    return Table(chart_words.tornado_subtitle(result), columns, tuple(found))
