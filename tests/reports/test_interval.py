"""The picture of a figure: its own numbers, legible at every width, from zero or around no effect."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assumptions import Figure, Interval, Library, load_library
from reports import evidence_words as worded
from reports.charts import PAGE, PAPER, Chart, Medium, svg
from reports.charts.chart import Dot, Range, Rule, Slot, Text
from reports.charts.interval import comparison, interval, no_effect, pictured
from reports.charts.label import overlap
from tests.reports.pen import drawn

SIZES = [(760.0, PAGE), (342.0, PAGE), (480.0, PAGE), (360.0, PAPER), (170.0, PAPER)]
LIBRARY = load_library()
DRAWN = [figure for figure in LIBRARY.figures.values() if pictured(figure)]
FEEDBACK = LIBRARY["programs/feedback_dropout_or_dejong_2021"]
SWIFT = LIBRARY["dropout/adult_overall_swift_2012"]
RATES = [figure for figure in DRAWN if (figure.topic, figure.unit) == ("dropout", "share") and figure is not SWIFT]


def of_kind(chart: Chart, kind: type) -> list:
    return [mark for mark in chart.marks if isinstance(mark, kind)]


def check_labels(chart: Chart) -> None:
    """No label leaves the canvas, touches another or lies on a bar, by the font's real widths."""
    texts = of_kind(chart, Text)
    for text in texts:
        left, top, right, bottom = text.box
        assert left >= -0.01, text
        assert right <= chart.width + 0.01, text
        assert top >= -0.01, text
        assert bottom <= chart.height + 0.01, text
    for number, first in enumerate(texts):
        assert not [second for second in texts[number + 1 :] if overlap(first.box, second.box)], first
    for bar in of_kind(chart, Range):
        place = (bar.x, bar.y, bar.x + bar.width, bar.y + bar.height)
        assert not [text for text in texts if overlap(text.box, place)], bar
    for mark in of_kind(chart, Rule):
        assert -0.01 <= min(mark.x1, mark.x2) <= max(mark.x1, mark.x2) <= chart.width + 0.01, mark


def check_numbers(chart: Chart, figure: Figure) -> None:
    """The marks say the figure's numbers, and stand where the scale puts them."""
    assert chart.x is not None
    near = (chart.x.high - chart.x.low) * 1e-9
    dots, ranges = of_kind(chart, Dot), of_kind(chart, Range)
    assert [dot.value for dot in dots] == ([] if figure.value is None else [figure.value])
    assert [chart.x.invert(dot.x) for dot in dots] == pytest.approx([dot.value for dot in dots], abs=near)
    bounds = [] if figure.interval is None else [(figure.interval.low, figure.interval.high)]
    assert [(bar.low, bar.high) for bar in ranges] == bounds
    for bar in ranges:
        ends = (chart.x.invert(bar.x), chart.x.invert(bar.x + bar.width))
        assert ends == pytest.approx((bar.low, bar.high), abs=near)


@pytest.mark.parametrize("size", SIZES)
def test_every_figure_with_a_size_is_drawn_with_its_own_numbers(size: tuple[float, Medium]) -> None:
    for figure in DRAWN:
        chart = interval(figure, *size)
        check_labels(chart)
        check_numbers(chart, figure)
        assert chart.title == figure.label


def test_the_odds_ratio_of_feedback_by_hand() -> None:
    """de Jong 2021, inverted: 0.84 (0.72 to 0.97), with no effect at 1 to the right of it all."""
    chart = interval(FEEDBACK, 760.0)
    assert chart.x is not None
    (top,) = [text for text in of_kind(chart, Text) if text.strong]
    assert top.text == "0.84 (0.72 to 0.97)"
    (null,) = [rule for rule in of_kind(chart, Rule) if rule.role == "axis"]
    assert chart.x.invert(null.x1) == pytest.approx(1.0)
    (bar,), (dot,) = of_kind(chart, Range), of_kind(chart, Dot)
    assert bar.x < dot.x < bar.x + bar.width < null.x1
    assert "1: no difference" in [text.text for text in of_kind(chart, Text)]
    assert (dot.tip, bar.tip) == (
        "Odds of leaving early with progress feedback, against usual care: 0.8403361",
        "95% confidence interval: 0.7246377 to 0.9708738",
    )
    assert [(row[0].text, row[1].value) for row in chart.table.rows] == [
        ("Value", 0.8403361),
        ("Low end of the 95% confidence interval", 0.7246377),
        ("High end of the 95% confidence interval", 0.9708738),
    ]


