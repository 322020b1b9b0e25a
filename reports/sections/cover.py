"""The cover: whose proposal it is, for whom, and one sentence."""

from __future__ import annotations

from calculator.language import gettext as _
from calculator.language import mark
from reports.content import Content
from reports.dates import day
from reports.logos import Logos
from reports.pdf.blocks import Block, Gap, Heading, Rule, Words
from reports.pdf.style import Rich, link, strong
from reports.theme import STEP
from reports.typeset import column

QUESTION = mark("What would it be worth to keep the clients you now lose?")
DEEP = 16 * STEP  # from the logos to the name


def cover(content: Content) -> list[Block]:
    """Name the clinic, ask the question, say who asks."""
    theme, brand = content.theme, content.brand
    name = content.prepared_for or content.result.clinic_name
    size = theme.cover if len(name) <= 40 else theme.title
    blocks: list[Block] = [
        Logos(brand),
        Gap(DEEP),
        Words(_("Proposal"), theme.quiet),
        Heading(name, size, level=1, place="cover", bookmark=_("Cover")),
        column(content, Words(_(QUESTION), theme.lead)),
        Gap(4 * STEP),
    ]
    if brand.product:
        blocks += [column(content, Words(brand.product, theme.body))]
    found = facts(content)
    if found:
        blocks += [Rule(after=2 * STEP), *(column(content, Words(fact, theme.body)) for fact in found)]
    blocks += [Rule(before=2 * STEP, after=2 * STEP), column(content, Words(_promise(), theme.quiet))]
    if content.missing:
        blocks.append(column(content, Words(_draft(content), theme.body)))
    blocks += [column(content, Words(text, theme.small)) for text in brand.disclaimer]
    return blocks


def facts(content: Content) -> list[list[Rich]]:
    """Return who prepared it, how to reach them, and the date, as far as they are given."""
    brand = content.brand
    by = ", ".join(part for part in (content.prepared_by or brand.prepared_by, brand.seller) if part)
    ways: list[Rich] = [link(f"mailto:{brand.email}", brand.email)] if brand.email else []
    ways += [*([" · "] if ways and brand.phone else []), brand.phone] if brand.phone else []
    if brand.website:
        ways += [*([" · "] if ways else []), link(brand.website, brand.website.partition("://")[2])]
    facts: list[list[Rich]] = [[strong(_("Prepared by")), f" {by}"]] if by else []
    facts += [ways] if ways else []
    if content.prepared_on:
        facts.append([strong(_("Date")), f" {day(content.prepared_on)}"])
    return facts


def _promise() -> str:
    return _(
        "The figures are estimates with their ranges, not promises. The clinic’s own numbers, every source and the "
        "formulas are in this document, and the file that made it is attached to it."
    )


def _draft(content: Content) -> str:
    missing = ", ".join(item.quantity.named(content.result.resolved.setting.words) for item in content.missing)
    if any(item.kind == "organisation" for item in content.missing):
        return _("Draft: not yet your own number: %(missing)s.", missing=missing)
    return _("Draft: still a benchmark and not your own number: %(missing)s.", missing=missing)
