"""How a figure of the evidence library is cited in running text: its value with its interval."""

from __future__ import annotations

from assumptions import Figure
from calculator import display
from calculator.language import gettext as _

AS_INPUTS = frozenset({"share", "per year", "points", "sessions", "number", "factor", "months"})  # the others: decimals


def amount(figure: Figure, value: float) -> str:
    """Return a value of a figure with as many digits as a reader needs."""
    if figure.unit.startswith("USD"):
        return display.money(value)
    if figure.unit in AS_INPUTS:
        return display.quantity(value, figure.unit)
    return display.number(value, 2)


def span(figure: Figure) -> str:
    """Return the interval or range of a figure; empty where it has none."""
    if figure.interval is None:
        return ""
    low, high = amount(figure, figure.interval.low), amount(figure, figure.interval.high)
    return _("%(low)s to %(high)s", low=low, high=high)


def cited(figure: Figure) -> str:
    """Return the value of a figure with its interval, or its range alone, or that it is a direction."""
    if figure.value is None:
        return span(figure) or _("a direction, no size")
    if figure.interval is None:
        return amount(figure, figure.value)
    return _("%(value)s (%(span)s)", value=amount(figure, figure.value), span=span(figure))
