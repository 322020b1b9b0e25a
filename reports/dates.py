"""Dates as they are written in the language in use."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from calculator.language import spoken


def day(value: date) -> str:
    """Return a date as it is written in the language in use.

    >>> day(date(2026, 11, 25))
    'November 25, 2026'
    """
    return _written(value, str(spoken().locale))


@lru_cache(maxsize=1000)  # a list shows the same few days over and over
def _written(value: date, locale: str) -> str:
    from babel.dates import format_date  # few results have a date, and it takes a while to load

    return format_date(value, "long", locale=locale)
