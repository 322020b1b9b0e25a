"""Names of files that a report is saved under."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60  # characters


def slug(name: str) -> str:
    """Return a name fit for a file.

    >>> slug("Café & Söhne — Counseling"), slug("心理")
    ('cafe-sohne-counseling', 'clinic')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-") or "clinic"