def test_shares_and_amounts_start_at_zero_and_differences_hold_it() -> None:
    for figure in DRAWN:
        scale = interval(figure, 760.0).x
        assert scale is not None
        null = no_effect(figure)
        if null is None:
            assert scale.low == 0.0
            assert figure.unit != "share" or scale.high <= 1.0
        else:
            assert scale.low < null < scale.high
            assert null == (1.0 if figure.kind == "ratio" else 0.0)


NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e12, 1e-9, -1e12]), st.floats(-1e12, 1e12), st.floats(-2.0, 2.0))
UNITS = sorted({figure.unit for figure in DRAWN} - {"share"})


@settings(max_examples=80, deadline=None)
@given(
    ends=st.lists(NUMBERS, min_size=3, max_size=3).map(sorted),
    kind=st.sampled_from(["difference", "ratio", "amount", "judgement"]),
    unit=st.sampled_from(UNITS),
    parts=st.sampled_from(["both", "value", "range"]),
    label=st.text(min_size=1, max_size=120).filter(str.strip),
    size=st.sampled_from(SIZES),
)
@example(ends=[0.0] * 3, kind="amount", unit="USD", parts="both", label="W" * 120, size=(170.0, PAPER))
@example(ends=[1.0] * 3, kind="ratio", unit="ratio", parts="both", label="x", size=(342.0, PAGE))
@example(ends=[-1e12, 0.0, 1e12], kind="difference", unit="SD", parts="both", label="x", size=(170.0, PAPER))
def test_any_figure_is_legible_and_honest(
    ends: list[float], kind: str, unit: str, parts: str, label: str, size: tuple[float, Medium]
) -> None:
    low, value, high = ends
    figure = dataclasses.replace(
        FEEDBACK, kind=kind, unit=unit, label=label,
        value=None if parts == "range" else value,
        interval=None if parts == "value" else Interval(0.95, low, high),
    )  # fmt: skip
    chart = interval(figure, *size)
    check_labels(chart)
    check_numbers(chart, figure)
    others = [dataclasses.replace(figure, id="a/b", label="M" * 60), dataclasses.replace(figure, id="a/c", value=low)]
    among = comparison(figure, others, *size)
    check_labels(among)


@pytest.mark.parametrize("size", SIZES)
def test_among_its_kind_a_figure_keeps_its_place(size: tuple[float, Medium]) -> None:
    chart = comparison(SWIFT, RATES, *size)
    check_labels(chart)
    check_numbers(chart, SWIFT)
    assert chart.x is not None
    assert chart.x.low == 0.0
    strokes = {slot.value: slot for slot in of_kind(chart, Slot)}
    for other in RATES:
        if other.value is not None:
            slot = strokes[other.value]
            assert chart.x.invert(slot.dot[0]) == pytest.approx(other.value)
            assert not slot.focus  # thirty stops of the Tab key would be no help
    (own,) = of_kind(chart, Dot)
    assert (own.value, chart.x.invert(own.x)) == (0.197, pytest.approx(0.197))
    strong = " ".join(text.text for text in of_kind(chart, Text) if text.strong)
    assert strong.split(" 19.7%")[0].replace("  ", " ").startswith("Share of clients who leave early, all")


