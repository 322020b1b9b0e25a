"""JSON from others, read strictly: what two readers could understand in two ways is not read at all."""

from __future__ import annotations

import json
import math
from typing import Any, Final, NoReturn

_HALF: Final = "\\ud"  # begins what may be half a character, which can be written nowhere


class JsonError(ValueError):
    """A text is no JSON that can be relied on; says why without repeating any of it."""


def read_json(content: bytes) -> Any:
    """Return what a text holds.

    Raises:
        JsonError: where it is not JSON in UTF-8, has a key twice, a number JSON does not know, half a character, or
            more levels than can be read.
    """
    try:
        text = content.decode("utf-8-sig")
        found = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_once
        )
        if _HALF in text.lower():
            json.dumps(found, ensure_ascii=False).encode()
    except JsonError:
        raise
    except json.JSONDecodeError as error:
        raise JsonError(f"is not JSON: {error.msg}, line {error.lineno}, column {error.colno}") from None
    except UnicodeDecodeError:
        raise JsonError("is not JSON in UTF-8") from None
    except UnicodeEncodeError:
        raise JsonError("holds half a character (a lone surrogate)") from None
    except RecursionError:
        raise JsonError("is nested too deeply") from None
    return found


def _no_constant(_: str) -> NoReturn:
    raise JsonError("holds NaN or Infinity, which are no numbers of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonError("holds a number that is too large")
    return value


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # thousands of digits
        raise JsonError("holds a number that is too large") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise JsonError("has a key twice in one object")
    return found
