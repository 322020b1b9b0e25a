"""Names of the files that a batch writes."""

from __future__ import annotations

from reports.filename import slug

MANIFEST = "manifest.csv"
JOURNAL = ".rapport-batch.jsonl"
TEMPORARY = ".rapport-batch.tmp"


def file_stem(row: int, name: str) -> str:
    """Return the name of a row's files, without its ending: the row's number, then the clinic's name.

    >>> file_stem(7, "Café & Söhne — Counseling"), file_stem(12, "心理")
    ('0007-cafe-sohne-counseling', '0012-clinic')
    """
    return f"{row:04d}-{slug(name)}"
