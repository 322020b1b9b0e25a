"""Every number the result rests on, with its unit, its range, and where it comes from."""

from __future__ import annotations

from reportlab.platypus import Flowable, PageBreak, Paragraph, Table

from calculator import words
from calculator.display import quantity, significant
from calculator.resolve import ResolvedInput
from calculator.widening import rule
from reports.content import Content
from reports.theme import colour
from reports.typeset import Heading, badge, cited, grid, paragraph, plain

HEAD = ("Input", "Value", "90% range", "Unit", "Where from")
SHARES = (0.29, 0.10, 0.16, 0.21, 0.24)  # of the page's width


def inputs(content: Content) -> list[Flowable]:
    """List the inputs; those given by the clinic stand on yellow, and each says in words where it is from."""
    theme = content.theme
    given = [item for item in content.inputs if item.kind != "benchmark"]
    total = sum(1 for _ in content.inputs)
    return [
        PageBreak(),
        Heading(f"You gave {len(given)} of the {total} numbers this rests on", "inputs", content.wide, theme),
        paragraph(rule(content.library), theme.body),
        _table(content),
    ]


def _table(content: Content) -> Table:
    theme = content.theme
    items = tuple(content.inputs)
    spreads = {swing.input: (swing.low, swing.high) for swing in content.result.tornado}
    rows: list[list[str | Flowable]] = [
        [
            words.input_label(item.path, content.result),
            _shown(item, item.value, content),
            _range(item, spreads.get(item.path), content),
            unit(item, content),
            _source(item, content),
        ]
        for item in items
    ]
    table = grid(HEAD, rows, [share * content.wide for share in SHARES], theme, right=(1, 2))
    own = [number for number, item in enumerate(items, start=1) if item.kind != "benchmark"]
    table.setStyle([("BACKGROUND", (1, number), (1, number), colour("own_paper")) for number in own])
    return table


def unit(item: ResolvedInput, content: Content) -> str:
    """Return the unit in words, with the setting's own word for a unit of care and the currency for money."""
    setting = content.result.resolved.setting
    text = item.quantity.unit.replace("units", setting.units).replace("unit", setting.unit)
    return text.replace("money", content.currency) if text.startswith("money") else text


def _shown(item: ResolvedInput, value: float, content: Content) -> str:
    return quantity(value, item.quantity.unit, content.currency)


def _range(item: ResolvedInput, ends: tuple[float, float] | None, content: Content) -> str:
    if ends is None:
        return "taken as it is"
    low, high = (_shown(item, significant(value), content) for value in ends)
    return f"{low} to {high}"


def _source(item: ResolvedInput, content: Content) -> str | Flowable:
    if item.figure is None or not item.figure.references or item.figure.kind == "judgement":
        return badge(item)
    return Paragraph(f"{plain(badge(item))}: {cited(item.figure)}", content.theme.cell)
