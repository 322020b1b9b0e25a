"""When it pays: the running total month by month, and the same by year."""

from __future__ import annotations

from calculator import words
from calculator.display import money, months
from calculator.language import gettext as _
from calculator.language import mark
from calculator.result import Year
from reports.charts import PAPER
from reports.charts import cash as chart
from reports.content import Content
from reports.pdf.blocks import Block
from reports.pdf.picture import Picture
from reports.pdf.table import Grid
from reports.typeset import grid, noted, opening, subhead, text

COLUMNS = (
    ("revenue_kept", mark("Revenue kept")),
    ("contribution_kept", mark("Margin kept")),
    ("acquisition_saved", mark("Fewer clients to win")),
    ("program_cost", mark("Programme cost")),
    ("net_benefit", mark("Net benefit")),
    ("cumulative_net_benefit", mark("Running total")),
)
FIGURES = ("net_benefit_horizon", "npv", "roi")


def cash(content: Content) -> list[Block]:
    """Show the running total with its band, then each year."""
    picture = chart(content.result, content.column, PAPER)
    return [
        *opening(content, "cash", picture.title, bookmark=_("When it pays")),
        text(content, picture.subtitle, style=content.theme.quiet),
        noted(content, Picture(picture), _("How to read it"), _note()),
        subhead(content, _("Year by year, at the likely value of every input")),
        _years(content),
        subhead(content, _("Over the months looked at")),
        _figures(content),
    ]


def _note() -> str:
    return _(
        "The line is the middle of all futures. Half of all futures lie in the darker band, 90 of 100 in the lighter. "
        "What is paid at go-live is why it starts below zero."
    )


def _years(content: Content) -> Grid:
    currency = content.currency
    rows = [
        [_name(year), *(money(getattr(year, name), currency) for name, _label in COLUMNS)]
        for year in content.result.years
    ]
    first = 0.16
    shares = [first, *[(1.0 - first) / len(COLUMNS)] * len(COLUMNS)]
    head = (_("Year"), *(_(name) for _key, name in COLUMNS))
    return grid(content, head, rows, shares, right=range(1, len(shares)))


def _name(year: Year) -> str:
    if year.months == 12:
        return _("Year %(number)s", number=year.year)
    return _("Year %(number)s (%(months)s)", number=year.year, months=months(year.months))


def _figures(content: Content) -> Grid:
    result = content.result
    rows = []
    for name in FIGURES:
        spread = result.distribution[name]
        values = (result.point[name], spread.p5, spread.p50, spread.p95)
        shown = (words.figure_shown(name, value, content.currency) for value in values)
        rows.append([words.figure_label(name, result), *shown])
    for name, middle in (("payback_months", result.payback_of_median), ("irr", result.irr_of_median)):
        likely, shown_middle = (
            words.figure_shown(name, value, content.currency) for value in (result.point[name], middle)
        )
        rows.append([words.figure_label(name, result), likely, "", shown_middle, ""])  # not every future has one
    head = (_("Figure"), _("Likely"), _("5 of 100 below"), _("Middle"), _("5 of 100 above"))
    return grid(content, head, rows, [0.32, *[0.17] * 4], right=range(1, 5))
