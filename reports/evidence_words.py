"""How a figure of the evidence library is put: its value in its unit, its interval, and what kind of source it has."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from assumptions import Figure
from calculator import display
from calculator.language import gettext as _
from calculator.language import mark, ngettext

Standing = Literal["found", "judgement", "claim"]

DECIMALS = frozenset({
    "SD", "correlation", "reliability", "odds ratio of dropout", "hazard ratio of dropout", "risk ratio of dropout",
    "ratio", "SD of log-odds", "SD of logs", "AUC", "F1",
})  # fmt: skip
PLACES = 2  # of those; what a table or a tip shows is exact
PHRASES = {
    "per year": mark("%(value)s a year"),
    "SD": mark("%(value)s standard deviations"),
    "correlation": mark("a correlation of %(value)s"),
    "reliability": mark("a reliability of %(value)s"),
    "odds ratio of dropout": mark("an odds ratio of %(value)s"),
    "hazard ratio of dropout": mark("a hazard ratio of %(value)s"),
    "risk ratio of dropout": mark("a risk ratio of %(value)s"),
    "ratio": mark("a ratio of %(value)s"),
    "factor": mark("a factor of %(value)s"),
    "SD of log-odds": mark("%(value)s standard deviations of the log-odds"),
    "SD of logs": mark("%(value)s standard deviations of the logarithms"),
    "AUC": mark("an AUC of %(value)s"),
    "F1": mark("an F1 score of %(value)s"),
    "sessions per year": mark("%(value)s sessions a year"),
    "units per month": mark("%(value)s sessions or days a month"),
    "hours per week": mark("%(value)s hours a week"),
    "years of salary": mark("%(value)s years of salary"),
    "USD per session": mark("%(value)s a session"),
    "USD per quarter-hour": mark("%(value)s a quarter-hour"),
    "USD per day": mark("%(value)s a day"),
    "USD per hour": mark("%(value)s an hour"),
    "USD per year": mark("%(value)s a year"),
    "USD per clinician and year": mark("%(value)s a clinician and year"),
    "USD per episode": mark("%(value)s an episode"),
}  # units that are not here and are not counted say nothing beside the number
SOURCE_WORDS = {
    "study": mark("Study"),
    "survey": mark("Survey"),
    "registry": mark("Official register"),
    "regulation": mark("Regulation"),
    "price-list": mark("Price list"),
    "trade-press": mark("Trade press"),
    "vendor": mark("Vendor’s claim"),
    "judgement": mark("Judgement"),
}
READING_BADGES = {
    "causal": mark("Cause"),
    "part-causal": mark("Mostly a cause"),
    "associational": mark("Association"),
    "descriptive": mark("Description"),
    "opinion": mark("Opinion"),
}


def standing(figure: Figure) -> Standing:
    """Return whether somebody found it, we judge it, or somebody with something to sell says so."""
    if figure.kind == "judgement":
        return "judgement"
    return "claim" if figure.source_type == "vendor" else "found"


def amount(figure: Figure, value: float) -> str:
    """Return a value of a figure without its unit, in as many digits as a reader needs."""
    if figure.unit in DECIMALS:
        return display.number(value, PLACES)
    return _whole(figure.unit, value)


def exact(figure: Figure, value: float) -> str:
    """Return a value of a figure without its unit, as it is written in the library."""
    if figure.unit not in DECIMALS:
        return _whole(figure.unit, value)
    places = -int(Decimal(repr(float(value))).normalize().as_tuple().exponent)
    return display.number(value, min(max(places, PLACES), 10))


def tick(figure: Figure, value: float) -> str:
    """Return a round value on the scale of a figure."""
    return display.trimmed(value) if figure.unit in DECIMALS else _whole(figure.unit, value)


def span(figure: Figure) -> str:
    """Return the interval or range of a figure without its unit; empty where it has none."""
    if figure.interval is None:
        return ""
    low, high = amount(figure, figure.interval.low), amount(figure, figure.interval.high)
    return _("%(low)s to %(high)s", low=low, high=high)


def cited(figure: Figure) -> str:
    """Return the value with its interval, or the range alone, without the unit; empty for a direction."""
    if figure.value is None:
        return span(figure)
    if figure.interval is None:
        return amount(figure, figure.value)
    return _("%(value)s (%(span)s)", value=amount(figure, figure.value), span=span(figure))


def worth(figure: Figure) -> str:
    """Return the value in its unit, or the range where there is no value, or that it is a direction."""
    if figure.value is not None:
        return in_unit(figure.unit, amount(figure, figure.value), figure.value)
    if figure.interval is not None:
        return in_unit(figure.unit, span(figure), figure.interval.high)
    return _("a direction, no size")


def interval_name(figure: Figure) -> str:
    """Return what the two bounds are."""
    if figure.interval is None:
        return ""
    if figure.interval.level is None:
        return _("range")
    return _("%(level)s confidence interval", level=display.share(figure.interval.level))


def in_unit(unit: str, text: str, number: float) -> str:
    """Return a number that is dressed already with its unit; ``number`` decides between one and many."""
    if unit in PHRASES:
        return _(PHRASES[unit], value=text)
    match unit:
        case "points":
            return ngettext("%(number)s point", "%(number)s points", number, number=text)
        case "sessions":
            return ngettext("%(number)s session", "%(number)s sessions", number, number=text)
        case "days":
            return ngettext("%(number)s day", "%(number)s days", number, number=text)
        case "calendar days":
            return ngettext("%(number)s calendar day", "%(number)s calendar days", number, number=text)
        case "weeks":
            return ngettext("%(number)s week", "%(number)s weeks", number, number=text)
        case "months":
            return ngettext("%(number)s month", "%(number)s months", number, number=text)
        case "hours":
            return ngettext("%(number)s hour", "%(number)s hours", number, number=text)
        case "minutes":
            return ngettext("%(number)s minute", "%(number)s minutes", number, number=text)
    return text


def _whole(unit: str, value: float) -> str:
    if unit.startswith("USD"):
        return display.quantity(value, "money")
    return display.quantity(value, "share" if unit in ("share", "per year") else "number")
