"""What studies found, how far each may be believed, and where to read it."""

from __future__ import annotations

from assumptions import Figure
from calculator import words
from calculator.display import number, share
from calculator.language import gettext as _
from reports.charts import PAPER, forest
from reports.content import Content
from reports.evidence_words import cited, interval_name, worth
from reports.pdf.blocks import Block, Heading, Stack, Words
from reports.pdf.picture import Picture
from reports.pdf.style import Rich, strong
from reports.pdf.table import Grid
from reports.typeset import grid, noted, opening, source, subhead, text

SHARES = (0.25, 0.10, 0.14, 0.14, 0.12, 0.25)


def evidence(content: Content) -> list[Block]:
    """Put the roads side by side, then cite every figure used."""
    result = content.result
    reading = _(words.ROAD_READING_WORDS[result.roads[result.resolved.road].reading])
    picture = forest(result, content.column, PAPER)
    title = _("It rests on one road of evidence: %(reading)s", reading=reading)
    explained = _(
        "Three roads of evidence lead to an effect on dropout. The result rests on one; the others stand beside it, "
        "and two are never multiplied for one programme."
    )
    return [
        *opening(content, "evidence", title, bookmark=_("The evidence")),
        text(content, explained),
        subhead(content, picture.title),
        noted(content, Picture(picture), _("How to read it"), picture.subtitle),
        _roads(content),
        *_entries(_("Every figure that the result rests on"), content.used, content),
        *_entries(_("Figures behind the other roads"), content.others, content),
    ]


def _roads(content: Content) -> Grid:
    rows: list[list[Rich | list[Rich]]] = []
    for road in content.result.roads.values():
        name = _(words.ROAD_LABELS[road.name])
        rows.append(
            [
                [strong(name), " ", _("(used here)")] if road.used else name,
                number(road.odds_ratio, 2),
                number(road.hazard_ratio, 2),
                _(
                    "%(low)s to %(high)s",
                    low=number(road.hazard_ratio_p5, 2),
                    high=number(road.hazard_ratio_p95, 2),
                ),
                share(road.dropout_rate_after, 1),
                words.capitalized(_(words.ROAD_READING_WORDS[road.reading])),
            ]
        )
    head = (
        _("Road"), _("Odds ratio"), _("Hazard ratio"), _("90% range"), _("Leave early after"), _("What may be said"),
    )  # fmt: skip
    return grid(content, head, rows, SHARES, right=range(1, 5))


def _entries(title: str, figures: tuple[Figure, ...], content: Content) -> list[Block]:
    if not figures:
        return []
    heading = Heading(title, content.theme.subhead, level=3)
    return [heading, *(_entry(figure, content) for figure in figures)]


def _entry(figure: Figure, content: Content) -> Block:
    theme = content.theme
    licence = words.capitalized(_(words.READING_WORDS[figure.reading]))
    studied = f"{_(figure.population)}. {_(figure.reason) or f'{_(figure.design)}.'}"
    value = worth(figure) if figure.interval is None else f"{cited(figure)}, {_(figure.unit)}"
    named = f" ({interval_name(figure)})" if figure.interval is not None else ""
    parts: list[Rich] = [strong(_(figure.label)), f" {value}{named}\n{studied}"]
    parts += ["\n", *source(figure)] if figure.references else []
    cautions = [_("Caution: %(caution)s", caution=_(caution)) for caution in figure.cautions]
    parts += [f"\n{caution}" for caution in cautions]
    entry = Words(parts, theme.entry, place=f"figure:{figure.id}")
    return noted(content, Stack([entry]), licence, figure.id)
