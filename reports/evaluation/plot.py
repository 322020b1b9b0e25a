"""The frame that the report's two plots share: axes, ticks, names of lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.charts.chart import Mark, Medium, Place, Rule, Text
from reports.charts.label import apart, inside
from reports.charts.scale import Linear, ticks

LEAST_HEIGHT = 12  # of a plot, in lines of text


@dataclass(frozen=True)
class Frame:
    """A plot's scales and what is drawn behind the data."""

    x: Linear
    y: Linear
    marks: tuple[Mark, ...]
    height: float


def frame(
    span_x: tuple[float, float],
    span_y: tuple[float, float],
    names: tuple[str, str],
    shown: tuple[Callable[[float], str], Callable[[float], str]],
    width: float,
    high: float,
    right: float,
    medium: Medium,
) -> Frame:
    """Return the frame of a plot.

    Args:
        span_x: lowest and highest value across.
        span_y: lowest and highest value upwards.
        names: of the two axes; that of y stands above the plot.
        shown: how values of x and of y are written.
        width: of the whole picture.
        high: of the plot alone.
        right: room to the right of the plot, for the names of lines.
        medium: page or paper.
    """
    values_y = ticks(*span_y, 6)
    left = max(medium.measure(shown[1](value)) for value in values_y) + medium.gap
    top = medium.line + medium.gap
    bottom = top + high
    x, y = Linear(*span_x, left, width - right), Linear(*span_y, bottom, top)
    middle = 0.36 * medium.text
    marks: list[Mark] = [Text(0.0, 0.8 * medium.text, names[1], medium.text, "quiet")]
    marks += [Rule(left, y(value), x.end, y(value), "grid" if value else "axis") for value in values_y]
    marks += [
        Text(left - medium.gap, y(value) + middle, shown[1](value), medium.text, "quiet", "end") for value in values_y
    ]
    under = bottom + medium.gap + medium.text
    for value in ticks(*span_x, 6):
        words = shown[0](value)
        place = inside(x(value), medium.measure(words), 0.0, width)
        marks.append(Text(place, under, words, medium.text, "quiet", "middle"))
    marks.append(Text(x.end, under + medium.line, names[0], medium.text, "quiet", "end"))
    return Frame(x, y, tuple(marks), under + medium.line + medium.gap)


def line_names(ends: Sequence[tuple[Place, str, bool]], left: float, bounds: Place, medium: Medium) -> list[Mark]:
    """Return the names of lines at their right ends, pushed apart; a strong one is what the picture is about.

    Args:
        ends: the end of each line, its name, and whether it is strong.
        left: where the names begin.
        bounds: the highest and the lowest place.
        medium: page or paper.
    """
    ordered = sorted(ends, key=lambda end: end[0][1])
    places = apart([place[1] for place, _, _ in ordered], medium.line, *bounds)
    return [
        Text(left, place + 0.36 * medium.text, name, medium.text, "kept" if strong else "quiet", strong=strong)
        for place, (_, name, strong) in zip(places, ordered, strict=True)
    ]
