"""The pieces that sections are set from: titles, margin notes, badges, sources, tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assumptions import Figure, Reference
from calculator.resolve import ResolvedInput
from calculator.words import source_words
from reports import typeface
from reports.content import Content
from reports.pdf.blocks import Beside, Block, Gap, Heading, NewPage, Words
from reports.pdf.style import Rich, Style, link, strong
from reports.pdf.table import Grid
from reports.theme import BETWEEN, GUTTER, MARGIN_COLUMN, STEP

BADGES = {"measured": "●", "estimate": "◆", "organisation": "◇", "benchmark": "○"}
BETWEEN_SECTIONS = 6 * STEP  # where a section starts on the page of the one before
LEAST_WORDS = 0.5  # of its width, which a column of words keeps when columns of numbers need room


def opening(
    content: Content, key: str, title: str, *, bookmark: str = "", page: bool = True, level: int = 2
) -> list[Block]:
    """Return a section's title, which says its finding, is a bookmark and a place that links lead to."""
    heading = Heading(title, content.theme.title, level=level, place=key, bookmark=bookmark or title)
    return [NewPage() if page else Gap(BETWEEN_SECTIONS), heading]


def subhead(content: Content, text: str) -> Heading:
    """Return a title within a section."""
    return Heading(text, content.theme.subhead, level=3)


def text(content: Content, *parts: Rich, style: Style | None = None) -> Block:
    """Return a paragraph in the text column."""
    return column(content, Words(parts, style or content.theme.body))


def column(content: Content, block: Block) -> Block:
    """Return a block in the text column."""
    return Beside(block, Gap(0.0), content.column, GUTTER, MARGIN_COLUMN)


def noted(content: Content, block: Block, title: str, *parts: Rich) -> Block:
    """Return a block in the text column with a note in the margin beside it."""
    note = Words([strong(f"{title}\n"), *parts], content.theme.margin)
    return Beside(block, note, content.column, GUTTER, MARGIN_COLUMN)


def badge(item: ResolvedInput) -> str:
    """Return where an input comes from: a sign of its own and the word, so that colour is not needed."""
    return f"{BADGES[item.kind]} {source_words(item)}"


def source(figure: Figure) -> list[Rich]:
    """Return where a figure is found, with the address in full."""
    parts: list[Rich] = []
    for reference in figure.references:
        address = _address(reference)
        parts += ["\n" if parts else "", f"{reference.citation} "]
        parts += [link(address, address.partition("://")[2])] if address else []
    return parts


def cited(figure: Figure) -> list[Rich]:
    """Return where a figure is found, in few words that lead there."""
    parts: list[Rich] = []
    for reference in figure.references:
        address = _address(reference)
        parts += ["\n"] if parts else []
        parts.append(link(address, reference.citation) if address else reference.citation)
    return parts


def grid(
    content: Content,
    head: Sequence[str],
    rows: Sequence[Sequence[Rich | Sequence[Rich]]],
    shares: Sequence[float],
    *,
    right: Collection[int] = (),
    totals: Collection[int] = (),
    fills: dict[tuple[int, int], str] | None = None,
    places: dict[int, str] | None = None,
    width: float = 0.0,
) -> Grid:
    """Return a table in small type; the columns of words give way where an amount would not fit on one line."""
    theme = content.theme
    fitted = _fitted(rows, [share * (width or content.wide) for share in shares], theme.cell.size, right)
    return Grid(head, rows, fitted, theme.cell, theme.head, right=right, totals=totals, fills=fills, places=places)


def _fitted(
    rows: Sequence[Sequence[Rich | Sequence[Rich]]], widths: list[float], size: float, right: Collection[int]
) -> list[float]:
    fitted = list(widths)
    for place in right:
        texts = (row[place] for row in rows)
        needed = max((typeface.width(cell, size, strong=True) for cell in texts if isinstance(cell, str)), default=0.0)
        fitted[place] = max(widths[place], needed + 2 * BETWEEN + 0.1)
    words = [place for place in range(len(widths)) if place not in right]
    room = sum(widths[place] for place in words)
    spared = max(LEAST_WORDS, (room - (sum(fitted) - sum(widths))) / room) if room else 1.0
    return [wide * spared if place in words else wide for place, wide in enumerate(fitted)]


def _address(reference: Reference) -> str:
    return f"https://doi.org/{reference.doi}" if reference.doi else reference.url or ""
