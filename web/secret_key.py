"""The server's own secret: from the environment, or made at the first start and kept with mode 600."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from calculator import RapportError

FILE: Final = "secret_key"
SHORTEST: Final = 32  # characters


def secret_key(text: str) -> str:
    """Return a key that is long enough.

    Raises:
        ValueError: with what to write instead; the key is not repeated.
    """
    if len(text) < SHORTEST:
        raise ValueError(
            f"has {len(text)} characters; write at least {SHORTEST} random ones, or leave it out and one is made."
        )
    return text


def kept_key(folder: Path) -> str:
    """Return the key in a data folder; made there where there is none. Processes that start together get the same.

    Raises:
        RapportError: where it cannot be read or others may read it, saying what to do.
    """
    path = folder / FILE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE}-")  # mode 600
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)  # fails where another process was first; its key is as good
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise RapportError(f"{path}: may be read by others than its owner; run `chmod 600` on it.")
    key = path.read_text("ascii").strip()
    if len(key) < SHORTEST:
        raise RapportError(f"{path}: holds no key. Remove it and start again; whoever is signed in must sign in anew.")
    return key
