"""A prospects file as rows of plain scenario data, each with what is wrong with it as far as the file can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from assumptions import Library
from calculator.errors import InputError, Problem
from calculator.parse import CHOICES, SECTIONS
from calculator.quantity import Quantity, quantity_of
from calculator.scenario import Payer
from reports.batch.cells import is_nothing, letters, plain_text, read_choice, read_quantity, read_setting
from reports.batch.columns import Columns, match_columns
from reports.batch.mapping import FOR, ID, SHIPPED, Names, Saved, names_of_inputs, shipped
from reports.batch.table import Cell, Line, Source, open_table

HEADER_WITHIN = 20  # rows: what stands above the header, such as the title of a report, is blank or a single cell


@dataclass(frozen=True)
class Row:
    """One prospect.

    Attributes:
        row: its number in the file.
        id: from a column of ids, else the row's number.
        name: of the clinic.
        prepared_for: a person's name, if there is a column for it.
        data: tables of CLINIC.toml, not checked yet; None where the row cannot be read at all.
        problems: what is wrong with the row itself; the path is that of an input, ``id``, or empty.
    """

    row: int
    id: str
    name: str
    prepared_for: str
    data: Mapping[str, Any] | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Prospects:
    """A prospects file whose columns are understood.

    Attributes:
        source: the file.
        columns: what its columns give.
        header_row: the number of the row with the columns' names.
        fixed: values by path that every row is given, whatever its cells say.
        library: for the names of levels of care.
    """

    source: Source
    columns: Columns
    header_row: int
    fixed: Mapping[str, Any]
    library: Library = field(repr=False)

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.source.name

    @cached_property
    def total(self) -> int:
        """Return how many prospects there are, which takes one pass over the file."""
        return sum(1 for _ in self._lines())

    def rows(self) -> Iterator[Row]:
        """Yield every prospect in the order of the file."""
        seen: dict[int, int] = {}  # row by the hash of its id: ids of a long file would take more room
        for line in self._lines():
            row = self._row(line)
            if ID in self.columns.places and row.id:
                key = hash(row.id)
                if key in seen:
                    text = f"is {row.id}, as in row {seen[key]}; each row needs an id of its own."
                    row = Row(row.row, row.id, row.name, row.prepared_for, row.data, (*row.problems, Problem(ID, text)))
                else:
                    seen[key] = line.row
            yield row

    def identity(self, row: Row) -> str:
        """Return what tells one prospect from another whatever row it stands in: its id, else its name."""
        return row.id if ID in self.columns.places else row.name

    def told(self, row: int, problem: Problem) -> str:
        """Return a problem of a row with file, row and column: ``PROSPECTS.csv: row 7, "No-show rate": is 35; …``."""
        return f"{self.name}: row {row}{self.located(problem)}"

    def located(self, problem: Problem) -> str:
        """Return a problem with the column it lies in, or the key where no column gives it."""
        column = self.columns.named(problem.path)
        if column is not None:
            return f', "{" ".join(column.split())}": {problem.message}'
        return f": {problem}"

    def _lines(self) -> Iterator[Line]:
        """Yield the rows that hold a prospect."""
        blanks = 0
        for line in self.source.lines():
            if line.row <= self.header_row:
                continue
            if line.blank:
                blanks += 1
                continue
            if self.columns.footer and blanks and _is_remark(line) and len(self.columns.header) > 1:
                return
            blanks = 0
            yield line

    def _row(self, line: Line) -> Row:
        width = len(self.columns.header)
        cells = list(line.cells)
        while len(cells) > width and not str(cells[-1]).strip():
            cells.pop()
        if line.fault:
            return Row(line.row, str(line.row), "", "", None, (Problem("", line.fault),))
        problems: tuple[Problem, ...] = ()
        if len(cells) != width and (len(cells) > width or self.source.encoding):
            text = f"has {len(cells)} cells; the header has {width}."
            if len(cells) > width:
                text += " A cell that holds the sign between cells stands in quotation marks."
            problems = (Problem("", text),)
        cells += [""] * (width - len(cells))
        if problems:
            return Row(line.row, self._text(cells, ID) or str(line.row), "", "", None, problems)
        data = self._data(cells)
        name = str(data["clinic"].get("name", ""))
        number = self._text(cells, ID)
        if ID in self.columns.places and not number:
            problems = (Problem(ID, "is empty; each row needs an id of its own."),)
        return Row(line.row, number or str(line.row), name, self._text(cells, FOR), data, problems)

    def _text(self, cells: Sequence[Cell], path: str) -> str:
        place = self.columns.places.get(path)
        return "" if place is None else plain_text(cells[place])

    def _data(self, cells: Sequence[Cell]) -> dict[str, Any]:
        values = {
            path: value
            for path, place in self.columns.places.items()
            if path not in (ID, FOR) and (value := read_cell(cells[place], path, self.library, self.source.comma)) != ""
        }
        return nested(values | dict(self.fixed))


def open_prospects(
    path: Path,
    library: Library,
    *,
    name: str = "",
    sheet: str = "",
    said: Sequence[Saved] = (),
    fixed: Mapping[str, Cell] | None = None,
) -> Prospects:
    """Return the prospects in a CSV file or workbook.

    Args:
        path: the file.
        library: for the names of inputs and levels of care.
        name: what the file is called in messages, if not by its path.
        sheet: of a workbook.
        said: mappings to go by, before the names that are known anyway.
        fixed: cells by name of an input, which every row is given.

    Raises:
        InputError: where it cannot be read, or its columns make no scenario.
    """
    names = names_of_inputs(library)
    settled = _fixed(fixed or {}, names, library)
    source = open_table(path, name=name, sheet=sheet)
    header, row = header_of(source, names)
    found = [mapping for mapping in map(shipped, SHIPPED) if mapping.fits(header) and mapping not in said]
    columns = match_columns(header, names, said, found, list(settled))
    return Prospects(source, columns, row, settled, library)


def read_cell(cell: Cell, path: str, library: Library, comma: bool = False) -> Any:
    """Return what a cell means for an input; empty text where it says nothing."""
    key = path.rpartition(".")[2]
    declared = declared_at(path)
    if declared is not None:
        return "" if is_nothing(cell) else read_quantity(cell, declared, comma=comma)
    text = plain_text(cell)
    if key == "name":
        return (cell if isinstance(cell, str) else text) if text else ""
    if is_nothing(cell):
        return ""
    if path == "clinic.setting":
        return read_setting(cell, library)
    if key == "measured":
        return [part for part in text.replace(";", ",").replace("|", ",").replace(",", " ").split() if part]
    if key == "currency":
        return text.upper()
    return read_choice(cell, CHOICES.get(key, ()))


def declared_at(path: str) -> Quantity | None:
    """Return what is declared about the number at a path, or None where there is no number."""
    section, _, key = path.partition(".")
    model = Payer if section == "payers" else SECTIONS[section]
    return quantity_of(model.model_fields[key.rpartition(".")[2]])


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by path as tables; payers up to the last that something is known of, and at least one."""
    data: dict[str, Any] = {section: {} for section in SECTIONS}
    payers: list[dict[str, Any]] = [{}]
    for path, value in values.items():
        section, _, key = path.partition(".")
        if section == "payers":
            row, _, key = key.partition(".")
            payers += [{} for _ in range(int(row) - len(payers))]
            payers[int(row) - 1][key] = value
        else:
            data[section][key] = value
    return data | {"payers": payers}


