"""When it pays: the running total month by month, and the same by year."""

from __future__ import annotations

from reportlab.platypus import Flowable, PageBreak, Spacer, Table

from calculator import words
from calculator.display import money, months
from calculator.result import Year
from reports.charts import PAPER
from reports.charts import cash as chart
from reports.charts.paper import drawing
from reports.content import Content
from reports.theme import STEP
from reports.typeset import Heading, MarginNote, Wide, grid, paragraph, plain, strong

COLUMNS = (
    ("revenue_kept", "Revenue kept"),
    ("contribution_kept", "Margin kept"),
    ("acquisition_saved", "Fewer clients to win"),
    ("program_cost", "Programme cost"),
    ("net_benefit", "Net benefit"),
    ("cumulative_net_benefit", "Running total"),
)
FIGURES = ("net_benefit_horizon", "npv", "roi", "irr")


def cash(content: Content) -> list[Flowable]:
    """Show the running total with its band, then each year."""
    theme = content.theme
    picture = chart(content.result, content.column, PAPER)
    return [
        PageBreak(),
        Heading(picture.title, "cash", content.wide, theme),
        Wide(picture.subtitle, content.wide, theme.quiet),
        MarginNote([_note()], content.column, theme),
        drawing(picture),
        Spacer(0, 2 * STEP),
        paragraph("Year by year, at the likely value of every input", theme.subhead),
        _years(content),
        paragraph("Over the months looked at", theme.subhead),
        _figures(content),
    ]


def _note() -> str:
    return f"{strong('How to read it')}<br/>" + plain(
        "The line is the middle of all futures. Half of all futures lie in the darker band, 90 of 100 in the lighter. "
        "What is paid at go-live is why it starts below zero."
    )


def _years(content: Content) -> Table:
    currency = content.currency
    rows = [
        [_name(year), *(money(getattr(year, name), currency) for name, _ in COLUMNS)] for year in content.result.years
    ]
    first = 0.16 * content.wide
    widths = [first, *[(content.wide - first) / len(COLUMNS)] * len(COLUMNS)]
    return grid(("", *(name for _, name in COLUMNS)), rows, widths, content.theme, right=range(1, len(widths)))


def _name(year: Year) -> str:
    return f"Year {year.year}" if year.months == 12 else f"Year {year.year} ({months(year.months)})"


def _figures(content: Content) -> Table:
    result = content.result
    rows = []
    for name in FIGURES:
        spread = result.distribution[name]
        values = (result.point[name], spread.p5, spread.p50, spread.p95)
        shown = (words.figure_shown(name, value, content.currency) for value in values)
        rows.append([words.figure_label(name, result), *shown])
    first = 0.32 * content.column
    widths = [first, *[(content.column - first) / 4] * 4]
    head = ("Figure", "Likely", "5 of 100 below", "Middle", "5 of 100 above")
    return grid(head, rows, widths, content.theme, right=range(1, 5))
