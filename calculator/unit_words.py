"""What inputs are counted in, in words, with the setting's own word for a unit of care."""

from __future__ import annotations

from collections.abc import Mapping

from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import ANY_SETTING

UNIT_WORDS = {
    "clinicians": mark("clinicians"),
    "hours a clinician, once": mark("hours a clinician, once"),
    "minutes": mark("minutes"),
    "minutes an attended unit": mark("minutes for each {unit} attended"),
    "money a clinician and month": mark("{currency} a clinician and month"),
    "money a covered intake": mark("{currency} a new client covered"),
    "money a new client": mark("{currency} a new client"),
    "money a unit": mark("{currency} a {unit}"),
    "money an hour": mark("{currency} an hour"),
    "money, once": mark("{currency}, once"),
    "months": mark("months"),
    "new episodes a month": mark("new clients a month"),
    "odds ratio": mark("odds ratio"),
    "per year": mark("a year"),
    "share": mark("share"),
    "share of attended units": mark("share of the {units} attended"),
    "share of completers": mark("share of those who stay"),
    "share of dropouts": mark("share of dropouts"),
    "share of dropouts acted on": mark("share of dropouts acted on"),
    "share of episodes": mark("share of clients"),
    "share of flags": mark("share of flags"),
    "share of freed units": mark("share of the {units} freed"),
    "share of intakes": mark("share of new clients"),
    "share of scheduled units": mark("share of the {units} planned"),
    "share of the allowed amount": mark("share of the allowed amount"),
    "standard deviations": mark("standard deviations"),
    "units": mark("{units}"),
    "units a month": mark("{units} a month"),
}


def unit_words(unit: str, currency: str, words: Mapping[str, str] = ANY_SETTING) -> str:
    """Return a declared unit in words.

    >>> unit_words("money a unit", "USD", {"unit": "session", "units": "sessions"})
    'USD a session'
    """
    filled = {key: _(word) for key, word in words.items()}
    return _(UNIT_WORDS[unit]).format_map({**filled, "currency": currency})
