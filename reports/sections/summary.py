"""The whole story on one page: what is kept, what it nets, what must be true, what would make it wrong."""

from __future__ import annotations

from calculator import words
from calculator.display import chance, money, money_range, months, quantity, significant
from calculator.language import gettext as _
from calculator.result import Swing
from calculator.verdict import pays, verdict
from reports import typeface
from reports.charts import PAPER, break_even_strip, headline_strip
from reports.content import Content
from reports.pdf.blocks import Block, Columns, Stack, Words
from reports.pdf.picture import Picture
from reports.pdf.style import Rich, Style, strong
from reports.theme import STEP
from reports.typeset import cited, column, noted, opening, subhead, text

LARGEST_SWINGS = 3
BRIEF_SWINGS = 2
LONG_NAME = 60  # letters, from which a title does without the name
BESIDE = (0.38, 0.34, 0.28)  # of the column: the three figures beside the headline


def summary(content: Content) -> list[Block]:
    """Say the result and its range before anything else, then what it rests on."""
    return [*opening(content, "summary", title(content), bookmark=_("Summary")), *story(content)]


def story(content: Content, *, brief: bool = False) -> list[Block]:
    """Return the story below the title; the brief one leaves room for a head on its page."""
    result, theme = content.result, content.theme
    break_even: list[Block] = [
        Words(words.break_even_sentence(result), theme.subhead),
        Picture(break_even_strip(result, content.column, PAPER)),
    ]
    return [
        *headline(content),
        noted(content, Stack(break_even), _("Trials"), *cited(content.trials)),
        subhead(content, _("What would make this wrong")),
        *(text(content, *parts) for parts in _doubts(content, BRIEF_SWINGS if brief else LARGEST_SWINGS)),
        *(text(content, *parts) for parts in ([] if brief else _find_out(content))),
    ]


def title(content: Content) -> str:
    """Return the finding: whether it pays."""
    result = content.result
    if not pays(result):
        return _("At these numbers it does not pay")
    if len(result.clinic_name) > LONG_NAME:
        return _("It pays in %(chance)s", chance=chance(result.probability_npv_positive))
    return _(
        "%(clinic)s: it pays in %(chance)s", clinic=result.clinic_name, chance=chance(result.probability_npv_positive)
    )


def headline(content: Content) -> list[Block]:
    """Return the one number with its range, and the three beside it."""
    result, theme = content.result, content.theme
    kept = result.distribution["revenue_kept_per_year"]
    amount = money(kept.p50, content.currency)
    fits = typeface.width(amount, theme.figure.size, strong=True) <= content.column
    size = theme.figure if fits else Style(theme.title.size, theme.title.leading, "kept", strong=True, after=STEP)
    main = Stack(
        [
            Words(words.figure_label("revenue_kept_per_year", result), theme.subhead),
            Words(amount, size),
            Words(_("90%% range %(range)s", range=money_range(kept.p5, kept.p95, content.currency)), theme.quiet),
            Picture(headline_strip(result, content.column, PAPER)),
        ]
    )
    note = _(
        "%(draws)s futures, each with every uncertain number drawn anew. 90 of 100 lie inside the line, half of them "
        "inside the thicker part.",
        draws=f"{result.resolved.draws:,}",
    )
    blocks: list[Block] = [noted(content, main, _("The range"), note), column(content, _beside(content))]
    if not pays(result):
        blocks.append(text(content, verdict(result)))
    return blocks


def _beside(content: Content) -> Columns:
    """Return the three figures that stand beside the headline."""
    result, theme, currency = content.result, content.theme, content.currency
    net = result.distribution["net_per_year"]
    payback = result.payback_of_median
    columns = [
        (
            words.figure_label("net_per_year", result),
            money(net.p50, currency),
            _("90%% range %(range)s", range=money_range(net.p5, net.p95, currency)),
        ),
        (_("It pays in"), chance(result.probability_npv_positive), _("net present value above zero")),
        (_("Payback"), _payback(payback, content), _("after go-live") if payback is not None else ""),
    ]
    rows = zip(*columns, strict=True)
    styles = (theme.small, Style(theme.lead.size, theme.lead.leading), theme.small)
    lines = [
        Columns([Words(cell, style) for cell in row], BESIDE, bottom=number == 0)
        for number, (row, style) in enumerate(zip(rows, styles, strict=True))
    ]
    stack = Stack(lines)
    holder = Columns([stack], (1.0,))
    holder.before, holder.after = STEP, 2 * STEP
    return holder


def _payback(payback: float | None, content: Content) -> str:
    horizon = months(content.result.resolved.horizon_months)
    return months(payback) if payback is not None else _("not within %(months)s", months=horizon)


def _doubts(content: Content, swings: int) -> list[list[Rich]]:
    result = content.result
    road = result.roads[result.resolved.road]
    doubts: list[list[Rich]] = [_swing(swing, content) for swing in result.tornado[:swings]]
    reading = words.capitalized(_(words.ROAD_READING_WORDS[road.reading]))
    name = _(words.ROAD_LABELS[road.name])
    doubts.append([strong(_("The evidence.")), f" {name}: {words.lowered(reading)}."])
    doubts.append([strong(_("Time.")), f" {words.detection_sentence(result)}"])
    return doubts


def _find_out(content: Content) -> list[list[Rich]]:
    result = content.result
    if not result.ask_next:
        return []
    first, colon, rest = words.ask_next_sentence(result, result.ask_next).partition(":")
    place = words.ask_next_place(result, result.ask_next)
    lead: list[Rich] = [strong(f"{first}:"), rest] if colon else [first]
    return [[*lead, f" {place}"] if place else lead]


def _swing(swing: Swing, content: Content) -> list[Rich]:
    result, currency = content.result, content.currency
    unit = result.resolved.inputs[swing.input].quantity.unit
    low, high = (quantity(significant(value), unit, currency) for value in (swing.low, swing.high))
    sentence = _(
        "At %(low)s the net present value is %(npv_low)s, at %(high)s it is %(npv_high)s.",
        low=low,
        high=high,
        npv_low=money(swing.npv_low, currency),
        npv_high=money(swing.npv_high, currency),
    )
    return [strong(f"{words.input_label(swing.input, result)}."), f" {sentence}"]
