"""The short form, two pages for a first meeting: the story, then where the money comes from and when it pays."""

from __future__ import annotations

from calculator import words
from calculator.language import gettext as _
from reports.charts import PAPER
from reports.charts import bridge as bridge_chart
from reports.charts import cash as cash_chart
from reports.content import Content
from reports.document import shortened
from reports.logos import Logos
from reports.pdf.blocks import Block, Words
from reports.pdf.picture import Picture
from reports.sections.cover import facts
from reports.sections.next_steps import steps_of
from reports.sections.summary import story
from reports.sections.summary import title as finding
from reports.typeset import opening, subhead, text


def front(content: Content) -> list[Block]:
    """Say for whom it is and by whom, then the whole story."""
    theme = content.theme
    name = shortened(content.prepared_for or content.result.clinic_name, content.column, theme.small.size)
    by = [part for fact in facts(content) for part in (" · ", *fact)]
    logos: list[Block] = [Logos(content.brand)] if content.brand.logos else []
    kicker = Words([_("Proposal for %(client)s", client=name), *by], theme.small)
    _page, title = opening(content, "summary", finding(content), bookmark=_("Summary"), level=1)
    return [*logos, kicker, title, *story(content, brief=True)]


def back(content: Content) -> list[Block]:
    """Show the bridge and the running total, then what to do next."""
    result, theme = content.result, content.theme
    bridge, cash = bridge_chart(result, content.wide, PAPER), cash_chart(result, content.wide, PAPER)
    return [
        *opening(content, "bridge", bridge.title, bookmark=_("From gross to net")),
        Picture(bridge),
        subhead(content, cash.title),
        Picture(cash),
        subhead(content, _("Next")),
        text(content, (content.brand.next_steps or steps_of(content))[0]),
        text(content, words.detection_sentence(result), style=theme.small),
        *(text(content, paragraph, style=theme.small) for paragraph in content.brand.disclaimer),
    ]
