"""Read one TOML file, and one table of it, key by key, noting every mistake instead of stopping at the first."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from assumptions.problem import Problems


def parse(file: str, content: bytes, problems: Problems) -> dict[str, Any] | None:
    """Return the file's table, or None after noting why it cannot be read."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        problems.add(file, "", "is not a text file in UTF-8; write it as TOML text")
        return None
    if "\x00" in text:
        problems.add(file, "", "is a binary file; write it as TOML text")
        return None
    try:
        # git may hand out CRLF; a byte order mark is what some editors put first
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, an endless number, endless brackets
        problems.add(file, "", f"is not valid TOML: {error}")
        return None
    if not table:
        problems.add(file, "", "is empty; write the figure or setting, or delete the file")
        return None
    return table


def one_of(words: Iterable[str]) -> str:
    """Say what is allowed."""
    return "write one of: " + ", ".join(words)


class Table:
    """A view of one TOML table that remembers which keys were read.

    Each method returns the value, or a harmless stand-in of the right type after noting the mistake. Callers build
    nothing from a table that had mistakes; see ``clean``.
    """

    def __init__(self, file: str, data: Mapping[str, Any], problems: Problems, prefix: str = "") -> None:
        self.file = file
        self._data = data
        self._problems = problems
        self._prefix = prefix
        self._read: set[str] = set()
        self._before = len(problems.lines)

    @property
    def clean(self) -> bool:
        """Whether nothing was wrong since this table was opened."""
        return len(self._problems.lines) == self._before

    def has(self, key: str) -> bool:
        """Whether the key is there at all."""
        return key in self._data

    def problem(self, key: str, message: str) -> None:
        """Note a mistake at one key of this table."""
        self._problems.add(self.file, self._prefix + key, message)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a line of text that is not blank; required unless there is a default."""
        found = self._take(key, "text in quotes", required=default is None)
        if found is None:
            return default or ""
        if not isinstance(found, str):
            self.problem(key, f'is {_name(found)}; write text in quotes, as in {key} = "..."')
            return ""
        if not found.strip() or found != found.strip():
            self.problem(key, "is blank or has blanks around it; write words, or leave the key out")
        return found

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Return a word out of a list."""
        words = tuple(allowed)
        found = self._take(key, one_of(words), required=default is None)
        if found is None:
            return default or words[0]
        if not isinstance(found, str) or found not in words:
            self.problem(key, f"{found!r} is not known; {self._nearest(found, words)}")
            return words[0]
        return found

    def number(self, key: str) -> float | None:
        """Return a finite number, or None where there is none."""
        found = self._take(key, "a number", required=False)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float):
            self.problem(key, f"is {_name(found)}; write a number without quotes, with a point: {key} = 0.35")
            return None
        try:
            number = float(found)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.problem(key, f"is {number}; write a finite number, or leave the key out")
            return None
        return number

    def required_number(self, key: str) -> float:
        """Return a finite number that must be there."""
        if not self.has(key):
            self._take(key, "a number", required=True)
        return self.number(key) or 0.0

    def whole_number(self, key: str) -> int | None:
        """Return a whole number, or None where there is none."""
        found = self._take(key, "a whole number", required=False)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int):
            self.problem(key, f"is {_name(found)}; write a whole number, as in {key} = 2012")
            return None
        return found

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        found = self._take(key, "true or false", required=default is None)
        if found is None:
            return bool(default)
        if not isinstance(found, bool):
            self.problem(key, f"is {_name(found)}; write true or false, without quotes")
            return False
        return found

    def day(self, key: str) -> date:
        """Return a calendar date."""
        found = self._take(key, "a date, as in 2026-11-20", required=True)
        if isinstance(found, date) and not isinstance(found, datetime):
            return found
        if found is not None:
            self.problem(key, f"is {_name(found)}; write a date without quotes, as in {key} = 2026-11-20")
        return date.min

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of lines of text, empty where the key is left out."""
        found = self._take(key, "a list", required=False)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(line, str) and line.strip() for line in found):
            self.problem(key, f'write a list of sentences, as in {key} = ["...", "..."]')
            return ()
        return tuple(found)

    def table(self, key: str) -> Table | None:
        """Return a table within this one, or None where there is none."""
        found = self._take(key, "a table", required=False)
        if found is None:
            return None
        if not isinstance(found, dict):
            self.problem(key, f"is {_name(found)}; write a table, as in {key} = {{ ... }}")
            return None
        return Table(self.file, found, self._problems, f"{self._prefix}{key}.")

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return a list of tables, empty where the key is left out."""
        found = self._take(key, "a list of tables", required=False)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.problem(key, f"write each as a table of its own under [[{key}]]")
            return ()
        names = [key] if len(found) == 1 else [f"{key}[{number}]" for number in range(1, len(found) + 1)]
        return tuple(
            Table(self.file, entry, self._problems, f"{self._prefix}{name}.")
            for name, entry in zip(names, found, strict=True)
        )

    def names(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(self._data)

    def finish(self, allowed: Iterable[str] = ()) -> None:
        """Note every key that nobody asked for: a misspelt key must not pass as a missing one."""
        known = sorted(self._read | set(allowed))
        for key in self._data:
            if key not in known:
                self.problem(key, f"is not a known key; {self._nearest(key, known)}")

    def _take(self, key: str, wanted: str, *, required: bool) -> object:
        self._read.add(key)
        if key not in self._data:
            if required:
                self.problem(key, f"is missing; {wanted if wanted.startswith('write') else 'write ' + wanted}")
            return None
        return self._data[key]

    @staticmethod
    def _nearest(found: object, words: Iterable[str]) -> str:
        words = tuple(words)
        near = difflib.get_close_matches(str(found), words, n=1)
        return f"did you mean {near[0]}? Or {one_of(words)}" if near else one_of(words)


def _name(found: object) -> str:
    """Say what kind of TOML value was found, in the words of its reader."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, str):
        return f"the text {found!r}"
    if isinstance(found, int | float):
        return f"the number {found}"
    if isinstance(found, datetime):
        return f"the date and time {found}"
    if isinstance(found, date):
        return f"the date {found}"
    if isinstance(found, list):
        return "a list"
    return "a table"
