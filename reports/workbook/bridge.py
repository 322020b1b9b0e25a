"""From the gross loss to what the clinic keeps, in one steady-state year."""

from __future__ import annotations

from calculator import words
from calculator.language import gettext as _
from calculator.language import mark
from reports.workbook import charts
from reports.workbook.content import TOTAL_LINE, Content, Pen, cell, figure_kind, span

VOLUMES = 4  # first row of the units behind the steps
STEPS = 13  # header of the steps
FIRST = STEPS + 1
BESIDE = FIRST + 13
CHART = BESIDE + 5
AMOUNT, LEVEL, INPUT = 1, 2, 3
PICTURE = 6
LABEL_WIDTH = 58
PICTURE_ROWS = 26
ROLES = {
    "gross_loss": "lost", "not_averted": "lost_inner", "not_reached": "lost_inner", "not_attended": "lost_inner",
    "refilled": "lost_inner", "not_collected": "lost_inner", "delivery_cost": "cost", "acquisition_saved": "kept",
    "program_cost": "cost", "net_per_year": "kept",
}  # fmt: skip
VOLUME_LABELS = {
    "units_lost": mark("{units} lost to dropout a year"),
    "units_averted": mark("{units} the programme would keep if it reached every client"),
    "units_reached": mark("{units} kept with the clients it reaches"),
    "units_attended": mark("of these, attended"),
    "units_kept": mark("of these, not refilled by other clients anyway"),
}


def bridge(content: Content) -> None:
    """Fill the sheet."""
    pen, result, point = Pen(content, "bridge"), content.result, content.point
    pen.opening(
        _("From the gross loss to the net benefit of a year"),
        _("One year of full adoption, before growth and discounting; the steps add up exactly."),
    )
    pen.sheet.set_column(0, 0, LABEL_WIDTH)
    pen.sheet.set_column(1, 2, 19)
    pen.sheet.set_column(3, 3, 44)
    number, money, strong = (
        pen.formats.number("number"),
        pen.formats.number("money_exact"),
        TOTAL_LINE,
    )
    pen.heading(VOLUMES - 1, content.worded(mark("{units} a year")))
    yearly = "12*clinic_intakes_per_month"
    averted = 12.0 * float(point.clinic("intakes_per_month")[0] * (point.units_after - point.units_before)[0])
    reached = averted * float(point.program("adoption_rate")[0])
    lost = 12.0 * float(point.clinic("intakes_per_month")[0] * (point.clinic("planned_units") - point.units_before)[0])
    volumes = (
        ("units_lost", f"={yearly}*(clinic_planned_units-units_per_episode_before)", lost),
        ("units_averted", f"={yearly}*(units_per_episode_after-units_per_episode_before)", averted),
        ("units_reached", "=units_averted*program_adoption_rate", reached),
        ("units_attended", "=units_reached*(1-clinic_no_show_rate)", reached * float(point.attended[0])),
        ("units_kept", "=units_attended*(1-clinic_backfill_rate)", reached * float(point.kept[0])),
    )
    for row, (name, formula, value) in enumerate(volumes, VOLUMES):
        pen.label(row, content.worded(VOLUME_LABELS[name]), LABEL_WIDTH)
        pen.formula(row, AMOUNT, formula, number, value, name)
    pen.heading(STEPS - 1, _("Step by step"))
    pen.head(STEPS, [_("Step"), _("Amount a year"), _("Left after it"), _("What sets its size")], texts=(0, 3))
    allowed = "allowed_per_unit"
    formulas = {
        "gross_loss": f"units_lost*{allowed}",
        "not_averted": f"-({yearly}*(clinic_planned_units-units_per_episode_after))*{allowed}",
        "not_reached": f"(units_reached-units_averted)*{allowed}",
        "not_attended": f"(units_attended-units_reached)*{allowed}",
        "refilled": f"(units_kept-units_attended)*{allowed}",
        "not_collected": f"units_kept*(net_revenue_per_unit-{allowed})",
        "delivery_cost": "-units_kept*clinic_variable_cost_per_unit",
        "acquisition_saved": "units_reached*acquisition_per_extra_unit",
        "program_cost": "-program_cost_per_year",
    }
    level = 0.0
    for row, step in enumerate(result.bridge[:-1], FIRST):
        level += step.amount
        pen.label(row, words.bridge_label(step.step, result), LABEL_WIDTH)
        pen.formula(row, AMOUNT, f"={formulas[step.step]}", money, step.amount)
        pen.formula(row, LEVEL, f"=SUM({span(FIRST, row, AMOUNT)})", money, level)
        if step.input:
            pen.aside(row, INPUT, _label(step.input, content))
    last = FIRST + len(formulas)
    pen.text(last, 0, words.bridge_label("net_per_year", result), pen.formats.text(**strong))
    net = result.point["net_per_year"]
    look = pen.formats.number("money_exact", **strong)
    pen.formula(last, AMOUNT, f"=SUM({span(FIRST, last - 1, AMOUNT)})", look, net, "net_per_year")
    pen.formula(last, LEVEL, f"={cell(last, AMOUNT)}", look, net)
    _beside(pen)
    _picture(pen, last)
    pen.sheet.print_area(0, 0, CHART + PICTURE_ROWS, INPUT)
    pen.page(high=1)


