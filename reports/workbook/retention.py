"""Who is still in care when each unit comes, without and with the programme; and the three roads that lead there."""

from __future__ import annotations

import numpy as np

from calculator import words
from calculator.language import gettext as _
from calculator.language import mark
from calculator.retention import weibull_shape
from reports.workbook import charts
from reports.workbook.content import MOST_UNITS, Content, Pen, Value, figure_kind, span

ROADS = 5  # first row of the roads
FIXED = 11  # first row of what fixes the curve
CHART = 24
TABLE = 45  # header of the table of units
FIRST = TABLE + 1
LAST = FIRST + MOST_UNITS - 1
UNIT, DELAY, BEFORE, AFTER, EXTRA = range(5)  # columns of the table
RELATIVE, ODDS, HAZARD, RATE_AFTER, READING, KEY = range(1, 7)  # columns of the roads
PICTURE = 9  # first column of the points of the picture, beside what is printed
POINTS = 40
LABEL_WIDTH, READING_WIDTH = 42, 38
HEAD_WIDTH = 12  # characters: what is left of a column of numbers where the long words of its header break
NEARLY = "1E-9"  # the dropout rate below which the limit for none is exact (calculator/retention.py)

ODDS_RATIO = {
    "program": "program_odds_ratio^program_fidelity",
    "alliance": "EXP(-program_causal_share*program_alliance_gap_sd*program_alliance_lift_sd"
    "/SQRT(1+(16*SQRT(3)/(15*PI()))^2*program_alliance_gap_sd*program_alliance_gap_sd))",
}
TARGETED = "1-program_sensitivity*program_action_rate*program_save_rate"
MEANING = {
    "dropout_rate_before": mark("With a plan of one {unit} nobody can drop out."),
    "hazard_at_half": mark("−ln(1 − half the rate)"),
    "hazard_to_end": mark("−ln(1 − rate)"),
    "weibull_shape": mark("Below 1 dropout comes early; fixed by the {unit} by which half of the dropouts have left."),
    "hazard_ratio": mark("Of the road in use: the cumulative hazard is multiplied by it."),
}
LABELS = {
    "hazard_at_half": mark("Hazard until half of the dropouts have left"),
    "hazard_to_end": mark("Hazard to the end of the plan"),
    "weibull_shape": mark("Shape of the curve"),
    "cumulative_hazard": mark("Hazard that the curve adds up to"),
}
HEADS = (
    mark("{unit}"),
    mark("Months after the first {unit}"),
    mark("In care without the programme"),
    mark("In care with it"),
    mark("Kept in care"),
)


def hazard(share: str) -> str:
    """Return −ln(1 − share) as a formula; a small share by its series, since 1 less a small share loses digits.

    >>> hazard("A1")
    'IF(A1<0.001,A1*(1+A1*(1/2+A1*(1/3+A1*(1/4+A1/5)))),-LN(1-A1))'
    """
    series = (
        f"{share}*(1+{share}*(1/2+{share}*(1/3+{share}*(1/4+{share}/5))))"  # a power of next to nothing is an error
    )
    return f"IF({share}<0.001,{series},-LN(1-{share}))"


def retention(content: Content) -> None:
    """Fill the sheet."""
    pen = Pen(content, "retention")
    pen.opening(
        content.worded(mark("Who is still in care when each {unit} comes")),
        _("A discrete Weibull curve; the programme multiplies its hazard by the hazard ratio of one road of evidence."),
    )
    pen.sheet.set_column(0, 0, LABEL_WIDTH)
    pen.sheet.set_column(1, 4, 16)
    pen.sheet.set_column(5, 5, READING_WIDTH)
    _roads(pen)
    _fixed(pen)
    _units(pen)
    _picture(pen)
    last = FIRST + int(content.point.clinic("planned_units")[0]) - 1
    pen.sheet.print_area(0, 0, last, READING)
    pen.page(repeat=(TABLE, TABLE))


