"""Charts: nothing clips or overlaps, bars are honest, and page, paper and table say the same numbers."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assumptions import Library, load_library
from calculator import evaluate, parse_scenario
from calculator.display import money, money_exact, money_short
from calculator.grid import Grid, default_pair, npv_grid
from calculator.histogram import npv_histogram
from calculator.result import BreakEven, CashPoint, Result, Spread, Swing
from reports.charts import (
    PAGE,
    PAPER,
    Chart,
    Medium,
    break_even_strip,
    bridge,
    cash,
    distribution,
    forest,
    grid,
    headline_strip,
    retention,
    svg,
    tornado,
)
from reports.charts.chart import Area, Bar, Dot, Line, Range, Rule, Slot, Text, Tile
from reports.charts.label import overlap
from reports.tokens import load_tokens
from tests.reports.pen import drawn
from tests.reports.test_tokens import contrast

SIZES = [(680.0, PAGE), (350.0, PAGE), (480.0, PAGE), (360.0, PAPER), (170.0, PAPER)]
ALL_SIZES = [(760.0, PAGE), (300.0, PAGE), *SIZES]  # in 300 pixels two amounts of 14 digits have no room side by side
OVERVIEW: list[Callable[[Result, float, Medium], Chart]] = [bridge, cash, headline_strip, break_even_strip]
DETAIL: list[Callable[[Result, float, Medium], Chart]] = [retention, distribution, tornado, forest]
CHARTS = [*OVERVIEW, *DETAIL]


def two_way(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """The grid of the result's own scenario."""
    scenario = result.resolved.scenario
    return grid(npv_grid(scenario, load_library(), *default_pair("program")), result, width, medium)


PICTURES = [*CHARTS, two_way]
AMOUNTS = st.one_of(
    st.sampled_from([0.0, -0.0, 0.004, 1.0, -1.0, 1e13, -1e13]), st.floats(-1e13, 1e13), st.floats(-1e5, 1e5)
)
HUNDREDTH = 0.011  # SVG coordinates are written to a hundredth of a pixel


def texts(chart: Chart) -> list[Text]:
    """Return all labels; those of tiles stand in their tiles."""
    return [mark.label if isinstance(mark, Tile) else mark for mark in chart.marks if isinstance(mark, Text | Tile)]


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


@pytest.mark.parametrize(("width", "medium"), ALL_SIZES)
@pytest.mark.parametrize("chart", PICTURES)
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


CURVE = st.lists(st.floats(0.0, 1.0), min_size=0, max_size=60).map(lambda rest: (1.0, *sorted(rest, reverse=True)))


@settings(max_examples=60, deadline=None)
@given(
    before=CURVE,
    ratio=st.sampled_from([0.0, 0.5, 0.95, 1.0, 1.05, 3.0]),
    stretch=st.integers(1, 7),
    size=st.sampled_from(ALL_SIZES),
)
@example(before=(1.0,), ratio=1.0, stretch=1, size=(300.0, PAGE))
@example(before=(1.0, 0.0), ratio=0.5, stretch=200, size=(170.0, PAPER))
@example(before=(1.0, 1.0), ratio=0.5, stretch=1, size=(300.0, PAGE))
def test_any_retention_is_legible_and_honest(
    paying: Result, before: tuple[float, ...], ratio: float, stretch: int, size: tuple[float, Medium]
) -> None:
    """A curve of up to 400 units and one with another hazard: all thinned places are where their values belong."""
    today = tuple(value for value in before for _ in range(stretch))[:400]
    after = tuple(value**ratio for value in today)
    point = paying.point | {"units_per_episode_before": sum(today), "units_per_episode_after": sum(after)}
    changed = dataclasses.replace(paying, retention_before=today, retention_after=after, point=point)
    chart = retention(changed, *size)
    check_labels(chart)
    x, y = chart.x, chart.y
    assert x is not None
    assert y is not None
    assert (y.low, y.high) == (0.0, 1.0)
    assert x.end - x.start >= 0.3 * size[0]
    units = [round(row[0].value) for row in chart.table.rows]
    assert len(units) <= 60
    assert {1, len(today)} <= set(units)
    for line, curve in zip(of_kind(chart, Line), (today, after), strict=True):
        assert [round(x.invert(place[0])) for place in line.points] == units
        assert [y.invert(place[1]) for place in line.points] == pytest.approx([curve[unit - 1] for unit in units])
    slots = of_kind(chart, Slot)
    assert [slot.value for slot in slots] == [row[2].value for row in chart.table.rows]
    assert [y.invert(slot.dot[1]) for slot in slots] == pytest.approx([slot.value for slot in slots])
    wedge = of_kind(chart, Area)[1]
    assert wedge.role == ("kept" if sum(after) >= sum(today) else "lost")


