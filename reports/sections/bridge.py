"""From the gross loss to what stays: the picture, and the table that adds up."""

from __future__ import annotations

from calculator import words
from calculator.display import money_exact, quantity
from calculator.language import gettext as _
from reports.charts import PAPER
from reports.charts import bridge as chart
from reports.charts.bridge import rows as steps
from reports.content import Content
from reports.pdf.blocks import Block
from reports.pdf.picture import Picture
from reports.pdf.style import Rich, link
from reports.pdf.table import Grid
from reports.typeset import badge, grid, noted, opening, subhead, text

SHARES = (0.34, 0.17, 0.49)  # of the page's width


def bridge(content: Content) -> list[Block]:
    """Walk from what others headline to what the clinic keeps."""
    theme = content.theme
    picture = chart(content.result, content.column, PAPER)
    go_live = money_exact(content.result.workings["go_live_cost"], content.currency)
    return [
        *opening(content, "bridge", picture.title, bookmark=_("From gross to net")),
        text(content, picture.subtitle, style=theme.quiet),
        noted(content, Picture(picture), _("How to read it"), _note()),
        subhead(content, _("Each step, and the number that sets its size")),
        _table(content),
        text(
            content,
            _("Paid once at go-live, and not part of a steady year: %(amount)s.", amount=go_live),
            style=theme.small,
        ),
    ]


def _note() -> str:
    how = _(
        "Clay is lost, teal is kept, slate is what it costs. Other calculators stop at the first bar. Each bar starts "
        "where the one above ends; amounts in the table are exact, so that they add up."
    )
    note = _(words.BRIDGE_NOTE)
    return f"{how} {note}"


def _table(content: Content) -> Grid:
    found = steps(content.result)
    rows: list[list[Rich | list[Rich]]] = [
        [row.label, money_exact(row.amount, content.currency), _set_by(row.input, content)] for row in found
    ]
    totals = [number for number, row in enumerate(found) if row.total]
    return grid(content, (_("Step"), _("Amount a year"), _("Set by")), rows, SHARES, right=(1,), totals=totals)


def _set_by(path: str, content: Content) -> list[Rich]:
    result = content.result
    item = result.resolved.inputs.get(path)
    if item is None:
        return [_(words.ROAD_LABELS[result.resolved.road]) if path == "program.evidence_road" else ""]
    value = quantity(item.value, item.quantity.unit, content.currency)
    return [link(f"#input:{path}", f"{words.input_label(path, result)}: {value}"), f" {badge(item)}"]
