"""Charts: nothing clips or overlaps, bars are honest, and page, paper and table say the same numbers."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reportlab.graphics.shapes import Circle, PolyLine, Rect, String

from calculator.display import money
from calculator.result import BreakEven, CashPoint, Result, Spread
from reports.charts import PAGE, PAPER, Chart, Medium, break_even_strip, bridge, cash, headline_strip, svg
from reports.charts.chart import Bar, Dot, Line, Range, Slot, Text
from reports.charts.label import overlap
from reports.charts.paper import drawing

SIZES = [(680.0, PAGE), (350.0, PAGE), (480.0, PAGE), (360.0, PAPER), (170.0, PAPER)]
CHARTS: list[Callable[[Result, float, Medium], Chart]] = [bridge, cash, headline_strip, break_even_strip]
AMOUNTS = st.one_of(
    st.sampled_from([0.0, -0.0, 0.004, 1.0, -1.0, 1e13, -1e13]), st.floats(-1e13, 1e13), st.floats(-1e5, 1e5)
)
HUNDREDTH = 0.011  # SVG coordinates are written to a hundredth of a pixel


def texts(chart: Chart) -> list[Text]:
    return [mark for mark in chart.marks if isinstance(mark, Text)]


def of_kind(chart: Chart, kind: type) -> list:
    return [mark for mark in chart.marks if isinstance(mark, kind)]


def check_labels(chart: Chart) -> None:
    """No label leaves the canvas, touches another or lies on a bar, by the font's real widths."""
    for text in texts(chart):
        left, top, right, bottom = text.box
        assert left >= -0.01, text
        assert right <= chart.width + 0.01, text
        assert top >= -0.01, text
        assert bottom <= chart.height + 0.01, text
    for first, second in itertools.combinations(texts(chart), 2):
        assert not overlap(first.box, second.box), (first, second)
    for bar in of_kind(chart, Bar) + of_kind(chart, Range):
        place = (bar.x, bar.y, bar.x + bar.width, bar.y + bar.height)
        assert not [text for text in texts(chart) if overlap(text.box, place)], bar


def with_bridge(result: Result, amounts: list[float], kept: float) -> Result:
    steps = tuple(dataclasses.replace(step, amount=a) for step, a in zip(result.bridge, amounts, strict=True))
    return dataclasses.replace(result, bridge=steps, point={**result.point, "revenue_kept_per_year": kept})


@pytest.mark.parametrize(("width", "medium"), SIZES)
@pytest.mark.parametrize("chart", CHARTS)
def test_labels_are_clear_of_each_other(result: Result, chart: Callable, width: float, medium: Medium) -> None:
    check_labels(chart(result, width, medium))


