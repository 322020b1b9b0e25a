"""What studies found, how far each may be believed, and where to read it."""

from __future__ import annotations

from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, Table

from assumptions import Figure
from calculator import words
from calculator.display import number, share, significant, trimmed
from reports.content import Content
from reports.typeset import Heading, MarginNote, grid, paragraph, plain, source, strong

HEAD = ("Road", "Odds ratio", "Hazard ratio", "90% range", "Leave early after", "What may be said")
WIDENING = ("estimate_amount_factor", "estimate_odds_factor")
SHARES = (0.26, 0.10, 0.11, 0.15, 0.13, 0.25)


def evidence(content: Content) -> list[Flowable]:
    """Put the roads side by side, then cite every figure used."""
    theme, result = content.theme, content.result
    reading = words.ROAD_READING_WORDS[result.roads[result.resolved.road].reading]
    return [
        PageBreak(),
        Heading(f"It rests on one road of evidence: {reading}", "evidence", content.wide, theme),
        paragraph(
            "Three roads of evidence lead to an effect on dropout. The result rests on one; the others stand beside "
            "it, and two are never multiplied for one programme.",
            theme.body,
        ),
        _roads(content),
        paragraph("When you will know", theme.subhead),
        paragraph(words.detection_sentence(result), theme.body),
        *_entries("Every figure that the result rests on", used(content), content),
        *_entries("Figures behind the other roads", beside(content), content),
    ]


def used(content: Content) -> tuple[Figure, ...]:
    """Return the figures behind the inputs that matter, the break-even sentence and the widening rule, each once."""
    items = tuple(content.inputs)
    found = [content.trials, *(item.figure for item in items if item.figure is not None)]
    if any(item.kind == "estimate" for item in items):
        found += [content.library.roles[role] for role in WIDENING]
    return tuple({figure.id: figure for figure in found}.values())


def beside(content: Content) -> tuple[Figure, ...]:
    """Return the figures that only the roads beside the one in use rest on."""
    known = {figure.id for figure in used(content)}
    figures = (item.figure for item in content.result.resolved.inputs.values())
    return tuple({figure.id: figure for figure in figures if figure and figure.id not in known}.values())


def _roads(content: Content) -> Table:
    theme = content.theme
    rows = []
    for road in content.result.roads.values():
        name = words.ROAD_LABELS[road.name]
        first = f"{strong(name)} (used here)" if road.used else plain(name)
        numbers = (
            number(road.odds_ratio, 2),
            number(road.hazard_ratio, 2),
            f"{number(road.hazard_ratio_p5, 2)} to {number(road.hazard_ratio_p95, 2)}",
            share(road.dropout_rate_after, 1),
        )
        rows.append(
            [
                Paragraph(first, theme.cell),
                *numbers,
                words.capitalized(words.ROAD_READING_WORDS[road.reading]),
            ]
        )
    return grid(HEAD, rows, [part * content.wide for part in SHARES], theme, right=range(1, 5))


def _entries(title: str, figures: tuple[Figure, ...], content: Content) -> list[Flowable]:
    """Return one entry a figure, the title never parted from the first."""
    entries = [_entry(figure, content) for figure in figures]
    first = [paragraph(title, content.theme.subhead), *(entries[0] if entries else [])]
    return [KeepTogether(first), *(KeepTogether(entry) for entry in entries[1:])]


def _entry(figure: Figure, content: Content) -> list[Flowable]:
    theme = content.theme
    licence = words.capitalized(words.READING_WORDS[figure.reading])
    studied = f"{figure.population}. {figure.reason or f'{figure.design}.'}"
    text = [f"{strong(figure.label)} {plain(_value(figure))}", plain(studied)]
    text += [source(figure)] if figure.references else []
    text += [plain(f"Caution: {caution}") for caution in figure.cautions]
    note = MarginNote([f"{plain(licence)}<br/>{plain(figure.id)}"], content.column, theme)
    return [note, Paragraph("<br/>".join(text), theme.entry)]


def _value(figure: Figure) -> str:
    value = "" if figure.value is None else trimmed(significant(figure.value))
    if figure.interval is None:
        return f"{value} {figure.unit}".strip()
    low, high = (trimmed(significant(value)) for value in (figure.interval.low, figure.interval.high))
    between = f"{low} to {high}"
    level = f"{share(figure.interval.level)} interval " if figure.interval.level else ""
    return f"{value} ({level}{between}), {figure.unit}".strip()
