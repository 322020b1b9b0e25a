"""Who is still in care when each unit comes, today and with the programme: what is lost, and the wedge that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from calculator import chart_words
from calculator.display import number, share
from calculator.language import gettext as _
from calculator.result import Result
from calculator.words import capitalized
from reports import typeface
from reports.charts.chart import PAGE, Area, Cell, Chart, Line, Mark, Medium, Place, Role, Rule, Slot, Table, Text
from reports.charts.label import apart, inside, wrap
from reports.charts.scale import Linear

PLOT_LINES = 9  # height of the plot in lines of text
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the clients, at the grid
EVERY = (1, 2, 5, 10, 20, 50, 100, 200)  # units between ticks
POINTS = 52  # of a long curve; the first units, where most leave, are all drawn
FIRST = 8
MOST_FOCUS = 12  # columns that take the focus
LOW = 0.4  # a curve that ends below has room for words above it, one that ends higher has room below
LABEL_SHARE = 0.62  # of the plot, at most, for words in it
LEAST_PLOT = 0.35  # of the width; below it the shares at the grid are left out, since the right edge has them


def retention(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return both curves, laid out for ``width``."""
    before, after = result.retention_before, result.retention_after
    count = len(before)
    at = _thinned(count)
    top = medium.text * 0.6
    bottom = top + PLOT_LINES * medium.line
    y = Linear(0.0, 1.0, bottom, top)
    ends = [
        (before[-1], _("today %(share)s", share=share(before[-1])), False),
        (after[-1], _("with it %(share)s", share=share(after[-1])), True),
    ]
    right = max(medium.measure(text, strong=strong) for _value, text, strong in ends) + 1.5 * medium.gap
    left = max(medium.measure(share(value)) for value in SHARES) + medium.gap
    left = left if width - left - right >= LEAST_PLOT * width else 0.0
    x = Linear(1.0, max(count, 2.0), left, width - right)
    better = sum(after) >= sum(before)
    change: Role = "kept" if better else "lost"
    lines = [tuple((x(unit), y(curve[unit - 1])) for unit in at) for curve in (before, after)]
    middle = 0.36 * medium.text
    upper, lower = sorted(lines, key=_depth)
    marks: list[Mark] = [
        Area(((left, y(1.0)), (x.end, y(1.0))), upper, "lost_outer", "lost_outer"),
        *(Rule(left, y(value), x.end, y(value), "grid" if value else "axis") for value in SHARES),
        Area(upper, lower, change, change),
        Line(lines[0], "quiet"),
        Line(lines[1], change),
    ]
    if left:
        marks += [
            Text(left - medium.gap, y(value) + middle, share(value), medium.text, "quiet", "end") for value in SHARES
        ]
    marks += _end_labels(ends, x.end + medium.gap, y, change, medium)
    marks += _said(result, x, y, change, medium)
    ticks, texts = _unit_ticks(result, x, bottom, width, medium)
    shown = [(share(before[unit - 1], 1), share(after[unit - 1], 1)) for unit in at]
    marks += [*texts, *_slots(result, at, shown, ticks, x, y)]
    return Chart(
        title=chart_words.retention_title(result),
        subtitle=chart_words.retention_subtitle(result),
        description=chart_words.retention_description(result),
        width=width,
        height=bottom + medium.gap + medium.line,
        marks=tuple(marks),
        tabulate=lambda: _table(result, at, shown),
        x=x,
        y=y,
    )


def _thinned(count: int) -> tuple[int, ...]:
    """Return the units to draw: all, or the first ones and others at even distances to the last."""
    if count <= POINTS:
        return tuple(range(1, count + 1))
    even = (1 + round(step * (count - 1) / (POINTS - 1)) for step in range(POINTS))
    return tuple(sorted({*range(1, FIRST + 1), *even}))


def _depth(line: Sequence[Place]) -> float:
    """Return how far down a line runs: the deeper one is the lower edge of the area."""
    return sum(place[1] for place in line)


def _end_labels(
    ends: Sequence[tuple[float, str, bool]], left: float, y: Linear, change: Role, medium: Medium
) -> list[Mark]:
    ordered = sorted(ends, key=lambda end: -end[0])
    middle = 0.36 * medium.text
    places = apart([y(value) for value, *_rest in ordered], medium.line, y.end, y.start)
    marks: list[Mark] = []
    for (_value, text, strong), place in zip(ordered, places, strict=True):
        marks.append(Text(left, place + middle, text, medium.text, change if strong else "quiet", strong=strong))
    return marks


