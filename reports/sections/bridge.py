"""From the gross loss to what stays: the picture, and the table that adds up."""

from __future__ import annotations

from reportlab.platypus import Flowable, PageBreak, Spacer, Table

from calculator import words
from calculator.display import money_exact, quantity
from reports.charts import PAPER
from reports.charts import bridge as chart
from reports.charts.bridge import rows as steps
from reports.charts.paper import drawing
from reports.content import Content
from reports.theme import STEP
from reports.typeset import Heading, MarginNote, Wide, badge, grid, paragraph, plain, strong

SHARES = (0.34, 0.17, 0.49)  # of the page's width


def bridge(content: Content) -> list[Flowable]:
    """Walk from what others headline to what the clinic keeps."""
    theme = content.theme
    picture = chart(content.result, content.column, PAPER)
    go_live = money_exact(content.result.workings["go_live_cost"], content.currency)
    return [
        PageBreak(),
        Heading(picture.title, "bridge", content.wide, theme),
        Wide(picture.subtitle, content.wide, theme.quiet),
        MarginNote([_note()], content.column, theme),
        drawing(picture),
        Spacer(0, 2 * STEP),
        paragraph("Each step, and the number that sets its size", theme.subhead),
        _table(content),
        paragraph(f"Paid once at go-live, and not part of a steady year: {go_live}.", theme.small),
    ]


def _note() -> str:
    return f"{strong('How to read it')}<br/>" + plain(
        "Clay is lost, teal is kept, slate is what it costs. Other calculators stop at the first bar. "
        "Each bar starts where the one above ends; amounts in the table are exact, so that they add up. "
        f"{words.BRIDGE_NOTE}"
    )


def _table(content: Content) -> Table:
    found = steps(content.result)
    rows = [[row.label, money_exact(row.amount, content.currency), _set_by(row.input, content)] for row in found]
    totals = [number for number, row in enumerate(found) if row.total]
    widths = [share * content.wide for share in SHARES]
    return grid(("Step", "Amount a year", "Set by"), rows, widths, content.theme, right=(1,), totals=totals)


def _set_by(path: str, content: Content) -> str:
    result = content.result
    item = result.resolved.inputs.get(path)
    if item is None:
        return words.ROAD_LABELS[result.resolved.road] if path == "program.evidence_road" else ""
    value = quantity(item.value, item.quantity.unit, content.currency)
    return f"{words.input_label(path, result)}: {value} {badge(item)}"