def _label(path: str, content: Content) -> str:
    if path == "program.evidence_road":
        return _("the road of evidence")
    return content.result.resolved.inputs[path].quantity.named(content.words)


def _beside(pen: Pen) -> None:
    """Write the yearly figures that stand beside the steps."""
    result = pen.content.result
    pen.heading(BESIDE - 1, _("Beside the steps"))
    intakes = "12*clinic_intakes_per_month*program_adoption_rate"
    rows = (
        ("revenue_kept_per_year", "=units_kept*net_revenue_per_unit"),
        ("revenue_lost_per_year", "=units_lost*(1-clinic_no_show_rate)*net_revenue_per_unit"),
        ("revenue_lost_refilled_per_year", "=revenue_lost_per_year*clinic_backfill_rate"),
        (
            "program_cost_per_year",
            f"=12*cost_per_month+{intakes}*(cost_per_covered_intake+cost_per_covered_unit*units_per_episode_after)",
        ),
    )
    known = {**result.workings, **result.point}
    for row, (name, formula) in enumerate(rows, BESIDE):
        pen.label(row, words.figure_label(name, result), LABEL_WIDTH)
        pen.formula(row, AMOUNT, formula, pen.formats.number(figure_kind(name)), known[name], name)


def _picture(pen: Pen, last: int) -> None:
    """Write each step as a bar between two levels, above and below zero apart, and draw them.

    Stacked bars pile up away from zero on both sides, so a bar is a see-through part up to where it starts and a
    coloured part from there, once for what lies above zero and once for what lies below it.
    """
    pen.text(STEPS - 1, PICTURE, _("Points of the picture"), pen.formats.note)
    labels = [_("from"), _("to"), _("gap above"), _("bar above"), _("gap below"), _("bar below")]
    pen.head(STEPS, labels, texts=(), start=PICTURE)
    pen.sheet.set_column(PICTURE, PICTURE + 5, 13)
    money, level = pen.formats.number("money_exact"), 0.0
    for row, step in enumerate(pen.content.result.bridge, FIRST):
        whole = row in (FIRST, last)  # the first and the last bar stand on zero
        low = 0.0 if whole else level
        high = step.amount if whole else level + step.amount
        level = high
        a, b = cell(row, PICTURE), cell(row, PICTURE + 1)
        start = "=0" if whole else f"={cell(row - 1, LEVEL)}"
        top, bottom = f"MAX({a},{b})", f"MIN({a},{b})"
        cells = (
            (start, low),
            (f"={cell(row, LEVEL)}", high),
            (f"=MAX(0,{bottom})", max(0.0, min(low, high))),
            (f"=MAX(0,{top})-MAX(0,{bottom})", max(0.0, max(low, high)) - max(0.0, min(low, high))),
            (f"=MIN(0,{top})", min(0.0, max(low, high))),
            (f"=MIN(0,{bottom})-MIN(0,{top})", min(0.0, min(low, high)) - min(0.0, max(low, high))),
        )
        for column, (formula, value) in enumerate(cells, PICTURE):
            pen.formula(row, column, formula, money, value)
    roles = [ROLES[step.step] for step in pen.content.result.bridge]
    parts = [(pen.series(FIRST, last, PICTURE + column), roles if column in (3, 5) else ()) for column in range(2, 6)]
    picture = charts.bars(
        pen.content.book,
        pen.series(FIRST, last, 0),
        parts,
        title=_("From the gross loss to the net benefit, %(currency)s a year", currency=pen.content.result.currency),
        number="#,##0",
    )
    pen.sheet.insert_chart(CHART, 0, picture, {"x_scale": 2.1, "y_scale": 1.6})
