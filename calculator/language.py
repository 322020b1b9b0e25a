"""The language of labels and sentences and the locale of numbers: English of the United States unless a caller says so.

The caller, such as a web page, brings the translations; this package reads none. ``with speaking(language):`` holds
for the code inside, and in one thread only.
"""

from __future__ import annotations

import gettext as standard
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

from babel import Locale


@dataclass(frozen=True)
class Language:
    """How to speak to somebody.

    Attributes:
        code: of the language, such as ``es``.
        territory: whose habits numbers and dates follow, such as ``MX``.
        translations: from the English texts.
    """

    code: str = "en"
    territory: str = "US"
    translations: standard.NullTranslations = field(default_factory=standard.NullTranslations, compare=False)

    @property
    def tag(self) -> str:
        """Return the tag of BCP 47, such as ``es-MX``."""
        return f"{self.code}-{self.territory}" if self.territory else self.code

    @cached_property
    def locale(self) -> Locale:
        """Return what Babel knows of the language there."""
        return Locale(self.code, self.territory or None)


ENGLISH = Language()
_SPOKEN: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def spoken() -> Language:
    """Return the language in use."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Use a language for the code inside."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def gettext(text: str, /, **values: object) -> str:
    """Return a text in the language in use, its ``%(name)s`` filled in where there are values.

    >>> gettext("%(units)s kept in care", units="Sessions")
    'Sessions kept in care'
    """
    found = _SPOKEN.get().translations.gettext(text) if text else ""
    return found % values if values else found


def ngettext(one: str, many: str, number: float, /, **values: object) -> str:
    """Return the form that goes with a number, ``%(number)s`` among what is filled in.

    >>> ngettext("%(number)s month", "%(number)s months", 1), ngettext("%(number)s month", "%(number)s months", 2)
    ('1 month', '2 months')
    """
    count = int(number) if float(number).is_integer() else 2  # 1.5 months
    found = _SPOKEN.get().translations.ngettext(one, many, count)
    return found % {"number": number, **values}


def mark(text: str) -> str:
    """Mark a text for translation where it is declared; whoever shows it translates it."""
    return text
