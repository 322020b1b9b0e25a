"""The file of visits, checked."""

from __future__ import annotations

from plugin.caseload import Visits, visits
from plugin.loading.cells import CellError, Rows, day, number, word_of
from plugin.loading.findings import Findings
from plugin.loading.owners import Owners
from plugin.loading.source import Table
from plugin.records import VISIT_STATUSES

_DAY_OF_MINUTES = 24 * 60


def check_visits(table: Table, owners: Owners, findings: Findings) -> Visits:
    """Return a table's visits of the episodes that were kept; what is wrong with the others goes to ``findings``."""
    rows = Rows(table, findings)
    episode = owners.of(rows)
    date = rows.whole("date", day)
    status = rows.whole("status", word_of(VISIT_STATUSES))
    rows.numbers("minutes", minutes, blank=0.0)  # checked, though no feature uses them
    owners.not_before_intake(rows, episode, date)
    good = ~rows.bad
    return visits(episode[good], date[good], status[good])


def minutes(cell: str) -> float:
    """Return how long a visit took."""
    value = number(cell)
    if not 0.0 <= value <= _DAY_OF_MINUTES:
        raise CellError(f"is out of range; allowed are minutes from 0 to {_DAY_OF_MINUTES:,}")
    return value