def test_the_table_behind_a_comparison_holds_every_figure_in_order() -> None:
    chart = comparison(SWIFT, RATES, 760.0)
    assert len(chart.table.rows) == len(RATES) + 1
    by_label = {figure.label: figure for figure in (SWIFT, *RATES)}
    middles = []
    for label, value, low, high in chart.table.rows:
        figure = by_label[label.text]
        ends = (None, None) if figure.interval is None else (figure.interval.low, figure.interval.high)
        assert (value.value, low.value, high.value) == (figure.value, *ends)
        middles.append(sum(ends) / 2 if figure.value is None and figure.interval else figure.value)
    assert middles == sorted(middles)


def test_the_title_of_a_comparison_counts_by_hand() -> None:
    low, high = (dataclasses.replace(SWIFT, id=f"a/{value}", value=value, interval=None) for value in (0.1, 0.4))
    assert comparison(SWIFT, [low, high], 760.0).title == "Of the others of its kind, 1 stand lower and 1 higher"
    assert comparison(SWIFT, [high], 760.0).title == "Lower than the other figure of its kind"
    assert comparison(high, [SWIFT, low], 760.0).title == "The highest of 3 figures of its kind"
    assert comparison(low, [SWIFT, high], 760.0).title == "The lowest of 3 figures of its kind"


@pytest.mark.parametrize("figure", [FEEDBACK, SWIFT, LIBRARY["dropout/pooled_range_carpallo_2023"]])
def test_page_and_paper_draw_the_same(figure: Figure) -> None:
    for chart in (interval(figure, 480.0), comparison(figure, RATES[:3], 480.0)):
        root, paper = ElementTree.fromstring(svg(chart, "x")), drawn(chart)  # noqa: S314 - our own output
        bars = [element for element in root.iter() if "bar" in (element.get("class") or "").split()]
        assert [float(bar.get("x", "")) for bar in bars] == pytest.approx([each[0] for each in paper.boxes], abs=0.011)
        dots = [element for element in root.iter() if "dot" in (element.get("class") or "").split()]
        assert [float(dot.get("cx", "")) for dot in dots] == pytest.approx(
            [x for x, _y, _r in paper.circles], abs=0.011
        )
        data = [element for element in root.iter() if element.get("data-value") or element.get("data-low")]
        for element in data:
            assert element.findtext("title")
            assert element.get("tabindex") == "0" or "slot" in element.get("class", "").split()


def test_directions_have_no_picture(library: Library) -> None:
    assert {figure.kind for figure in library.figures.values() if not pictured(figure)} == {"direction"}


@pytest.mark.parametrize(
    ("figure_id", "expected"),
    [
        ("dropout/adult_overall_swift_2012", "19.7%"),
        ("prices/cash_session_zhu_2024", "$143.26 a session"),
        ("prices/commercial_60_minutes_2026", "$125 to $165 a session"),
        ("prices/residential_day", "$350 a day"),
        ("programs/feedback_dropout_or_dejong_2021", "an odds ratio of 0.84"),
        ("programs/pcoms_alliance_2012", "0.07 standard deviations"),
        ("practice/minutes_per_unit", "1 minute"),
        ("practice/minutes_per_flag", "15 minutes"),
        ("practice/units_per_month_outpatient", "4.33 sessions or days a month"),
        ("finance/discount_rate", "10% a year"),
        ("instruments/wai_total_range", "36 to 252 points"),
        ("uncertainty/draws", "4,096"),
        ("alliance/attendance_campbell_2015", "a direction, no size"),
    ],
)
def test_a_figure_is_put_in_its_unit(figure_id: str, expected: str) -> None:
    assert worded.worth(LIBRARY[figure_id]) == expected


def test_every_unit_says_what_it_counts() -> None:
    """A bare number is right for a share, a number and money once; anything else needs its unit in words."""
    for figure in LIBRARY.figures.values():
        bare = worded.cited(dataclasses.replace(figure, interval=None)) if figure.value is not None else ""
        if figure.value is not None and figure.unit not in ("share", "number", "USD"):
            assert worded.worth(figure) != bare, figure.unit
