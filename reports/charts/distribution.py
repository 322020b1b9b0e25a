"""How the futures turn out: a histogram of NPV, what loses on one side of zero, what pays on the other."""

from __future__ import annotations

from calculator import chart_words
from calculator.display import money, money_exact, share
from calculator.language import gettext as _
from calculator.result import NpvBin, Result
from calculator.words import capitalized
from reports import typeface
from reports.charts.chart import PAGE, Bar, Cell, Chart, Dot, Mark, Medium, Role, Rule, Table, Text
from reports.charts.label import apart, inside, row_of_ticks
from reports.charts.scale import Linear, span

PLOT_LINES = 8  # height of the plot in lines of text
BETWEEN = 1.0  # between two columns, where they are wide enough for it
MOST_FOCUS = 12  # columns that take the focus


def distribution(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return the histogram, laid out for ``width``."""
    bins, currency = result.npv_histogram, result.currency
    median = result.distribution["npv"].p50 or 0.0
    x = Linear(*span([edge for part in bins for edge in (part.low, part.high)] + [median]), 0.0, width)
    top = 2 * medium.line + medium.gap
    bottom = top + PLOT_LINES * medium.line
    y = Linear(0.0, max(part.share for part in bins), bottom, top)
    ranges = chart_words.bin_ranges(bins, currency)
    shares = [share(part.share, 1) for part in bins]
    baseline = bottom + medium.gap / 2 + medium.text
    _values, ticks = row_of_ticks(x, lambda value: money(value, currency), baseline, 0.0, width, medium)
    marks: list[Mark] = [
        *_columns(bins, ranges, shares, x, y),
        Rule(0.0, bottom, width, bottom, "axis"),
        *ticks,
        *_sides(result, x(0.0), width, medium),
        *_median(result, median, x, y, medium),
    ]
    return Chart(
        title=chart_words.distribution_title(result),
        subtitle=chart_words.distribution_subtitle(result),
        description=chart_words.distribution_description(result),
        width=width,
        height=baseline + medium.gap,
        marks=tuple(marks),
        tabulate=lambda: _table(result, ranges, shares),
        x=x,
        y=y,
    )


def _columns(bins: tuple[NpvBin, ...], ranges: list[str], shares: list[str], x: Linear, y: Linear) -> list[Mark]:
    every = -(-len(bins) // MOST_FOCUS)
    marks: list[Mark] = []
    for number, (part, reach, shown) in enumerate(zip(bins, ranges, shares, strict=True)):
        left, right = x(part.low), x(part.high)
        air = BETWEEN / 2 if right - left > 4 * BETWEEN else 0.0
        marks.append(
            Bar(
                left + air,
                y(part.share),
                right - left - 2 * air,
                y.start - y(part.share),
                "kept" if part.low >= 0.0 else "lost",
                part.share,
                _("%(range)s: %(share)s of all futures", range=capitalized(reach), share=shown),
                (left, y.end, right, y.start),
                focus=number % every == 0,
            )
        )
    return marks


def _sides(result: Result, zero: float, width: float, medium: Medium) -> list[Mark]:
    """Return what lies on either side of zero, as close to it as there is room."""
    losing, paying = chart_words.sides(result)
    baseline = typeface.ASCENT * medium.text
    wide = [medium.measure(text, strong=True) for text in (losing, paying)]
    near = [zero - 1.5 * medium.gap - wide[0] / 2, zero + 1.5 * medium.gap + wide[1] / 2]
    if losing and paying:
        near = apart(near, sum(wide) / 2 + 3 * medium.gap, wide[0] / 2, width - wide[1] / 2)
    roles: tuple[Role, Role] = ("lost", "kept")
    return [
        Text(inside(place, room, 0.0, width), baseline, text, medium.text, role, "middle", strong=True)
        for text, room, place, role in zip((losing, paying), wide, near, roles, strict=True)
        if text
    ]


def _median(result: Result, median: float, x: Linear, y: Linear, medium: Medium) -> list[Mark]:
    text = _("middle of all futures %(amount)s", amount=money(median, result.currency))
    exact = _("The middle of all futures: %(amount)s", amount=money_exact(median, result.currency))
    centre = inside(x(median), medium.measure(text), 0.0, x.end)
    baseline = medium.line + typeface.ASCENT * medium.text
    label = Text(centre, baseline, text, medium.text, "ink", "middle")
    left, _top, right, _bottom = label.box
    clear = not left - medium.gap <= x(0.0) <= right + medium.gap
    return [
        Rule(x(0.0), medium.line if clear else 2 * medium.line, x(0.0), y.start, "axis"),
        Rule(x(median), 2 * medium.line, x(median), y.start, "ink"),
        Dot(x(median), y.start, medium.gap * 0.6, "ink", median, exact),
        label,
    ]


def _table(result: Result, ranges: list[str], shares: list[str]) -> Table:
    rows = (
        (Cell(capitalized(reach)), Cell(shown, part.share))
        for reach, shown, part in zip(ranges, shares, result.npv_histogram, strict=True)
    )
    caption = _(
        "Net present value in %(currency)s. The outermost futures, 1 of 200 on each side, are counted in the first and "
        "the last line.",
        currency=result.currency,
    )
    return Table(caption, (_("Net present value"), _("Share of all futures")), tuple(rows))
