"""Moments as a reader thinks of them: how long ago, and exactly."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_time, format_timedelta

from calculator.language import gettext as _
from calculator.language import spoken
from reports.dates import day
from web.storage.base import now

RECENT = dt.timedelta(days=7)  # after which the day says more


def ago(moment: dt.datetime) -> str:
    """Return how long ago something was; the day where that is more than a week.

    >>> ago(now() - dt.timedelta(minutes=3)), ago(now()), ago(dt.datetime(2020, 11, 25, tzinfo=dt.UTC))
    ('3 minutes ago', 'just now', 'November 25, 2020')
    """
    past = now() - moment
    if past < dt.timedelta(minutes=1):
        return _("just now")
    if past >= RECENT:
        return day(moment.date())
    return format_timedelta(-past, add_direction=True, locale=spoken().locale)


def exactly(moment: dt.datetime) -> str:
    """Return a moment to the minute, in the one zone that everybody shares.

    >>> exactly(dt.datetime(2026, 11, 25, 14, 5, tzinfo=dt.UTC)).replace(chr(0x202F), " ")
    'Nov 25, 2026, 2:05 PM UTC'
    """
    locale = spoken().locale
    date, time = (
        format_date(moment, "medium", locale=locale),
        format_time(moment, "short", tzinfo=dt.UTC, locale=locale),
    )
    return _("%(date)s, %(time)s UTC", date=date, time=time)
