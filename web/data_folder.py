"""Where this server keeps what it must keep: a folder that is named, or the platform's usual one for a user's data."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def usual_folder(platform: str = sys.platform, variables: Mapping[str, str] = os.environ) -> Path:
    """Return the platform's folder for a user's data; it need not be there yet.

    >>> usual_folder("linux", {"XDG_DATA_HOME": "/var/data"}).as_posix()
    '/var/data/rapport'
    """
    home = Path(variables.get("HOME") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Rapport"
    if platform == "win32":
        return Path(variables.get("APPDATA") or home / "AppData" / "Roaming") / "Rapport"
    named = Path(variables.get("XDG_DATA_HOME", ""))  # a relative one is to be ignored, says the specification
    return (named if named.is_absolute() else home / ".local" / "share") / "rapport"


def usable_folder(text: str) -> Path:
    """Return a folder that can be written to, or made; nothing is made yet.

    Raises:
        ValueError: with what was found and what to write instead.
    """
    shown = text[:200]
    if "\0" in text:
        raise ValueError(f"is {shown!r}; write the path of a folder.")
    path = Path(text).expanduser() if text.startswith("~/") else Path(text)
    if not path.is_absolute():
        raise ValueError(f"is {shown!r}; write the whole path of a folder, such as /var/lib/rapport.")
    try:
        nearest = next(each for each in (path, *path.parents) if each.exists())
    except OSError as error:
        raise ValueError(f"is {shown!r}, which cannot be looked at: {error.strerror}.") from None
    if not nearest.is_dir():
        raise ValueError(f"is {shown!r}, but {str(nearest)[:200]} is a file; name a folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise ValueError(f"is {shown!r}, which may not be written to; name a folder that the server may write to.")
    return path
