"""What each column of a prospects file gives, what is left over, and what is missing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from calculator.errors import InputError, Problem
from calculator.quantity import key_shown
from reports.batch.cells import letters
from reports.batch.mapping import ALIASES, IGNORE, Names, Saved

NEEDED = ("clinic.setting", "clinic.intakes_per_month")
CLOSE = 0.75  # likeness from which a column looks like a name mistyped
MOST_LISTED = 12


@dataclass(frozen=True)
class Columns:
    """The columns of a file.

    Attributes:
        header: their names as written.
        places: place of the column by what it gives: the path of an input, ``id`` or ``prepared_for``.
        notes: what a user should know about columns that are not used.
        footer: whether the table may be followed by remarks.
    """

    header: tuple[str, ...]
    places: Mapping[str, int]
    notes: tuple[str, ...] = ()
    footer: bool = False

    def named(self, path: str) -> str | None:
        """Return the name of the column that gives an input, or None where none does."""
        place = self.places.get(path)
        return None if place is None else self.header[place]


def match_columns(
    header: Sequence[str], names: Names, said: Sequence[Saved], found: Sequence[Saved], given: Sequence[str]
) -> Columns:
    """Return what each column gives.

    Args:
        header: the columns' names.
        names: every name an input goes by.
        said: mappings that were asked for; the first one that knows a column decides.
        found: mappings that fit the header; they come after our own names.
        given: paths that every row is given a value for, which no column may be missing for.

    Raises:
        InputError: where two columns give the same, or one that is needed is missing.
    """
    problems = [*_unknown(header, names, said)]
    claims: dict[str, list[tuple[int, int]]] = {}  # by path: rank of the claim, place of the column
    ignored: set[int] = set()
    for place, column in enumerate(header):
        claim = _claim(column, names, said, found)
        if claim is None:
            continue
        rank, path = claim
        if path == IGNORE:
            ignored.add(place)
        else:
            claims.setdefault(path, []).append((rank, place))
    places: dict[str, int] = {}
    for path, ranked in claims.items():
        ranked.sort()
        places[path] = ranked[0][1]
        same = [place for rank, place in ranked if rank == ranked[0][0]]
        if len(same) > 1:
            columns = " and ".join(f'"{header[place]}"' for place in same)
            problems.append(
                Problem(
                    f"columns {columns}",
                    f'give the same, {path}; leave one out with --map "{header[same[-1]]}=ignore".',
                )
            )
    if not places:
        problems.append(Problem("row 1:", f"no column is known here; the first row holds the names, such as {_few()}."))
    else:
        problems += [
            Problem(
                path, f'is missing: no column gives it. Name one with --map "column={path}", or give --set {path}=….'
            )
            for path in NEEDED
            if path not in places and path not in given
        ]
    if problems:
        raise InputError(problems)
    unused = [column for place, column in enumerate(header) if place not in {*places.values(), *ignored}]
    footer = any(mapping.footer for mapping in (*said, *found))
    return Columns(tuple(header), places, tuple(_notes(unused, names, header, said)), footer)


def _few() -> str:
    return ", ".join(key.partition(".")[2] for key in NEEDED)


def _claim(column: str, names: Names, said: Sequence[Saved], found: Sequence[Saved]) -> tuple[int, str] | None:
    """Return what a column gives and how sure that is, 0 being what was said; None where it gives nothing."""
    if not letters(column):
        return None
    for mapping in said:
        if target := _by(mapping, column, names):
            return 0, target
    own = names.path(column)
    for mapping in found:
        if target := _by(mapping, column, names):
            order = list(mapping.by_letters).index(letters(column)) if letters(column) in mapping.by_letters else 0
            return 100 + order, target
    if own is None:
        return None
    aliases = [letters(alias) for alias in ALIASES.get(own, ())]
    return (1000 + aliases.index(letters(column)) if letters(column) in aliases else 1), own


def _by(mapping: Saved, column: str, names: Names) -> str | None:
    target = mapping.by_letters.get(letters(column)) or mapping.bare(column)
    return None if target is None else names.path(target)


def _unknown(header: Sequence[str], names: Names, said: Sequence[Saved]) -> Iterator[Problem]:
    """Yield what a mapping that was asked for names and nobody knows."""
    there = {letters(column) for column in header}
    for mapping in said:
        for column, target in mapping.columns.items():
            if names.path(target) is None:
                close = _closest(target, names)
                hint = f" Did you mean {close}?" if close else ""
                yield Problem(f'{mapping.name}: "{column}"', f"gives {key_shown(target)}, which is no input.{hint}")
            elif mapping.inline and letters(column) not in there:
                close_to = difflib.get_close_matches(column, header, n=1, cutoff=0.5)
                hint = f' Did you mean "{close_to[0]}"?' if close_to else ""
                yield Problem(f'{mapping.name}: "{column}"', f"is not a column of the file.{hint}")


def _notes(unused: Sequence[str], names: Names, header: Sequence[str], said: Sequence[Saved]) -> Iterator[str]:
    named = [f'"{column}"' for column in unused if column.strip()]
    if named:
        more = f" and {len(named) - MOST_LISTED} more" if len(named) > MOST_LISTED else ""
        yield f"not used: {', '.join(named[:MOST_LISTED])}{more}."
    for column in unused:
        if close := _closest(column, names):
            yield f'"{column}" looks like {close}; to use it: --map "{column}={close}".'
    there = {letters(column) for column in header}
    for mapping in said:
        absent = [f'"{column}"' for column in mapping.columns if letters(column) not in there]
        if absent and mapping.prefix == "":
            yield f"{mapping.name} names columns that are not there: {', '.join(absent)}."


def _closest(name: str, names: Names) -> str | None:
    """Return the name of an input that a text comes close to."""
    match = difflib.get_close_matches(letters(name), [key for key in names.shown if key], n=1, cutoff=CLOSE)
    return names.shown[match[0]] if match else None
