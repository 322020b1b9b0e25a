"""The file of visits, checked."""

from __future__ import annotations

from plugin.caseload import Visits, visits
from plugin.loading import rules
from plugin.loading.cells import Rows
from plugin.loading.findings import Findings
from plugin.loading.owners import Owners
from plugin.loading.source import Table


def check_visits(table: Table, owners: Owners, findings: Findings) -> Visits:
    """Return a table's visits of the episodes that were kept; what is wrong with the others goes to ``findings``."""
    rows = Rows(table, findings)
    episode = owners.of(rows)
    read = {name: rows.whole(name, cell.read, cell.blank) for name, cell in rules.VISIT_CELLS.items()}
    date, status = read["date"], read["status"]
    owners.not_before_intake(rows, episode, date)
    good = ~rows.bad
    return visits(episode[good], date[good], status[good])
