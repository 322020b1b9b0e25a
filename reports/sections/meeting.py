"""The second page of the short form: where the money comes from, when it pays, and what happens next."""

from __future__ import annotations

from calculator import words
from calculator.language import gettext as _
from reports.charts import PAPER
from reports.charts import bridge as bridge_chart
from reports.charts import cash as cash_chart
from reports.content import Content
from reports.pdf.blocks import Block
from reports.pdf.picture import Picture
from reports.sections.next_steps import steps_of
from reports.typeset import opening, subhead, text


def meeting(content: Content) -> list[Block]:
    """Show the bridge and the running total, then what to do next."""
    result, theme = content.result, content.theme
    bridge, cash = bridge_chart(result, content.wide, PAPER), cash_chart(result, content.wide, PAPER)
    return [
        *opening(content, "bridge", bridge.title, bookmark=_("From gross to net")),
        Picture(bridge),
        subhead(content, cash.title),
        Picture(cash),
        subhead(content, _("Next")),
        text(content, steps_of(content)[0]),
        text(content, words.detection_sentence(result), style=theme.small),
    ]
