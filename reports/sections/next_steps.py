"""What happens next, and where to sign."""

from __future__ import annotations

from calculator import words
from calculator.language import gettext as _
from reports.content import Content
from reports.pdf.blocks import Block, Columns, Gap, Listing, Rule, Stack, Words
from reports.theme import STEP
from reports.typeset import column, opening, subhead, text

LINE = 5 * STEP  # above a line to write on


def next_steps(content: Content) -> list[Block]:
    """List the steps, then the acceptance block."""
    theme, brand = content.theme, content.brand
    steps = brand.next_steps or steps_of(content)
    client = content.prepared_for or content.result.clinic_name
    sides = [Stack([*_signature(content, client)]), Stack([*_signature(content, brand.seller or _("The seller"))])]
    return [
        *opening(content, "next", _("Next steps"), bookmark=_("Next steps")),
        column(content, Listing([[step] for step in steps], theme.body, sign="1.", indent=16.0)),
        subhead(content, _("Acceptance")),
        text(
            content,
            _(
                "Both sides have read the figures as estimates with their ranges, not as promises, and agree to the "
                "next steps above."
            ),
        ),
        Columns(sides, (1.0, 1.0), gutter=4 * STEP),
    ]


def steps_of(content: Content) -> tuple[str, ...]:
    """Return what we suggest where the brand says nothing of its own."""
    result = content.result
    asked = words.ask_next_sentence(result, result.ask_next) if result.ask_next else ""
    return tuple(
        step
        for step in (
            asked,
            _("Replace the benchmarks by your own numbers; the data request tells your staff where each is found."),
            _("Run the calculation again with them, and look at the sceptic’s case before the likely one."),
            _("Agree on what is counted as dropout, and keep the records from before go-live."),
            _("Decide; if you go on, set the date of go-live and of the comparison."),
        )
        if step
    )


def _signature(content: Content, party: str) -> list[Block]:
    theme = content.theme
    lines: list[Block] = [Words(party, theme.subhead)]
    for label in (_("Name and role"), _("Signature"), _("Date")):
        lines += [Gap(LINE), Rule("axis", before=0.0, after=STEP / 2), Words(label, theme.small)]
    return lines