@settings(max_examples=60, deadline=None)
@given(amounts=st.lists(AMOUNTS, min_size=10, max_size=10), kept=AMOUNTS, size=st.sampled_from(SIZES))
@example(amounts=[0.0] * 10, kept=0.0, size=(350.0, PAGE))
@example(amounts=[-1e13] * 10, kept=-1e13, size=(350.0, PAGE))
def test_any_bridge_is_legible_and_honest(
    paying: Result, amounts: list[float], kept: float, size: tuple[float, Medium]
) -> None:
    chart = bridge(with_bridge(paying, amounts, kept), *size)
    check_labels(chart)
    bars, scale = of_kind(chart, Bar), chart.x
    assert scale is not None
    assert len(bars) == 11
    tolerance = (scale.high - scale.low) * 1e-9
    for bar in bars:
        assert 0.0 <= bar.x <= bar.x + bar.width <= size[0] * (1 + 1e-9)
        assert scale.invert(bar.x + bar.width) - scale.invert(bar.x) == pytest.approx(abs(bar.value), abs=tolerance)
    for total in (bars[0], bars[6], bars[10]):  # gross, revenue kept, net: from zero
        sides = (total.x, total.x + total.width)
        assert scale(0.0) == pytest.approx(sides[0] if total.value > 0 else sides[1], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    ends=st.lists(AMOUNTS, min_size=6, max_size=6),
    start=AMOUNTS,
    payback=st.one_of(st.none(), st.floats(0.0, 36.0)),
    size=st.sampled_from(SIZES),
)
@example(ends=[0.0] * 6, start=0.0, payback=0.0, size=(350.0, PAGE))
@example(ends=[1e13] * 6, start=1e13, payback=36.0, size=(350.0, PAGE))
@example(ends=[-1e13, -1.0, 0.0, 1.0, 1e13, 2.0], start=-1e13, payback=0.5, size=(170.0, PAPER))
def test_any_running_total_is_legible(
    paying: Result, ends: list[float], start: float, payback: float | None, size: tuple[float, Medium]
) -> None:
    *sorted_ends, point = [*sorted(ends[:5]), ends[5]]
    points = (CashPoint(0, *[start] * 6), CashPoint(12, *[start / 2] * 6), CashPoint(36, point, *sorted_ends))
    changed = dataclasses.replace(paying, cash=points, payback_of_median=payback)
    chart = cash(changed, *size)
    check_labels(chart)
    assert chart.x is not None
    assert chart.y is not None
    assert chart.x.end - chart.x.start >= 0.2 * size[0]
    (line,) = of_kind(chart, Line)
    tolerance = (chart.y.high - chart.y.low) * 1e-9
    for place, expected in zip(line.points, points, strict=True):
        assert chart.x.invert(place[0]) == pytest.approx(expected.months, abs=1e-9)
        assert chart.y.invert(place[1]) == pytest.approx(expected.p50, abs=tolerance)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(AMOUNTS, min_size=5, max_size=5).map(sorted), size=st.sampled_from(SIZES))
def test_any_headline_strip_is_legible(paying: Result, values: list[float], size: tuple[float, Medium]) -> None:
    spread = {"revenue_kept_per_year": Spread(values[2], *values, 1.0)}
    changed = dataclasses.replace(paying, distribution={**paying.distribution, **spread})
    check_labels(headline_strip(changed, *size))


@settings(max_examples=60, deadline=None)
@given(
    trials=st.tuples(st.floats(-0.5, 0.9), st.floats(-0.5, 0.9)).map(sorted),
    needed=st.one_of(st.none(), st.floats(-1.0, 1.0)),
    size=st.sampled_from(SIZES),
)
def test_any_break_even_strip_is_legible(
    paying: Result, trials: list[float], needed: float | None, size: tuple[float, Medium]
) -> None:
    even = BreakEven(None, None, None, None, needed, *trials)
    check_labels(break_even_strip(dataclasses.replace(paying, break_even=even), *size))


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize(("width", "medium"), SIZES[:3])
def test_page_and_paper_draw_the_same_numbers(result: Result, chart: Callable, width: float, medium: Medium) -> None:
    made = chart(result, width, medium)
    root, picture = ElementTree.fromstring(svg(made, "x")), drawing(made)  # noqa: S314 - our own output
    on_page = [(float(rect.get("x", "")), float(rect.get("width", ""))) for rect in root.iter() if has(rect, "bar")]
    on_paper = [(shape.x, shape.width) for shape in picture.contents if isinstance(shape, Rect)]
    assert on_page == [pytest.approx(pair, abs=HUNDREDTH) for pair in on_paper]
    dots = [float(dot.get("cx", "")) for dot in root.iter() if has(dot, "dot")]
    assert dots == pytest.approx([s.cx for s in picture.contents if isinstance(s, Circle)], abs=HUNDREDTH)
    lines = [points(line) for line in root.iter() if has(line, "line") or has(line, "edge")]
    strokes = [flipped(s.points, made.height) for s in picture.contents if isinstance(s, PolyLine)]
    drawn = [line for line in lines if line in [pytest.approx(stroke, abs=HUNDREDTH) for stroke in strokes]]
    assert len(drawn) == len(strokes)
    assert [text.text for text in root.iter() if has(text, "text")] == [
        shape.text for shape in picture.contents if isinstance(shape, String)
    ]
    values = [float(mark.get("data-value", "")) for mark in root.iter() if mark.get("data-value")]
    assert values == [mark.value for mark in made.marks if isinstance(mark, Bar | Dot | Slot)]
    ranges = [(mark.get("data-low"), mark.get("data-high")) for mark in root.iter() if mark.get("data-low")]
    assert ranges == [(repr(mark.low), repr(mark.high)) for mark in of_kind(made, Range)]
    for mark in of_kind(made, Range):
        assert made.x is not None
        ends = (made.x.invert(mark.x), made.x.invert(mark.x + mark.width))
        assert ends == pytest.approx((mark.low, mark.high), rel=1e-9)


