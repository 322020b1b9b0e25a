"""The clinic's own numbers, and what stands in for those it did not give."""

from __future__ import annotations

from calculator import words
from calculator.display import quantity, significant
from calculator.language import gettext as _
from calculator.language import ngettext
from calculator.resolve import ResolvedInput
from calculator.unit_words import unit_words
from calculator.widening import rule
from reports.content import Content
from reports.pdf.blocks import Block
from reports.pdf.style import Rich, link
from reports.pdf.table import Grid
from reports.typeset import badge, grid, opening, subhead, text

SHARES = (0.34, 0.14, 0.26, 0.26)  # of the page's width


def inputs(content: Content) -> list[Block]:
    """List what the clinic gave, on yellow, then what fills the gaps: values of the organisation, and benchmarks."""
    own = [item for item in content.inputs if item.own]
    house = [item for item in content.inputs if item.kind == "organisation"]
    filled = [item for item in content.inputs if item.kind == "benchmark"]
    title = ngettext(
        "You gave %(number)s of the %(total)s numbers this rests on",
        "You gave %(number)s of the %(total)s numbers this rests on",
        len(own),
        total=len(content.inputs),
    )
    blocks = opening(content, "inputs", title, bookmark=_("Your numbers"))
    blocks.append(text(content, rule(content.library)))
    if own:
        blocks += [subhead(content, _("Your own numbers")), _table(content, own)]
    if house:
        title = _("Values of the organisation in place of numbers you did not give")
        blocks += [subhead(content, title), _table(content, house)]
    if filled:
        blocks += [subhead(content, _("Benchmarks in place of numbers you did not give")), _table(content, filled)]
    return blocks


def _table(content: Content, items: list[ResolvedInput]) -> Grid:
    spreads = {swing.input: (swing.low, swing.high) for swing in content.result.tornado}
    rows: list[list[Rich | list[Rich]]] = [
        [
            [link(f"#input:{item.path}", words.input_label(item.path, content.result))],
            shown(item, item.value, content),
            span(item, spreads.get(item.path), content),
            origin(item, content),
        ]
        for item in items
    ]
    fills = {(number, 1): "own_paper" for number, item in enumerate(items) if item.own}
    head = (_("Input"), _("Value"), _("90% range"), _("Where from"))
    return grid(content, head, rows, SHARES, right=(1,), fills=fills)


def unit(item: ResolvedInput, content: Content) -> str:
    """Return the unit in words."""
    return unit_words(item.quantity.unit, content.currency, content.result.resolved.setting.words)


def shown(item: ResolvedInput, value: float, content: Content) -> str:
    """Return a value of an input as it is shown."""
    return quantity(value, item.quantity.unit, content.currency)


def span(item: ResolvedInput, ends: tuple[float, float] | None, content: Content) -> str:
    """Return the 90 % range of an input, or that it has none."""
    if ends is None:
        return _("taken as it is")
    low, high = (shown(item, significant(value), content) for value in ends)
    return _("%(low)s to %(high)s", low=low, high=high)


def origin(item: ResolvedInput, content: Content) -> list[Rich]:
    """Return the badge, leading to the entry of the figure behind it."""
    figure = item.figure
    if item.kind != "benchmark" or figure is None or figure.id not in content.shown:
        return [badge(item)]
    return [link(f"#figure:{figure.id}", badge(item))]
