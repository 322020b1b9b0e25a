"""What may go wrong, and what it asks of the clinic in money and hours."""

from __future__ import annotations

from calculator import words
from calculator.display import chance, money, number, share
from calculator.language import gettext as _
from calculator.verdict import flags
from reports.content import Content
from reports.pdf.blocks import Block, Listing
from reports.typeset import column, grid, opening, subhead, text


def risks(content: Content) -> list[Block]:
    """Name the risks, then the clinic's own side of the bargain."""
    result, theme = content.result, content.theme
    hours = number(result.workings["staff_hours_per_year"], 0)
    title = _("It asks for about %(hours)s hours of your staff a year", hours=hours)
    listing = Listing([[line] for line in _risks(content)], theme.body)
    return [
        *opening(content, "risks", title, bookmark=_("Risks, costs and hours")),
        text(content, _("Your side of it, at likely values. The hours are in the costs already.")),
        _costs(content),
        subhead(content, _("What may go wrong")),
        column(content, listing),
    ]


def _costs(content: Content) -> Block:
    result, currency = content.result, content.currency
    workings = result.workings
    rows = [
        [words.figure_label("go_live_cost", result), money(workings["go_live_cost"], currency)],
        [words.figure_label("program_cost_per_year", result), money(workings["program_cost_per_year"], currency)],
        [words.figure_label("program_cost_horizon", result), money(result.point["program_cost_horizon"], currency)],
        [words.figure_label("staff_hours_go_live", result), number(workings["staff_hours_go_live"], 0)],
        [words.figure_label("staff_hours_per_year", result), number(workings["staff_hours_per_year"], 0)],
    ]
    table = grid(content, (_("What it takes"), ""), rows, (0.7, 0.3), right=(1,), width=content.column)
    return column(content, table)


def _risks(content: Content) -> list[str]:
    result = content.result
    loses = chance(1.0 - result.probability_npv_positive)
    found = [
        _("It may not pay: it loses money in %(chance)s.", chance=loses),
        _(
            "Clinicians may not use it: the result assumes it reaches %(share)s of new clients once the ramp is over.",
            share=share(result.resolved.inputs["program.adoption_rate"].value),
        ),
        _("Your clinic may differ from those studied: the ranges are as wide as studies and clinics differ."),
        _("Freed slots may be refilled faster than assumed, so that less revenue was lost in the first place."),
    ]
    return [*found, *(remark.text for remark in flags(result, content.library))]
