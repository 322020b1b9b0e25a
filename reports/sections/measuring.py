"""When the clinic will know, and how it is measured."""

from __future__ import annotations

from calculator import words
from calculator.display import months, number, share
from calculator.language import gettext as _
from reports.content import Content
from reports.pdf.blocks import Block, Listing
from reports.typeset import column, grid, opening, subhead, text


def measuring(content: Content) -> list[Block]:
    """Say how long it takes to see the change in the clinic's own records, and what to count."""
    result, theme = content.result, content.theme
    found = result.detection
    after = found.months_after_with_history or found.months_per_period
    if after is None:
        title = _("There is no change in dropout to see")
    else:
        title = _("You will know after about %(months)s", months=months(after))
    rate = result.resolved.inputs["clinic.dropout_rate"].value
    rows = [
        [words.figure_label("dropout_rate_before", result), share(rate, 1)],
        [words.figure_label("dropout_rate_after", result), share(result.point["dropout_rate_after"], 1)],
        [_("Months in each of two equal periods"), number(found.months_per_period, 1)],
        [_("Months after go-live, with the records you hold"), number(found.months_after_with_history, 1)],
    ]
    steps = (
        _("Count, for each month, how many new clients started and how many of them left before the planned end."),
        _("Count the same for the months before go-live, from your records, by the same rule."),
        _("Leave out nobody who started, whether or not the programme reached them."),
        _("Compare the two shares when the months above have passed, not before; a look each week misleads."),
        _("Ask for the alliance scores too: if they do not rise, dropout is not expected to fall."),
    )
    return [
        *opening(content, "measuring", title, bookmark=_("When you will know")),
        text(content, words.detection_sentence(result)),
        column(content, grid(content, (_("What to compare"), ""), rows, (0.7, 0.3), right=(1,), width=content.column)),
        subhead(content, _("How it will be measured")),
        column(content, Listing([[step] for step in steps], theme.body, sign="1.", indent=16.0)),
        text(
            content,
            _("80% power, two-sided 5%: two proportions, normal approximation without pooling."),
            style=theme.small,
        ),
    ]
