"""The columns of the three files, and what to say of a header that differs from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from plugin.loading.findings import Findings

EPISODES: Final = (
    "episode_id",
    "client_id",
    "clinician_id",
    "setting",
    "intake_date",
    "planned_units",
    "units_attended",
    "last_unit_date",
    "status",
)
RATINGS: Final = ("episode_id", "unit", "date", "measure", "score", "scale_min", "scale_max")
VISITS: Final = ("episode_id", "date", "status", "minutes")
COVARIATE: Final = "x_"
MAY_BE_ABSENT: Final = frozenset({"unit", "minutes"})  # the columns without which a file still says enough

_LONGEST_NAME = 60


def read_header(cells: Sequence[str], known: tuple[str, ...], findings: Findings) -> dict[str, int]:
    """Return the place of each column that is used, by its name; problems go to ``findings``.

    A header's words are repeated only where most of it is what it should be: otherwise the first row may be a client's.
    """
    names = [_name(cell, known) for cell in cells]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if _usable(name, known):
            places.setdefault(name, place)
    is_header = sum(name in known for name in names) * 2 >= len(known)
    covariates = known is EPISODES
    for place, name in enumerate(names):
        if name not in places and (name or not is_header):
            findings.ignored(_unknown(place, name, known, places, is_header, covariates))
    for name, count in Counter(names).items():
        if count > 1 and name in places:
            findings.stop(f"column {name}: stands {count} times in the header; keep one")
    for name in known:
        if name not in places and name not in MAY_BE_ABSENT:
            findings.stop(f"column {name}: is missing; the header has {', '.join(known)}")
    return places


def _name(cell: str, known: tuple[str, ...]) -> str:
    name = cell.strip()
    return name.lower() if name.lower() in known or name[:2].lower() == COVARIATE else name


def _usable(name: str, known: tuple[str, ...]) -> bool:
    return name in known or (known is EPISODES and name.startswith(COVARIATE) and len(name) > len(COVARIATE))


def _unknown(
    place: int, name: str, known: tuple[str, ...], found: dict[str, int], is_header: bool, covariates: bool
) -> str:
    where = f"column {letters(place)}"
    shown = " ".join(name.split())
    if is_header and len(shown) <= _LONGEST_NAME and shown.isprintable():
        where += f" ({shown})"
    near = get_close_matches(name.lower().replace(" ", "_"), [one for one in known if one not in found], 1, 0.7)
    meant = f"; is {near[0]} meant?" if near else f"; there are {', '.join(known)}"
    return f"{where}: is not known and is not read{meant}" + (
        "; what is known at intake is called x_name" if covariates and not near else ""
    )


def too_many_cells(width: int) -> str:
    """Return what is said of a row with more cells than the header."""
    return f"has more cells than the header's {width}; put cells that hold a separator in quotation marks"


def letters(place: int) -> str:
    """Return how a spreadsheet calls the column at a place.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    said = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        said = chr(ord("A") + rest) + said
    return said