@settings(max_examples=60, deadline=None)
@given(
    npv=st.lists(AMOUNTS, min_size=1, max_size=40),
    median=AMOUNTS,
    chance=st.one_of(st.sampled_from([0.0, 0.004, 0.005, 0.994, 0.995, 1.0]), st.floats(0.0, 1.0)),
    size=st.sampled_from(ALL_SIZES),
)
@example(npv=[0.0], median=0.0, chance=0.0, size=(300.0, PAGE))
@example(npv=[1e13], median=1e13, chance=1.0, size=(170.0, PAPER))
@example(npv=[-1e13, 1e13], median=0.0, chance=0.5, size=(170.0, PAPER))
def test_any_distribution_is_legible_and_honest(
    paying: Result, npv: list[float], median: float, chance: float, size: tuple[float, Medium]
) -> None:
    spread = dataclasses.replace(paying.distribution["npv"], p50=median)
    bins = npv_histogram(np.array(npv))
    changed = dataclasses.replace(
        paying,
        npv_histogram=bins,
        distribution={**paying.distribution, "npv": spread},
        probability_npv_positive=chance,
    )
    chart = distribution(changed, *size)
    check_labels(chart)
    x, y = chart.x, chart.y
    assert x is not None
    assert y is not None
    assert x.low <= 0.0 <= x.high
    tallest = max(part.share for part in bins)
    for bar, part in zip(of_kind(chart, Bar), bins, strict=True):
        assert bar.height / (y.start - y.end) == pytest.approx(part.share / tallest, abs=1e-9)
        assert bar.y + bar.height == pytest.approx(y.start)
        assert bar.role == ("kept" if part.low >= 0.0 else "lost")
        middle = x.invert(bar.x + bar.width / 2)
        assert middle == pytest.approx((part.low + part.high) / 2, abs=1e-9 * (x.high - x.low))
    (dot,) = of_kind(chart, Dot)
    assert x.invert(dot.x) == pytest.approx(median, abs=1e-9 * (x.high - x.low))


