"""Calibration: of those a model gave a like risk, how many left; by plain numbers, with no client and no model here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from calculator.display import number, share, share_range
from calculator.language import gettext as _
from calculator.language import ngettext
from reports import typeface
from reports.charts.chart import PAGE, Bar, Cell, Chart, Dot, Line, Mark, Medium, Rule, Table, Text
from reports.charts.label import row_of_ticks, wrap
from reports.charts.scale import Linear, ticks

PLOT_LINES = 13  # height of the plot in lines of text, at most
FOOT_LINES = 2  # height of the strip that shows how many clients stand behind each point
LEAST_SPAN = 0.1  # of the axes, which are alike
STEP = 0.05  # the axes end at a multiple
MOST_BAR = 10.0  # pixels or points; the strip's bars are thin, for points may lie close


@dataclass(frozen=True)
class RiskGroup:
    """Clients with a like predicted risk: the mean of it, the share that left with its interval, and how many."""

    predicted: float
    observed: float
    low: float
    high: float
    clients: int


def calibration(groups: Sequence[RiskGroup], title: str, subtitle: str, width: float, medium: Medium = PAGE) -> Chart:
    """Return the picture of predicted against observed risk, laid out for ``width``.

    Both axes have the same scale, so that what came true as predicted lies on the diagonal.

    Args:
        groups: at least one, from low to high predicted risk.
        title: what the picture finds.
        subtitle: whose predictions of what they are.
        width: of the picture.
        medium: page or paper.
    """
    end = max(LEAST_SPAN, *(max(group.predicted, group.high) for group in groups))
    end = min(math.ceil(end / STEP - 1e-9) * STEP, 1.0)
    values = ticks(0.0, end, 6)
    most = medium.measure(number(max(group.clients for group in groups), 0)) + MOST_BAR / 2
    left = max(most, *(medium.measure(share(value)) for value in values)) + medium.gap
    diagonal = _("as predicted")  # named at its upper end, above the plot, where no point can lie
    above = wrap(_("left before the next visit"), width - medium.measure(diagonal) - 3 * medium.gap, medium)
    top = len(above) * medium.line + medium.gap
    right = max(medium.gap, MOST_BAR / 2)
    high = min(PLOT_LINES * medium.line, width - left - right)
    bottom = top + high
    x, y = Linear(0.0, end, left, width - right), Linear(0.0, end, bottom, top)
    baseline = typeface.ASCENT * medium.text
    marks: list[Mark] = [
        Text(0.0, row * medium.line + baseline, line, medium.text, "quiet") for row, line in enumerate(above)
    ]
    marks += [Rule(left, y(value), x.end, y(value), "grid" if value else "axis") for value in values]
    middle = 0.36 * medium.text
    marks += [
        Text(left - medium.gap, y(value) + middle, share(value), medium.text, "quiet", "end")
        for value in values
        if value  # the zero of the axis across serves both
    ]
    marks.append(Line(((x(0.0), y(0.0)), (x(end), y(end))), "quiet"))
    marks.append(Text(x.end, top - medium.gap - medium.line + baseline, diagonal, medium.text, "quiet", "end"))
    for group in groups:
        marks += _group(group, x, y, medium)
    foot, height = _foot(groups, x, bottom, width, medium)
    return Chart(
        title=title,
        subtitle=subtitle,
        description="; ".join(_told(group) for group in groups) + ".",
        width=width,
        height=height,
        marks=(*marks, *foot),
        tabulate=lambda: _table(groups, title),
        x=x,
        y=y,
    )


def _group(group: RiskGroup, x: Linear, y: Linear, medium: Medium) -> list[Mark]:
    place, tick = x(group.predicted), medium.gap / 2
    ends = (y(group.low), y(group.high))
    return [
        Rule(place, ends[0], place, ends[1], "ink"),
        *(Rule(place - tick / 2, each, place + tick / 2, each, "ink") for each in ends),
        Dot(place, y(group.observed), medium.gap * 0.6, "kept", group.observed, _told(group)),
    ]


def _baseline(medium: Medium) -> float:
    """Return how far below the upper edge of a line its baseline lies."""
    return typeface.ASCENT * medium.text


def _foot(
    groups: Sequence[RiskGroup], x: Linear, bottom: float, width: float, medium: Medium
) -> tuple[list[Mark], float]:
    """Return ticks and name of the axis across, and below them how many clients stand behind each point."""
    tick_line = bottom + medium.gap / 2 + _baseline(medium)
    values, texts = row_of_ticks(x, share, tick_line, 0.0, width, medium)
    marks: list[Mark] = [Rule(x(value), bottom, x(value), bottom + medium.gap / 2, "axis") for value in values]
    marks += texts
    name_line = tick_line + medium.line
    marks.append(Text(x.end, name_line, _("risk, as predicted"), medium.text, "quiet", "end"))
    words = wrap(_("clients behind each point"), width, medium)
    head = name_line + medium.gap
    marks += [
        Text(0.0, head + row * medium.line + _baseline(medium), line, medium.text, "quiet")
        for row, line in enumerate(words)
    ]
    ceiling = head + len(words) * medium.line + medium.gap
    most = max(group.clients for group in groups)
    scale = Linear(0.0, max(most, 1), 0.0, FOOT_LINES * medium.line)
    floor = ceiling + FOOT_LINES * medium.line
    wide = _bar_width(groups, x)
    marks.append(Rule(x.start, floor, x.end, floor, "axis"))
    marks += [
        Bar(
            x(group.predicted) - wide / 2,
            floor - scale(group.clients),
            wide,
            scale(group.clients),
            "uncertainty",
            float(group.clients),
            _told(group),
            (x(group.predicted) - wide / 2, ceiling, x(group.predicted) + wide / 2, floor),
            focus=False,
        )
        for group in groups
    ]
    marks.append(Text(0.0, ceiling + _baseline(medium), number(most, 0), medium.text, "quiet"))
    marks.append(Text(0.0, floor, number(0, 0), medium.text, "quiet"))
    return marks, floor + medium.gap


def _bar_width(groups: Sequence[RiskGroup], x: Linear) -> float:
    """Return how wide the bars may be without touching one another."""
    places = sorted(x(group.predicted) for group in groups)
    nearest = min((b - a for a, b in pairwise(places)), default=MOST_BAR)
    return max(min(MOST_BAR, 0.8 * nearest), 1.0)


def _told(group: RiskGroup) -> str:
    return ngettext(
        "%(observed)s left (%(range)s) where %(predicted)s were predicted; %(clients)s client",
        "%(observed)s left (%(range)s) where %(predicted)s were predicted; %(clients)s clients",
        group.clients,
        observed=share(group.observed, 1),
        range=share_range(group.low, group.high, 1),
        predicted=share(group.predicted, 1),
        clients=number(group.clients, 0),
    )


def _table(groups: Sequence[RiskGroup], title: str) -> Table:
    rows = tuple(
        (
            Cell(share(group.predicted, 1), group.predicted),
            Cell(share(group.observed, 1), group.observed),
            Cell(share(group.low, 1), group.low),
            Cell(share(group.high, 1), group.high),
            Cell(number(group.clients, 0), float(group.clients)),
        )
        for group in groups
    )
    columns = (_("Predicted"), _("Left"), _("Low"), _("High"), _("Clients"))
    return Table(title, columns, rows)
