"""Every figure the model rests on: what it says, who found it, how sure it is, and where to read it."""

from __future__ import annotations

from assumptions import Figure
from calculator import words
from calculator.following import following
from calculator.language import gettext as _
from calculator.language import mark
from reports.evidence_words import interval_name, span, worth
from reports.workbook.content import Content, Pen
from reports.workbook.inputs import CAPACITIES

HEAD = 3
HEADS = (
    mark("Used for"),
    mark("What it says"),
    mark("Value"),
    mark("Interval"),
    mark("What may be said"),
    mark("Study"),
    mark("Where in it"),
    mark("Address"),
)
WIDTHS = (34, 40, 24, 22, 30, 56, 34, 38)
MOST_ADDRESS = 2_000  # characters; spreadsheets take a little more


def evidence(content: Content) -> None:
    """Fill the sheet."""
    pen = Pen(content, "evidence")
    pen.opening(
        _("What the benchmarks rest on"),
        _("A benchmark stands in where the clinic gave no number; figures behind other roads come last."),
    )
    pen.head(HEAD, [_(label) for label in HEADS], texts=range(len(HEADS)))
    for column, width in enumerate(WIDTHS):
        pen.sheet.set_column(column, column, width)
    row = HEAD
    for figure, uses in _used(content).values():
        row += 1
        _entry(pen, row, figure, uses)
    pen.sheet.freeze_panes(HEAD + 1, 1)
    pen.sheet.print_area(0, 0, max(row, HEAD + 1), len(HEADS) - 1)
    pen.page(landscape=True, repeat=(HEAD, HEAD))


def _used(content: Content) -> dict[str, tuple[Figure, list[str]]]:
    """Return each figure with the labels of what it stands for, those that bear on the result first."""
    resolved = content.result.resolved
    found: dict[str, tuple[Figure, list[str]]] = {}

    def add(figure: Figure, use: str) -> None:
        uses = found.setdefault(figure.id, (figure, []))[1]
        if use not in uses:
            uses.append(use)

    follows = following(resolved)
    for path in sorted(resolved.inputs, key=lambda path: not resolved.matters(path)):
        item = resolved.inputs[path]
        if item.figure is not None:
            label = item.quantity.named(content.words)
            add(item.figure, _("%(label)s (a share of others)", label=label) if path in follows else label)
    for capacity in CAPACITIES:
        add(content.library.capacity[capacity], resolved.inputs["clinic.backfill_rate"].quantity.named(content.words))
    for role in ("occupancy_mixed", "occupancy_full"):
        add(content.library.roles[role], _("Room for more clients"))
    return found


def _entry(pen: Pen, row: int, figure: Figure, uses: list[str]) -> None:
    wrapped, quiet = pen.formats.text(wrap=True), pen.formats.quiet
    interval = f"{span(figure)} ({interval_name(figure)})" if figure.interval is not None else ""
    studies = "\n".join(reference.citation for reference in figure.references)
    places = "\n".join(reference.locator for reference in figure.references)
    texts = (
        ("\n".join(uses), wrapped),
        (_(figure.label), wrapped),
        (worth(figure), wrapped),
        (interval, wrapped),
        (words.capitalized(_(words.READING_WORDS[figure.reading])), wrapped),
        (studies or _(figure.reason), quiet),
        (places, quiet),
    )
    for column, (text, look) in enumerate(texts):
        pen.text(row, column, text, look)
    pen.fit(row, [(text, WIDTHS[column]) for column, (text, _look) in enumerate(texts)])
    addresses = [
        f"https://doi.org/{reference.doi}" if reference.doi else reference.url or "" for reference in figure.references
    ]
    first = next((address for address in addresses if address and len(address) <= MOST_ADDRESS), "")
    if first:  # from the evidence library, never from what a user typed
        pen.sheet.write_url(row, len(texts), first, pen.formats.link, first.partition("://")[2])
