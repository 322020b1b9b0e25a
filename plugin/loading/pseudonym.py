"""Pseudonyms: an identifier becomes a keyed hash, so that nobody without the clinic's salt can find it again.

The salt never leaves the data folder; with another salt the same client has another pseudonym, so files of two clinics
cannot be joined. Pseudonymised data are still personal data in law (GDPR, recital 26).
"""

from __future__ import annotations

import contextlib
import hmac
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from plugin.caseload import Texts, texts
from plugin.errors import PluginError

Kind = Literal["episode", "client", "clinician"]

SALT_FILE: Final = "pseudonym.salt"
_SALT_BYTES = 32
_LETTER: Final[dict[Kind, str]] = {"episode": "e", "client": "c", "clinician": "k"}


def pseudonym(salt: bytes, kind: Kind, identifier: str) -> str:
    """Return the pseudonym of an identifier, 64 bits of its HMAC-SHA-256; blank stays blank.

    The kind is hashed too: a client and an episode with the same number have nothing in common.

    >>> pseudonym(bytes(32), "client", "17") == pseudonym(bytes(32), "client", " 17 ")
    True
    >>> pseudonym(bytes(32), "clinician", "")
    ''
    """
    written = identifier.strip()
    if not written:
        return ""
    digest = hmac.digest(salt, f"{kind}\0{written}".encode(errors="surrogatepass"), "sha256")
    return f"{_LETTER[kind]}-{digest[:8].hex()}"


def pseudonyms(salt: bytes, kind: Kind, identifiers: Iterable[str]) -> Texts:
    """Return the pseudonyms of many identifiers, in their order."""
    return texts([pseudonym(salt, kind, identifier) for identifier in identifiers])


def read_salt(folder: Path) -> bytes:
    """Return the salt kept in a folder; made at the first use, readable by its owner alone.

    Two processes that start at once get the same salt, and none sees half of it.

    Raises:
        PluginError: where the file is damaged or others may read it.
        OSError: where it cannot be read or made.
    """
    path = folder / SALT_FILE
    if not path.exists():
        _make(path)
    salt = path.read_bytes()
    if len(salt) != _SALT_BYTES:
        raise PluginError([f"{SALT_FILE}: is damaged; put it back from a backup, for a new one changes all pseudonyms"])
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise PluginError([f"{SALT_FILE}: others may read it, which undoes the pseudonyms; set its mode to 600"])
    return salt


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, whole = tempfile.mkstemp(prefix=f".{SALT_FILE}.", dir=path.parent)  # exclusive, and of mode 600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(os.urandom(_SALT_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its salt is the one
            os.link(whole, path)
    finally:
        os.unlink(whole)
