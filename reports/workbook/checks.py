"""Whether the workbook is sound with what the yellow cells now hold: each check says so, and one cell sums them up."""

from __future__ import annotations

from dataclasses import dataclass

from calculator.language import gettext as _
from calculator.language import mark
from reports.spreadsheet import Kind
from reports.tokens import load_tokens
from reports.workbook import cash, retention
from reports.workbook.content import TOTAL_LINE, Content, Pen, Value, cell, quoted, span
from reports.workbook.inputs import SHARES_TOLERANCE
from reports.workbook.rows import LOOK_HERE, OK, state

HEAD = 3
LABEL_WIDTH = 72
CLOSE = "1E-9"  # of the size of what is compared: what rounding leaves of doubles
CENT = "0.005"


@dataclass(frozen=True)
class Check:
    """One line: what must hold, the two sides of it, and the condition over them, ``@`` for one and ``#`` for other."""

    label: str
    one: str
    other: str
    kind: Kind
    condition: str
    one_value: Value = ""
    other_value: Value = ""


def checks(content: Content) -> None:
    """Fill the sheet."""
    pen = Pen(content, "checks")
    pen.opening(_("Is everything in order?"), _("Each line is worked out from the cells as they are now."))
    pen.sheet.set_column(0, 0, LABEL_WIDTH)
    pen.sheet.set_column(1, 2, 21)
    pen.sheet.set_column(3, 3, 13)
    pen.head(HEAD, [_("What must hold"), _("One side"), _("The other"), _("State")], texts=(0, 3))
    rows = _checks(content)
    first, last = HEAD + 1, HEAD + len(rows)
    for row, check in enumerate(rows, first):
        one, other = cell(row, 1), cell(row, 2)
        look = pen.formats.number(check.kind)
        label = content.worded(check.label)
        pen.label(row, label, LABEL_WIDTH)
        pen.formula(row, 1, f"={check.one}", look, check.one_value)
        pen.formula(row, 2, f"={check.other}", look, check.other_value)
        pen.formula(
            row,
            3,
            state(check.condition.replace("@", one).replace("#", other)),
            pen.formats.text(align="left", indent=1),
            _(OK),
        )
    strong = TOTAL_LINE
    pen.text(last + 1, 0, _("All together"), pen.formats.text(**strong))
    for column in (1, 2):
        pen.text(last + 1, column, "", pen.formats.text(**strong))
    every = f"COUNTIF({span(first, last, 3)},{quoted(_(OK))})={len(rows)}"
    pen.formula(last + 1, 3, state(every), pen.formats.text(align="left", indent=1, **strong), _(OK), "checks_state")
    colour_states(pen, first, last + 1, 3)
    colour_states(Pen(content, "inputs"), 0, 200, 5)
    pen.page()


def colour_states(pen: Pen, first: int, last: int, column: int) -> None:
    """Show what needs a look in clay on its lighter self, and what is in order in teal; the words say it too."""
    light = load_tokens().light
    for text, ink, paper in ((_(LOOK_HERE), "lost", "lost_outer"), (_(OK), "kept", "surface")):
        look = pen.content.book.add_format({"font_color": light[ink], "bg_color": light[paper], "bold": text != _(OK)})
        rule = {"type": "cell", "criteria": "==", "value": quoted(text), "format": look}
        pen.sheet.conditional_format(first, column, last, column, rule)


def _checks(content: Content) -> tuple[Check, ...]:
    return (*_of_the_inputs(content), *_of_the_curve(content), *_of_the_money(content), *_of_the_print(content))


def _of_the_inputs(content: Content) -> tuple[Check, ...]:
    units, median = "clinic_planned_units", "clinic_median_dropout_unit"
    wrong = "+".join(f"({place}={quoted(_(LOOK_HERE))})" for place in content.ranges["states"].split(","))
    plan = float(len(content.result.retention_before))
    shown = float(content.point.clinic("median_dropout_unit")[0]) if plan > 2 else 0.0
    return (
        Check(mark("Lines of the inputs that need a look: none"), wrong, "0*1", "whole", "@=#", 0.0, 0.0),
        Check(
            mark("The payers' shares add up to 1"),
            "payer_shares_together",
            "1*1",
            "share_exact",
            f"ABS(@-#)<={SHARES_TOLERANCE}",
            1.0,
            1.0,
        ),
        Check(
            mark("The {unit} by which half of the dropouts have left is below the length of the plan less one"),
            f"IF({units}>2,{median},0)",
            f"{units}-1",
            "number",
            f"OR({units}<=2,@<#)",
            shown,
            plan - 1.0,
        ),
    )