def _roads(pen: Pen) -> None:
    result, numbers = pen.content.result, pen.formats.number
    pen.heading(ROADS - 2, _("Three roads of evidence"))
    labels = (_("Road"), _("Dropout after ÷ before"), _("Odds ratio"), _("Hazard ratio"), _("Leave early after"))
    pen.head(ROADS - 1, [*labels, _("What may be said"), _("Key")], texts=(0, 5, 6))
    pen.fit(ROADS - 1, [(label, HEAD_WIDTH) for label in labels[1:]])
    rate = "clinic_dropout_rate"
    for row, road in enumerate(result.roads.values(), ROADS):
        relative, odds = pen.address(row, RELATIVE), pen.address(row, ODDS)
        if road.name == "targeted":
            by_relative, by_odds = TARGETED, f"{relative}*(1-{rate})/(1-{relative}*{rate})"
        else:
            by_relative, by_odds = f"{odds}/(1-{rate}+{odds}*{rate})", ODDS_RATIO[road.name]
        after = f"({relative}*{rate})"
        pen.label(row, _(words.ROAD_LABELS[road.name]), LABEL_WIDTH)
        pen.formula(row, RELATIVE, f"={by_relative}", numbers("exact"), 1.0 - road.relative_reduction)
        pen.formula(row, ODDS, f"={by_odds}", numbers("exact"), road.odds_ratio, f"road_{road.name}_odds_ratio")
        pen.formula(
            row,
            HAZARD,
            f"=IF({rate}>{NEARLY},({hazard(after)})/({hazard(rate)}),{relative})",
            numbers("exact"),
            road.hazard_ratio,
            f"road_{road.name}_hazard_ratio",
        )
        pen.formula(
            row,
            RATE_AFTER,
            f"=IF(clinic_planned_units>1,{relative}*{rate},0)",
            numbers("share_exact"),
            road.dropout_rate_after,
            f"road_{road.name}_dropout_rate_after",
        )
        said = words.capitalized(_(words.ROAD_READING_WORDS[road.reading]))
        pen.aside(row, READING, said, wrap=True)
        pen.fit(row, [(said, READING_WIDTH)])
        pen.text(row, KEY, road.name, pen.formats.note)


def _fixed(pen: Pen) -> None:
    content, point = pen.content, pen.content.point
    pen.heading(FIXED - 1, _("What fixes the curve"))
    rate = float(point.clinic("dropout_rate")[0])
    floor = max(rate, 1e-9)
    shape = weibull_shape(*(point.clinic(key) for key in ("dropout_rate", "median_dropout_unit", "planned_units")))
    keys = span(ROADS, ROADS + 2, KEY)

    def used(column: int) -> str:
        return f"=INDEX({span(ROADS, ROADS + 2, column)},MATCH(program_evidence_road,{keys},0))"

    some = f"MAX(clinic_dropout_rate,{NEARLY})"
    course = "MIN(clinic_median_dropout_unit/(clinic_planned_units-1),1-1E-9)"
    by_half = f"LN(hazard_at_half/hazard_to_end)/LN({course})"
    before = content.result.workings["dropout_rate_before"]
    rows: dict[str, tuple[str, Value]] = {
        "dropout_rate_before": ("=IF(clinic_planned_units>1,clinic_dropout_rate,0)", before),
        "hazard_at_half": (f"={hazard(f'({some}/2)')}", float(-np.log1p(-floor / 2.0))),
        "hazard_to_end": (f"={hazard(f'({some})')}", float(-np.log1p(-floor))),
        "weibull_shape": (f"=IF(clinic_planned_units>2,{by_half},1)", float(shape[0])),
        "cumulative_hazard": (f"={hazard('dropout_rate_before')}", float(-np.log1p(-before))),
    }
    figures = {
        "hazard_ratio": used(HAZARD),
        "odds_ratio": used(ODDS),
        "dropout_rate_after": used(RATE_AFTER),
        "units_per_episode_before": f"=SUM({span(FIRST, LAST, BEFORE)})",
        "units_per_episode_after": f"=SUM({span(FIRST, LAST, AFTER)})",
        "dropouts_avoided_per_year": "=12*clinic_intakes_per_month*program_adoption_rate"
        "*(dropout_rate_before-dropout_rate_after)",
    }
    rows |= {name: (formula, content.result.point[name]) for name, formula in figures.items()}
    for row, (name, (formula, value)) in enumerate(rows.items(), FIXED):
        label = content.worded(LABELS[name]) if name in LABELS else words.figure_label(name, content.result)
        kind = "exact" if name in LABELS or name.startswith("units_") else figure_kind(name)
        pen.label(row, label, LABEL_WIDTH)
        pen.formula(row, 1, formula, pen.formats.number(kind), value, name)
        if name in MEANING:
            pen.aside(row, 2, content.worded(MEANING[name]))


