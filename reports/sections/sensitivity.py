"""What moves the result most, and where it would break even."""

from __future__ import annotations

from calculator import words
from calculator.display import number, quantity, share
from calculator.language import gettext as _
from calculator.verdict import ways
from reports.charts import PAPER, tornado
from reports.content import Content
from reports.pdf.blocks import Block, Listing
from reports.pdf.picture import Picture
from reports.pdf.table import Grid
from reports.typeset import column, grid, noted, opening, subhead, text

SHARES = (0.46, 0.27, 0.27)


def sensitivity(content: Content) -> list[Block]:
    """Show the tornado, then the break-evens beside what is assumed."""
    result, theme = content.result, content.theme
    picture = tornado(result, content.column, PAPER)
    note = _(
        "Each bar moves one number from its 5th to its 95th percentile, the others at their middle. The longest is "
        "what to measure first."
    )
    blocks: list[Block] = [
        *opening(content, "sensitivity", picture.title, bookmark=_("What moves it, and where it breaks even")),
        text(content, picture.subtitle, style=theme.quiet),
        noted(content, Picture(picture), _("How to read it"), note),
        subhead(content, _("Where it would break even, everything else as it is")),
        _table(content),
    ]
    found = ways(result)
    if found:
        listing = Listing([[remark.text] for remark in found], theme.body)
        blocks += [subhead(content, _("When it would pay")), column(content, listing)]
    return blocks


def _table(content: Content) -> Grid:
    result = content.result
    even, inputs = result.break_even, result.resolved.inputs

    def of(path: str, value: float | None) -> list[str]:
        item = inputs[path]
        unit = item.quantity.unit
        at = _("out of reach") if value is None else quantity(value, unit, content.currency)
        return [words.input_label(path, result), quantity(item.value, unit, content.currency), at]

    least = even.relative_dropout_reduction
    used = result.roads[result.resolved.road]
    rows = [
        [
            _("Fall in dropout"),
            share(used.relative_reduction),
            _("out of reach") if least is None else words.least_fall(least),
        ],
        [
            words.figure_label("hazard_ratio", result),
            number(used.hazard_ratio, 2),
            _("out of reach") if even.hazard_ratio is None else number(even.hazard_ratio, 2),
        ],
        of("program.alliance_lift_sd", even.alliance_lift_sd),
        of("program.subscription_per_clinician_month", even.subscription_per_clinician_month),
        of("clinic.intakes_per_month", even.intakes_per_month),
        of("program.minutes_per_unit", even.minutes_per_unit),
    ]
    return grid(content, (_("Number"), _("Assumed here"), _("Breaks even at")), rows, SHARES, right=(1, 2))
