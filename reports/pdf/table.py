"""A table that knows its header cells, splits between rows and repeats its head."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate

from reports import typeface
from reports.pdf.blocks import Block, Words
from reports.pdf.sheet import Sheet
from reports.pdf.style import Rich, Run, Style
from reports.pdf.tags import Element
from reports.theme import BETWEEN, CELL, HAIRLINE, STEP

COLUMN, ROW = (f"/A <</O /Table /Scope /{scope}>>" for scope in ("Column", "Row"))  # what a header cell is of
LEAST_ROWS = 2  # below a head at the foot of a page


@dataclass(eq=False)
class Row:
    """A row: its cells, the role of what is behind one of them, and whether it is a total."""

    cells: Sequence[Words]
    fills: dict[int, str] = field(default_factory=dict)
    total: bool = False
    place: str = ""


class Grid:
    """A table: a head that names the columns, rows whose first cell names the row, a hairline below each.

    Args:
        head: the columns' names; a column that needs none has an empty cell.
        rows: the rows; a cell is text, or parts of it.
        shares: of the width, by column.
        style: of the cells.
        head_style: of the head.
        right: the columns that are set to the right, such as amounts.
        totals: rows set strong, with a line above.
        fills: the role behind a cell, by (row, column).
        places: what links may lead to, by row.
    """

    with_next = False

    def __init__(
        self,
        head: Sequence[Rich],
        rows: Sequence[Sequence[Rich | Sequence[Rich]]],
        shares: Sequence[float],
        style: Style,
        head_style: Style,
        *,
        right: Collection[int] = (),
        totals: Collection[int] = (),
        fills: dict[tuple[int, int], str] | None = None,
        places: dict[int, str] | None = None,
    ) -> None:
        self.shares, self.right = shares, frozenset(right)
        self.before, self.after = STEP, 2 * STEP
        aligned = _aligned(style), _aligned(head_style)
        strong = Style(style.size, style.leading, style.role, strong=True)
        strong_pair = _aligned(strong)
        self.head = Row(
            [_cell(name, aligned[1][column in self.right], "TH" if name else "TD") for column, name in enumerate(head)]
        )
        self.rows = []
        for number, cells in enumerate(rows):
            pair = strong_pair if number in totals else aligned[0]
            made = [
                _cell(cell, pair[column in self.right], "TD" if column else "TH") for column, cell in enumerate(cells)
            ]
            found = {column: role for (row, column), role in (fills or {}).items() if row == number}
            self.rows.append(Row(made, found, number in totals, (places or {}).get(number, "")))
        self._home: list[Element] = []  # shared by the parts of a table that was split
        self._heights: tuple[float, list[float]] | None = None

    def _widths(self, width: float) -> list[float]:
        return [share / sum(self.shares) * width for share in self.shares]

    def _row_height(self, row: Row, widths: list[float]) -> float:
        high = max(cell.height(wide - 2 * BETWEEN) for cell, wide in zip(row.cells, widths, strict=True))
        return float(high + 2 * CELL)

    def _measured(self, width: float) -> list[float]:
        if self._heights is None or self._heights[0] != width:
            widths = self._widths(width)
            self._heights = (width, [self._row_height(row, widths) for row in (self.head, *self.rows)])
        return self._heights[1]

    def height(self, width: float) -> float:
        """Return how high it is, head included."""
        return sum(self._measured(width))

    def least(self, width: float) -> float:
        """Return how high its head and its first rows are."""
        return sum(self._measured(width)[: 1 + LEAST_ROWS])

    def split(self, width: float, room: float, least: int = LEAST_ROWS) -> tuple[Block, Block] | None:
        """Return the rows that fit, ``least`` of them or more, and the others, each part with the head."""
        heights = self._measured(width)
        used, count = heights[0], 0
        while count < len(self.rows) and used + heights[count + 1] <= room:
            used += heights[count + 1]
            count += 1
        if count == len(self.rows) or count < least:
            return None
        return self._part(self.rows[:count], heights[1 : count + 1]), self._part(
            self.rows[count:], heights[count + 1 :]
        )

    def _part(self, rows: list[Row], heights: list[float]) -> Grid:
        part = Grid.__new__(Grid)
        part.__dict__ |= self.__dict__
        part.rows = rows
        if self._heights is not None:
            part._heights = (self._heights[0], [self._heights[1][0], *heights])
        return part

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw it; the head is part of the text once, and only repeated to the eye on further pages."""
        first = not self._home
        if first:
            self._home.append(parent.add("Table"))
        home, widths, heights = self._home[0], self._widths(width), self._measured(width)
        if first:
            self._row(sheet, home.add("TR"), self.head, x, top, widths, COLUMN)
        else:
            with sheet.artifact():
                left = x
                for cell, wide in zip(self.head.cells, widths, strict=True):
                    _plain(sheet, cell, left + BETWEEN, top + CELL, wide - 2 * BETWEEN)
                    left += wide
        top += heights[0]
        with sheet.artifact():
            self._lines(sheet, x, top, width, heights[1:])
        for row, high in zip(self.rows, heights[1:], strict=True):
            self._fills(sheet, row, x, top, widths, high)
            if row.place:
                sheet.anchor(row.place, top)
            self._row(sheet, home.add("TR"), row, x, top, widths, ROW)
            top += high

    def _lines(self, sheet: Sheet, x: float, top: float, width: float, heights: list[float]) -> None:
        tops = list(accumulate(heights, initial=top))
        totals = [place for place, row in zip(tops, self.rows, strict=False) if row.total]
        sheet.rules(x, x + width, tops[1:], "line", HAIRLINE)
        sheet.rules(x, x + width, [top, *totals], "quiet", HAIRLINE)

    def _fills(self, sheet: Sheet, row: Row, x: float, top: float, widths: list[float], high: float) -> None:
        if not row.fills:
            return
        with sheet.artifact():
            for column, role in row.fills.items():
                sheet.rectangle(x + sum(widths[:column]), top, widths[column], high - HAIRLINE, role)

    def _row(
        self, sheet: Sheet, home: Element, row: Row, x: float, top: float, widths: list[float], heading: str
    ) -> None:
        for cell, wide in zip(row.cells, widths, strict=True):
            element = home.add(cell.tag, heading if cell.tag == "TH" else "")
            sheet.paragraph(element, cell.lines(wide - 2 * BETWEEN), x + BETWEEN, top + CELL)
            x += wide


def _plain(sheet: Sheet, cell: Words, x: float, top: float, width: float) -> None:
    """Draw a cell that was read before; its links stay where they were."""
    style = cell.style
    first = top + (style.leading - style.size) / 2 + typeface.ASCENT * style.size
    for number, line in enumerate(cell.lines(width)):
        left = x + (width - line.width if style.align == "right" else 0.0)
        for piece in line.pieces:
            sheet.label(left, first + number * style.leading, piece.text, style.size, style.role, strong=piece.strong)
            left += piece.width


def _cell(text: Rich | Sequence[Rich], style: Style, tag: str) -> Words:
    return _kept_cell(text if isinstance(text, (str, Run)) else tuple(text), style, tag)


@lru_cache(maxsize=16_384)
def _kept_cell(text: Rich | tuple[Rich, ...], style: Style, tag: str) -> Words:
    """Return a cell; documents share most of theirs, and with them the lines that they were broken into."""
    return Words(text, style, tag=tag)


@cache
def _aligned(style: Style) -> tuple[Style, Style]:
    """Return the style to the left and to the right, without room around it."""
    left = Style(style.size, style.leading, style.role, style.strong)
    return left, Style(style.size, style.leading, style.role, style.strong, "right")
