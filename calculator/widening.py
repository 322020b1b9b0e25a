"""How uncertain a user's own estimate is when it was given as one number. The rule is shown wherever it is used."""

from __future__ import annotations

from assumptions import Distribution, Library
from calculator.display import trimmed
from calculator.language import gettext as _
from calculator.quantity import Quantity


def widened(value: float, declared: Quantity, library: Library) -> Distribution:
    """Return a PERT distribution around an estimate, or the number itself where it is decided rather than estimated.

    An amount v goes from v/f to v·f with f the figure ``estimate_amount_factor``; a share goes from odds/g to odds·g
    with g ``estimate_odds_factor``, which keeps it between 0 and 1. Zero stays zero, and a share of 1 stays 1.
    """
    low, high = value, value
    if declared.widen == "amount":
        factor = library.roles["estimate_amount_factor"].value or 1.0
        low, high = sorted((value / factor, value * factor))
    elif declared.widen == "share" and 0.0 < value < 1.0:
        factor = library.roles["estimate_odds_factor"].value or 1.0
        odds = value / (1.0 - value)
        low, high = odds / factor / (1.0 + odds / factor), odds * factor / (1.0 + odds * factor)
    low, high = max(low, min(declared.ge, value)), min(high, max(declared.le, value))
    return Distribution("pert", (low, value, high)) if low < high else Distribution("fixed", (value,))


def rule(library: Library) -> str:
    """Return the rule in words, for page and paper."""
    amount, odds = library.roles["estimate_amount_factor"], library.roles["estimate_odds_factor"]
    return _(
        "An estimate given as one number is taken as uncertain: an amount may be %(amount)s times smaller or larger, "
        "and the odds of a share %(odds)s times. A measured number stays as it is.",
        amount=trimmed(amount.value or 1.0),
        odds=trimmed(odds.value or 1.0),
    )
