"""Why it changed: a waterfall from the baseline's net present value to another's, one row a part."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calculator.attribution import Attribution
from calculator.change_words import change_sentence, change_title, signed_money, told
from calculator.display import HALF_A_CENT, money, money_exact
from calculator.language import gettext as _
from calculator.result import Result
from reports import typeface
from reports.charts.chart import PAGE, Bar, Cell, Chart, Mark, Medium, Role, Rule, Table, Text
from reports.charts.label import row_of_ticks, wrap
from reports.charts.scale import Linear, span

NARROW = 36  # times the size of text: below it a bar stands under its label instead of beside it
LABEL_SHARE = 0.42  # of the width, at most, for labels beside bars


@dataclass(frozen=True)
class Step:
    """One row: from where to where its bar goes, its amount as it is shown, and whether it is a total."""

    label: str
    amount: float
    shown: str
    start: float
    total: bool

    @property
    def end(self) -> float:
        """Return where its bar ends."""
        return self.amount if self.total else self.start + self.amount

    @property
    def role(self) -> Role:
        """Return kept where it adds, lost where it takes."""
        return "lost" if self.amount < 0.0 else "kept"


def steps(found: Attribution, before: Result, after: Result, names: tuple[str, str]) -> tuple[Step, ...]:
    """Return the rows, a total at either end."""
    currency = before.currency
    rows = [Step(names[0], found.before, money(found.before, currency), 0.0, total=True)]
    level = found.before
    for part in told(found, before, after):
        rows.append(Step(part.label, part.amount, signed_money(part.amount, currency), level, total=False))
        level += part.amount
    return (*rows, Step(names[1], found.after, money(found.after, currency), 0.0, total=True))


def attribution(
    found: Attribution, before: Result, after: Result, names: tuple[str, str], width: float, medium: Medium = PAGE
) -> Chart:
    """Return the waterfall between two scenarios in one currency, whose names are given, laid out for ``width``."""
    rows = steps(found, before, after, names)
    currency = before.currency
    room = max(medium.measure(row.shown, strong=True) for row in rows)
    labels = min(max(medium.measure(row.label, strong=True) for row in rows), LABEL_SHARE * width) + 1.0
    bars = labels + room + 4 * medium.gap
    beside = width >= NARROW * medium.text and bars <= 0.7 * width
    if not beside:
        labels, bars = width - room - 2 * medium.gap, 0.0
    scale = Linear(*span([place for row in rows for place in (row.start, row.end)]), bars, width)
    marks: list[Mark] = []
    y = above = 0.0
    for row in rows:
        y += medium.gap if row.total and row is not rows[0] else 0.0
        lines = wrap(row.label, labels, medium, strong=row.total)
        marks += _words(row, lines, y, bars - 2 * medium.gap if beside else width, medium)
        bar, y = _bar(row, y, len(lines) * medium.line, scale, medium, beside=beside, currency=currency)
        bar = replace(bar, hit=(0.0, bar.hit[1], width, bar.hit[3]))
        if not beside:
            quarter = medium.gap / 4
            marks.append(Rule(scale(0.0), bar.y - quarter, scale(0.0), bar.y + bar.height + quarter, "axis"))
        elif row is not rows[0]:
            level = scale(row.end if row.total else row.start)
            marks.append(Rule(level, above, level, bar.y, "axis"))
        marks.append(bar)
        above = bar.y + bar.height
    height = y
    if beside:
        baseline = y + medium.gap + typeface.ASCENT * medium.text
        values, ticks = row_of_ticks(scale, lambda value: money(value, currency), baseline, bars, width, medium)
        grid = [Rule(scale(value), 0.0, scale(value), y, "axis" if value == 0 else "grid") for value in values]
        marks, height = [*grid, *marks, *ticks], baseline + medium.gap
    return Chart(
        title=change_title(found, currency, names[1]),
        subtitle=_("%(currency)s, net present value at the likely value of every input", currency=currency),
        description=change_sentence(found, before, after),
        width=width,
        height=height,
        marks=tuple(marks),
        tabulate=lambda: Table(
            _("From %(first)s to %(second)s", first=names[0], second=names[1]),
            (_("What changed"), _("Part of the change")),
            tuple((Cell(row.label), Cell(_exact(row, currency), row.amount)) for row in rows),
        ),
        x=scale,
    )


def _bar(
    row: Step, y: float, tall: float, scale: Linear, medium: Medium, *, beside: bool, currency: str
) -> tuple[Bar, float]:
    """Return a row's bar, and where the next row begins."""
    thick = medium.line - medium.gap / 2 if beside else medium.line / 2
    top = y + (medium.line - thick) / 2 if beside else y + tall + medium.gap / 4
    bottom = y + tall if beside else top + thick + medium.gap / 2
    left, right = sorted((scale(row.start), scale(row.end)))
    tip = f"{row.label}: {_exact(row, currency)}"
    bar = Bar(left, top, right - left, thick, row.role, row.amount, tip, (left, y, right, bottom))
    return bar, bottom + (medium.gap / 2 if beside else medium.gap)


def _exact(row: Step, currency: str) -> str:
    shown = money_exact(row.amount, currency)
    return f"+{shown}" if not row.total and row.amount >= HALF_A_CENT else shown


def _words(row: Step, lines: list[str], y: float, amount_end: float, medium: Medium) -> list[Mark]:
    first = y + medium.line / 2 + 0.36 * medium.text  # capitals are 0.73 of the size: their middle on the line's middle
    role: Role = "ink" if row.total else "quiet"
    texts: list[Mark] = [
        Text(0.0, first + number * medium.line, line, medium.text, role, strong=row.total)
        for number, line in enumerate(lines)
    ]
    return [*texts, Text(amount_end, first, row.shown, medium.text, "ink", "end", strong=row.total)]