@settings(max_examples=60, deadline=None)
@given(
    ends=st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=0, max_size=14),
    middle=AMOUNTS,
    size=st.sampled_from(ALL_SIZES),
)
@example(ends=[], middle=0.0, size=(300.0, PAGE))
@example(ends=[(0.0, 0.0)] * 3, middle=0.0, size=(300.0, PAGE))
@example(ends=[(1e13, -1e13)], middle=1e13, size=(170.0, PAPER))
@example(ends=[(5.0, 9.0), (-5.0, -9.0)], middle=0.0, size=(760.0, PAGE))
def test_any_tornado_is_legible_and_honest(
    paying: Result, ends: list[tuple[float, float]], middle: float, size: tuple[float, Medium]
) -> None:
    """Two bars an input, both from the middle; at most ten inputs, the others in a line of the table."""
    paths = [swing.input for swing in paying.tornado]
    swings = tuple(
        Swing(path, 0.0, 1e9, *pair)
        for path, pair in zip(paths, sorted(ends, key=lambda pair: -abs(pair[0] - pair[1])), strict=False)
    )
    chart = tornado(dataclasses.replace(paying, tornado=swings, npv_at_medians=middle), *size)
    check_labels(chart)
    assert chart.x is not None
    bars = of_kind(chart, Range)
    shown = swings[:10]
    assert len(bars) == 2 * len(shown)
    for number, bar in enumerate(bars):
        swing = shown[number // 2]
        npv = swing.npv_high if number % 2 else swing.npv_low
        assert (bar.low, bar.high) == (min(npv, middle), max(npv, middle))
        assert bar.role == ("uncertainty" if number % 2 else "cost")
        assert money_exact(npv) in bar.tip
    for first, second in itertools.combinations(bars, 2):
        assert not overlap(first.hit, second.hit)
    rows = chart.table.rows
    assert len(rows) == len(shown) + (len(swings) > 10) + 1
    for row, swing in zip(rows, shown, strict=False):
        assert [cell.value for cell in row[1:]] == [swing.low, swing.npv_low, swing.high, swing.npv_high]
    assert rows[-1][-1].value == middle


SHARES = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 0.0004]), st.floats(-1.0, 1.0))


@settings(max_examples=60, deadline=None)
@given(
    roads=st.lists(st.tuples(SHARES, SHARES, SHARES).map(sorted), min_size=3, max_size=3),
    trials=st.tuples(SHARES, SHARES).map(sorted),
    needed=st.one_of(st.none(), st.floats(0.0, 1.0)),
    size=st.sampled_from(ALL_SIZES),
)
@example(roads=[[0.0] * 3] * 3, trials=[0.0, 0.0], needed=0.0, size=(170.0, PAPER))
@example(roads=[[-1.0, 0.0, 1.0]] * 3, trials=[-1.0, 1.0], needed=None, size=(300.0, PAGE))
def test_any_forest_is_legible_and_honest(
    paying: Result, roads: list[list[float]], trials: list[float], needed: float | None, size: tuple[float, Medium]
) -> None:
    found = {
        name: dataclasses.replace(
            road, relative_reduction_p5=low, relative_reduction=likely, relative_reduction_p95=high
        )
        for (name, road), (low, likely, high) in zip(paying.roads.items(), roads, strict=True)
    }
    even = dataclasses.replace(
        paying.break_even,
        relative_dropout_reduction=needed,
        trial_reduction_low=trials[0],
        trial_reduction_high=trials[1],
    )
    chart = forest(dataclasses.replace(paying, roads=found, break_even=even), *size)
    check_labels(chart)
    x = chart.x
    assert x is not None
    assert x.low <= 0.0 <= x.high
    assert [(bar.low, bar.high) for bar in of_kind(chart, Range)] == [
        (low, high) for low, _, high in [*roads, [trials[0], 0.0, trials[1]]]
    ]
    assert [dot.value for dot in of_kind(chart, Dot)] == [likely for _, likely, _ in roads]
    assert [x.invert(dot.x) for dot in of_kind(chart, Dot)] == pytest.approx([row[1] for row in roads], abs=1e-9)
    lines = {round(rule.x1, 6) for rule in of_kind(chart, Rule) if rule.role == "ink"}
    assert lines == (set() if needed is None else {round(x(needed), 6)})
    assert [row[1].value for row in chart.table.rows] == [*(row[1] for row in roads), None, needed]


def test_the_road_in_use_is_marked_and_each_says_what_it_may_claim(paying: Result) -> None:
    shown = [text for text in texts(forest(paying, 760.0)) if text.strong and text.anchor == "start"]
    assert " ".join(text.text for text in shown) == "Feedback programmes in controlled trials"
    said = " ".join(text.text for text in texts(forest(paying, 760.0)))
    assert "Used here; " in said
    assert "not shown to change it" in said


