"""Money by month and by year from go-live, and what it amounts to: net present value, return, payback."""

from __future__ import annotations

from calculator import words
from calculator.language import gettext as _
from calculator.language import mark
from reports.spreadsheet import Kind
from reports.workbook import calendar, charts
from reports.workbook.content import HEAD_LINE, MOST_MONTHS, Content, Pen, Value, cell, quoted, span
from reports.workbook.rate import rate_of_return

RATES = 4  # first row of the rates of money
YEARS = 17  # header of the table of years
TOTAL = YEARS + 1  # above the years, of which there may be fewer than there are lines
FIRST_YEAR = TOTAL + 1
LAST_YEAR = TOTAL + MOST_MONTHS // 12
RESULTS = LAST_YEAR + 2  # first row of what it amounts to
TABLE = RESULTS + 8  # header of the table of months
GO_LIVE = TABLE + 1
FIRST = GO_LIVE + 1
LAST = FIRST + MOST_MONTHS - 1
PERIOD, INTAKES, EXTRA, REVENUE, CONTRIBUTION, ACQUISITION, COST, NET, TOTAL_NET, DISCOUNT, WORTH, WITHIN = range(12)
VALUE = 4  # column of the rates and results, beyond their words
PICTURE = 13  # first column of the points of the picture, beside what is printed
POINTS = 60
HEAD_WIDTH = 11  # characters: what is left of a column where the long words of its header break
NO_COST = "0.005"  # half a cent: below it there is no cost to return on (calculator/figures.py)
HEADS = (
    mark("{admissions} covered"),
    mark("{units} kept in care"),
    mark("Revenue kept"),
    mark("Contribution margin kept"),
    mark("Cost of winning clients saved"),
    mark("Programme cost"),
    mark("Net benefit"),
    mark("Running total"),
)
RATE_LABELS = {
    "kept_share": mark("Part of the kept {units} that is attended and would not have been refilled"),
    "acquisition_per_extra_unit": mark("Cost of winning clients saved for each kept {unit}"),
    "flag_cost_per_intake": mark("Staff time on flags for each covered client"),
    "cost_per_covered_intake": mark("Programme cost for each covered client"),
    "cost_per_covered_unit": mark("Time of measuring for each {unit} of a covered client"),
    "cost_per_month": mark("Subscription a month"),
}


def cash(content: Content) -> None:
    """Fill the sheet."""
    pen = Pen(content, "cash")
    pen.opening(
        _("What it brings and costs, month by month"),
        _("Every input has its likely value; what is paid at go-live stands on a line of its own."),
    )
    pen.sheet.set_column(0, 0, 11)
    pen.sheet.set_column(1, 10, 15)
    pen.sheet.set_column(11, 12, 11)
    pen.sheet.set_column(PICTURE, PICTURE + 12, 13)
    _rates(pen)
    _years(pen)
    _months(pen)
    _results(pen)
    _picture(pen)
    pen.sheet.print_area(0, 0, FIRST + content.point.horizon_months - 1, WORTH)
    pen.page(landscape=True, repeat=(TABLE, TABLE))


