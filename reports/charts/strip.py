"""Small pictures beside a sentence: a figure with its range, and what must hold beside what trials found."""

from __future__ import annotations

from calculator import words
from calculator.display import money, money_exact, money_range, share
from calculator.language import gettext as _
from calculator.language import mark
from calculator.result import Result
from reports import typeface
from reports.charts.chart import PAGE, Cell, Chart, Dot, Mark, Medium, Range, Role, Rule, Table, Text
from reports.charts.label import apart, inside, overlap
from reports.charts.scale import Linear, span

PERCENTILES = (
    mark("5 of 100 are below"),
    mark("25 of 100 are below"),
    mark("Middle"),
    mark("75 of 100 are below"),
    mark("95 of 100 are below"),
)
LEAST_SHARE = 0.01  # the axis of shares never spans less


def headline_strip(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return revenue kept a year: the middle, and the ranges that hold half and 90 of 100 futures."""
    spread = result.distribution["revenue_kept_per_year"]
    values = [value or 0.0 for value in (spread.p5, spread.p25, spread.p50, spread.p75, spread.p95)]
    p5, p25, p50, p75, p95 = values
    currency = result.currency
    scale = Linear(*span(values), medium.gap, width - medium.gap)
    middle = medium.gap * 1.5
    label = words.figure_label("revenue_kept_per_year", result)
    ends = _pair((scale(p5), money(p5, currency)), (scale(p95), money(p95, currency)), 3 * medium.gap, width, medium)
    shown = money_range(p5, p95, currency)

    def exact(low: float, high: float) -> str:
        return _("%(low)s to %(high)s", low=money_exact(low, currency), high=money_exact(high, currency))

    marks: list[Mark] = [
        Rule(medium.gap, middle, width - medium.gap, middle, "grid"),
        Rule(scale(0.0), 0.0, scale(0.0), 2 * middle, "axis"),
        _range(
            p5,
            p95,
            scale,
            middle,
            medium.gap * 0.75,
            "uncertainty",
            _("90 of 100 futures: %(range)s", range=exact(p5, p95)),
        ),
        _range(
            p25,
            p75,
            scale,
            middle,
            medium.gap * 1.5,
            "uncertainty",
            _("Half of all futures: %(range)s", range=exact(p25, p75)),
        ),
        Dot(scale(p50), middle, medium.gap * 0.9, "kept", p50, f"{label}: {money_exact(p50, currency)}"),
        *ends,
        *_zero(scale, money(0.0, currency), ends, width, medium),
    ]
    cells = ((Cell(_(name)), Cell(money_exact(v, currency), v)) for name, v in zip(PERCENTILES, values, strict=True))
    return Chart(
        title=f"{label}: {money(p50, currency)}",
        subtitle=_("90 of 100 futures: %(range)s", range=shown),
        description=_(
            "%(label)s is %(amount)s; 90 of 100 futures lie in %(range)s.",
            label=label,
            amount=money(p50, currency),
            range=shown,
        ),
        width=width,
        height=3 * medium.gap + medium.line,
        marks=tuple(marks),
        tabulate=lambda: Table(label, (_("Futures"), _("Amount")), tuple(cells)),
        x=scale,
    )


def break_even_strip(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return by how much dropout must fall for the programme to pay, beside the interval that trials found."""
    even = result.break_even
    low, high, needed = even.trial_reduction_low, even.trial_reduction_high, even.relative_dropout_reduction
    scale = Linear(*span([low, high, needed or 0.0], LEAST_SHARE), medium.gap, width - medium.gap)
    middle = medium.line + medium.gap * 1.5
    below = middle + medium.gap * 1.5
    found = _("trials found %(range)s", range=words.trials_found(result))
    trials = Text(
        inside((scale(low) + scale(high)) / 2, medium.measure(found), 0.0, width),
        below + medium.text,
        found,
        medium.text,
        "quiet",
        "middle",
    )
    marks: list[Mark] = [
        Rule(medium.gap, middle, width - medium.gap, middle, "grid"),
        Rule(scale(0.0), middle - medium.gap, scale(0.0), middle + medium.gap, "axis"),
        _range(low, high, scale, middle, medium.gap, "uncertainty", words.capitalized(found)),
        *_needed(needed, scale, middle, width, medium),
        trials,
    ]
    rows = (
        (_("Fall in dropout at which it pays back"), needed),
        (_("Trials found at least"), low),
        (_("Trials found at most"), high),
    )
    return Chart(
        title=words.break_even_sentence(result),
        subtitle=_("Relative fall in the dropout rate"),
        description=words.break_even_sentence(result),
        width=width,
        height=below + medium.line,
        marks=tuple(marks),
        tabulate=lambda: Table(
            _("Relative fall in the dropout rate"),
            (_("What"), _("Fall")),
            tuple((Cell(name), Cell(share(value, 1), value)) for name, value in rows),
        ),
        x=scale,
    )


def _needed(needed: float | None, scale: Linear, middle: float, width: float, medium: Medium) -> list[Mark]:
    text = _("no fall is enough") if needed is None else _("pays back from %(share)s", share=words.least_fall(needed))
    place = width - medium.gap if needed is None else scale(needed)
    centre = inside(place, medium.measure(text, strong=True), 0.0, width)
    label = Text(centre, typeface.ASCENT * medium.text, text, medium.text, "ink", "middle", strong=True)
    if needed is None:
        return [label]
    return [
        label,
        Rule(place, medium.text + medium.gap / 2, place, middle, "ink"),
        Dot(
            place,
            middle,
            medium.gap * 0.8,
            "ink",
            needed,
            _("It pays back if dropout falls by %(share)s", share=share(needed, 1)),
        ),
    ]


def _range(low: float, high: float, scale: Linear, middle: float, tall: float, role: Role, tip: str) -> Range:
    left, right = sorted((scale(low), scale(high)))
    hit = (left, middle - tall, right, middle + tall)
    return Range(left, middle - tall / 2, right - left, tall, role, low, high, tip, hit)


def _pair(
    first: tuple[float, str], second: tuple[float, str], top: float, width: float, medium: Medium
) -> tuple[Text, Text]:
    """Return two labels on one line, centred on their places, moved as little as it takes to keep them apart.

    Amounts too long to stand side by side are written as much smaller as it takes.
    """
    half = [medium.measure(text) / 2 for _, text in (first, second)]
    smaller = min(1.0, (width - medium.gap) / (2 * sum(half)))
    half = [each * smaller for each in half]
    places = apart([first[0], second[0]], sum(half) + medium.gap, half[0], width - half[1])
    left, right = (
        Text(place, top + medium.text, text, medium.text * smaller, "quiet", "middle")
        for place, (_, text) in zip(places, (first, second), strict=True)
    )
    return left, right


def _zero(scale: Linear, text: str, others: tuple[Text, Text], width: float, medium: Medium) -> list[Mark]:
    centre = inside(scale(0.0), medium.measure(text), 0.0, width)
    label = Text(centre, others[0].y, text, medium.text, "quiet", "middle")
    box = label.box
    wider = (box[0] - medium.gap, box[1], box[2] + medium.gap, box[3])
    return [] if any(overlap(wider, other.box) for other in others) else [label]
