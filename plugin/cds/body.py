"""The one rule that every answer keeps: nothing in it is null or empty (CDS Hooks 2.0, "Use of JSON")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Where an empty list says something: there are no cards, there are no services.
MAY_BE_EMPTY: Final = ("cards", "services")


def without_nothing(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer without attributes that are null, "", [] or {}, and without entries of lists that are.

    What becomes empty by that goes too. ``cards`` and ``services`` of the answer itself stay, whatever is in them.

    >>> without_nothing({"cards": [], "systemActions": [], "extension": {"a": {"b": None}}})
    {'cards': []}
    """
    found = _full(answer)
    return {key: found.get(key, []) for key in answer if key in found or key in MAY_BE_EMPTY}


def _full(value: Any) -> Any:
    if isinstance(value, Mapping):
        made = {key: _full(part) for key, part in value.items()}
        return {key: part for key, part in made.items() if not _is_nothing(part)}
    if isinstance(value, list | tuple):
        return [part for part in map(_full, value) if not _is_nothing(part)]
    return value


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)
