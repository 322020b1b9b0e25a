"""Find the answer cells of a filled request, by the hidden keys of rows and roles of columns, wherever they have moved.

A hidden row with the key ``columns`` stands before each table and gives the role of each column; the row after it holds
the headings that people see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from calculator.errors import Problem
from calculator.language import gettext as _
from calculator.scenario import MAX_PAYERS
from reports.data_request.answers import found_in, is_blank
from reports.data_request.opening import Cell
from reports.data_request.owners import NAMES, OWNERS, PAYERS

COLUMNS, ASIDE, END = "columns", "-", "end"  # keys of rows that hold no answer
ANSWER, SURE, LOW, HIGH = "answer", "sure", "low", "high"
LABEL_COLUMN = 1


@dataclass(frozen=True)
class Place:
    """A cell that may hold an answer; ``label`` is what is asked there, in the words of the request.

    ``name`` is whether any text is an answer there, n/a among them.
    """

    sheet: str
    cell: str
    value: Cell
    label: str
    name: bool = False

    @property
    def blank(self) -> bool:
        """Return whether nothing stands there."""
        return not str(self.value).strip() if self.name else is_blank(self.value)

    @property
    def cited(self) -> str:
        """Return where it is, and what is asked there."""
        return f"{self.sheet}!{self.cell} ({self.label})"


@dataclass
class Places:
    """All answer cells by path, such as ``clinic.dropout_rate.low`` or ``payers.2.share``, and what stood elsewhere."""

    found: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, sheet: str, rows: Sequence[Sequence[Cell]]) -> None:
        """Add the answer cells of a sheet; what stands outside its tables is nobody's concern."""
        roles: dict[int, str] = {}
        headings: Sequence[Cell] = ()
        before = ""
        for number, row in enumerate(rows, 1):
            key = row[0] if row and isinstance(row[0], str) else ""
            if key == COLUMNS:
                roles = {column: text for column, text in enumerate(row) if column and isinstance(text, str) and text}
            elif key == ASIDE:
                headings = row if before == COLUMNS else headings
            elif key == END:
                roles = {}
            elif roles and key and not _known(key):
                text = _("is “%(key)s”, which is no question of a data request.", key=found_in(key))
                self.problems.append(Problem(f"{sheet}!A{number}", text))
            else:
                for column, role in roles.items():
                    heading = str(headings[column]) if column < len(headings) else ""
                    label = heading if key.startswith(f"{PAYERS}.") else str(row[LABEL_COLUMN])
                    value = row[column] if column < len(row) else ""
                    name = f"{key.partition('.')[0]}.{role}" in NAMES or key in NAMES
                    self._put(key, role, Place(sheet, f"{_letters(column)}{number}", value, _first_line(label), name))
            before = key

    def _put(self, key: str, role: str, place: Place) -> None:
        if not key:
            if not place.blank:
                self.problems.append(Problem(f"{place.sheet}!{place.cell}", _stray(place, role)))
            return
        path = key if role == ANSWER else f"{key}.{role}"
        earlier = self.found.get(path)
        if earlier is not None and not earlier.blank and not place.blank:
            other = f"{earlier.sheet}!{earlier.cell}"
            text = _("answers the same question as %(other)s; clear one of them.", other=other)
            self.problems.append(Problem(place.cited, text))
        elif earlier is None or earlier.blank:
            self.found[path] = place

    def number_payers(self) -> int:
        """Number the payers of whom anything is said from 1 on, drop the other rows, and return how many remain."""
        rows: dict[int, dict[str, Place]] = {}
        for path in [path for path in self.found if path.startswith(f"{PAYERS}.")]:
            _payers, row, key = path.split(".", 2)
            rows.setdefault(int(row), {})[key] = self.found.pop(path)
        said = [
            rows[row] for row in sorted(rows) if any(not place.blank for key, place in rows[row].items() if key != SURE)
        ]
        for number, places in enumerate(said, 1):
            name = places.get("name")
            whose = _("payer %(number)s", number=number) if name is None or name.blank else found_in(name.value)
            for key, place in places.items():
                self.found[f"{PAYERS}.{number}.{key}"] = replace(place, label=f"{place.label}, {whose}")
        return len(said)

    def shares(self) -> str:
        """Return where the shares of all payers stand, or nothing where there are none."""
        found = [place for path, place in self.found.items() if path.endswith(".share")]
        if not found:
            return ""
        cells = found[0].cell if len(found) == 1 else f"{found[0].cell}:{found[-1].cell}"
        return f"{found[0].sheet}!{cells} ({found[0].label.rpartition(', ')[0]})"


def _known(key: str) -> bool:
    section, _dot, row = key.partition(".")
    if section == PAYERS:
        return row.isascii() and row.isdecimal() and len(row) <= 3
    return key in OWNERS


def _stray(place: Place, role: str) -> str:
    if role in (ANSWER, SURE, LOW, HIGH):
        return _("is “%(found)s” beside no question; write it into a yellow cell.", found=found_in(place.value))
    return _(
        "is “%(found)s” outside the table; there is room for %(most)s payers. Put small ones together.",
        found=found_in(place.value),
        most=MAX_PAYERS,
    )


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _letters(column: int) -> str:
    """Return the letters of a column counted from 0.

    >>> _letters(2), _letters(27)
    ('C', 'AB')
    """
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)
