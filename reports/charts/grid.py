"""NPV over two inputs at once: a table whose cells are coloured by whether it pays, and how much."""

from __future__ import annotations

from collections.abc import Sequence

from calculator import chart_words, words
from calculator.display import money_exact
from calculator.grid import Grid
from calculator.language import gettext as _
from calculator.result import Result
from reports import typeface
from reports.charts.chart import PAGE, Cell, Chart, Mark, Medium, Role, Table, Text, Tile
from reports.charts.label import wrap

TALL = 1.7  # height of a cell in lines of text
STEPS: tuple[tuple[float, Role, Role, Role, Role], ...] = (
    (1 / 3, "band_outer", "ink", "lost_outer", "ink"),
    (2 / 3, "band_inner", "ink", "lost_inner", "ink"),
    (1.0, "kept", "on_kept", "lost", "on_lost"),
)  # up to which share of the largest amount: fill and text of a cell that pays, and of one that loses


def grid(table: Grid, result: Result, width: float, medium: Medium = PAGE) -> Chart:
    """Return the grid, laid out for ``width``; where that is narrow, with fewer of its columns."""
    gap = medium.gap / 2
    heads = [chart_words.grid_value(table.down, value, result) for value in table.down_values]
    tops = [chart_words.grid_value(table.across, value, result) for value in table.across_values]
    exact = [[money_exact(value, result.currency) for value in row] for row in table.npv]
    amounts = [[chart_words.signed(value, result.currency) for value in row] for row in table.npv]
    left = max(medium.measure(text, strong=True) for text in heads) + medium.gap
    widest = max(medium.measure(text, strong=True) for row in (*amounts, tops) for text in row) + medium.gap
    shown = _kept(len(tops), table.own[1], max(int((width - left + gap) / (widest + gap)), 1))
    wide = (width - left + gap) / len(shown) - gap
    tall = TALL * medium.line
    marks: list[Mark] = []
    y = medium.line / 2 + 0.36 * medium.text
    for axis in (chart_words.across_words(table.across, result), chart_words.down_words(table.down, result)):
        for line in wrap(axis, width, medium):
            marks.append(Text(0.0, y, line, medium.text, "quiet"))
            y += medium.line
    y += medium.gap / 2
    middle = 0.36 * medium.text
    for place, column in enumerate(shown):
        centre = left + place * (wide + gap) + wide / 2
        strong = column == table.own[1]
        marks.append(Text(centre, y, tops[column], medium.text, "ink", "middle", strong=strong))
    top = y + typeface.DESCENT * medium.text + gap
    most = max((abs(value) for row in table.npv for value in row), default=0.0)
    own_marks: list[Mark] = []
    across_at = [chart_words.valued(table.across, text, result) for text in tops]
    for row, values in enumerate(table.npv):
        at = top + row * (tall + gap)
        own_row = row == table.own[0]
        marks.append(Text(left - medium.gap, at + tall / 2 + middle, heads[row], medium.text, "ink", "end", own_row))
        down = chart_words.valued(table.down, heads[row], result)
        for place, column in enumerate(shown):
            x = left + place * (wide + gap)
            own = own_row and column == table.own[1]
            fill, ink = _roles(values[column], most)
            label = Text(
                x + wide / 2, at + tall / 2 + middle, amounts[row][column], medium.text, ink, "middle", strong=own
            )
            tip = chart_words.grid_tip(across_at[column], down, exact[row][column])
            focus = own_row or column == table.own[1]
            tile = Tile(x, at, wide, tall, fill, values[column], tip, label, own, focus)
            (own_marks if own else marks).append(tile)
    return Chart(
        title=chart_words.grid_title(table),
        subtitle=chart_words.grid_subtitle(result),
        description=chart_words.grid_description(table, result),
        width=width,
        height=top + len(heads) * (tall + gap),
        marks=(*marks, *own_marks),
        tabulate=lambda: _table(table, tops, heads, exact, result),
    )


def _kept(count: int, own: int, room: int) -> tuple[int, ...]:
    """Return which columns to show where there is room for fewer: at even distances, the scenario's own among them.

    >>> _kept(7, 2, 9), _kept(7, 2, 4), _kept(7, 2, 1)
    ((0, 1, 2, 3, 4, 5, 6), (0, 2, 4, 6), (2,))
    """
    if count <= room:
        return tuple(range(count))
    even = [round(place * (count - 1) / max(room - 1, 1)) for place in range(room)]
    nearest = min(range(room), key=lambda place: abs(even[place] - own))
    return tuple(own if place == nearest else column for place, column in enumerate(even))


def _roles(value: float, most: float) -> tuple[Role, Role]:
    """Return the fill of a cell and the role of its text: deeper the larger the amount."""
    part = abs(value) / most if most > 0.0 else 0.0
    _limit, kept, on_kept, lost, on_lost = next((step for step in STEPS if part <= step[0]), STEPS[-1])
    return (kept, on_kept) if value > 0.0 else (lost, on_lost)


def _table(
    table: Grid, tops: Sequence[str], heads: Sequence[str], exact: Sequence[Sequence[str]], result: Result
) -> Table:
    caption = _(
        "%(subtitle)s. %(across)s. %(down)s.",
        subtitle=chart_words.grid_subtitle(result),
        across=chart_words.across_words(table.across, result),
        down=chart_words.down_words(table.down, result),
    )
    rows = (
        (Cell(head, value), *(Cell(text, npv) for text, npv in zip(shown, row, strict=True)))
        for head, value, shown, row in zip(heads, table.down_values, exact, table.npv, strict=True)
    )
    return Table(caption, (words.input_label(table.down, result), *tops), tuple(rows))
