"""BRAND.toml from a path, with the logos that lie beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from calculator.errors import InputError, Problem
from reports.brand.brand import Brand
from reports.brand.logo import MOST_BYTES_ON_PAPER, read_picture
from reports.brand.parse import brand_with

MOST_BYTES = 200_000


def read_brand(path: Path) -> Brand:
    """Return the brand in a BRAND.toml; the names of its logos count from the folder it lies in.

    Raises:
        InputError: with one problem for each fault of the file and of its logos, all of them at once.
    """
    data = _toml(path)
    return brand_with(
        data, lambda name: read_picture(path.parent / name, MOST_BYTES_ON_PAPER, "a PNG, JPEG or SVG file")
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        content = read_picture(path, MOST_BYTES, "a BRAND.toml")
    except ValueError as fault:
        message = str(fault).removeprefix(": ").removeprefix(", which ").replace("the picture", "the file")
        raise InputError([Problem("", f"cannot be read: {message}")]) from None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        message = "is not a text file in UTF-8; write a BRAND.toml."
    except tomllib.TOMLDecodeError as error:
        message = f"is not valid TOML: {error}. Text stands in quotes, a table in [brackets], and a key once."
    except RecursionError:
        message = "is nested too deeply to be a BRAND.toml."
    except ValueError:  # of tomllib, for a number of thousands of digits
        message = "has a number that is far too long."
    raise InputError([Problem("", message)])
