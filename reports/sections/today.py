"""What dropout costs today, before anything is done about it."""

from __future__ import annotations

from calculator import words
from calculator.display import money, number, share
from calculator.language import gettext as _
from reports.charts import PAPER, retention
from reports.content import Content
from reports.pdf.blocks import Block
from reports.pdf.picture import Picture
from reports.pdf.style import strong
from reports.typeset import column, grid, noted, opening, subhead, text

SHARES = (0.7, 0.3)


def today(content: Content) -> list[Block]:
    """Say the loss, gross, and what part of it other clients refill; then the curve behind it."""
    result, currency = content.result, content.currency
    lost = result.distribution["revenue_lost_per_year"]
    title = _("Dropout costs about %(amount)s of revenue a year, gross", amount=money(lost.p50, currency))
    picture = retention(result, content.column, PAPER)
    refilled, gone = (result.workings[f"revenue_lost_{part}_per_year"] for part in ("refilled", "for_good"))
    rate = result.resolved.inputs["clinic.dropout_rate"].value
    rows = [
        [words.figure_label("dropout_rate_before", result), share(rate)],
        [words.figure_label("units_per_episode_before", result), number(result.point["units_per_episode_before"], 1)],
        [words.figure_label("revenue_lost_per_year", result), money(result.point["revenue_lost_per_year"], currency)],
        [words.figure_label("revenue_lost_refilled_per_year", result), money(refilled, currency)],
        [words.figure_label("revenue_lost_for_good_per_year", result), money(gone, currency)],
    ]
    return [
        *opening(content, "today", title, bookmark=_("What dropout costs today")),
        text(
            content,
            _(
                "This is what others headline. It is where our reckoning starts, not where it ends: part of it other "
                "clients refill, and no programme prevents every dropout."
            ),
        ),
        column(
            content, grid(content, (_("Today, at likely values"), ""), rows, SHARES, right=(1,), width=content.column)
        ),
        subhead(content, picture.title),
        noted(content, Picture(picture), _("How to read it"), picture.subtitle),
        text(
            content,
            strong(_("Doing nothing is a decision too.")),
            " ",
            _("Each year of it costs about %(amount)s, the part that nobody refills.", amount=money(gone, currency)),
        ),
    ]
