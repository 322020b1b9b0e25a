"""A chart as a reportlab drawing: the same marks in the same places, coloured by the theme."""

from __future__ import annotations

from reportlab.graphics.shapes import Circle, Drawing, Polygon, PolyLine, Rect, Shape, String
from reportlab.graphics.shapes import Line as Stroke

from reports import typeface
from reports.charts.chart import Area, Bar, Chart, Dot, Line, Mark, Place, Range, Rule, Slot, Text, Tile
from reports.theme import HAIRLINE, colour

LINE = 1.4  # points, the line of the middle
THIN_LINE = 0.8  # the line it is compared with
OUTLINE = 1.0
ROUND = 1  # reportlab's name for round joins and caps


def drawing(chart: Chart) -> Drawing:
    """Return the chart as a flowable; reportlab counts y upwards."""
    # without a typeface of its own a drawing starts from Helvetica, which is then listed in the document
    picture = Drawing(chart.width, chart.height, initialFontName=typeface.REGULAR)
    for mark in chart.marks:
        for shape in _shapes(mark, chart.height):
            picture.add(shape)
    return picture


def _shapes(mark: Mark, height: float) -> list[Shape]:
    match mark:
        case Bar() | Range():
            y = height - mark.y - mark.height
            fill = colour(mark.role)
            return [Rect(mark.x, y, mark.width, mark.height, fillColor=fill, strokeColor=None, strokeWidth=0)]
        case Dot():
            place = (mark.x, height - mark.y, mark.radius)
            return [Circle(*place, fillColor=colour(mark.role), strokeColor=colour("surface"), strokeWidth=1)]
        case Line():
            return [_polyline(mark.points, height, mark.role, THIN_LINE if mark.role == "quiet" else LINE)]
        case Area():
            points = _flat((*mark.upper, *reversed(mark.lower)), height)
            shapes: list[Shape] = [Polygon(points, fillColor=colour(mark.role), strokeColor=None, strokeWidth=0)]
            if mark.edge != mark.role:
                shapes += [_polyline(side, height, mark.edge, HAIRLINE) for side in (mark.upper, mark.lower)]
            return shapes
        case Rule():
            ends = (mark.x1, height - mark.y1, mark.x2, height - mark.y2)
            return [Stroke(*ends, strokeColor=colour(_rule_colour(mark.role)), strokeWidth=HAIRLINE)]
        case Text():
            return [_words(mark, height)]
        case Tile():
            y = height - mark.y - mark.height
            tile = Rect(
                mark.x, y, mark.width, mark.height, fillColor=colour(mark.role), strokeColor=None, strokeWidth=0
            )
            return [tile, *_outline(mark, height), _words(mark.label, height)]
        case Slot():
            return []  # paper answers to no pointer


def _words(text: Text, height: float) -> String:
    face = typeface.STRONG if text.strong else typeface.REGULAR
    style = {"fontName": face, "fontSize": text.size, "textAnchor": text.anchor}
    return String(text.x, height - text.y, typeface.shown(text.text), fillColor=colour(text.role), **style)


def _outline(tile: Tile, height: float) -> list[Shape]:
    if not tile.own:
        return []
    x, y, wide, tall = tile.outline
    return [Rect(x, height - y - tall, wide, tall, fillColor=None, strokeColor=colour("ink"), strokeWidth=OUTLINE)]


def _rule_colour(role: str) -> str:
    return "line" if role == "grid" else role


def _polyline(points: tuple[Place, ...], height: float, role: str, wide: float) -> PolyLine:
    style = {"strokeWidth": wide, "strokeLineJoin": ROUND, "strokeLineCap": ROUND}
    return PolyLine(_flat(points, height), strokeColor=colour(role), fillColor=None, **style)


def _flat(points: tuple[Place, ...], height: float) -> list[float]:
    return [number for x, y in points for number in (x, height - y)]
