"""What the tokens mean on paper: colours, paragraph styles, lengths. Paper is always light."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm, mm

from reports import typeface
from reports.tokens import load_tokens

MARGIN = 2 * cm
MARGIN_COLUMN = 3.6 * cm  # sources and badges
GUTTER = 0.6 * cm
FOOT = 1.1 * cm  # the running foot's baseline, from the lower edge
STEP = 2 * mm  # the eight-pixel grid at the scale of paper
HAIRLINE = 0.5
CELL = 1 * mm  # above and below a table's text
BETWEEN = 1.8 * mm  # left and right of it


@cache
def colour(role: str) -> Color:
    """Return a token's colour in the light scheme."""
    return HexColor(load_tokens().light[role])


@dataclass(frozen=True)
class Theme:
    """The paragraph styles of a report, each named for what it is for."""

    figure: ParagraphStyle
    title: ParagraphStyle
    lead: ParagraphStyle
    subhead: ParagraphStyle
    body: ParagraphStyle
    quiet: ParagraphStyle
    small: ParagraphStyle
    entry: ParagraphStyle
    cell: ParagraphStyle
    number: ParagraphStyle
    head: ParagraphStyle
    head_number: ParagraphStyle
    margin: ParagraphStyle


@cache
def load_theme() -> Theme:
    """Return the styles, made once."""
    typeface.register()
    body = _style("body", "body", space_after=1.5 * STEP)
    small = _style("small", "small")
    strong_small = _style("head", "small", strong=True, role="quiet")
    return Theme(
        figure=_style("figure", "figure", strong=True, role="kept", tight=True, space_after=STEP),
        title=_style("title", "title", strong=True, tight=True, space_after=2 * STEP),
        lead=_style("lead", "lead", space_after=2 * STEP),
        subhead=_style("subhead", "body", strong=True, space_before=2 * STEP, space_after=STEP / 2),
        body=body,
        quiet=_style("quiet", "body", role="quiet", space_after=STEP),
        small=_style("note", "small", role="quiet", space_after=STEP),
        entry=_style("entry", "small", space_after=1.5 * STEP),
        cell=small,
        number=ParagraphStyle("number", parent=small, alignment=TA_RIGHT),
        head=strong_small,
        head_number=ParagraphStyle("head number", parent=strong_small, alignment=TA_RIGHT),
        margin=_style("margin", "small", role="quiet", space_after=STEP),
    )


def _style(
    name: str,
    size: str,
    *,
    role: str = "ink",
    strong: bool = False,
    tight: bool = False,
    space_before: float = 0.0,
    space_after: float = 0.0,
) -> ParagraphStyle:
    tokens = load_tokens()
    points = tokens.sizes[size].paper
    return ParagraphStyle(
        name,
        fontName=typeface.STRONG if strong else typeface.REGULAR,
        fontSize=points,
        leading=points * (tokens.tight if tight else 1.4),
        textColor=colour(role),
        spaceBefore=space_before,
        spaceAfter=space_after,
        linkUnderline=0,
        bulletFontName=typeface.REGULAR,
        splitLongWords=1,
    )