def _rates(pen: Pen) -> None:
    """Write what a unit, a client and a month bring and cost."""
    content, point, workings = pen.content, pen.content.point, pen.content.result.workings
    pen.heading(RATES - 1, content.worded(mark("What a {unit} brings and the programme costs")))
    shares, allowed, collected = (content.ranges[key] for key in ("share", "allowed_per_unit", "collection_rate"))
    flags = "(clinic_dropout_rate*program_sensitivity+(1-clinic_dropout_rate)*(1-program_specificity))"
    training = "program_training_hours_per_clinician*clinic_clinicians*clinic_clinician_hourly_cost"
    hour = "clinic_clinician_hourly_cost"
    rows: tuple[tuple[str, str, float], ...] = (
        ("allowed_per_unit", f"=SUMPRODUCT({shares},{allowed})", workings["allowed_per_unit"]),
        ("net_revenue_per_unit", f"=SUMPRODUCT({shares},{allowed},{collected})", workings["net_revenue_per_unit"]),
        ("kept_share", "=(1-clinic_no_show_rate)*(1-clinic_backfill_rate)", float(point.kept[0])),
        (
            "acquisition_per_extra_unit",
            "=clinic_backfill_rate/units_per_episode_after*clinic_acquisition_cost_per_intake",
            float(point.acquisition_per_extra_unit[0]),
        ),
        (
            "flag_cost_per_intake",
            f'=IF(program_evidence_road="targeted",{flags}*program_minutes_per_flag/60*{hour},0)',
            workings["flag_cost_per_intake"],
        ),
        (
            "cost_per_covered_intake",
            "=program_subscription_per_intake+flag_cost_per_intake",
            float(point.cost_per_covered_intake[0]),
        ),
        (
            "cost_per_covered_unit",
            f"=(1-clinic_no_show_rate)*program_minutes_per_unit/60*{hour}",
            float(point.cost_per_covered_unit[0]),
        ),
        (
            "cost_per_month",
            "=program_subscription_per_clinician_month*clinic_clinicians",
            float(point.cost_per_month[0]),
        ),
        ("go_live_cost", f"=program_implementation_cost+{training}", workings["go_live_cost"]),
    )
    for row, (name, formula, value) in enumerate(rows, RATES):
        known = RATE_LABELS.get(name)
        pen.text(row, 0, content.worded(known) if known else words.figure_label(name, content.result))
        kind: Kind = "share_exact" if name == "kept_share" else "money_exact"
        pen.formula(row, VALUE, formula, pen.formats.number(kind), value, name)


def _months(pen: Pen) -> None:
    content, point = pen.content, pen.content.point
    monthly = content.result.monthly
    labels = [_("Month"), *(content.worded(label) for label in HEADS), _("Discount factor"), _("Worth today")]
    pen.heading(TABLE - 1, _("Month by month"))
    pen.head(TABLE, [*labels, _("Month, up to the last")], texts=())
    pen.fit(TABLE, [(label, HEAD_WIDTH) for label in labels])
    whole, number, exact, money = (pen.formats.number(kind) for kind in ("whole", "number", "exact", "money_exact"))
    start = monthly[0].go_live_cost
    go_live = GO_LIVE + 1
    pen.text(GO_LIVE, PERIOD, _("go-live"), pen.formats.text(align="right"))
    rows = (
        (COST, "=go_live_cost", start), (NET, f"=-G{go_live}", -start), (TOTAL_NET, f"=H{go_live}", -start),
        (WORTH, f"=H{go_live}*J{go_live}", -start),
    )  # fmt: skip
    for column, formula, value in rows:
        pen.formula(GO_LIVE, column, formula, money, value)
    pen.formula(GO_LIVE, DISCOUNT, "=1/(1+analysis_discount_rate)^0", exact, 1.0)
    pen.formula(GO_LIVE, WITHIN, "=MIN(0,analysis_horizon_months)", whole, 0.0)
    source = Pen(content, "calendar")
    horizon = len(monthly)
    rate = "(net_revenue_per_unit-clinic_variable_cost_per_unit)"
    for month in range(MOST_MONTHS):
        row = FIRST + month
        line, there = row + 1, calendar.FIRST + month
        covered, extra, units = (
            source.address(there, column) for column in (calendar.COVERED, calendar.EXTRA, calendar.UNITS)
        )
        known = monthly[month] if month < horizon else None
        cost = f"cost_per_month+cost_per_covered_intake*{covered}+cost_per_covered_unit*{units}"
        total = monthly[min(month, horizon - 1)].cumulative_net_benefit
        net = (
            known.contribution_kept + known.acquisition_saved - (known.program_cost - known.go_live_cost)
            if known
            else 0.0
        )
        factor = (1.0 + float(point.values["analysis.discount_rate"][0])) ** (-(month + 1) / 12.0)
        cells = (
            (INTAKES, f"={covered}", number, known.covered_intakes if known else 0.0),
            (EXTRA, f"={extra}", number, known.extra_units if known else 0.0),
            (REVENUE, f"=C{line}*kept_share*net_revenue_per_unit", money, known.revenue_kept if known else 0.0),
            (CONTRIBUTION, f"=C{line}*kept_share*{rate}", money, known.contribution_kept if known else 0.0),
            (ACQUISITION, f"=C{line}*acquisition_per_extra_unit", money, known.acquisition_saved if known else 0.0),
            (
                COST,
                f"=IF(A{line}>analysis_horizon_months,0,{cost})",
                money,
                known.program_cost - known.go_live_cost if known else 0.0,
            ),
            (NET, f"=E{line}+F{line}-G{line}", money, net),
            (TOTAL_NET, f"=I{line - 1}+H{line}", money, total),
            (DISCOUNT, f"=(1+analysis_discount_rate)^(-A{line}/12)", exact, factor),
            (WORTH, f"=H{line}*J{line}", money, net * factor),
            (WITHIN, f"=MIN(A{line},analysis_horizon_months)", whole, float(min(month + 1, horizon))),
        )
        pen.sheet.write_number(row, PERIOD, month + 1, whole)
        for column, formula, look, value in cells:
            pen.formula(row, column, formula, look, value)
    pen.fade(FIRST, LAST, (PERIOD, WITHIN), f"$A{FIRST + 1}>analysis_horizon_months")


