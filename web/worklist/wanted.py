"""What the page's small form asks for: the day, how many calls the team can make, and in which order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from calculator.language import gettext as _
from plugin.worklist import ORDERS
from reports.dates import day

CALLS: Final = 10  # where none is asked for
MOST_CALLS: Final = 500
LONGEST: Final = dt.timedelta(days=366)  # after the records end, a list says nothing any more
LONGEST_TEXT: Final = 40  # characters of a field that are put back
STALE: Final = dt.timedelta(days=14)


@dataclass(frozen=True)
class Wanted:
    """What is asked for; where it cannot be had, the usual and what to write instead.

    Attributes:
        as_of: the day the list is as seen on.
        latest: the latest day in the records.
        calls: clients a week.
        order: one of ``plugin.worklist.ORDERS``.
        problems: by name of the field.
        typed: what stood in fields with a problem, so that nobody types it twice.
    """

    as_of: dt.date
    latest: dt.date
    calls: int
    order: str
    problems: dict[str, str]
    typed: dict[str, str]

    @property
    def stale(self) -> bool:
        """Return whether the records end so long before the day that they may miss what has happened since."""
        return self.as_of - self.latest > STALE

    @property
    def last_allowed(self) -> dt.date:
        """Return the last day that may be asked for."""
        return self.latest + LONGEST


def wanted(values: MultiDict[str, str], latest: dt.date) -> Wanted:
    """Return what a request asks for, given the latest day in the records."""
    problems: dict[str, str] = {}
    as_of, calls, order = latest, CALLS, values.get("order") or ORDERS[0]
    if text := values.get("as_of", "").strip():
        try:
            as_of = dt.date.fromisoformat(text)
        except ValueError:
            problems["as_of"] = _("Write the day as 2026-06-30.")
        if not latest <= as_of <= latest + LONGEST:
            problems["as_of"] = _(
                "Your files say how things stood on %(day)s; write that day or one in the year after it.",
                day=day(latest),
            )
            as_of = latest
    if text := values.get("calls", "").strip():
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
        if 1 <= number <= MOST_CALLS:
            calls = number
        else:
            problems["calls"] = _("Write a whole number from 1 to %(most)s.", most=MOST_CALLS)
    if order not in ORDERS:
        problems["order"] = _("Choose one of the two orders.")
        order = ORDERS[0]
    typed = {name: values.get(name, "")[:LONGEST_TEXT] for name in problems}
    return Wanted(as_of, latest, calls, order, problems, typed)