@pytest.mark.parametrize(
    ("needed", "title"),
    [
        (None, "No fall in dropout would pay for it at these numbers"),
        (0.0, "Any fall in dropout pays for it"),
        (0.05, "Even a weak effect would pay for it"),
        (0.15, "The likely effect would pay for it, a weak one would not"),
        (0.25, "Only an effect stronger than the likely one would pay for it"),
        (0.35, "No effect that the evidence makes likely would pay for it"),
    ],
)
def test_the_forest_says_whether_the_evidence_is_enough(paying: Result, needed: float | None, title: str) -> None:
    """A range from 10 % to 30 % with 20 % likely, against what it takes."""
    used = dataclasses.replace(
        paying.roads["program"],
        relative_reduction_p5=0.1,
        relative_reduction=0.2,
        relative_reduction_p95=0.3,
        used=True,
    )
    even = dataclasses.replace(paying.break_even, relative_dropout_reduction=needed)
    changed = dataclasses.replace(paying, roads={**paying.roads, "program": used}, break_even=even)
    assert forest(changed, 760.0).title == title


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (0.65, 0.684, "Of 100 clients it reaches, 3 more stay to the end"),
        (0.65, 0.66, "Of 100 clients it reaches, 1 more stays to the end"),
        (0.65, 0.654, "Of 1,000 clients it reaches, 4 more stay to the end"),
        (0.65, 0.65, "As many clients stay to the end as today"),
        (0.65, 0.60, "Of 100 clients it reaches, 5 fewer stay to the end"),
    ],
)
def test_the_retention_title_counts_clients(paying: Result, before: float, after: float, title: str) -> None:
    changed = dataclasses.replace(paying, retention_before=(1.0, before), retention_after=(1.0, after))
    assert retention(changed, 760.0).title == title


def test_the_retention_says_how_many_sessions_are_kept(paying: Result) -> None:
    more = paying.point["units_per_episode_after"] - paying.point["units_per_episode_before"]
    said = " ".join(text.text for text in texts(retention(paying, 760.0)))
    assert f"{more:.2f} more sessions kept for each client" in said
    assert f"{paying.point['units_per_episode_after']:.2f}" in retention(paying, 760.0).description


def test_the_distribution_names_both_sides(paying: Result, losing: Result) -> None:
    said = [text.text for text in texts(distribution(paying, 760.0))]
    pays = round(100 * paying.probability_npv_positive)
    assert f"{pays} of 100 pay" in said
    assert f"{100 - pays} of 100 lose" in said
    assert distribution(paying, 760.0).title == f"It pays in {pays} of 100 futures"
    assert losing.probability_npv_positive < 0.005
    assert "loses in nearly all" in [text.text for text in texts(distribution(losing, 760.0))]


@pytest.fixture(scope="session")
def table(paying: Result, library: Library) -> Grid:
    return npv_grid(paying.resolved.scenario, library, *default_pair("program"))


@settings(max_examples=60, deadline=None)
@given(
    npv=st.lists(st.lists(AMOUNTS, min_size=7, max_size=7), min_size=1, max_size=7),
    columns=st.integers(1, 7),
    own=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    scale=st.sampled_from([1.0, 1e-3, 1e5]),
    size=st.sampled_from(ALL_SIZES),
)
@example(npv=[[0.0] * 7] * 7, columns=7, own=(0, 0), scale=1.0, size=(300.0, PAGE))
@example(npv=[[-1e13] * 7] * 7, columns=7, own=(6, 6), scale=1e5, size=(300.0, PAGE))
def test_any_grid_is_legible_and_honest(
    paying: Result, npv: list[list[float]], columns: int, own: tuple[int, int], scale: float, size: tuple[float, Medium]
) -> None:
    """Amounts stand in their cells, gains and losses differ in colour and sign, the own cell is there and outlined."""
    down = tuple(scale * (1.0 + row) for row in range(len(npv)))
    across = tuple(0.1 + column / 7 for column in range(columns))
    values = tuple(tuple(row[:columns]) for row in npv)
    table = Grid(*default_pair("program"), across, down, values, (min(own[0], len(npv) - 1), min(own[1], columns - 1)))
    chart = grid(table, paying, *size)
    check_labels(chart)
    tiles = of_kind(chart, Tile)
    assert [tile.value for tile in tiles if tile.own] == [values[table.own[0]][table.own[1]]]
    assert len(tiles) % len(npv) == 0
    for tile in tiles:
        left, top, right, bottom = tile.label.box
        assert 0.0 <= tile.x <= left
        assert right <= tile.x + tile.width <= size[0] + 0.01
        assert tile.y <= top
        assert bottom <= tile.y + tile.height <= chart.height
        assert (tile.role in ("kept", "band_inner", "band_outer")) == (tile.value > 0.0)
        assert tile.label.text.startswith("+") == (tile.value >= 0.5)
        assert tile.label.text.removeprefix("+") == money_short(tile.value)
        assert money_exact(tile.value) in tile.tip
    assert [[cell.value for cell in row[1:]] for row in chart.table.rows] == [list(row) for row in values]