def _units(pen: Pen) -> None:
    """Write a row for each unit there may be; those beyond the plan are zero, and not shown."""
    content, result = pen.content, pen.content.result
    pen.head(TABLE, [content.worded(label) for label in HEADS], texts=())
    whole, months, share = (pen.formats.number(kind) for kind in ("whole", "exact", "share_exact"))
    per_month = float(content.point.clinic("units_per_month")[0])
    before, after = result.retention_before, result.retention_after
    last_unit = "LN(clinic_planned_units-1)"
    for number in range(1, MOST_UNITS + 1):
        row = TABLE + number
        line = row + 1
        planned = number <= len(before)
        now, then = (before[number - 1], after[number - 1]) if planned else (0.0, 0.0)
        curve = "1"
        if number > 1:
            progress = f"EXP(weibull_shape*(LN(A{line}-1)-{last_unit}))"
            curve = f"IF(A{line}>clinic_planned_units,0,EXP(-cumulative_hazard*{progress}))"
        pen.sheet.write_number(row, UNIT, number, whole)
        pen.formula(row, DELAY, f"=(A{line}-1)/clinic_units_per_month", months, (number - 1) / per_month)
        pen.formula(row, BEFORE, f"={curve}", share, now)
        pen.formula(row, AFTER, f"=IF(C{line}=0,0,C{line}^hazard_ratio)", share, then)
        pen.formula(row, EXTRA, f"=D{line}-C{line}", share, then - now)
    pen.fade(FIRST, LAST, (UNIT, EXTRA), f"$A{FIRST + 1}>clinic_planned_units")


def _picture(pen: Pen) -> None:
    """Write the points of the curves, closer where they fall steeply, and draw them."""
    content, result = pen.content, pen.content.result
    pen.head(ROADS - 1, [content.worded(HEADS[0]), _("Without the programme"), _("With it")], texts=(), start=PICTURE)
    pen.text(ROADS - 2, PICTURE, _("Points of the picture"), pen.formats.note)
    planned = len(result.retention_before)
    last = ROADS + POINTS
    unit, share = pen.formats.number("whole"), pen.formats.number("share_exact")
    for point in range(POINTS + 1):
        row, part = ROADS + point, (point / POINTS) ** 2
        shown = 1 + int(np.floor((planned - 1) * part + 0.5))
        pen.formula(row, PICTURE, f"=1+ROUND((clinic_planned_units-1)*{part:.6g},0)", unit, shown)
        for column, table, values in ((1, BEFORE, result.retention_before), (2, AFTER, result.retention_after)):
            formula = f"=INDEX({span(FIRST, LAST, table)},J{row + 1})"
            pen.formula(row, PICTURE + column, formula, share, values[shown - 1])
    x = pen.series(ROADS, last, PICTURE)
    lines = [
        charts.Line(_("Without the programme"), x, pen.series(ROADS, last, PICTURE + 1), "lost"),
        charts.Line(_("With it"), x, pen.series(ROADS, last, PICTURE + 2), "kept"),
    ]
    picture = charts.curves(
        content.book,
        lines,
        title=content.worded(mark("Clients still in care, by {unit}")),
        across=content.worded(HEADS[0]),
        up=_("share of clients"),
        number="0%",
        most=1.0,
    )
    pen.sheet.insert_chart(CHART, 0, picture, {"x_scale": 1.62, "y_scale": 1.35})
