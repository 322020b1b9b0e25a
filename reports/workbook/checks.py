"""Whether the workbook is sound with what the yellow cells now hold: each check says so, and one cell sums them up."""

from __future__ import annotations

from dataclasses import dataclass

from calculator.language import gettext as _
from calculator.language import mark
from reports.spreadsheet import Kind
from reports.tokens import load_tokens
from reports.workbook import cash, retention
from reports.workbook.content import Content, Pen, Value, cell, quoted, span
from reports.workbook.rows import LOOK_HERE, OK, state

HEAD = 3
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
    pen.sheet.set_column(0, 0, 72)
    pen.sheet.set_column(1, 2, 21)
    pen.sheet.set_column(3, 3, 13)
    pen.head(HEAD, [_("What must hold"), _("One side"), _("The other"), _("State")], texts=(0, 3))
    rows = _checks(content)
    first, last = HEAD + 1, HEAD + len(rows)
    for row, check in enumerate(rows, first):
        one, other = cell(row, 1), cell(row, 2)
        look = pen.formats.number(check.kind)
        pen.text(row, 0, content.worded(check.label), pen.formats.text(wrap=True))
        pen.formula(row, 1, f"={check.one}", look, check.one_value)
        pen.formula(row, 2, f"={check.other}", look, check.other_value)
        pen.formula(row, 3, state(check.condition.replace("@", one).replace("#", other)), pen.formats.text(), _(OK))
    strong = {"strong": True, "top": 1}
    pen.text(last + 1, 0, _("All together"), pen.formats.text(**strong))
    for column in (1, 2):
        pen.text(last + 1, column, "", pen.formats.text(**strong))
    every = f"COUNTIF({span(first, last, 3)},{quoted(_(OK))})={len(rows)}"
    pen.formula(last + 1, 3, state(every), pen.formats.text(**strong), _(OK), "checks_state")
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
    point, result, ranges = content.result.point, content.result, content.ranges
    figures = {name: value or 0.0 for name, value in point.items()}
    money, curve = Pen(content, "cash"), Pen(content, "retention")
    years = [money.span(cash.FIRST_YEAR, cash.TOTAL - 1, column) for column in (cash.NET, cash.REVENUE)]
    units = "clinic_planned_units"
    end = f"INDEX({curve.span(retention.FIRST, retention.LAST, retention.BEFORE)},{units})"
    half = f"IF({units}>2,EXP(-cumulative_hazard*(clinic_median_dropout_unit/({units}-1))^weibull_shape),1-0.5*dropout_rate_before)"
    ahead = "revenue_kept_per_year-units_kept*clinic_variable_cost_per_unit+units_reached*acquisition_per_extra_unit"
    equal = f"ABS(@-#)<={CENT}+{CLOSE}*ABS(@)"
    states = ranges["states"].split(",")
    missing = "+".join(f"({place}<>{quoted(_(OK))})" for place in states)
    horizon, plan = float(len(result.monthly)), float(len(result.retention_before))
    worth = money.span(cash.GO_LIVE, cash.LAST, cash.NET)
    months = money.span(cash.GO_LIVE, cash.LAST, cash.WITHIN)
    rate = f"IF(ISNUMBER({content.names['irr']}),{content.names['irr']},0)"
    size = f"SUMPRODUCT(ABS({worth})*(1+{rate})^(-{months}/12))"
    at_rate = f"SUMPRODUCT({worth}*(1+{rate})^(-{months}/12))/MAX({size},1E-300)"
    exists = f"AND(ISNUMBER({content.names['irr']}),{rate}>-0.999)"
    rate_value = figures["irr"]
    complete = 1.0 - result.workings["dropout_rate_before"]
    del rate_value
    return (
        Check(mark("Lines of the inputs that need a look"), missing, "0*1", "whole", "@=#", 0.0, 0.0),
        Check(mark("The payers' shares add up to 1"), "payer_shares_together", "1*1", "share_exact", "ABS(@-#)<=0.000001", 1.0, 1.0),
        Check(
            mark("Half of the dropouts leave before the last {unit} but one: their {unit} is below the plan less one"),
            f"IF({units}>2,clinic_median_dropout_unit,0)", f"{units}-1", "number", f"OR({units}<=2,@<#)",
            float(content.point.clinic("median_dropout_unit")[0]) if plan > 2 else 0.0, plan - 1.0,
        ),
        Check(mark("Those who stay to the end are all but the dropouts"), end, "1-dropout_rate_before", "share_exact", f"ABS(@-#)<={CLOSE}", complete, complete),
        Check(mark("Half of the dropouts have left after the {unit} given"), half, "1-dropout_rate_before/2", "share_exact", f"ABS(@-#)<={CLOSE}", *[1.0 - result.workings["dropout_rate_before"] / 2.0] * 2),
        Check(mark("The bridge's steps add up to the net benefit, worked out another way"), "net_per_year", f"{ahead}-program_cost_per_year", "money_exact", equal, *[figures["net_per_year"]] * 2),
        Check(mark("The years add up to the net benefit of all months"), f"SUM({years[0]})", "net_benefit_horizon", "money_exact", equal, *[figures["net_benefit_horizon"]] * 2),
        Check(mark("The years add up to the revenue kept in all months"), f"SUM({years[1]})", "revenue_kept_horizon", "money_exact", equal, *[figures["revenue_kept_horizon"]] * 2),
        Check(mark("What is kept and saved, less the cost, is the net benefit"), "contribution_kept_horizon+acquisition_saved_horizon-program_cost_horizon", "net_benefit_horizon", "money_exact", equal, *[figures["net_benefit_horizon"]] * 2),
        Check(mark("At the internal rate of return the flows are worth nothing (as a share of their size)"), f"IF({exists},{at_rate},0)", "0*1", "exact", "ABS(@-#)<=0.000001", 0.0, 0.0),
        Check(mark("The print area of the retention sheet reaches to the end of the plan; if not, set it anew"), f"{units}*1", f"{plan:.15g}*1", "whole", "@<=#", plan, plan),
        Check(mark("The print area of the cash flow reaches to the last month looked at; if not, set it anew"), "analysis_horizon_months*1", f"{horizon:.15g}*1", "whole", "@<=#", horizon, horizon),
    )  # fmt: skip