def test_a_wide_grid_shows_every_cell_and_a_narrow_one_fewer_columns(paying: Result, table: Grid) -> None:
    cells = [value for row in table.npv for value in row]
    assert sorted(tile.value for tile in of_kind(grid(table, paying, 760.0), Tile)) == sorted(cells)
    narrow = of_kind(grid(table, paying, 160.0), Tile)
    assert 0 < len(narrow) < len(cells)
    assert any(tile.own for tile in narrow)


@pytest.mark.parametrize("scheme", [load_tokens().light, load_tokens().dark], ids=["light", "dark"])
def test_amounts_are_readable_on_their_cells(scheme: Mapping[str, str], paying: Result, table: Grid) -> None:
    rows = ((-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),) * len(table.down_values)
    coloured = dataclasses.replace(table, across_values=tuple(0.1 * n for n in range(1, 8)), npv=rows, own=(0, 0))
    tiles = of_kind(grid(coloured, paying, 760.0), Tile)
    assert len({tile.role for tile in tiles}) == 6
    for tile in tiles:
        assert contrast(scheme[tile.label.role], scheme[tile.role]) >= 4.5


@pytest.mark.parametrize("scheme", [load_tokens().light, load_tokens().dark], ids=["light", "dark"])
@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_words_in_the_lost_area_are_readable(scheme: Mapping[str, str], ratio: float, paying: Result) -> None:
    today = (1.0, 0.3, 0.2)
    after = tuple(value**ratio for value in today)
    point = paying.point | {"units_per_episode_before": sum(today), "units_per_episode_after": sum(after)}
    changed = dataclasses.replace(paying, retention_before=today, retention_after=after, point=point)
    chart = retention(changed, 760.0)
    assert chart.x is not None
    inner = [text for text in texts(chart) if text.anchor == "end" and text.x > chart.x.start]
    assert len(inner) >= 2
    for text in inner:
        assert contrast(scheme[text.role], scheme["lost_outer"]) >= 4.5


def test_long_names_of_payers_wrap(library: Library, changed_clinic: Callable) -> None:
    name = "A payer whose name is as long as the form allows it to be " * 2
    data = changed_clinic()
    data["payers"] = [{**payer, "name": f"{name[:97]}{n}"} for n, payer in enumerate(data["payers"])]
    result = evaluate(parse_scenario(data), library)
    for size in ALL_SIZES:
        check_labels(tornado(result, *size))
        pair = ("payers.1.allowed_per_unit", "payers.2.collection_rate")
        check_labels(grid(npv_grid(result.resolved.scenario, library, *pair), result, *size))


