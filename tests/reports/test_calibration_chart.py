"""The calibration picture: labels are clear, points stand where their values are, nothing is only in it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.charts import PAGE, PAPER, Medium, RiskGroup, calibration, svg
from reports.charts.chart import Bar, Dot, Line, Rule
from tests.reports.test_charts import check_labels, of_kind

GROUPS = (RiskGroup(0.02, 0.016, 0.011, 0.023, 233), RiskGroup(0.25, 0.241, 0.164, 0.341, 86))
SIZES = [(420.0, PAGE), (342.0, PAGE), (300.0, PAGE), (360.0, PAPER), (170.0, PAPER)]
SHARES = st.floats(0.0, 1.0)


@st.composite
def groups(draw: st.DrawFn) -> list[RiskGroup]:
    found = []
    for predicted in sorted(draw(st.lists(SHARES, min_size=1, max_size=10))):
        low, observed, high = sorted(draw(st.tuples(SHARES, SHARES, SHARES)))
        found.append(RiskGroup(predicted, observed, low, high, draw(st.integers(1, 10**6))))
    return found


@settings(max_examples=60, deadline=None)
@given(found=groups(), size=st.sampled_from(SIZES))
@example(found=[RiskGroup(0.0, 0.0, 0.0, 0.0, 1)], size=(170.0, PAPER))
@example(found=[RiskGroup(1.0, 1.0, 1.0, 1.0, 1)], size=(300.0, PAGE))
def test_any_points_are_legible_and_stand_at_their_values(found: list[RiskGroup], size: tuple[float, Medium]) -> None:
    chart = calibration(found, "t", "s", *size)
    check_labels(chart)
    x, y = chart.x, chart.y
    assert x is not None
    assert y is not None
    assert (x.low, x.high) == (y.low, y.high)  # else the diagonal means nothing
    for group, dot in zip(found, of_kind(chart, Dot), strict=True):
        assert (x.invert(dot.x), y.invert(dot.y)) == pytest.approx((group.predicted, group.observed), abs=1e-9)
        assert 0.0 <= dot.x <= chart.width
        ends = [rule for rule in of_kind(chart, Rule) if rule.role == "ink" and rule.x1 == rule.x2 == dot.x]
        spans = [(y.invert(rule.y1), y.invert(rule.y2)) for rule in ends]
        assert any(span == pytest.approx((group.low, group.high), abs=1e-9) for span in spans)


def test_the_diagonal_runs_from_corner_to_corner() -> None:
    chart = calibration(GROUPS, "t", "s", 420.0)
    (line,) = of_kind(chart, Line)
    assert chart.x is not None
    assert chart.y is not None
    ends = [value for a, b in line.points for value in (chart.x.invert(a), chart.y.invert(b))]
    assert ends == pytest.approx([0.0, 0.0, 0.35, 0.35], abs=1e-9)


def test_bars_are_as_high_as_there_are_clients_and_do_not_touch() -> None:
    bars = of_kind(calibration(GROUPS, "t", "s", 420.0), Bar)
    assert [bar.value for bar in bars] == [233.0, 86.0]
    assert bars[1].height / bars[0].height == pytest.approx(86 / 233)
    close = [RiskGroup(0.1, 0.1, 0.0, 0.2, 5), RiskGroup(0.104, 0.1, 0.0, 0.2, 5)]
    first, second = of_kind(calibration(close, "t", "s", 420.0), Bar)
    assert first.x + first.width < second.x


def test_the_table_and_the_description_say_what_is_drawn() -> None:
    chart = calibration(GROUPS, "About as many left as it foretold", "s", 342.0)
    assert [[cell.text for cell in row] for row in chart.table.rows] == [
        ["2.0%", "1.6%", "1.1%", "2.3%", "233"],
        ["25.0%", "24.1%", "16.4%", "34.1%", "86"],
    ]
    assert [cell.value for cell in chart.table.rows[1]] == [0.25, 0.241, 0.164, 0.341, 86.0]
    assert "24.1% left (16.4% to 34.1%) where 25.0% were predicted; 86 clients" in chart.description
    drawn = ElementTree.fromstring(svg(chart, "p"))  # noqa: S314 - our own drawing
    assert drawn.get("aria-labelledby") == "p-title p-desc"
    assert sum(node.get("role") == "graphics-symbol img" for node in drawn.iter()) == len(GROUPS)  # a stop each
