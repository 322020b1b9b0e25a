"""One figure of the evidence with its interval: by itself, and among the others of its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assumptions import Figure
from calculator.language import gettext as _
from calculator.language import ngettext
from reports import evidence_words as worded
from reports import typeface
from reports.charts.chart import PAGE, Cell, Chart, Dot, Mark, Medium, Range, Role, Rule, Slot, Table, Text
from reports.charts.label import inside, row_of_ticks, wrap
from reports.charts.scale import Linear, span

LEAST = 0.01  # the least span of a scale of shares, ratios and differences
AIR = 0.12  # of the span, left free beside what is drawn
ROOM = 0.6  # the same where one figure stands by itself on a scale from zero, so that a narrow interval can be seen
NARROW = 36  # times the size of text: below it a row's picture stands under its label instead of beside it
LABEL_SHARE = 0.5  # of the width, at most, for labels beside the picture


def pictured(figure: Figure) -> bool:
    """Return whether there is anything to draw; a direction has no size."""
    return figure.value is not None or figure.interval is not None


def no_effect(figure: Figure) -> float | None:
    """Return the value at which nothing differs, or None where there is no such value."""
    return {"ratio": 1.0, "difference": 0.0}.get(figure.kind)


def interval(figure: Figure, width: float, medium: Medium = PAGE) -> Chart:
    """Return a figure's value and interval on a scale; the figure has at least one of them."""
    shown = worded.cited(figure)
    scale = _scale([figure], medium.gap, width - medium.gap, ROOM)
    lines = wrap(shown, width, medium, strong=True)
    widest = max(medium.measure(line, strong=True) for line in lines)
    above = inside(scale(_middle(figure)), widest, 0.0, width)
    top = len(lines) * medium.line
    middle = top + 1.5 * medium.gap
    bottom = middle + 1.5 * medium.gap
    marks: list[Mark] = [
        Text(above, number * medium.line + typeface.ASCENT * medium.text, line, medium.text, "ink", "middle", True)
        for number, line in enumerate(lines)
    ]
    axis, height = _axis(figure, scale, top, bottom, width, medium)
    marks = [*axis, Rule(medium.gap, middle, width - medium.gap, middle, "grid"), *marks]
    marks += _own(figure, scale, middle, medium)
    return Chart(
        title=_(figure.label),
        subtitle=worded.worth(figure),
        description=_description(figure),
        width=width,
        height=height,
        marks=tuple(marks),
        tabulate=lambda: Table(_(figure.label), (_("What"), _("Number")), tuple(_facts(figure))),
        x=scale,
    )


def comparison(figure: Figure, others: Sequence[Figure], width: float, medium: Medium = PAGE) -> Chart:
    """Return a figure in its place among others in the same unit; it is drawn strongly, they thinly."""
    found = sorted([figure, *others], key=lambda each: (_middle(each), each.label))
    rows = [_row(each, each is figure) for each in found]
    room = max(medium.measure(row.amount, strong=True) for row in rows)
    if room > LABEL_SHARE * width:  # no room for a column of amounts: each stands behind its label
        rows, room = [replace(row, label=f"{row.label} {row.amount}", amount="") for row in rows], 0.0
    labels = min(max(medium.measure(row.label, strong=True) for row in rows) + 1.0, LABEL_SHARE * width)
    start = labels + 2 * medium.gap
    end = width - room - 2 * medium.gap
    beside = width >= NARROW * medium.text and end - start >= 0.2 * width
    if not beside:
        labels, start, end = end, medium.gap, width - medium.gap
    scale = _scale(found, start, end)
    marks: list[Mark] = []
    y = 0.0
    for row in rows:
        lines = wrap(row.label, labels, medium, strong=row.own)
        first = y + medium.line / 2 + 0.36 * medium.text
        role: Role = "ink" if row.own else "quiet"
        marks += [
            Text(0.0, first + number * medium.line, line, medium.text, role, strong=row.own)
            for number, line in enumerate(lines)
        ]
        if row.amount:
            marks.append(Text(width, first, row.amount, medium.text, role, "end", strong=row.own))
        tall = len(lines) * medium.line
        middle = y + medium.line / 2 if beside else y + tall + medium.gap
        bottom = max(y + tall, middle + medium.gap)
        if not beside:
            marks += _strip(figure, scale, middle, medium)
        marks += _own(row.figure, scale, middle, medium) if row.own else _other(row.figure, scale, middle, medium)
        y = bottom + medium.gap / 2
    axis, height = _axis(figure, scale, 0.0 if beside else y, y, width, medium)
    return Chart(
        title=_place(figure, others),
        subtitle=_("Each with its source on a page of its own"),
        description=_("%(label)s: %(amount)s", label=_(figure.label), amount=worded.cited(figure)),
        width=width,
        height=height,
        marks=(*axis, *marks),
        tabulate=lambda: Table(
            _("The figures in the picture, lowest first"),
            (_("Figure"), _("Value"), _("Low"), _("High")),
            tuple(_cells(each) for each in found),
        ),
        x=scale,
    )


