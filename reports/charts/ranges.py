"""One figure in several scenarios: the middle and where half and 90 of 100 futures lie, on one scale, a row each."""

from __future__ import annotations

from collections.abc import Sequence

from calculator import words
from calculator.display import money, money_exact, money_range
from calculator.language import gettext as _
from calculator.result import Result
from reports import typeface
from reports.charts.chart import PAGE, Cell, Chart, Dot, Mark, Medium, Range, Rule, Table, Text
from reports.charts.label import row_of_ticks, wrap
from reports.charts.scale import Linear, span

NARROW = 36  # times the size of text: below it a row's picture stands under its label
LABEL_SHARE = 0.3  # of the width, at most, for names


def ranges(results: Sequence[Result], names: Sequence[str], figure: str, width: float, medium: Medium = PAGE) -> Chart:
    """Return a figure of money in scenarios of one currency, each under its name."""
    currency = results[0].currency
    label = words.figure_label(figure, results[0])
    spreads = [
        [value or 0.0 for value in (each.p5, each.p25, each.p50, each.p75, each.p95)]
        for each in (result.distribution[figure] for result in results)
    ]
    shown = [money(values[2], currency) for values in spreads]
    room = max(medium.measure(text, strong=True) for text in shown)
    labels = min(max(medium.measure(name) for name in names) + 1.0, LABEL_SHARE * width)
    beside = width >= NARROW * medium.text and labels + room <= 0.6 * width
    left = labels + room + 4 * medium.gap if beside else medium.gap
    scale = Linear(*span([value for values in spreads for value in values]), left, width - medium.gap)
    marks: list[Mark] = []
    y = 0.0
    for name, values, amount in zip(names, spreads, shown, strict=True):
        lines = wrap(name, labels if beside else width - room - 2 * medium.gap, medium)
        first = y + medium.line / 2 + 0.36 * medium.text
        marks += [
            Text(0.0, first + number * medium.line, line, medium.text, "ink") for number, line in enumerate(lines)
        ]
        marks.append(Text(left - 2 * medium.gap if beside else width, first, amount, medium.text, "ink", "end", True))
        tall = len(lines) * medium.line
        middle = y + medium.line / 2 if beside else y + tall + medium.gap
        if not beside:
            marks.append(Rule(scale(0.0), middle - medium.gap, scale(0.0), middle + medium.gap, "axis"))
        marks += _futures(values, name, label, scale, middle, currency, medium)
        y = (y + tall if beside else middle + medium.gap) + medium.gap
    baseline = y + medium.gap / 2 + typeface.ASCENT * medium.text
    start = left - medium.gap
    places, ticks = row_of_ticks(scale, lambda value: money(value, currency), baseline, start, width, medium)
    if beside:  # under labels the lines would strike through them
        grid = [Rule(scale(value), 0.0, scale(value), y, "axis" if value == 0 else "grid") for value in places]
        marks = [*grid, *marks]
    subtitle = _("%(currency)s: the middle, half of all futures, and 90 of 100", currency=currency)
    rows = [
        (Cell(name), Cell(money_exact(values[2], currency), values[2]), *(
            Cell(_exact(values[low], values[high], currency)) for low, high in ((1, 3), (0, 4))
        ))
        for name, values in zip(names, spreads, strict=True)
    ]  # fmt: skip
    return Chart(
        title=label,
        subtitle=subtitle,
        description=" ".join(
            _(
                "%(name)s: %(amount)s; 90 of 100 futures lie in %(range)s.",
                name=name,
                amount=amount,
                range=money_range(values[0], values[4], currency),
            )
            for name, values, amount in zip(names, spreads, shown, strict=True)
        ),
        width=width,
        height=baseline + medium.gap,
        marks=(*marks, *ticks),
        tabulate=lambda: Table(
            label, (_("Scenario"), _("Middle"), _("Half of all futures"), _("90 of 100 futures")), tuple(rows)
        ),
        x=scale,
    )


def _futures(
    values: Sequence[float], name: str, label: str, scale: Linear, middle: float, currency: str, medium: Medium
) -> list[Mark]:
    told = (
        (0, 4, 0.75, _("%(name)s, 90 of 100 futures: %(range)s")),
        (1, 3, 1.5, _("%(name)s, half of all futures: %(range)s")),
    )
    marks: list[Mark] = []
    for low, high, times, text in told:
        tall, start, end = medium.gap * times, scale(values[low]), scale(values[high])
        tip = text % {"name": name, "range": _exact(values[low], values[high], currency)}
        hit = (start, middle - medium.gap, end, middle + medium.gap)
        marks.append(
            Range(start, middle - tall / 2, end - start, tall, "uncertainty", values[low], values[high], tip, hit)
        )
    tip = f"{name}, {label}: {money_exact(values[2], currency)}"
    return [*marks, Dot(scale(values[2]), middle, medium.gap * 0.9, "kept", values[2], tip)]


def _exact(low: float, high: float, currency: str) -> str:
    return _("%(low)s to %(high)s", low=money_exact(low, currency), high=money_exact(high, currency))
