"""The internal rate of return, step by step: a spreadsheet's own function finds it or not, by where it starts.

The rate wanted is the highest one, up to a million percent a year, at which the flows are worth nothing today. Over
x = −ln(1 + monthly rate) the worth is looked at on a grid from the highest rate down, and closer around where it comes
nearest to zero if it does not get there; the first change of sign is then halved until no digit is left.
"""

from __future__ import annotations

from calculator.language import gettext as _
from reports.workbook.content import MOST_MONTHS, Pen, cell, quoted, span

SIGN = 16  # column of the sign of the flows, beside the table of months
X, WORTH, HIGHEST, UPPER = range(17, 21)  # columns of the grids, and of the halving
TOP = 3
FIXED = TOP + 1  # sign changes, the sign at the highest rate, the sign of the first flow, where the search ends
COARSE = FIXED + 7
STEPS, DOUBLINGS = 48, 6
FINE = COARSE + STEPS + DOUBLINGS + 3
FINE_STEPS = 32
FINER = FINE + FINE_STEPS + 3
HALVING = FINER + FINE_STEPS + 3
HALVINGS = 44


def rate_of_return(pen: Pen, rows: tuple[int, int], net_column: int, month_column: int) -> str:
    """Write the search beside what is printed, and return the formula of the rate.

    Args:
        pen: writes on the sheet of the flows.
        rows: the first and the last row of the flows.
        net_column: of the flows; zero past the horizon.
        month_column: of the month each falls at the end of, no later than the horizon.
    """
    first, last = rows
    net, month = span(first, last, net_column), span(first, last, month_column)
    _signs(pen, first, last, net_column)
    signs, exact = span(first, last, SIGN), pen.formats.number("exact")
    before, after = span(first, last - 1, SIGN), span(first + 1, last, SIGN)
    changes, start, begin, found = (cell(FIXED + row, WORTH) for row in range(4))

    def worth(x: str) -> str:
        """Return the formula of the flows' worth at x as a share of their size, so that no power is out of bounds."""
        scale = f"EXP({x}*{month}-MAX(0,{x}*analysis_horizon_months))"
        return f"SUMPRODUCT({net}*{scale})/MAX(SUMPRODUCT(ABS({net})*{scale}),1E-300)"

    pen.text(TOP, X, _("Internal rate of return, step by step"), pen.formats.note)
    highest = cell(COARSE, X)
    zeros = f"MIN(COUNTIF({signs},0)+1,{MOST_MONTHS + 1})"
    coarse, fine, finer = COARSE + STEPS + DOUBLINGS, FINE + FINE_STEPS, FINER + FINE_STEPS
    grids = ((COARSE, coarse), (FINE, fine), (FINER, finer))
    at = [f'COUNTIF({span(top, bottom, HIGHEST)},"<0")' for top, bottom in grids]
    missed = [f"{count}={bottom - top + 1}" for count, (top, bottom) in zip(at, grids, strict=True)]
    fixed = (
        (_("changes of sign"), f"=SUMPRODUCT(({before}<>{after})*({before}<>0))"),
        (_("sign at the highest rate"), f"=SIGN({worth(highest)})"),
        (_("sign of the first flow"), f"=INDEX({signs},{zeros})"),
        (
            _("grid on which the sign changes, or 0"),
            f"=IF(OR({changes}=0,{start}<>{begin}),0,IF({missed[0]},IF({missed[1]},IF({missed[2]},0,3),2),1))",
        ),
    )
    for row, (label, formula) in enumerate(fixed, FIXED):
        pen.text(row, X, label, pen.formats.note)
        pen.formula(row, WORTH, formula, exact)

    def grid(top: int, steps: list[str]) -> None:
        pen.head(top - 1, ["x", _("worth"), _("highest so far")], texts=(), start=X)
        for place, step in enumerate(steps):
            row = top + place
            pen.formula(row, X, f"={step}", exact)
            pen.formula(row, WORTH, f"=-{start}*{worth(cell(row, X))}", exact)
            so_far = cell(row, WORTH) if place == 0 else f"MAX({cell(row - 1, HIGHEST)},{cell(row, WORTH)})"
            pen.formula(row, HIGHEST, f"={so_far}", exact)

    grid(
        COARSE,
        [
            "-LN(10001)/12",
            *(f"{cell(COARSE + step, X)}+0.032" for step in range(STEPS)),
            *(f"{cell(COARSE + STEPS + step, X)}*2" for step in range(DOUBLINGS)),
        ],
    )
    for top, (above, below) in ((FINE, grids[0]), (FINER, grids[1])):
        points, values = span(above, below, X), span(above, below, WORTH)
        nearest = f"MATCH(MAX({values}),{values},0)"
        low = f"INDEX({points},MAX({nearest}-1,1))"
        high = f"INDEX({points},MIN({nearest}+1,{below - above + 1}))"
        width = f"({high}-{low})/{FINE_STEPS}"
        pen.formula(top - 2, UPPER, f"={width}", exact)
        steps = [f"{cell(top + step, X)}+{cell(top - 2, UPPER)}" for step in range(FINE_STEPS)]
        grid(top, [low, *steps])

    pen.head(HALVING - 1, [_("from"), _("worth in the middle"), _("middle"), _("to")], texts=(), start=X)
    for step in range(HALVINGS + 1):
        row = HALVING + step
        if step == 0:
            ends = []
            for further in (0, 1):
                places = [
                    f"INDEX({span(top, bottom, X)},{count}+{further})"
                    for count, (top, bottom) in zip(at, grids, strict=True)
                ]
                ends.append(f"IF({found}=0,0,CHOOSE(MAX({found},1),{','.join(places)}))")
        else:
            middle, worthy = cell(row - 1, HIGHEST), cell(row - 1, WORTH)
            ends = [
                f"IF({worthy}<0,{middle},{cell(row - 1, X)})",
                f"IF({worthy}<0,{cell(row - 1, UPPER)},{middle})",
            ]
        pen.formula(row, X, f"={ends[0]}", exact)
        pen.formula(row, UPPER, f"={ends[1]}", exact)
        pen.formula(row, HIGHEST, f"=({cell(row, X)}+{cell(row, UPPER)})/2", exact)
        pen.formula(row, WORTH, f"=-{start}*{worth(cell(row, HIGHEST))}", exact)
    none = quoted(_("none"))
    return f"=IF({found}=0,{none},EXP(-12*{cell(HALVING + HALVINGS, HIGHEST)})-1)"


def _signs(pen: Pen, first: int, last: int, net_column: int) -> None:
    """Write the sign of each flow, that of the one before it where a flow is zero."""
    whole = pen.formats.number("whole")
    pen.head(first - 1, [_("Sign")], texts=(), start=SIGN)
    for row in range(first, last + 1):
        net = cell(row, net_column)
        formula = f"=SIGN({net})" if row == first else f"=IF({net}=0,{cell(row - 1, SIGN)},SIGN({net}))"
        pen.formula(row, SIGN, formula, whole)
