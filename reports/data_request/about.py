"""The hidden cell that says what a data request is about, so that it reads the same in every language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from calculator.language import mark

SCHEMA = 1
NAME = "rapport.request"
SURE_WORDS = {"measured": mark("taken from our records"), "estimate": mark("our estimate")}


@dataclass(frozen=True)
class About:
    """What the answers cannot say for themselves.

    Attributes:
        setting: of care, such as ``outpatient``.
        currency: of all amounts.
        comma: whether a decimal comma is the habit where the request was written.
        words: from the words that may be chosen in a list to what the model calls it.
        schema: of the request's layout.
    """

    setting: str
    currency: str
    comma: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    def text(self) -> str:
        """Return it as the text of a cell."""
        return json.dumps({"name": NAME, **asdict(self)}, ensure_ascii=False, sort_keys=True)


def about_of(text: object) -> About | None:
    """Return what a cell says, or None where it is no such cell; of a newer schema only that is known."""
    if not isinstance(text, str) or not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    schema = found.get("schema") if isinstance(found, dict) and found.get("name") == NAME else None
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        return None
    if schema > SCHEMA:
        return About("", "", schema=schema)
    words = found.get("words")
    pairs = words.items() if isinstance(words, dict) else ()
    return About(
        setting=str(found.get("setting")),
        currency=str(found.get("currency")),
        comma=found.get("comma") is True,
        words={name: value for name, value in pairs if isinstance(value, str)},
        schema=schema,
    )