def _of_the_curve(content: Content) -> tuple[Check, ...]:
    curve, rate = Pen(content, "retention"), content.result.workings["dropout_rate_before"]
    units, median = "clinic_planned_units", "clinic_median_dropout_unit"
    end = f"INDEX({curve.span(retention.FIRST, retention.LAST, retention.BEFORE)},{units})"
    left = "1-dropout_rate_before/2"
    half = f"IF({units}>2,EXP(-cumulative_hazard*({median}/({units}-1))^weibull_shape),{left})"
    close = f"ABS(@-#)<={CLOSE}"
    return (
        Check(
            mark("Those still in care at the last {unit} are all but the dropouts"),
            end,
            "1-dropout_rate_before",
            "share_exact",
            close,
            1.0 - rate,
            1.0 - rate,
        ),
        Check(
            mark("Half of the dropouts have left after the {unit} given"),
            half,
            left,
            "share_exact",
            close,
            1.0 - rate / 2.0,
            1.0 - rate / 2.0,
        ),
    )


def _of_the_money(content: Content) -> tuple[Check, ...]:
    point, money = content.result.point, Pen(content, "cash")
    net_year, net, kept = (point[name] for name in ("net_per_year", "net_benefit_horizon", "revenue_kept_horizon"))
    years = {column: money.span(cash.FIRST_YEAR, cash.LAST_YEAR, column) for column in (cash.NET, cash.REVENUE)}
    delivery = "units_kept*clinic_variable_cost_per_unit"
    other_way = f"revenue_kept_per_year-{delivery}+units_reached*acquisition_per_extra_unit-program_cost_per_year"
    parts = "contribution_kept_horizon+acquisition_saved_horizon-program_cost_horizon"
    flows = money.span(cash.GO_LIVE, cash.LAST, cash.NET)
    months = money.span(cash.GO_LIVE, cash.LAST, cash.WITHIN)
    rate = content.names["irr"]
    exists = f"IF(ISNUMBER({rate}),{rate}>-0.999,FALSE)"  # closer to -1 the powers outgrow what a number can hold
    factor = f"(1+IF({exists},{rate},0))^(-{months}/12)"
    at_rate = f"SUMPRODUCT({flows}*{factor})/MAX(SUMPRODUCT(ABS({flows})*{factor}),1E-300)"
    same = f"ABS(@-#)<={CENT}+{CLOSE}*(ABS(@)+ABS(program_cost_horizon))"
    label_net = mark("The years add up to the net benefit of all months")
    label_kept = mark("The years add up to the revenue kept in all months")
    return (
        Check(
            mark("The steps of the bridge add up to the net benefit a year, worked out another way"),
            "net_per_year", other_way, "money_exact", same, net_year, net_year,
        ),
        Check(label_net, f"SUM({years[cash.NET]})", "net_benefit_horizon", "money_exact", same, net, net),
        Check(label_kept, f"SUM({years[cash.REVENUE]})", "revenue_kept_horizon", "money_exact", same, kept, kept),
        Check(
            mark("What is kept and saved, less the cost, is the net benefit"),
            parts, "net_benefit_horizon", "money_exact", same, net, net,
        ),
        Check(
            mark("At the internal rate of return the flows are worth nothing (as a share of their size)"),
            f"IF({exists},{at_rate},0)", "0*1", "exact", "ABS(@-#)<=0.000001", 0.0, 0.0,
        ),
    )  # fmt: skip


def _of_the_print(content: Content) -> tuple[Check, ...]:
    units, months = float(len(content.result.retention_before)), float(len(content.result.monthly))
    return (
        Check(
            mark("The print area of the sheet Retention reaches to the end of the plan; if not, set it anew"),
            "clinic_planned_units*1", f"{units:.15g}*1", "whole", "@<=#", units, units,
        ),
        Check(
            mark("Those of Calendar and Cash flow reach to the last month looked at; if not, set them anew"),
            "analysis_horizon_months*1", f"{months:.15g}*1", "whole", "@<=#", months, months,
        ),
    )  # fmt: skip
