"""When new clients come, how many are covered, and in which month their units fall.

Two sums over the past would make 120 × 400 cells. Here each unit's part is first placed by its delay in months after
intake, and the months then add up those delays: two short tables, one of them counted down so that the cells of both
run the same way and one SUMPRODUCT does.
"""

from __future__ import annotations

import numpy as np

from calculator.arrays import FloatArray
from calculator.language import gettext as _
from calculator.language import mark
from reports.workbook import retention
from reports.workbook.content import MOST_MONTHS, Content, Pen, cell, span

HEAD = 5
FIRST = HEAD + 1
LAST = FIRST + MOST_MONTHS - 1
MONTH, INTAKES, REACHED, COVERED, EXTRA, UNITS = range(6)
LATER, EXTRA_LATER, UNITS_LATER = range(7, 10)
HEADS = (
    mark("Month"),
    mark("{admissions}"),
    mark("Reached"),
    mark("Covered"),
    mark("{units} kept in care"),
    mark("{units} of covered clients"),
)
LATER_HEADS = (
    mark("Months after intake"),
    mark("{units} kept, a covered client"),
    mark("{units}, a covered client"),
)


def calendar(content: Content) -> None:
    """Fill the sheet."""
    pen = Pen(content, "calendar")
    pen.opening(
        content.worded(mark("In which month the {units} of covered clients fall")),
        _("Clients arrive evenly within a month; what falls past the months looked at counts nothing."),
    )
    notes = (
        mark("A {unit} that comes 2.3 months after intake falls to 70% two and to 30% three months later."),
        mark("On the right, the delays are counted down: a month adds up clients × {units} of all months before it."),
    )
    for row, note in enumerate(notes, 2):
        pen.text(row, 0, content.worded(note), pen.formats.note)
    pen.head(HEAD, [content.worded(label) for label in HEADS], texts=())
    pen.head(HEAD, [content.worded(label) for label in LATER_HEADS], texts=(), start=LATER)
    pen.sheet.set_column(0, 0, 9)
    pen.sheet.set_column(1, 5, 15)
    pen.sheet.set_column(6, 6, 3)
    pen.sheet.set_column(7, 9, 15)
    _rows(pen, *_placed(content))
    pen.fade(FIRST, LAST, (MONTH, UNITS), f"$A{FIRST + 1}>analysis_horizon_months")
    pen.sheet.freeze_panes(FIRST, 1)
    pen.sheet.print_area(0, 0, FIRST + content.point.horizon_months - 1, UNITS)
    pen.page(repeat=(HEAD, HEAD))


def _placed(content: Content) -> tuple[FloatArray, FloatArray]:
    """Return units kept and units by months after intake, a covered client, each shape (MOST_MONTHS,)."""
    point = content.point
    delays = np.arange(len(content.result.retention_before)) / point.clinic("units_per_month")[0]
    place = np.maximum(1.0 - np.abs(delays[:, None] - np.arange(MOST_MONTHS)[None, :]), 0.0)
    after = point.survival_after[0]
    return (after - point.survival_before[0]) @ place, after @ place


def _rows(pen: Pen, extra_later: FloatArray, units_later: FloatArray) -> None:
    point, horizon = pen.content.point, pen.content.point.horizon_months
    months = point.months
    growth, ramp = float(point.clinic("intake_growth_rate")[0]), float(point.program("ramp_months")[0])
    intakes, adoption = float(point.clinic("intakes_per_month")[0]), float(point.program("adoption_rate")[0])
    covered, extra = months.covered_intakes[0], months.extra_units[0]
    units = (point.covered_intakes_per_month[:, None] * point.calendar.by_month(point.survival_after))[0]
    whole, number, exact, share = (pen.formats.number(kind) for kind in ("whole", "number", "exact", "share_exact"))
    table = Pen(pen.content, "retention")
    delay, kept, after = (
        table.span(retention.FIRST, retention.LAST, column)
        for column in (retention.DELAY, retention.EXTRA, retention.AFTER)
    )
    for month in range(MOST_MONTHS):
        row, inside = FIRST + month, month < horizon
        line = row + 1
        later = MOST_MONTHS - 1 - month
        past, first = span(FIRST, row, COVERED), LAST - month

        def looked_at(formula: str, line: int = line) -> str:
            return f"=IF($A{line}>analysis_horizon_months,0,{formula})"

        new = intakes * (1.0 + growth) ** (month / 12.0) if inside else 0.0
        reached = adoption * min(1.0, (month + 1) / max(ramp, 1e-9))
        pen.sheet.write_number(row, MONTH, month + 1, whole)
        pen.formula(
            row,
            INTAKES,
            looked_at(f"clinic_intakes_per_month*(1+clinic_intake_growth_rate)^((A{line}-1)/12)"),
            number,
            new,
        )
        pen.formula(
            row, REACHED, f"=program_adoption_rate*MIN(1,A{line}/MAX(program_ramp_months,1E-9))", share, reached
        )
        pen.formula(row, COVERED, f"=B{line}*C{line}", number, float(covered[month]) if inside else 0.0)
        for column, values, placed in ((EXTRA, extra, EXTRA_LATER), (UNITS, units, UNITS_LATER)):
            formula = looked_at(f"SUMPRODUCT({past},{span(first, LAST, placed)})")
            pen.formula(row, column, formula, number, float(values[month]) if inside else 0.0)
        pen.sheet.write_number(row, LATER, later, whole)
        near = f"ABS({delay}-{cell(row, LATER)})"
        for column, source, values in ((EXTRA_LATER, kept, extra_later), (UNITS_LATER, after, units_later)):
            formula = f"=SUMPRODUCT({source}*({near}<1)*(1-{near}))"
            pen.formula(row, column, formula, exact, float(values[later]))
