"""A pen that writes down what a chart draws on paper, in place of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.charts.chart import Box, Chart, Place
from reports.charts.paper import draw


@dataclass
class Drawn:
    """Every shape of a chart, in points from its own upper left corner."""

    boxes: list[Box] = field(default_factory=list)  # left, top, width and height
    frames: list[Box] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    paths: list[list[Place]] = field(default_factory=list)
    polygons: list[list[Place]] = field(default_factory=list)
    circles: list[tuple[float, float, float]] = field(default_factory=list)
    words: list[tuple[float, float, str]] = field(default_factory=list)

    def rectangle(self, x: float, y: float, wide: float, high: float, role: str) -> None:
        self.boxes.append((x, y, wide, high))

    def frame(self, x: float, y: float, wide: float, high: float, role: str, line: float) -> None:
        self.frames.append((x, y, wide, high))

    def rule(self, x1: float, y1: float, x2: float, y2: float, role: str, line: float) -> None:
        self.rules.append((x1, y1, x2, y2))

    def path(self, points: Sequence[Place], role: str, line: float) -> None:
        self.paths.append(list(points))

    def polygon(self, points: Sequence[Place], role: str) -> None:
        self.polygons.append(list(points))

    def circle(self, x: float, y: float, radius: float, role: str, edge: str) -> None:
        self.circles.append((x, y, radius))

    def label(self, x: float, y: float, text: str, size: float, role: str, *, strong: bool = False) -> None:
        self.words.append((x, y, text))


def drawn(chart: Chart, x: float = 0.0, top: float = 0.0) -> Drawn:
    """Return what a chart draws with its upper left corner at (x, top)."""
    pen = Drawn()
    draw(chart, pen, x, top)
    return pen
