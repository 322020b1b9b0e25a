"""What the tokens mean on paper: paragraph styles and lengths. Paper is always light."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from reportlab.lib.units import cm, mm

from reports.pdf.style import Style, style

MARGIN = 2 * cm
MARGIN_COLUMN = 3.6 * cm  # sources and badges
GUTTER = 0.6 * cm
FOOT = 1.2 * cm  # the running foot's upper baseline, from the lower edge
STEP = 2 * mm  # the eight-pixel grid at the scale of paper
HAIRLINE = 0.5
CELL = 1 * mm  # above and below a table's text
BETWEEN = 1.8 * mm  # left and right of it


@dataclass(frozen=True)
class Theme:
    """The paragraph styles of a report, each named for what it is for."""

    figure: Style
    cover: Style
    title: Style
    lead: Style
    subhead: Style
    body: Style
    quiet: Style
    small: Style
    entry: Style
    cell: Style
    head: Style
    margin: Style


@cache
def load_theme() -> Theme:
    """Return the styles, made once."""
    return Theme(
        figure=style("figure", strong=True, role="kept", tight=True, after=STEP),
        cover=style("figure", strong=True, role="brand_edge", tight=True, after=2 * STEP),
        title=style("title", strong=True, tight=True, after=2 * STEP),
        lead=style("lead", after=2 * STEP),
        subhead=style("body", strong=True, before=2 * STEP, after=STEP / 2),
        body=style("body", after=1.5 * STEP),
        quiet=style("body", role="quiet", after=STEP),
        small=style("small", role="quiet", after=STEP),
        entry=style("small", after=1.5 * STEP),
        cell=style("small"),
        head=style("small", strong=True, role="quiet"),
        margin=style("small", role="quiet", after=STEP),
    )
