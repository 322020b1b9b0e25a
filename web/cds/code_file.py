"""A clinic's own codes: the file that ``RAPPORT_CDS_CODES`` names, read at the start."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from plugin.cds.codes import CodeMap, read_codes, usual_codes
from plugin.errors import PluginError

LARGEST_FILE: Final = 200_000  # bytes


def read_code_file(path: Path) -> CodeMap:
    """Return the usual codes changed by those in a file (``plugin.cds.codes.read_codes`` says what it holds).

    Raises:
        PluginError: with everything that is wrong with it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError for a NUL in the name
        raise PluginError([f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'no such file'}"]) from None
    if len(content) > LARGEST_FILE:
        raise PluginError([f"{path}: is larger than {LARGEST_FILE:,} bytes"])
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except ValueError as error:  # of decoding and TOML alike
        raise PluginError([f"{path}: is not valid TOML: {error}"]) from None
    except RecursionError:
        raise PluginError([f"{path}: is nested too deeply"]) from None
    return read_codes(tables, usual_codes(), str(path))
