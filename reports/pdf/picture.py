"""A chart as a figure: drawn as vectors, with its description for those who cannot see it."""

from __future__ import annotations

from reports.charts.chart import Chart
from reports.charts.paper import draw
from reports.pdf.blocks import Whole
from reports.pdf.file import text_string
from reports.pdf.sheet import Sheet
from reports.pdf.tags import Element
from reports.theme import STEP


class Picture(Whole):
    """A chart that was laid out for the width it is given."""

    def __init__(self, chart: Chart, *, before: float = STEP, after: float = 2 * STEP) -> None:
        self.chart, self.before, self.after = chart, before, after

    def height(self, width: float) -> float:
        """Return how high it is."""
        return self.chart.height

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw it."""
        chart = self.chart
        bottom = sheet.high - top - chart.height
        box = f"{x:.2f} {bottom:.2f} {x + chart.width:.2f} {bottom + chart.height:.2f}"
        told = text_string(f"{chart.title}. {chart.subtitle}. {chart.description}")
        extra = f"/Alt {told}/A <</O /Layout /Placement /Block /BBox [{box}]>>"
        with sheet.tagged(parent.add("Figure", extra)):
            draw(chart, sheet, x, top)
