"""The file of ratings, checked."""

from __future__ import annotations

import numpy as np

from plugin.caseload import Ratings, ratings
from plugin.loading import rules
from plugin.loading.cells import Rows
from plugin.loading.findings import Findings
from plugin.loading.owners import Owners
from plugin.loading.source import Table


def check_ratings(table: Table, owners: Owners, findings: Findings) -> Ratings:
    """Return a table's ratings of the episodes that were kept; what is wrong with the others goes to ``findings``."""
    rows = Rows(table, findings)
    episode = owners.of(rows)
    read = {name: rows.numbers(name, cell.read, cell.blank) for name, cell in rules.RATING_CELLS.items()}
    unit, date, measure = (read[name].astype(np.int64) for name in ("unit", "date", "measure"))
    score, low, high = read["score"], read["scale_min"], read["scale_max"]
    owners.not_before_intake(rows, episode, date)
    rows.wrong("scale_min", ~rows.bad & (low >= high), rules.SCALE_UPSIDE_DOWN)
    outside = ~rows.bad & ((score < low) | (score > high))
    rows.wrong("score", outside, rules.OUTSIDE_SCALE)
    good = ~rows.bad
    share = (score[good] - low[good]) / (high[good] - low[good])
    columns = (episode[good], measure[good], date[good], unit[good], share)
    found = ratings(*columns)
    if len(found.day) < len(share):  # some stand twice, which is no harm unless they differ
        import pandas as pd

        different = len(pd.DataFrame(dict(enumerate(columns))).drop_duplicates()) - len(found.day)
        if different:
            findings.note(
                f"{different:,} scores share episode, measure, day and unit with another, lower one, which is used"
            )
    return found
