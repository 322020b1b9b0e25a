"""Scenarios side by side: doing nothing, a sceptic's case, the likely one, and those a reader brought."""

from __future__ import annotations

from collections.abc import Mapping

from calculator import words
from calculator.display import quantity, significant
from calculator.language import gettext as _
from calculator.language import mark
from calculator.resolve import ResolvedInput
from reports.content import Content
from reports.pdf.blocks import Block
from reports.pdf.style import Rich, link
from reports.pdf.table import Grid
from reports.typeset import grid, opening, subhead, text

NAMES = {
    "do_nothing": mark("Do nothing"),
    "sceptic": mark("A sceptic’s case"),
    "likely": mark("Likely values"),
}
FIGURES = (
    "dropout_rate_after", "revenue_kept_per_year", "net_per_year", "program_cost_horizon", "net_benefit_horizon", "npv",
    "roi", "payback_months",
)  # fmt: skip


def cases(content: Content) -> list[Block]:
    """Put the cases beside each other, then say what the sceptic assumes."""
    result = content.result
    sceptic = result.cases["sceptic"]
    npv = sceptic.figures["npv"] or 0.0
    title = _("It pays even in a sceptic’s case") if npv > 0.0 else _("A sceptic’s case does not pay")
    explained = _(
        "The sceptic takes every uncertain number at once at its unfavourable 20th percentile: a fifth of what is "
        "believed possible lies beyond each. All of them together is far less likely than one in five."
    )
    blocks: list[Block] = [
        *opening(content, "cases", title, bookmark=_("Scenarios side by side")),
        text(content, explained),
        _table(content),
    ]
    rows = _assumed(sceptic.inputs, content)
    if rows:
        head = (_("Input"), _("Likely"), _("The sceptic’s"))
        blocks += [
            subhead(content, _("What the sceptic assumes")),
            grid(content, head, rows, (0.5, 0.25, 0.25), right=(1, 2)),
        ]
    return blocks


def _table(content: Content) -> Grid:
    result = content.result
    columns: list[tuple[str, Mapping[str, float | None]]] = [
        (_(NAMES[name]), case.figures) for name, case in result.cases.items()
    ]
    columns += [(other.clinic_name, other.point) for other in content.beside]
    rows = [
        [words.figure_label(name, result), *(_shown(name, figures, content) for _label, figures in columns)]
        for name in FIGURES
    ]
    first = 0.34
    shares = [first, *[(1.0 - first) / len(columns)] * len(columns)]
    head = (_("Figure"), *(label for label, _figures in columns))
    return grid(content, head, rows, shares, right=range(1, len(shares)))


def _shown(name: str, figures: Mapping[str, float | None], content: Content) -> str:
    paid = figures["program_cost_horizon"] or 0.0
    if figures[name] is None and paid == 0.0:
        return "—"  # nothing was paid: there is nothing to pay back
    return words.figure_shown(name, figures[name], content.currency)


def _assumed(assumed: Mapping[str, float], content: Content) -> list[list[Rich | list[Rich]]]:
    result = content.result
    rows: list[list[Rich | list[Rich]]] = []
    for path, value in assumed.items():
        item: ResolvedInput = result.resolved.inputs[path]
        if item.certain or not result.resolved.matters(path):
            continue
        unit = item.quantity.unit
        rows.append(
            [
                [link(f"#input:{path}", words.input_label(path, result))],
                quantity(significant(item.value), unit, content.currency),
                quantity(significant(value), unit, content.currency),
            ]
        )
    return rows