@dataclass(frozen=True)
class Row:
    """One figure of a comparison, in words, and whether it is the one that is compared."""

    figure: Figure
    own: bool
    label: str
    amount: str


def _row(figure: Figure, own: bool) -> Row:
    label = _(figure.label)
    if figure.kind == "judgement":
        label = _("%(label)s (a judgement)", label=label)
    amount = worded.span(figure) if figure.value is None else worded.amount(figure, figure.value)
    return Row(figure, own, label, amount)


def _ends(figure: Figure) -> tuple[float, float]:
    if figure.interval is not None:
        return figure.interval.low, figure.interval.high
    value = figure.value or 0.0
    return value, value


def _middle(figure: Figure) -> float:
    return sum(_ends(figure)) / 2 if figure.value is None else figure.value


def _scale(figures: Sequence[Figure], start: float, end: float, room: float = AIR) -> Linear:
    """Return the scale: around no effect where there is such a thing, else from zero; a share ends at 1."""
    values = [value for figure in figures for value in (*_ends(figure), _middle(figure))]
    null = no_effect(figures[0])
    if null is not None:
        low, high = min(null, *values), max(null, *values)
        air = AIR * max(high - low, LEAST)
        return Linear(low - air, high + air, start, end)
    low, high = span(values, LEAST) if any(values) else (0.0, 1.0)
    air = room * (high - low)
    low, high = low - air if low < 0.0 else low, high + air if high > 0.0 else high
    return Linear(low, min(high, 1.0) if figures[0].unit == "share" else high, start, end)


def _own(figure: Figure, scale: Linear, middle: float, medium: Medium) -> list[Mark]:
    """Return the marks of the figure the picture is about, each with its exact value."""
    marks: list[Mark] = []
    if figure.interval is not None:
        low, high = _ends(figure)
        left, right, tall = scale(low), scale(high), medium.gap
        tip = _("%(name)s: %(low)s to %(high)s", name=_capital(worded.interval_name(figure)), **_exact_ends(figure))
        hit = (left, middle - tall, right, middle + tall)
        marks.append(Range(left, middle - tall / 2, right - left, tall, "uncertainty", low, high, tip, hit))
    if figure.value is not None:
        tip = _("%(label)s: %(amount)s", label=_(figure.label), amount=worded.exact(figure, figure.value))
        marks.append(Dot(scale(figure.value), middle, medium.gap * 0.7, "kept", figure.value, tip))
    return marks


def _other(figure: Figure, scale: Linear, middle: float, medium: Medium) -> list[Mark]:
    """Return the thin marks of another figure: a hairline for its interval, a short stroke for its value."""
    marks: list[Mark] = []
    low, high = _ends(figure)
    half = medium.gap * 0.4
    if figure.interval is not None:
        marks.append(Rule(scale(low), middle, scale(high), middle, "axis"))
        marks += [Rule(scale(end), middle - half / 2, scale(end), middle + half / 2, "axis") for end in (low, high)]
    if figure.value is not None:
        place = scale(figure.value)
        tip = _("%(label)s: %(amount)s", label=_(figure.label), amount=worded.cited(figure))
        marks.append(Rule(place, middle - half * 1.5, place, middle + half * 1.5, "ink"))
        slot = (scale.start, middle - medium.gap, scale.end - scale.start, 2 * medium.gap)
        marks.append(Slot(*slot, (place, middle), figure.value, tip, focus=False))
    return marks


