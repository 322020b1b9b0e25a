"""Two readings of the same thing, and the first place where they part, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from calculator.quantity import key_shown, shown

TOLERANCE = 1e-9  # other machines and libraries round sums otherwise; what was written by hand differs by far more
LONGEST = 60  # letters of a word that a message repeats
_NOTHING = object()


def first_difference(found: Any, computed: Any, path: str = "") -> str:
    """Return where plain data differ and how, or nothing.

    Numbers are the same within ``TOLERANCE`` of the larger one, or within as much of one unit, where terms cancel. Keys
    are gone through in the order of ``computed``; items of lists are counted from 1.

    >>> first_difference({"point": {"npv": 12345.6}}, {"point": {"npv": 12300.1}})
    'point.npv: the file says 12,345.6, computed 12,300.1'
    """
    if isinstance(found, Mapping) and isinstance(computed, Mapping):
        keys = [*computed, *(key for key in found if key not in computed)]
        parts = [(key_shown(key), found.get(key, _NOTHING), computed.get(key, _NOTHING)) for key in keys]
    elif _is_list(found) and _is_list(computed):
        count = max(len(found), len(computed))
        parts = [(str(place + 1), _item(found, place), _item(computed, place)) for place in range(count)]
    else:
        return "" if _same(found, computed) else f"{path}: the file says {_told(found)}, computed {_told(computed)}"
    for name, here, there in parts:
        difference = first_difference(here, there, f"{path}.{name}" if path else name)
        if difference:
            return difference
    return ""


def first_word(found: Sequence[str], computed: Sequence[str]) -> str:
    """Return the first word of a page that differs, with the one that should be there, or nothing.

    >>> first_word(["Net", "$48,300"], ["Net", "$43,800"])
    'the file says "$48,300", computed "$43,800"'
    """
    for place in range(max(len(found), len(computed))):
        here, there = (words[place] if place < len(words) else "" for words in (found, computed))
        if here != there:
            return f"the file says {quoted(here)}, computed {quoted(there)}"
    return ""


def quoted(word: str) -> str:
    """Return a word in quotes, cut, and without signs that a terminal would obey."""
    if not word:
        return "nothing more"
    plain = "".join(sign if sign.isprintable() else "□" for sign in word[:LONGEST])
    return f'"{plain}…"' if len(word) > LONGEST else f'"{plain}"'


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _item(items: Sequence[Any], place: int) -> Any:
    return items[place] if place < len(items) else _NOTHING


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(found: Any, computed: Any) -> bool:
    if _is_number(found) and _is_number(computed):
        try:
            return math.isclose(found, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        except OverflowError:  # a whole number beyond all floats
            return False
    return type(found) is type(computed) and bool(found == computed)


def _told(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    if _is_number(value) and abs(value) < 1e15:
        return f"{value:,}"
    return shown(value)