@pytest.mark.parametrize("chart", PICTURES)
@pytest.mark.parametrize(("width", "medium"), ALL_SIZES[:4])
def test_page_and_paper_draw_the_same_numbers(result: Result, chart: Callable, width: float, medium: Medium) -> None:
    made = chart(result, width, medium)
    root, paper = ElementTree.fromstring(svg(made, "x")), drawn(made)  # noqa: S314 - our own output
    assert [box(each) for each in root.iter() if has(each, "bar") or has(each, "tile")] == nearly(paper.boxes)
    assert [box(each) for each in root.iter() if has(each, "own")] == nearly(paper.frames)
    dots = [tuple(float(dot.get(key, "")) for key in ("cx", "cy", "r")) for dot in root.iter() if has(dot, "dot")]
    assert dots == nearly(paper.circles)
    lines = [points(line) for line in root.iter() if has(line, "line") or has(line, "edge")]
    assert lines == nearly(flat(path) for path in paper.paths)
    assert [points(area) for area in root.iter() if has(area, "area")] == nearly(flat(each) for each in paper.polygons)
    rules = [
        tuple(float(rule.get(key, "")) for key in ("x1", "y1", "x2", "y2")) for rule in root.iter() if has(rule, "rule")
    ]
    assert rules == nearly(paper.rules)
    assert [text.text for text in root.iter() if has(text, "text")] == [text for _x, _y, text in paper.words]
    labels = [mark.label if isinstance(mark, Tile) else mark for mark in made.marks if isinstance(mark, Text | Tile)]
    assert [(text.box[0], text.y) for text in labels] == [(x, y) for x, y, _text in paper.words]
    values = [float(mark.get("data-value", "")) for mark in root.iter() if mark.get("data-value")]
    assert values == [mark.value for mark in made.marks if isinstance(mark, Bar | Dot | Slot | Tile)]
    ranges = [(mark.get("data-low"), mark.get("data-high")) for mark in root.iter() if mark.get("data-low")]
    assert ranges == [(repr(mark.low), repr(mark.high)) for mark in of_kind(made, Range)]
    for mark in of_kind(made, Range):
        assert made.x is not None
        ends = (made.x.invert(mark.x), made.x.invert(mark.x + mark.width))
        assert ends == pytest.approx((mark.low, mark.high), rel=1e-9, abs=1e-9 * (made.x.high - made.x.low))


def has(element: ElementTree.Element, name: str) -> bool:
    return name in element.get("class", "").split()


def points(element: ElementTree.Element) -> list[float]:
    return [float(number) for number in re.split("[ ,]", element.get("points", ""))]


def box(element: ElementTree.Element) -> tuple[float, ...]:
    return tuple(float(element.get(key, "")) for key in ("x", "y", "width", "height"))


def flat(path: list[tuple[float, float]]) -> list[float]:
    return [value for place in path for value in place]


def nearly(found: Iterable[Sequence[float]]) -> list[object]:
    """The page writes a hundredth of a pixel."""
    return [pytest.approx(each, abs=HUNDREDTH) for each in found]


@pytest.mark.parametrize("chart", PICTURES)
def test_on_paper_a_chart_stands_where_it_is_put(result: Result, chart: Callable) -> None:
    made = chart(result, 360.0, PAPER)
    here, there = drawn(made), drawn(made, 100.0, 40.0)
    assert [(x + 100.0, y + 40.0, wide, high) for x, y, wide, high in here.boxes] == there.boxes
    assert [(x + 100.0, y + 40.0, text) for x, y, text in here.words] == there.words
    for mine, its in ((here.paths, there.paths), (here.polygons, there.polygons)):
        assert [[(x + 100.0, y + 40.0) for x, y in path] for path in mine] == its


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


@pytest.mark.parametrize("chart", PICTURES)
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
        assert bool(element.get("aria-label")) == (element.get("tabindex") == "0")
    assert 1 <= len([element for element in data if element.get("tabindex")]) <= 24  # a keyboard passes in good time


def test_words_are_escaped(paying: Result) -> None:
    chart = dataclasses.replace(bridge(paying, 680.0), title='<script>alert("1")</script> & more')
    assert "<script>" not in svg(chart, "a")
    ElementTree.fromstring(svg(chart, "a"))  # noqa: S314
