"""Names of people and organisations: any but none, on one line."""

from __future__ import annotations

from calculator.language import gettext as _
from web.storage.base import LONGEST_NAME


def unusable_name(text: str) -> str:
    r"""Return what is wrong with a name, empty where nothing is.

    >>> [bool(unusable_name(text)) for text in ("Ada Lovelace", "", "x" * 101, "two\nlines")]
    [False, True, True, True]
    """
    if not text.strip():
        return _("Write a name.")
    if len(text) > LONGEST_NAME or not text.isprintable():
        return _("Use at most %(most)s letters, on one line.", most=LONGEST_NAME)
    return ""
