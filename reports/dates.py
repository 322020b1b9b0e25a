"""Dates as they are written in the language in use."""

from __future__ import annotations

from datetime import date

from calculator.language import spoken


def day(value: date) -> str:
    """Return a date as it is written in the language in use.

    >>> day(date(2026, 11, 25))
    'November 25, 2026'
    """
    from babel.dates import format_date  # few results have a date, and it takes a while to load

    return format_date(value, "long", locale=spoken().locale)
