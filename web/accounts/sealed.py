"""Secrets that must be read again, encrypted with a key made from the server's own."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


def seal(text: str, purpose: str) -> str:
    """Return a secret as it may be stored, or be given to the page that brings it back.

    Args:
        text: the secret.
        purpose: what it is for; it opens for nothing else.
    """
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str, seconds: int | None = None) -> str | None:
    """Return a secret that was sealed; None where it was not by this server's key, for something else or too long ago.

    Args:
        sealed: what ``seal`` returned.
        purpose: as there.
        seconds: how old it may be; None for any age.
    """
    try:
        return _fernet(purpose).decrypt(sealed.encode(), ttl=seconds).decode()
    except (InvalidToken, UnicodeError):
        return None


def _fernet(purpose: str) -> Fernet:
    secret = current_app.config["SECRET_KEY"].encode()
    derived = HKDF(SHA256(), length=32, salt=None, info=f"rapport {purpose}".encode()).derive(secret)
    return Fernet(base64.urlsafe_b64encode(derived))