def _said(result: Result, x: Linear, y: Linear, change: Role, medium: Medium) -> list[Mark]:
    """Return what is lost, in its area where that is large enough, and what the wedge amounts to."""
    end = min(result.retention_before[-1], result.retention_after[-1])
    room = LABEL_SHARE * (x.end - x.start)
    lost = wrap(_("lost to dropout"), room, medium)
    gain = wrap(chart_words.retention_gain(result), room, medium, strong=True)
    above: list[tuple[str, Role, bool]] = []
    if y(end) - y(1.0) >= (len(lost) + 1) * medium.line:
        above += [(line, "ink", False) for line in lost]
    below: list[tuple[str, Role, bool]] = [(line, change, True) for line in gain]
    if end < LOW:
        on_lost: Role = "ink" if change == "lost" else change  # clay on light clay is hard to read
        above, below = [*above, *((line, on_lost, strong) for line, _role, strong in below)], []
    marks: list[Mark] = []
    for lines, first in ((above, y(1.0) + medium.gap / 2), (below, y(0.0) - len(below) * medium.line)):
        baseline = first + typeface.ASCENT * medium.text
        marks += [
            Text(x.end - medium.gap, baseline + row * medium.line, line, medium.text, role, "end", strong=strong)
            for row, (line, role, strong) in enumerate(lines)
        ]
    return marks


def _unit_ticks(
    result: Result, x: Linear, bottom: float, width: float, medium: Medium
) -> tuple[tuple[int, ...], list[Mark]]:
    """Return the units that are written at the foot, as many as there is room for, and the labels."""
    count = len(result.retention_before)
    first = _("%(unit)s %(number)s", unit=capitalized(chart_words.unit(result)), number=number(1, 0))
    at: tuple[int, ...] = (1,)
    for every in EVERY:
        if count > every * MOST_FOCUS:
            continue
        at = (1, *(unit for unit in range(every, count, every) if unit > 1), *((count,) if count > 1 else ()))
        texts = [_tick(unit, first if unit == 1 else number(unit, 0), x, bottom, width, medium) for unit in at]
        while len(at) > 2 and texts[-2].box[2] + medium.gap > texts[-1].box[0]:  # the last one always stands
            at = (*at[:-2], at[-1])
            del texts[-2]
        if all(a.box[2] + medium.gap <= b.box[0] for a, b in pairwise(texts)):
            return at, [*texts]
    return (1,), [_tick(1, first, x, bottom, width, medium)]


def _tick(unit: int, text: str, x: Linear, bottom: float, width: float, medium: Medium) -> Text:
    centre = inside(x(unit), medium.measure(text), 0.0, width)
    return Text(centre, bottom + medium.gap + medium.text, text, medium.text, "quiet", "middle")


def _slots(
    result: Result, at: Sequence[int], shown: Sequence[tuple[str, str]], ticks: Sequence[int], x: Linear, y: Linear
) -> list[Mark]:
    after = result.retention_after
    name = capitalized(chart_words.unit(result))
    edges = [x.start, *((x(a) + x(b)) / 2 for a, b in pairwise(at)), x.end]
    nearest = {min(at, key=lambda unit: abs(unit - tick)) for tick in ticks}
    return [
        Slot(
            x=left,
            y=y.end,
            width=right - left,
            height=y.start - y.end,
            dot=(x(unit), y(after[unit - 1])),
            value=after[unit - 1],
            tip=_(
                "%(unit)s %(number)s: %(before)s still in care today, %(after)s with the programme",
                unit=name,
                number=number(unit, 0),
                before=today,
                after=then,
            ),
            focus=unit in nearest,
        )
        for unit, (today, then), (left, right) in zip(at, shown, pairwise(edges), strict=True)
    ]


def _table(result: Result, at: Sequence[int], shown: Sequence[tuple[str, str]]) -> Table:
    before, after = result.retention_before, result.retention_after
    rows = (
        (Cell(number(unit, 0), float(unit)), Cell(today, before[unit - 1]), Cell(then, after[unit - 1]))
        for unit, (today, then) in zip(at, shown, strict=True)
    )
    columns = (capitalized(chart_words.unit(result)), _("Still in care today"), _("With the programme"))
    return Table(chart_words.retention_subtitle(result), columns, tuple(rows))
