"""The waterfall of a change and the ranges side by side: legible at every width, honest, and equal to their tables."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assumptions import Library
from calculator import evaluate, parse_scenario
from calculator.attribution import Attribution, Part, attribution
from calculator.change_words import MOST_PARTS
from calculator.display import money_exact
from calculator.resolve import QUANTITIES
from calculator.result import Result
from reports.charts import PAGE, PAPER, Chart, Medium, svg
from reports.charts.attribution import attribution as waterfall
from reports.charts.chart import Bar, Dot, Range, Text
from reports.charts.label import overlap
from reports.charts.ranges import ranges
from tests.reports.pen import drawn

SIZES = [(760.0, PAGE), (342.0, PAGE), (480.0, PAGE), (360.0, PAPER), (170.0, PAPER)]
NAMES = ("Baseline", "A lower price and fewer places")
AMOUNTS = st.one_of(st.sampled_from([0.0, 0.004, 1.0, -1.0, 1e13, -1e13]), st.floats(-1e6, 1e6))
PATHS = [path for path in QUANTITIES if not path.startswith("payers.")]


def of_kind(chart: Chart, kind: type) -> list[Any]:
    return [mark for mark in chart.marks if isinstance(mark, kind)]


def check_labels(chart: Chart) -> None:
    """No label leaves the canvas, touches another or lies on a bar, by the font's real widths."""
    labels = of_kind(chart, Text)
    for text in labels:
        left, top, right, bottom = text.box
        assert left >= -0.01, text
        assert right <= chart.width + 0.01, text
        assert top >= -0.01, text
        assert bottom <= chart.height + 0.01, text
    for first, second in itertools.combinations(labels, 2):
        assert not overlap(first.box, second.box), (first, second)
    for bar in of_kind(chart, Bar) + of_kind(chart, Range):
        place = (bar.x, bar.y, bar.x + bar.width, bar.y + bar.height)
        assert not [text for text in labels if overlap(text.box, place)], bar


@pytest.fixture(scope="module")
def pair(library: Library, changed_clinic: Callable[..., dict[str, Any]]) -> tuple[Result, Result]:
    changes = {"clinic": {"dropout_rate": 0.25, "no_show_rate": 0.2}, "program": {"minutes_per_unit": 0.5}}
    data = (changed_clinic(), changed_clinic(**changes))
    first, second = (evaluate(parse_scenario(each), library) for each in data)
    return first, second


def found_between(pair: tuple[Result, Result]) -> Attribution:
    return attribution(pair[0].resolved, pair[1].resolved)


@pytest.mark.parametrize(("width", "medium"), SIZES)
def test_the_waterfall_walks_from_one_to_the_other(pair: tuple[Result, Result], width: float, medium: Medium) -> None:
    """Each bar begins where the one before it ended; first and last are the two net present values."""
    chart = waterfall(found_between(pair), *pair, NAMES, width, medium)
    check_labels(chart)
    bars = of_kind(chart, Bar)
    assert [bar.value for bar in (bars[0], bars[-1])] == pytest.approx([pair[0].point["npv"], pair[1].point["npv"]])
    scale = chart.x
    assert scale is not None
    level = bars[0].value
    for bar in bars[1:-1]:
        ends = sorted((scale.invert(bar.x), scale.invert(bar.x + bar.width)))
        assert ends == pytest.approx(sorted((level, level + bar.value)), abs=1e-6 * (scale.high - scale.low))
        assert bar.role == ("kept" if bar.value > 0 else "lost")
        level += bar.value
    assert level == pytest.approx(bars[-1].value)
    shown = [cells[1].text for cells in chart.table.rows]
    assert shown[0] == money_exact(pair[0].point["npv"], "USD")
    assert shown[-1] == money_exact(pair[1].point["npv"], "USD")
    assert all(text[0] in "+−" for text in shown[1:-1])


def test_every_word_and_value_is_in_the_picture_and_on_paper(pair: tuple[Result, Result]) -> None:
    chart = waterfall(found_between(pair), *pair, NAMES, 760.0)
    page = str(svg(chart, "why"))
    assert all(text.text in page for text in of_kind(chart, Text))
    assert "“Clients who leave early”" in chart.description
    paper = waterfall(found_between(pair), *pair, NAMES, 360.0, PAPER)
    assert [word for _x, _y, word in drawn(paper).words] == [text.text for text in of_kind(paper, Text)]
    assert len(drawn(paper).boxes) == len(of_kind(paper, Bar)) > 2


@settings(max_examples=60, deadline=None)
@given(
    amounts=st.lists(AMOUNTS, max_size=14),
    before=AMOUNTS,
    size=st.sampled_from(SIZES),
    name=st.text(st.characters(codec="latin-1", categories=["L", "Zs"]), min_size=1, max_size=60),
)
@example(amounts=[], before=0.0, size=(342.0, PAGE), name="Baseline")
@example(amounts=[1e13] * 14, before=-1e13, size=(342.0, PAGE), name="W" * 60)
def test_any_change_is_legible(
    pair: tuple[Result, Result], amounts: list[float], before: float, size: tuple[float, Medium], name: str
) -> None:
    parts = sorted(
        (Part(path, amount) for path, amount in zip(PATHS, amounts, strict=False)), key=lambda p: -abs(p.amount)
    )
    found = Attribution(before, before + sum(amounts), tuple(parts))
    chart = waterfall(found, *pair, (name, name), *size)
    check_labels(chart)
    bars = of_kind(chart, Bar)
    assert len(bars) <= MOST_PARTS + 3
    told = sum(bar.value for bar in bars[1:-1])
    assert told == pytest.approx(sum(amounts), abs=0.005 * len(amounts) + 1e-9 * sum(map(abs, amounts)))


@pytest.mark.parametrize(("width", "medium"), SIZES)
def test_ranges_are_drawn_to_one_scale(paying: Result, losing: Result, width: float, medium: Medium) -> None:
    results, names = [paying, losing, paying], ["Baseline", "Another", "W" * 40]
    chart = ranges(results, names, "net_per_year", width, medium)
    check_labels(chart)
    scale = chart.x
    assert scale is not None
    dots, spans = of_kind(chart, Dot), of_kind(chart, Range)
    for dot, result in zip(dots, results, strict=True):
        assert dot.value == result.distribution["net_per_year"].p50
        assert scale.invert(dot.x) == pytest.approx(dot.value)
    assert [(each.low, each.high) for each in spans[::2]] == [
        (result.distribution["net_per_year"].p5, result.distribution["net_per_year"].p95) for result in results
    ]
    assert all(scale.invert(each.x) == pytest.approx(each.low, abs=1e-6) for each in spans)
    assert len({dot.y for dot in dots}) == 3
