"""The first sheet: what the clinic would keep, what is left after all costs, and every figure with its formula."""

from __future__ import annotations

from calculator import FIGURES, words
from calculator.display import chance, money, money_range, number
from calculator.language import gettext as _
from calculator.language import mark
from reports.spreadsheet import BODY_SIZE, FIGURE_SIZE, LEAD_SIZE
from reports.tokens import load_tokens
from reports.workbook.checks import colour_states
from reports.workbook.content import Content, Pen, Value, figure_kind, quoted

HEADLINE = 4
TABLE = 14
WIDTHS = (50, 20, 84)
QUANTILES = "(NORMSINV(0.975)+NORMSINV(0.8))"  # 80 % power at two-sided 5 % (calculator/detection.py)
LONGEST = "1000000"  # months; beyond it the answer is never
SMALL_HEADLINES = ("net_per_year", "payback_months", "npv", "roi")
HERE = {
    "payback_months": mark("The month from which on the running total of net benefits is never below zero again."),
    "odds_ratio": mark("That of the road in use, on the sheet Retention."),
}
DETECTION_LABELS = {
    "months_per_period": mark("Months of data before and after, each, until the change shows"),
    "months_after_with_history": mark("Months after go-live until it shows, with the records you hold"),
}


def summary(content: Content) -> None:
    """Fill the sheet."""
    pen, result = Pen(content, "summary"), content.result
    for column, width in enumerate(WIDTHS):
        pen.sheet.set_column(column, column, width)
    pen.opening(result.clinic_name, _("What it is worth to keep clients: the model with live formulas"))
    _headline(pen)
    pen.heading(TABLE - 1, _("Every figure"))
    pen.head(TABLE, [_("Figure"), _("Value"), _("How it comes about")], texts=(0, 2))
    row = TABLE
    for name in FIGURES:
        row += 1
        explained = result.explain(name)
        pen.label(row, words.figure_label(name, result), WIDTHS[0])
        pen.formula(row, 1, f"={content.names[name]}", pen.formats.number(figure_kind(name)), result.point[name])
        text = words.capitalized(_(HERE[name]) if name in HERE else explained.formula)
        pen.aside(row, 2, text, wrap=True)
        pen.fit(row, [(text, WIDTHS[2])])
    row = _detection(pen, row + 2)
    row = _notes(pen, row + 2)
    pen.sheet.print_area(0, 0, row, 2)
    pen.page(high=1)
    pen.sheet.activate()


def _headline(pen: Pen) -> None:
    content, result = pen.content, pen.content.result
    light = load_tokens().light
    big = pen.formats.number("money", font_size=FIGURE_SIZE, bold=True, font_color=light["kept"], align="left")
    pen.text(
        HEADLINE - 1, 0, words.figure_label("revenue_kept_per_year", result), pen.formats.made(font_size=LEAD_SIZE)
    )
    pen.sheet.set_row(HEADLINE, 42)
    pen.formula(HEADLINE, 0, f"={content.names['revenue_kept_per_year']}", big, result.point["revenue_kept_per_year"])
    pen.text(HEADLINE, 1, _("All checks"), pen.formats.text(align="right"))
    pen.formula(
        HEADLINE, 2, f"={content.names['checks_state']}", pen.formats.text(bold=True, align="left", indent=1), _("OK")
    )
    colour_states(pen, HEADLINE, HEADLINE, 2)
    for row, name in enumerate(SMALL_HEADLINES, HEADLINE + 2):
        kind = {"net_per_year": "money", "npv": "money", "roi": "share"}.get(name, "number")
        look = pen.formats.number(kind, strong=True, font_size=LEAD_SIZE)  # type: ignore[arg-type]
        pen.label(row, words.figure_label(name, result), WIDTHS[0] * BODY_SIZE / LEAD_SIZE, font_size=LEAD_SIZE)
        pen.formula(row, 1, f"={content.names[name]}", look, result.point[name])
        if name == "payback_months":
            pen.aside(row, 2, _("months after go-live"))
    note = _(
        "Every input has its likely value here. Page and proposal put the middle of all futures first; the two differ "
        "where a range reaches further to one side."
    )
    _paragraph(pen, HEADLINE + 7, note)


def _detection(pen: Pen, row: int) -> int:
    """Write when it will be known whether dropout has fallen; return the last row."""
    found = pen.content.result.detection
    pen.heading(row, _("When you will know"))
    before, after = "dropout_rate_before", "dropout_rate_after"
    fall = f"(({before}-{after})/{QUANTILES})"
    needed = f"({fall}*{fall})"
    noise = f"{before}*(1-{before})"
    history = f"IF(analysis_history_months>0,{noise}/(clinic_intakes_per_month*analysis_history_months),{needed})"
    each = f"({noise}+{after}*(1-{after}))/{needed}/clinic_intakes_per_month"
    left = f"({needed}-{history})"
    later = f"{after}*(1-{after})/{left}/clinic_intakes_per_month"
    rows: tuple[tuple[str, str, str, Value], ...] = (
        ("months_per_period", f"{needed}>0", each, found.months_per_period),
        ("months_after_with_history", f"AND({needed}>0,{left}>0)", later, found.months_after_with_history),
    )
    none = quoted(_("none"))
    for name, exists, months, value in rows:
        row += 1
        formula = f"=IF({exists},IF({months}<={LONGEST},{months},{none}),{none})"
        pen.label(row, _(DETECTION_LABELS[name]), WIDTHS[0])
        pen.formula(row, 1, formula, pen.formats.number("number"), value, name)
    return row


def _notes(pen: Pen, row: int) -> int:
    """Say what this file is and is not; return the last row."""
    result, currency = pen.content.result, pen.content.result.currency
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    futures = _(
        "As delivered, not following the cells: in the middle of %(futures)s futures revenue kept is %(kept)s a year "
        "(90%% range %(kept_range)s) and the net benefit %(net)s (%(net_range)s); it pays in %(chance)s.",
        futures=number(result.resolved.draws, 0),
        kept=money(kept.p50, currency),
        kept_range=money_range(kept.p5, kept.p95, currency),
        net=money(net.p50, currency),
        net_range=money_range(net.p5, net.p95, currency),
        chance=chance(result.probability_npv_positive),
    )
    made = result.reproducibility
    version = _(
        "Rapport %(version)s, evidence %(evidence)s, inputs %(inputs)s.",
        version=made.version, evidence=made.evidence_sha256[:12], inputs=made.inputs_sha256[:12],
    )  # fmt: skip
    pen.heading(row, _("How to read it"))
    texts = (
        _("Yellow cells on the sheet Inputs may be changed, and all else follows. Protection has no password."),
        _("A figure that does not exist, such as a payback that never comes, is shown as “none”."),
        futures,
        version,
    )
    for text in texts:
        row += 1
        _paragraph(pen, row, text)
    return row


def _paragraph(pen: Pen, row: int, text: str) -> None:
    """Write a text over the width of the sheet, on as many lines as it needs."""
    pen.sheet.merge_range(row, 0, row, 2, "", pen.formats.quiet)
    pen.text(row, 0, text, pen.formats.quiet)
    pen.fit(row, [(text, sum(WIDTHS))])