def has(element: ElementTree.Element, name: str) -> bool:
    return name in element.get("class", "").split()


def points(element: ElementTree.Element) -> list[float]:
    return [float(number) for number in re.split("[ ,]", element.get("points", ""))]


def flipped(coordinates: list[float], height: float) -> list[float]:
    return [height - value if number % 2 else value for number, value in enumerate(coordinates)]


def test_the_table_is_what_the_bridge_draws(result: Result) -> None:
    chart = bridge(result, 680.0)
    assert [row[1].value for row in chart.table.rows] == [bar.value for bar in of_kind(chart, Bar)]
    shown = [text.text for text in texts(chart)]
    for row in chart.table.rows:
        assert money(row[1].value) in shown


def test_the_bridge_stops_at_the_headline_on_its_way(result: Result) -> None:
    """What is left of the gross loss after "not collected" is revenue kept a year (design: the bridge)."""
    bars, scale = of_kind(bridge(result, 680.0), Bar), bridge(result, 680.0).x
    assert scale is not None
    assert bars[6].value == result.point["revenue_kept_per_year"]
    assert scale.invert(bars[5].x) == pytest.approx(bars[6].value)


def test_the_table_is_what_the_running_total_draws(result: Result) -> None:
    chart = cash(result, 680.0)
    assert chart.y is not None
    assert [row[1].value for row in chart.table.rows] == [slot.value for slot in of_kind(chart, Slot)]
    dots = [chart.y.invert(slot.dot[1]) for slot in of_kind(chart, Slot)]
    assert dots == pytest.approx([row[1].value for row in chart.table.rows])


@pytest.mark.parametrize("chart", CHARTS)
def test_zero_is_in_every_picture(paying: Result, losing: Result, chart: Callable) -> None:
    """A scale that starts elsewhere would make a small change look large."""
    for result in (paying, losing):
        made = chart(result, 680.0, PAGE)
        scale = made.y or made.x
        assert scale.low <= 0.0 <= scale.high


def test_payback_is_marked_only_where_there_is_one(paying: Result, losing: Result) -> None:
    assert [dot.value for dot in of_kind(cash(paying, 680.0), Dot)] == [paying.payback_of_median]
    assert not of_kind(cash(losing, 680.0), Dot)


@pytest.mark.parametrize("chart", CHARTS)
def test_the_picture_is_named_and_every_value_is_in_reach(result: Result, chart: Callable) -> None:
    first, second = (ElementTree.fromstring(svg(chart(result, 680.0, PAGE), p)) for p in "ab")  # noqa: S314
    ids = {element.get("id") for root in (first, second) for element in root.iter() if element.get("id")}
    assert ids == {"a-title", "a-desc", "b-title", "b-desc"}
    assert first.get("aria-labelledby") == "a-title a-desc"
    assert "img" in (first.get("role") or "")
    assert not [element for element in first.iter() if element.get("style") or element.tag == "script"]
    data = [element for element in first.iter() if element.get("data-value") or element.get("data-low")]
    assert data
    for element in data:
        title = element.find("title")
        assert title is not None
        assert title.text
        assert element.get("tabindex") == "0" or has(element, "slot")


def test_words_are_escaped(paying: Result) -> None:
    chart = dataclasses.replace(bridge(paying, 680.0), title='<script>alert("1")</script> & more')
    assert "<script>" not in svg(chart, "a")
    ElementTree.fromstring(svg(chart, "a"))  # noqa: S314
