"""Passwords: argon2id with the parameters of RFC 9106 for limited memory, and a few words on what is too weak."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from calculator.language import gettext as _

SHORTEST: Final = 12  # characters; NIST SP 800-63B asks for 8 at least, and for 15 where nothing else is asked
LONGEST: Final = 256
_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, type=Type.ID)  # RFC 9106, section 4
#: Compared with where there is no account, so that an answer takes as long and tells nothing.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b1dWRWJTmaaJObG"


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Return whether a password is the one that was stored; takes as long where nothing was."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Return whether a stored password was hashed by other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def weakness(password: str, *about: str) -> str:
    """Return what is wrong with a new password, empty where it will do.

    Length counts and composition does not (NIST SP 800-63B, 5.1.1.2); what everybody would try first is refused.

    Args:
        password: the new one.
        about: the person's name and address, and what else stands beside it on the page.
    """
    if len(password) < SHORTEST:
        return _("Use at least %(most)s characters; a few words in a row are easy to remember.", most=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(most)s characters.", most=LONGEST)
    plain = password.casefold()
    if len(set(plain)) < 5:
        return _("It repeats too few characters; use a few words in a row.")
    known = [part for text in about for part in text.casefold().replace("@", " ").split() if len(part) >= 4]
    if any(part in plain and len(plain) - len(part) < 6 for part in [*known, "password", "rapport", "contraseña"]):
        return _("It is mostly a name or a word that everybody would try first; use a few words in a row.")
    return ""