def _fixed(given: Mapping[str, Cell], names: Names, library: Library) -> dict[str, Any]:
    settled, problems = {}, []
    for name, cell in given.items():
        path = names.path(name)
        if path is None or "." not in path:
            close = names_close(name, names)
            problems.append(Problem(f"--set {name}", f"is not the name of an input.{close}"))
        elif (value := read_cell(cell, path, library)) != "":
            settled[path] = value
    if problems:
        raise InputError(problems)
    return settled


def names_close(name: str, names: Names) -> str:
    """Return a sentence that suggests the name that was meant, or nothing."""
    from difflib import get_close_matches

    match = get_close_matches(letters(name), list(names.shown), n=1, cutoff=0.6)
    return f" Did you mean {names.shown[match[0]]}?" if match else ""


def header_of(source: Source, names: Names) -> tuple[list[str], int]:
    """Return the columns' names and their row: the first of several cells that are not blank."""
    first: Line | None = None
    for line in islice(source.lines(), HEADER_WITHIN):
        if line.fault:
            raise InputError([Problem(f"row {line.row}:", line.fault)])
        if line.blank:
            continue
        first = first or line
        known = any(names.path(str(cell)) for cell in line.cells)
        if known or not _is_remark(line):
            return [" ".join(str(cell).split()) for cell in line.cells], line.row
    if first is None:
        raise InputError([Problem("", "is empty; the first row holds the names of the columns.")])
    return [str(cell) for cell in first.cells], first.row


def _is_remark(line: Line) -> bool:
    """Return whether a row has nothing but one cell."""
    return sum(bool(str(cell).strip()) for cell in line.cells) <= 1 and bool(line.cells)