def _years(pen: Pen) -> None:
    content, result = pen.content, pen.content.result
    pen.heading(YEARS - 1, _("Year by year"))
    labels = [_("Year"), _("Months"), *(content.worded(label) for label in HEADS[1:])]
    pen.head(YEARS, labels, texts=())
    pen.fit(YEARS, [(label, HEAD_WIDTH) for label in labels])
    whole, number, money = (pen.formats.number(kind) for kind in ("whole", "number", "money_exact"))
    columns = {
        REVENUE: "revenue_kept", CONTRIBUTION: "contribution_kept", ACQUISITION: "acquisition_saved",
        COST: "program_cost", NET: "net_benefit",
    }  # fmt: skip
    for year in range(MOST_MONTHS // 12):
        row = FIRST_YEAR + year
        line = row + 1
        first, last = FIRST + 12 * year, FIRST + 12 * year + 11
        begin = GO_LIVE if year == 0 else first
        known = result.years[year] if year < len(result.years) else None
        kept = sum(month.extra_units for month in result.monthly[12 * year : 12 * year + 12])
        pen.sheet.write_number(row, PERIOD, year + 1, whole)
        months = f"=MAX(0,MIN(12,analysis_horizon_months-12*(A{line}-1)))"
        pen.formula(row, INTAKES, months, whole, float(known.months) if known else 0.0)
        pen.formula(row, EXTRA, f"=SUM({span(first, last, EXTRA)})", number, kept)
        for column, name in columns.items():
            named = (
                {REVENUE: "revenue_kept_first_year", NET: "net_benefit_first_year"}.get(column, "") if year == 0 else ""
            )
            value = getattr(known, name) if known else 0.0
            if named:
                value = result.point[named]
            pen.formula(row, column, f"=SUM({span(begin, last, column)})", money, value, named)
        total = result.years[min(year, len(result.years) - 1)].cumulative_net_benefit
        pen.formula(row, TOTAL_NET, f"={cell(last, TOTAL_NET)}", money, total)
    pen.fade(FIRST_YEAR, LAST_YEAR, (PERIOD, TOTAL_NET), f"12*($A{FIRST_YEAR + 1}-1)>=analysis_horizon_months")
    strong = HEAD_LINE
    pen.text(TOTAL, PERIOD, _("In all"), pen.formats.text(**strong))
    pen.formula(
        TOTAL,
        INTAKES,
        f"=SUM({span(FIRST_YEAR, LAST_YEAR, INTAKES)})",
        pen.formats.number("whole", **strong),
        float(len(result.monthly)),
    )
    kept = sum(month.extra_units for month in result.monthly)
    pen.formula(TOTAL, EXTRA, f"=SUM({span(FIRST, LAST, EXTRA)})", pen.formats.number("number", **strong), kept)
    for column, name in columns.items():
        figure = f"{name}_horizon"
        formula = f"=SUM({span(GO_LIVE, LAST, column)})"
        pen.formula(TOTAL, column, formula, pen.formats.number("money_exact", **strong), result.point[figure], figure)
    end = f"=INDEX({span(GO_LIVE, LAST, TOTAL_NET)},analysis_horizon_months+1)"
    pen.formula(
        TOTAL, TOTAL_NET, end, pen.formats.number("money_exact", **strong), result.monthly[-1].cumulative_net_benefit
    )


def _results(pen: Pen) -> None:
    content, result = pen.content, pen.content.result
    present = content.point.present_value
    pen.heading(RESULTS - 1, _("What it amounts to"))
    factors, none = span(GO_LIVE, LAST, DISCOUNT), quoted(_("none"))
    total, month = span(GO_LIVE, LAST, TOTAL_NET), span(GO_LIVE, LAST, WITHIN)
    npv, cost = cell(RESULTS + 1, VALUE), cell(RESULTS, VALUE)
    below = cell(RESULTS + 4, VALUE)
    start, end = f"INDEX({total},{below})", f"INDEX({total},{below}+1)"
    rows: tuple[tuple[str, str, str, Kind, Value], ...] = (
        (
            "cost_present_value",
            words.figure_label("cost_present_value", result),
            f"=SUMPRODUCT({span(GO_LIVE, LAST, COST)},{factors})",
            "money_exact",
            float(present.program_cost[0]),
        ),
        ("npv", "", f"=SUM({span(GO_LIVE, LAST, WORTH)})", "money_exact", result.point["npv"]),
        ("roi", "", f"=IF({cost}>{NO_COST},{npv}/{cost},{none})", "share_exact", result.point["roi"]),
        ("irr", "", rate_of_return(pen, (GO_LIVE, LAST), NET, WITHIN), "share_exact", result.point["irr"]),
        (
            "months_below_zero",
            _("The running total is below zero up to this row of the months"),
            f"=SUMPRODUCT(MAX(({total}<0)*({month}+1)))",
            "whole",
            _months_below(result.monthly[0].go_live_cost, [item.cumulative_net_benefit for item in result.monthly]),
        ),
        (
            "payback_months",
            "",
            f"=IF({below}=0,0,IF({below}>analysis_horizon_months,{none},{below}-1-{start}/({end}-{start})))",
            "number",
            result.point["payback_months"],
        ),
    )
    for row, (name, label, formula, kind, value) in enumerate(rows, RESULTS):
        pen.text(row, 0, label or words.figure_label(name, result))
        pen.formula(row, VALUE, formula, pen.formats.number(kind), value, name)


def _months_below(go_live_cost: float, totals: list[float]) -> float:
    return float(max((place + 1 for place, total in enumerate([-go_live_cost, *totals]) if total < 0.0), default=0))


def _picture(pen: Pen) -> None:
    """Write the points of the running total, ending where the months looked at end, and draw it."""
    content, monthly = pen.content, pen.content.result.monthly
    top = TABLE
    pen.text(top - 1, PICTURE, _("Points of the picture"), pen.formats.note)
    pen.head(top, [_("Month"), content.worded(HEADS[7])], texts=(), start=PICTURE)
    totals = [-monthly[0].go_live_cost, *(item.cumulative_net_benefit for item in monthly)]
    whole, money = pen.formats.number("whole"), pen.formats.number("money_exact")
    for point in range(POINTS + 1):
        row = top + 1 + point
        at = int(len(monthly) * point / POINTS + 0.5)
        pen.formula(row, PICTURE, f"=ROUND(analysis_horizon_months*{point}/{POINTS},0)", whole, at)
        formula = f"=INDEX({span(GO_LIVE, LAST, TOTAL_NET)},{cell(row, PICTURE)}+1)"
        pen.formula(row, PICTURE + 1, formula, money, totals[at])
    x, y = (pen.series(top + 1, top + 1 + POINTS, PICTURE + column) for column in (0, 1))
    picture = charts.curves(
        content.book,
        [charts.Line(_("Running total"), x, y, "kept")],
        title=_("Running total of net benefits since go-live"),
        across=_("months since go-live"),
        up=content.result.currency,
        number="#,##0",
    )
    pen.sheet.insert_chart(RATES - 2, VALUE + 1, picture, {"x_scale": 1.38, "y_scale": 0.9, "x_offset": 12})
