"""The running total of net benefits since go-live: the middle, and the band that holds 90 of 100 futures."""

from __future__ import annotations

from itertools import pairwise

from calculator import words
from calculator.display import money, money_exact, months, number
from calculator.language import gettext as _
from calculator.result import CashPoint, Result
from reports import typeface
from reports.charts.chart import (
    PAGE,
    Area,
    Cell,
    Chart,
    Dot,
    Line,
    Mark,
    Medium,
    Place,
    Role,
    Rule,
    Slot,
    Table,
    Text,
)
from reports.charts.label import apart, inside
from reports.charts.scale import Linear, span, ticks

PLOT_LINES = 12  # height of the plot in lines of text
EVERY = (1, 2, 3, 6, 12, 24, 60)  # months between ticks
LEAST_PLOT = 0.35  # of the width; below it the amounts at the grid are left out, since the right edge has them


def cash(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return the running total, laid out for ``width``."""
    points = result.cash
    currency = result.currency
    low, high = span([value for point in points for value in (point.p5, point.p50, point.p95)])
    payback = result.payback_of_median
    top = medium.line + medium.gap if payback is not None else medium.text
    bottom = top + PLOT_LINES * medium.line
    y = Linear(low, high, bottom, top)
    ends = _ends(points[-1])
    right = max(medium.measure(text, strong=True) for value, name in ends for text in (money(value, currency), name))
    values = ticks(low, high, 6)
    left = max(medium.measure(money(value, currency)) for value in values) + medium.gap
    if width - left - right - 2 * medium.gap < LEAST_PLOT * width:
        left = 0.0
    x = Linear(0.0, float(points[-1].months), left, width - right - 2 * medium.gap)
    at_months, month_ticks = _month_ticks(x, bottom, width, medium)
    marks: list[Mark] = [
        *_bands(points, x, y),
        *(Rule(left, y(value), x.end, y(value), "axis" if value == 0 else "grid") for value in values),
    ]
    if left:
        middle = 0.36 * medium.text
        shown = ((y(value) + middle, money(value, currency)) for value in values)
        marks += [Text(left - medium.gap, place, text, medium.text, "quiet", "end") for place, text in shown]
    marks.append(Line(tuple((x(point.months), y(point.p50)) for point in points), "kept"))
    marks += _end_labels(ends, x.end + 2 * medium.gap, y, top, bottom, currency, medium)
    marks += month_ticks
    marks += _slots(result, x, y, top, bottom, at_months) if medium.name == "page" else []
    if payback is not None:
        marks += _payback(payback, x, y, top, width, medium)
    return Chart(
        title=words.cash_title(result),
        subtitle=words.cash_subtitle(result),
        description=_description(result),
        width=width,
        height=bottom + medium.gap + medium.line,
        marks=tuple(marks),
        tabulate=lambda: _table(result),
        x=x,
        y=y,
    )


def _ends(last: CashPoint) -> list[tuple[float, str]]:
    middle = (last.p50, _("middle future"))
    if last.p5 == last.p95:
        return [middle]
    return [(last.p95, _("best 1 in 20")), middle, (last.p5, _("worst 1 in 20"))]


def _bands(points: tuple[CashPoint, ...], x: Linear, y: Linear) -> list[Mark]:
    def edge(name: str) -> tuple[Place, ...]:
        return tuple((x(point.months), y(getattr(point, name))) for point in points)

    outer = Area(edge("p95"), edge("p5"), "band_outer", "uncertainty")
    return [outer, Area(edge("p75"), edge("p25"), "band_inner", "band_inner")]


def _month_ticks(x: Linear, bottom: float, width: float, medium: Medium) -> tuple[tuple[int, ...], list[Mark]]:
    last = int(x.high)
    for every in EVERY:
        at = tuple(range(0, last + 1, every))
        texts: list[Text] = []
        for month in at:
            name = _("go-live") if month == 0 else months(month) if month == at[-1] else number(month, 0)
            centre = inside(x(month), medium.measure(name), 0.0, width)
            texts.append(Text(centre, bottom + medium.gap + medium.text, name, medium.text, "quiet", "middle"))
        boxes = [text.box for text in texts]
        if all(before[2] + medium.gap <= after[0] for before, after in pairwise(boxes)):
            return at, [*texts]
    return (0,), [texts[0]]


def _end_labels(
    ends: list[tuple[float, str]], left: float, y: Linear, top: float, bottom: float, currency: str, medium: Medium
) -> list[Mark]:
    """Return amount and words at the right edge, each pair in the order of its amounts and clear of the next."""
    ordered = sorted(ends, key=lambda end: -end[0])
    high = top + medium.line / 2
    places = apart([y(value) for value, _ in ordered], 2 * medium.line, high, bottom - medium.line * 0.8)
    marks: list[Mark] = []
    for (value, name), place in zip(ordered, places, strict=True):
        is_middle = len(ends) == 1 or name == ends[1][1]
        role: Role = "kept" if is_middle else "quiet"
        marks.append(Text(left, place, money(value, currency), medium.text, role, strong=is_middle))
        marks.append(Text(left, place + medium.line * 0.85, name, medium.text, "quiet"))
    return marks


def _slots(result: Result, x: Linear, y: Linear, top: float, bottom: float, at: tuple[int, ...]) -> list[Mark]:
    half = (x.end - x.start) / max(x.high, 1.0) / 2
    return [
        Slot(
            x=x(point.months) - half,
            y=top,
            width=2 * half,
            height=bottom - top,
            dot=(x(point.months), y(point.p50)),
            value=point.p50,
            tip=_tip(point, result.currency),
            focus=point.months in at,
        )
        for point in result.cash
    ]


def _tip(point: CashPoint, currency: str) -> str:
    low, middle, high = (money_exact(value, currency) for value in (point.p5, point.p50, point.p95))
    if point.months == 0:
        return _(
            "At go-live: %(middle)s; 90 of 100 futures from %(low)s to %(high)s", middle=middle, low=low, high=high
        )
    return _(
        "After %(months)s: %(middle)s; 90 of 100 futures from %(low)s to %(high)s",
        months=months(point.months),
        middle=middle,
        low=low,
        high=high,
    )


def _payback(payback: float, x: Linear, y: Linear, top: float, width: float, medium: Medium) -> list[Mark]:
    text = _("paid back after %(months)s", months=months(payback)) if payback > 0 else _("pays from the start")
    centre = inside(x(payback), medium.measure(text, strong=True), 0.0, width)
    baseline = typeface.ASCENT * medium.text
    return [
        Rule(x(payback), baseline + medium.gap / 2 + typeface.DESCENT * medium.text, x(payback), y(0.0), "axis"),
        Dot(x(payback), y(0.0), medium.gap * 0.6, "kept", payback, words.capitalized(text)),
        Text(centre, baseline, text, medium.text, "ink", "middle", strong=True),
    ]


def _description(result: Result) -> str:
    last = result.cash[-1]
    low, middle, high = (money(value, result.currency) for value in (last.p5, last.p50, last.p95))
    return _(
        "From %(start)s at go-live to %(middle)s after %(months)s; 90 of 100 futures end between %(low)s and %(high)s.",
        start=money(result.cash[0].p50, result.currency),
        middle=middle,
        months=months(last.months),
        low=low,
        high=high,
    )


def _table(result: Result) -> Table:
    names = ("p50", "p5", "p25", "p75", "p95")
    columns = (_("Months"), _("Middle"), _("5 of 100 below"), _("25 below"), _("75 below"), _("95 of 100 below"))
    rows = []
    for point in result.cash:
        amounts = (getattr(point, name) for name in names)
        exact = (Cell(money_exact(value, result.currency), value) for value in amounts)
        rows.append((Cell(number(point.months, 0), float(point.months)), *exact))
    return Table(words.cash_subtitle(result), columns, tuple(rows))
