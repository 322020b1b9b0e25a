"""A chart on paper: the same marks in the same places as on the page, drawn straight onto a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reports.charts.chart import Area, Bar, Chart, Dot, Line, Mark, Place, Range, Rule, Slot, Text, Tile
from reports.theme import HAIRLINE

LINE = 1.4  # points, the line of the middle
THIN_LINE = 0.8  # the line it is compared with
OUTLINE = 1.0


class Pen(Protocol):
    """What a chart is drawn with: places in points from the upper left corner, colours by their role."""

    def rectangle(self, x: float, y: float, wide: float, high: float, role: str) -> None:
        """Fill a rectangle."""

    def frame(self, x: float, y: float, wide: float, high: float, role: str, line: float) -> None:
        """Draw a rectangle's outline."""

    def rule(self, x1: float, y1: float, x2: float, y2: float, role: str, line: float) -> None:
        """Draw a straight line."""

    def path(self, points: Sequence[Place], role: str, line: float) -> None:
        """Draw a line through points."""

    def polygon(self, points: Sequence[Place], role: str) -> None:
        """Fill a closed shape."""

    def circle(self, x: float, y: float, radius: float, role: str, edge: str) -> None:
        """Fill a circle with a line around it."""

    def label(self, x: float, y: float, text: str, size: float, role: str, *, strong: bool = False) -> None:
        """Write a line of text from x, its baseline at y."""


def draw(chart: Chart, pen: Pen, x: float, top: float) -> None:
    """Draw a chart with its upper left corner at (x, top)."""
    for mark in chart.marks:
        _draw(mark, pen, x, top)


def _draw(mark: Mark, pen: Pen, x: float, top: float) -> None:
    match mark:
        case Bar() | Range():
            pen.rectangle(x + mark.x, top + mark.y, mark.width, mark.height, mark.role)
        case Dot():
            pen.circle(x + mark.x, top + mark.y, mark.radius, mark.role, "surface")
        case Line():
            pen.path(_moved(mark.points, x, top), mark.role, THIN_LINE if mark.role == "quiet" else LINE)
        case Area():
            upper, lower = _moved(mark.upper, x, top), _moved(mark.lower, x, top)
            pen.polygon([*upper, *reversed(lower)], mark.role)
            if mark.edge != mark.role:
                for side in (upper, lower):
                    pen.path(side, mark.edge, HAIRLINE)
        case Rule():
            role = "line" if mark.role == "grid" else mark.role
            pen.rule(x + mark.x1, top + mark.y1, x + mark.x2, top + mark.y2, role, HAIRLINE)
        case Text():
            _words(mark, pen, x, top)
        case Tile():
            pen.rectangle(x + mark.x, top + mark.y, mark.width, mark.height, mark.role)
            if mark.own:
                left, upper_edge, wide, tall = mark.outline
                pen.frame(x + left, top + upper_edge, wide, tall, "ink", OUTLINE)
            _words(mark.label, pen, x, top)
        case Slot():
            pass  # paper answers to no pointer


def _words(text: Text, pen: Pen, x: float, top: float) -> None:
    pen.label(x + text.box[0], top + text.y, text.text, text.size, text.role, strong=text.strong)


def _moved(points: Sequence[Place], x: float, top: float) -> list[Place]:
    return [(x + left, top + down) for left, down in points]
