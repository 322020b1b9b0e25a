"""What people write about a scenario: names, notes, and the words it is found by."""

from __future__ import annotations

from typing import Final

from web.evidence_catalogue import fold
from web.storage.base import LONGEST_NAME

LONGEST_NOTES: Final = 4000  # letters about a scenario
LONGEST_NOTE: Final = 500  # letters about a version


def several_lines(text: str, longest: int) -> str:
    r"""Return a text of several lines as it is kept: without signs that no line has, and not longer than said.

    >>> several_lines("First\r\nsecond\x00 ", 100)
    'First\nsecond'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in plain if sign == "\n" or sign.isprintable()).strip()[:longest]


def words(name: str, clinic: str, notes: str) -> str:
    """Return what a scenario is found by, folded."""
    return fold(f"{name} {clinic} {notes}")


def copy_name(name: str, pattern: str) -> str:
    """Return the name of a copy, of which a long one is cut so that what makes it a copy still shows.

    Args:
        name: of what is copied.
        pattern: with ``{name}``, in the language in use.

    >>> copy_name("Riverbend", "{name} (copy)"), len(copy_name("x" * 100, "{name} (copy)"))
    ('Riverbend (copy)', 100)
    """
    room = LONGEST_NAME - len(pattern.format(name=""))
    return pattern.format(name=name if len(name) <= room else f"{name[: room - 1].rstrip()}…")