def _strip(figure: Figure, scale: Linear, middle: float, medium: Medium) -> list[Mark]:
    """Return the ground of one row that stands by itself: a hairline, and where zero or no effect is."""
    half, null = medium.gap / 2, no_effect(figure) or 0.0
    ground: list[Mark] = [Rule(scale.start, middle, scale.end, middle, "grid")]
    return [*ground, Rule(scale(null), middle - half, scale(null), middle + half, "axis")]


def _axis(
    figure: Figure, scale: Linear, top: float, bottom: float, width: float, medium: Medium
) -> tuple[list[Mark], float]:
    """Return grid, ticks and the line of no effect with its words, and where they end."""
    null = no_effect(figure)
    baseline = bottom + medium.gap / 2 + typeface.ASCENT * medium.text
    shown: Callable[[float], str] = lambda value: worded.tick(figure, value)  # noqa: E731 - one expression, used twice
    values, texts = row_of_ticks(scale, shown, baseline, 0.0, width, medium)
    inner = [(value, text) for value, text in zip(values, texts, strict=True) if scale.low <= value <= scale.high]
    marks: list[Mark] = [Rule(scale(value), top, scale(value), bottom, "grid") for value, _text in inner]
    origin = 0.0 if null is None else null
    if scale.low <= origin <= scale.high:
        marks.append(Rule(scale(origin), top, scale(origin), bottom + medium.gap / 2, "axis"))
    marks += [text for _value, text in inner]
    if null is None:
        return marks, baseline + medium.gap
    words = _nothing(figure, shown(null))
    centre = inside(scale(null), medium.measure(words), 0.0, width)
    marks.append(Text(centre, baseline + medium.line, words, medium.text, "quiet", "middle"))
    return marks, baseline + medium.line + medium.gap


def _nothing(figure: Figure, value: str) -> str:
    if figure.unit == "correlation":
        return _("%(value)s: no link", value=value)
    if figure.unit == "ratio":
        return _("%(value)s: the same", value=value)
    return _("%(value)s: no difference", value=value)


def _exact_ends(figure: Figure) -> dict[str, str]:
    low, high = _ends(figure)
    return {"low": worded.exact(figure, low), "high": worded.exact(figure, high)}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _description(figure: Figure) -> str:
    if figure.interval is None:
        return _("Without an interval.")
    return _("%(name)s: %(low)s to %(high)s", name=_capital(worded.interval_name(figure)), **_exact_ends(figure)) + "."


def _facts(figure: Figure) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    if figure.value is not None:
        rows.append((Cell(_("Value")), Cell(worded.exact(figure, figure.value), figure.value)))
    if figure.interval is not None:
        name = worded.interval_name(figure)
        words = (_("Low end of the %(name)s", name=name), _("High end of the %(name)s", name=name))
        ends = zip(words, _ends(figure), strict=True)
        rows += [(Cell(end), Cell(worded.exact(figure, value), value)) for end, value in ends]
    return rows


def _cells(figure: Figure) -> tuple[Cell, ...]:
    low, high = (None, None) if figure.interval is None else _ends(figure)
    cells = (Cell("" if end is None else worded.exact(figure, end), end) for end in (figure.value, low, high))
    return (Cell(_(figure.label)), *cells)


def _place(figure: Figure, others: Sequence[Figure]) -> str:
    """Return where a figure stands among others."""
    lower = sum(_middle(other) < _middle(figure) for other in others)
    higher = sum(_middle(other) > _middle(figure) for other in others)
    if not lower:
        return ngettext(
            "Lower than the other figure of its kind", "The lowest of %(number)s figures of its kind",
            len(others), number=len(others) + 1,
        )  # fmt: skip
    if not higher:
        return ngettext(
            "Higher than the other figure of its kind", "The highest of %(number)s figures of its kind",
            len(others), number=len(others) + 1,
        )  # fmt: skip
    return _(
        "Of the others of its kind, %(lower)s stand lower and %(higher)s higher", lower=str(lower), higher=str(higher)
    )
