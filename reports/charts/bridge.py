"""From gross to net: a waterfall that reads like a statement, one row a step with its amount, the bar beside it."""

from __future__ import annotations

from dataclasses import dataclass

from calculator import words
from calculator.display import money, money_exact
from calculator.language import gettext as _
from calculator.result import Result
from reports import typeface
from reports.charts.chart import PAGE, Bar, Cell, Chart, Mark, Medium, Role, Rule, Table, Text
from reports.charts.label import row_of_ticks, wrap
from reports.charts.scale import Linear, span

ROLES: dict[str, Role] = {"acquisition_saved": "kept", "delivery_cost": "cost", "program_cost": "cost"}
NARROW = 36  # times the size of text: below it a bar stands under its label instead of beside it
LABEL_SHARE = 0.42  # of the width, at most, for labels beside bars
HEADLINE = "revenue_kept_per_year"


@dataclass(frozen=True)
class Row:
    """One step: where its bar goes, whether it is a total, which starts at zero, and the input that sets its size."""

    label: str
    amount: float
    start: float
    end: float
    role: Role
    total: bool
    input: str = ""


def rows(result: Result) -> tuple[Row, ...]:
    """Return the steps, with the revenue that is kept as a total between what is lost and what it costs."""
    found: list[Row] = []
    level = 0.0
    for step in result.bridge:
        label = words.bridge_label(step.step, result)
        if step.step in ("gross_loss", "net_per_year"):
            role: Role = "lost" if step.step == "gross_loss" or step.amount < 0 else "kept"
            found.append(Row(label, step.amount, 0.0, step.amount, role, total=True, input=step.input))
            level = step.amount
            continue
        role, end = ROLES.get(step.step, "lost"), level + step.amount
        found.append(Row(label, step.amount, level, end, role, total=False, input=step.input))
        level = end
        if step.step == "not_collected":
            kept = result.point[HEADLINE] or 0.0
            role = "kept" if kept >= 0 else "lost"
            found.append(Row(words.figure_label(HEADLINE, result), kept, 0.0, kept, role, total=True))
    return tuple(found)


def bridge(result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return the bridge of one steady year, laid out for ``width``."""
    steps = rows(result)
    currency = result.currency
    amounts = [money(row.amount, currency) for row in steps]
    room = max(medium.measure(text, strong=True) for text in amounts)
    labels_room = min(max(medium.measure(row.label, strong=True) for row in steps), LABEL_SHARE * width) + 1.0
    bars_from = labels_room + room + 4 * medium.gap
    beside = width >= NARROW * medium.text and bars_from <= 0.7 * width
    if not beside:
        labels_room, bars_from = width - room - 2 * medium.gap, 0.0
    low, high = span([place for row in steps for place in (row.start, row.end)])
    scale = Linear(low, high, bars_from, width)
    thick = medium.line - medium.gap / 2 if beside else medium.line / 2
    marks: list[Mark] = []
    y, above = 0.0, 0.0
    for row, amount in zip(steps, amounts, strict=True):
        y += medium.gap if row.total and row is not steps[0] else 0.0
        lines = wrap(row.label, labels_room, medium, strong=row.total)
        tall = len(lines) * medium.line
        bar_y = y + (medium.line - thick) / 2 if beside else y + tall + medium.gap / 4
        bottom = y + tall if beside else bar_y + thick + medium.gap / 2
        marks += _words(row, lines, amount, y, bars_from - 2 * medium.gap if beside else width, medium)
        left, right = sorted((scale(row.start), scale(row.end)))
        tip = f"{row.label}: {money_exact(row.amount, currency)}"
        if not beside:
            marks.append(Rule(scale(0.0), bar_y - medium.gap / 4, scale(0.0), bar_y + thick + medium.gap / 4, "axis"))
        elif not row.total:
            marks.append(Rule(scale(row.start), above, scale(row.start), bar_y, "axis"))
        marks.append(Bar(left, bar_y, right - left, thick, row.role, row.amount, tip, (0.0, y, width, bottom)))
        above = bar_y + thick
        y = bottom + (medium.gap / 2 if beside else medium.gap)
    height = y
    if beside:
        baseline = y + medium.gap + typeface.ASCENT * medium.text
        values, ticks = row_of_ticks(scale, lambda value: money(value, currency), baseline, bars_from, width, medium)
        grid = [Rule(scale(value), 0.0, scale(value), y, "axis" if value == 0 else "grid") for value in values]
        marks, height = [*grid, *marks, *ticks], baseline + medium.gap
    return Chart(
        title=words.bridge_title(result),
        subtitle=words.bridge_subtitle(result),
        description="; ".join(f"{row.label} {amount}" for row, amount in zip(steps, amounts, strict=True)) + ".",
        width=width,
        height=height,
        marks=tuple(marks),
        tabulate=lambda: Table(
            words.bridge_subtitle(result),
            (_("Step"), _("Amount a year")),
            tuple((Cell(row.label), Cell(money_exact(row.amount, currency), row.amount)) for row in steps),
        ),
        x=scale,
    )


def _words(row: Row, lines: list[str], amount: str, y: float, amount_end: float, medium: Medium) -> list[Mark]:
    first = y + medium.line / 2 + 0.36 * medium.text  # capitals are 0.73 of the size: their middle on the line's middle
    role: Role = "ink" if row.total else "quiet"
    texts: list[Mark] = [
        Text(0.0, first + number * medium.line, line, medium.text, role, strong=row.total)
        for number, line in enumerate(lines)
    ]
    return [*texts, Text(amount_end, first, amount, medium.text, "ink", "end", strong=row.total)]
