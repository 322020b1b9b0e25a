"""E-mail addresses: how they are compared, and what cannot be one."""

from __future__ import annotations

import re
from typing import Final

from calculator.language import gettext as _
from web.storage.base import LONGEST_EMAIL

#: Loose on purpose: whether an address takes mail is found out by writing to it and by nothing else.
_SHAPE: Final = re.compile(r"[^\s@<>\",;:\\()\[\]]{1,64}@[^\s@<>\",;:\\()\[\]]+\.[^\s@<>\",;:\\()\[\].]{2,63}")


def folded(text: str) -> str:
    """Return an address as it is stored and compared.

    >>> folded(" Ada@Example.ORG ")
    'ada@example.org'
    """
    return text.strip().lower()


def unusable(text: str) -> str:
    """Return what is wrong with a folded address, empty where nothing is.

    >>> [bool(unusable(text)) for text in ("ada@example.org", "ada@localhost", "a b@example.org", "")]
    [False, True, True, True]
    """
    if not text:
        return _("Write an e-mail address.")
    if len(text) > LONGEST_EMAIL or not text.isprintable() or not _SHAPE.fullmatch(text) or ".." in text:
        return _("That is no e-mail address; write it like name@example.org.")
    return ""
