"""The file of ratings, checked."""

from __future__ import annotations

from plugin.caseload import Ratings, ratings
from plugin.loading.cells import Rows, day, number, whole, word_of
from plugin.loading.findings import Findings
from plugin.loading.owners import Owners
from plugin.loading.source import Table
from plugin.records import MEASURES

_MOST_UNITS = 10_000


def check_ratings(table: Table, owners: Owners, findings: Findings) -> Ratings:
    """Return a table's ratings of the episodes that were kept; what is wrong with the others goes to ``findings``."""
    rows = Rows(table, findings)
    episode = owners.of(rows)
    unit = rows.whole("unit", whole(0, _MOST_UNITS), blank=-1)
    date = rows.whole("date", day)
    measure = rows.whole("measure", word_of(MEASURES))
    score, low, high = (rows.numbers(name, number) for name in ("score", "scale_min", "scale_max"))
    owners.not_before_intake(rows, episode, date)
    rows.wrong("scale_min", ~rows.bad & (low >= high), "is not below scale_max")
    outside = ~rows.bad & ((score < low) | (score > high))
    rows.wrong("score", outside, "lies outside scale_min to scale_max of its row")
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
