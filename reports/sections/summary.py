"""The whole story on one page: what is kept, what it nets, what must be true, what would make it wrong."""

from __future__ import annotations

from reportlab.platypus import Flowable, Paragraph, Spacer, Table

from calculator import words
from calculator.display import chance, money, money_range, months, quantity, significant
from calculator.result import Swing
from reports import typeface
from reports.charts import PAPER, break_even_strip, headline_strip
from reports.charts.paper import drawing
from reports.content import Content
from reports.theme import STEP
from reports.typeset import Heading, MarginNote, Wide, cited, paragraph, plain, strong

QUESTION = "What would it be worth to keep the clients you now lose?"
LARGEST_SWINGS = 3
BESIDE = (0.38, 0.34, 0.28)  # of the column: the three figures beside the headline


def summary(content: Content) -> list[Flowable]:
    """Say the result and its range before anything else, then what it rests on."""
    result, theme = content.result, content.theme
    kept = result.distribution["revenue_kept_per_year"]
    amount = money(kept.p50, content.currency)
    fits = typeface.width(amount, theme.figure.fontSize, strong=True) <= content.column
    return [
        *_kicker(content),
        Heading(result.clinic_name, "summary", content.wide, theme),
        Wide(QUESTION, content.wide, theme.lead),
        Spacer(0, 2 * STEP),
        paragraph(words.figure_label("revenue_kept_per_year", result), theme.subhead),
        MarginNote([_range_note(content)], content.column, theme),
        paragraph(amount, theme.figure if fits else theme.title),
        paragraph(f"90% range {money_range(kept.p5, kept.p95, content.currency)}", theme.quiet),
        drawing(headline_strip(result, content.column, PAPER)),
        Spacer(0, 2 * STEP),
        _beside(content),
        Spacer(0, 2 * STEP),
        MarginNote([_trials_note(content)], content.column, theme, theme.subhead.spaceBefore),
        paragraph(words.break_even_sentence(result), theme.subhead),
        Spacer(0, STEP),
        drawing(break_even_strip(result, content.column, PAPER)),
        Spacer(0, STEP),
        paragraph("What would make this wrong", theme.subhead),
        *(Paragraph(markup, theme.body) for markup in _doubts(content)),
    ]


def _kicker(content: Content) -> list[Flowable]:
    parts = [
        "Proposal",
        f"prepared for {content.prepared_for}" if content.prepared_for else "",
        f"by {content.prepared_by}" if content.prepared_by else "",
        content.prepared_on.isoformat() if content.prepared_on else "",
    ]
    return [paragraph(" · ".join(part for part in parts if part), content.theme.small)]


def _range_note(content: Content) -> str:
    return (
        f"{strong('The range')}<br/>"
        f"{content.result.resolved.draws:,} futures, each with every uncertain number drawn anew. "
        "90 of 100 lie inside the line, half of them inside the thicker part."
    )


def _trials_note(content: Content) -> str:
    return f"{strong('Trials')}<br/>{cited(content.trials)}"


def _beside(content: Content) -> Table:
    """Return the three figures that stand beside the headline."""
    result, theme, currency = content.result, content.theme, content.currency
    net = result.distribution["net_per_year"]
    net_range = money_range(net.p5, net.p95, currency)
    payback = result.payback_of_median
    columns = [
        (
            words.figure_label("net_per_year", result),
            money(net.p50, currency),
            f"90% range {net_range}",
        ),
        ("It pays in", chance(result.probability_npv_positive), "net present value above zero"),
        ("Payback", _payback(payback, content), "after go-live" if payback is not None else ""),
    ]
    rows = [
        [paragraph(column[0], theme.small) for column in columns],
        [paragraph(column[1], theme.lead) for column in columns],
        [paragraph(column[2], theme.small) for column in columns],
    ]
    style = [
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("FONTNAME", (0, 0), (-1, -1), typeface.REGULAR),
    ]
    return Table(rows, colWidths=[share * content.column for share in BESIDE], hAlign="LEFT", style=style)


def _payback(payback: float | None, content: Content) -> str:
    return months(payback) if payback is not None else f"not within {months(content.result.resolved.horizon_months)}"


def _doubts(content: Content) -> list[str]:
    result = content.result
    road = result.roads[result.resolved.road]
    doubts = [_swing(swing, content) for swing in result.tornado[:LARGEST_SWINGS]]
    doubts.append(
        f"{strong('The evidence.')} {plain(words.ROAD_LABELS[road.name])}: "
        f"{plain(words.ROAD_READING_WORDS[road.reading])}."
    )
    doubts.append(f"{strong('Time.')} {plain(words.detection_sentence(result))}")
    if result.ask_next:
        first, _, rest = words.ask_next_sentence(result, result.ask_next).partition(":")
        asked = f"{strong(f'{first}:')}{plain(rest)}" if rest else plain(first)
        doubts.append(f"{asked} {plain(words.ask_next_place(result, result.ask_next))}".rstrip())
    return doubts


def _swing(swing: Swing, content: Content) -> str:
    result, currency = content.result, content.currency
    unit = result.resolved.inputs[swing.input].quantity.unit
    low, high = (quantity(significant(value), unit, currency) for value in (swing.low, swing.high))
    npv_low, npv_high = money(swing.npv_low, currency), money(swing.npv_high, currency)
    label = strong(f"{words.input_label(swing.input, result)}.")
    return f"{label} {plain(f'At {low} the net present value is {npv_low}, at {high} it is {npv_high}.')}"
